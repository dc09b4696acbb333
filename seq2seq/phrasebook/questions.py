"""Random questions: do you, where, when, why, how, who, what, which, how many."""

from random import Random

from seq2seq.phrasebook import clauses
from seq2seq.phrasebook.clauses import Clause, Clitic, VerbGroup
from seq2seq.phrasebook.draws import common, human, pick
from seq2seq.phrasebook.events import HUMANS, asked_of, event, filled
from seq2seq.phrasebook.forms import form_of
from seq2seq.phrasebook.french import agree
from seq2seq.phrasebook.lexicon import Noun, Verb, adjectives_of, nouns_of, verbs_of
from seq2seq.phrasebook.nouns import PRONOUNS, NounPhrase, noun_phrase
from seq2seq.phrasebook.settings import destination
from seq2seq.phrasebook.states import BE, state

_PASSING = adjectives_of("passing", "be")
_GO = verbs_of("go")
# Where did you go: "to" is left out.
_WHERE = tuple(verb.without_particle() for verb in verbs_of("go", "loc") if verb.english != "come")
_WHEN = tuple(verb for verb in verbs_of("intr", "go", "give", "tr") if "state" not in verb.flags)
_DIRECT = tuple(verb for verb in verbs_of("tr") if not verb.french_preposition and "dative" not in verb.flags)
_WHOM = tuple(verb for verb in _DIRECT if "person" in verb.objects)
_COUNTED = ("object", "text", "clothes", "food", "pet", "road", "vessel", "furniture", "opening", "plant", "place")
_WHAT = tuple(verb for verb in _DIRECT if {"object", "text", "clothes", "food", "drink", "subject"} & set(verb.objects))
_WHICH = tuple(verb for verb in _DIRECT if set(_COUNTED) & set(verb.objects) and "generic" not in verb.flags)
_WHO = NounPhrase("who", "qui", noun_class="name")
_WHO_DOES = tuple(verb for verb in verbs_of("intr", "tr", "go", "loc", "lang") if verb.english != "die")
_LOCATED = nouns_of("family", "peer", "pet", "object", "text", "clothes", "place", "road")
_POSSESSED = nouns_of("family", "peer")


def _somebody(rng: Random, room: int) -> NounPhrase:
    return asked_of(rng, human(rng, 1 if room < 5 else pick(rng, (1, 1, 2, 2, 3))))


def _why(rng: Random, room: int) -> Clause:
    if rng.random() < 0.7:
        return event(rng, pick(rng, ("present", "asked")), room - 1, True).question(("why", "pourquoi"))
    subject = _somebody(rng, room)
    adjective = pick(rng, _PASSING)
    tail = (adjective.english, agree(adjective, subject.feminine, subject.plural))
    group = VerbGroup(BE, pick(rng, ("present", "present", "past")))
    return clauses.question(subject, group, tail, asked=("why", "pourquoi"))


def _where(rng: Random, room: int) -> Clause:
    verb = pick(rng, _WHERE)
    form = form_of(rng, verb, pick(rng, ("present", "asked", "future")))
    return clauses.question(_somebody(rng, room), VerbGroup(verb, form), asked=("where", "où"))


def _when(rng: Random, room: int) -> Clause:
    verb = pick(rng, _WHEN)
    form = pick(rng, ("past", "past", "future", "going to"))
    return filled(rng, VerbGroup(verb, form), _somebody(rng, room), room - 2, "").question(("when", "quand"))


def _how(rng: Random, room: int) -> Clause:
    if rng.random() < 0.4:
        subject, group = _somebody(rng, room), VerbGroup(pick(rng, _GO), pick(rng, ("present", "past", "future")))
        return clauses.question(subject, group, destination(rng, room - 4), asked=("how", "comment"))
    old = rng.random() < 0.5
    if rng.random() < 0.25:
        subject = pick(rng, [pronoun for pronoun in PRONOUNS.values() if pronoun.english != "I"])
        group = VerbGroup(BE, "present")
        auxiliary, _ = clauses.english_parts(subject, group, question=True)
        french_words = clauses.french_group(subject, group._replace(verb=_BY_INFINITIVE["avoir" if old else "aller"]))
        asked = ("how old", "quel âge") if old else ("how", "comment")
        return Clause(
            f"{asked[0]} {auxiliary} {subject.english}",
            f"{asked[1]} est-ce que {subject.french} {french_words}",
            subject,
            "present",
            False,
        )
    subject = common(rng, pick(rng, _POSSESSED), 2, "subject")
    # How is your mother / comment va votre mère; how old is your mother / quel âge a votre mère.
    english, infinitive, asking = ("how old", "avoir", "quel âge") if old else ("how", "aller", "comment")
    return _inverted(subject, english, infinitive, asking)


def _inverted(subject: NounPhrase, english: str, infinitive: str, asked: str, form: str = "present") -> Clause:
    """A question in which the subject follows the verb in both languages: where is the cat / où est le chat."""
    group = VerbGroup(_BY_INFINITIVE[infinitive], form)
    auxiliary, _ = clauses.english_parts(subject, VerbGroup(BE, form), question=True)
    verb_words = clauses.french_group(subject, group)
    return Clause(
        f"{english} {auxiliary} {subject.english}",
        f"{asked} {verb_words} {subject.french}",
        subject,
        clauses.french_tense(group),
        False,
    )


_BY_INFINITIVE: dict[str, Verb] = {"être": BE, "avoir": verbs_of("feel")[0], "aller": _GO[0]}


def _who(rng: Random, room: int) -> Clause:
    draw = rng.random()
    if draw < 0.25:
        group = VerbGroup(BE, pick(rng, ("present", "past", "future")))
        return state_of(rng, room, group)
    if draw < 0.55:
        verb = pick(rng, _WHO_DOES)
        form = form_of(rng, verb, pick(rng, ("present", "asked", "future")))
        return filled(rng, VerbGroup(verb, form), _WHO, room, "").statement()
    if draw < 0.7:
        noun = pick(rng, nouns_of("person", "job"))
        item = noun_phrase(noun, pick(rng, ("this", "that")), rng.random() < 0.3)
        return _inverted(item, "who", "être", "qui", pick(rng, ("present", "present", "past")))
    verb = pick(rng, _WHOM)
    form = form_of(rng, verb, pick(rng, ("present", "asked", "future")))
    return clauses.question(_somebody(rng, room), VerbGroup(verb, form), asked=("who", "qui"))


def state_of(rng: Random, room: int, group: VerbGroup) -> Clause:
    """Who is tired / qui est fatigué."""
    while True:
        core = state(rng, "present", room, True)
        subject = core.subject
        masculine = subject.noun_class in HUMANS and not subject.plural and not subject.feminine
        if masculine and subject.person == 3 and core.group.verb.english == "be":
            return core._replace(subject=_WHO, group=core.group._replace(form=group.form)).statement()


def _what(rng: Random, room: int) -> Clause:
    verb = pick(rng, _WHAT)
    form = form_of(rng, verb, pick(rng, ("present", "asked", "future")))
    return clauses.question(_somebody(rng, room), VerbGroup(verb, form), asked=("what", "que"))


def _which(rng: Random, room: int) -> Clause:
    verb = pick(rng, _WHICH)
    noun: Noun = pick(rng, nouns_of(*(name for name in verb.objects if name in _COUNTED)))
    form = form_of(rng, verb, pick(rng, ("present", "asked", "asked", "future")))
    plural = rng.random() < 0.6
    item = noun_phrase(noun, "how many" if plural else "which", plural)
    agreed = Clitic("", "", (item.feminine, item.plural))
    asked = (item.english, item.french)
    return clauses.question(_somebody(rng, room - 1), VerbGroup(verb, form), clitic=agreed, asked=asked)


def _where_is(rng: Random, room: int) -> Clause:
    item = common(rng, pick(rng, _LOCATED), min(room - 2, 3), "own")
    if item.english.startswith(("a ", "an ")):
        return _where(rng, room)
    return _inverted(item, "where", "être", "où", pick(rng, ("present", "present", "past")))


_PATTERNS = (_why, _why, _where, _when, _how, _who, _who, _what, _which, _where_is)


def wh_question(rng: Random, room: int) -> Clause:
    """Where do you live? / Où est-ce que vous habitez ?"""
    return pick(rng, _PATTERNS)(rng, room)
