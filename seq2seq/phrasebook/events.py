"""Random clauses about what somebody does: subject, verb, objects, places, manner, company."""

from random import Random
from typing import NamedTuple

from seq2seq.phrasebook import clauses
from seq2seq.phrasebook.clauses import NO_CLITIC, Clause, Clitic, VerbGroup
from seq2seq.phrasebook.draws import common, human, owner_of, pick, thing
from seq2seq.phrasebook.forms import FIXED, form_of, negation_of, times_of, visible
from seq2seq.phrasebook.french import contract
from seq2seq.phrasebook.lexicon import GROUPS, Verb, nouns_of, verbs_of, words_of
from seq2seq.phrasebook.nouns import OBJECT_PRONOUNS, PRONOUNS, SAME_PERSON, NounPhrase, modify
from seq2seq.phrasebook.settings import company, destination, dwelling, origin, outdoors, somewhere

# The verbs that govern another, with the form they take for each time.
_HELPER_FORMS = {
    "present": (
        ("can", "present"),
        ("must", "present"),
        ("want", "present"),
        ("like", "conditional"),
        ("like", "present"),
        ("have", "present"),
        ("begin", "progressive"),
        ("try", "progressive"),
    ),
    "past": (("want", "past"), ("try", "past"), ("decide", "past"), ("begin", "past"), ("have", "past")),
    "future": (("have", "future"), ("try", "going to")),
}
_NEGATED_HELPERS = ("can", "must", "want", "like")
_HELPERS = {verb.english: verb for verb in verbs_of("inf")}
_INTRANSITIVE, _TRANSITIVE = verbs_of("intr", "lang"), verbs_of("tr")
# How often each kind of verb is drawn.
_KINDS = (_INTRANSITIVE,) * 4 + (_TRANSITIVE,) * 7 + (verbs_of("go"), verbs_of("loc", "from"), verbs_of("give"))
_SUDDEN = tuple(tuple(verb for verb in verbs if "sudden" in verb.flags) for verbs in (_INTRANSITIVE, _TRANSITIVE))
HUMANS = frozenset({*GROUPS["human"], "name"})
_PEOPLE = ("me", "you", "him", "her", "us", "them")
_RELATIVES = verbs_of("intr", "loc", "from", "lang")
# Who has done so since 2009 does it now: in French, the present.
_SINCE = frozenset({"live", "work", "know"})


class Draft(NamedTuple):
    """A clause that can still become a statement or a question; `times` names the adverbials of time that fit it."""

    subject: NounPhrase
    group: VerbGroup
    tail: tuple[str, str]
    clitic: Clitic
    times: str

    def statement(self) -> Clause:
        """The clause as a statement."""
        return clauses.clause(self.subject, self.group, self.tail, self.clitic)

    def question(self, asked: tuple[str, str] = ("", "")) -> Clause:
        """The clause as a question."""
        return clauses.question(self.subject, self.group, self.tail, self.clitic, asked)


def plus(first: tuple[str, str], second: tuple[str, str]) -> tuple[str, str]:
    """One tail after another."""
    return clauses.join(first[0], second[0]), clauses.join(first[1], second[1])


def words(text: str) -> int:
    """Words as the corpus counts them: between spaces."""
    return text.count(" ") + 1 if text else 0


def subject_of(rng: Random, verb: Verb, room: int) -> NounPhrase:
    """A subject of the verb that leaves room for the rest of a clause of `room` words."""
    if room <= 4:
        size = 1
    elif room <= 6:
        size = pick(rng, (1, 1, 1, 1, 2, 2))
    else:
        size = pick(rng, (1, 1, 1, 2, 2, 3) if room <= 9 else (1, 2, 2, 3, 4, 6))
    others = tuple(name for name in sorted(verb.subjects) if name not in HUMANS)
    if others and size > 1 and rng.random() < 0.35:
        return common(rng, pick(rng, nouns_of(*others)), min(size, 3), "agent")
    phrase = human(rng, size)
    return related(rng, phrase, room - 4) if room >= 10 and size == 2 and rng.random() < 0.2 else phrase


def asked_of(rng: Random, subject: NounPhrase) -> NounPhrase:
    """The subject of a question: seldom the speaker."""
    return PRONOUNS["you"] if subject.english == "I" and rng.random() < 0.8 else subject


def pronouns_of(subject: NounPhrase) -> list[str]:
    """The object pronouns of people other than the subject."""
    banned = SAME_PERSON.get(subject.english, ())
    return [pronoun for pronoun in _PEOPLE if pronoun not in banned]


def _clitic(rng: Random, verb: Verb, subject: NounPhrase) -> Clitic:
    options = pronouns_of(subject) if "person" in verb.objects else ["it", "it", "them"]
    pronoun = pick(rng, options)
    direct, dative, _, agreement = OBJECT_PRONOUNS[pronoun]
    return Clitic(pronoun, dative) if "dative" in verb.flags else Clitic(pronoun, direct, agreement)


def _giving(rng: Random, group: VerbGroup, subject: NounPhrase, room: int) -> tuple[tuple[str, str], Clitic]:
    size = 2 if room < 7 else 3
    item = thing(rng, group.verb.objects, size, "object", bool(group.negation), owner_of(subject))
    if room < 6 or rng.random() < 0.5:
        pronoun = pick(rng, pronouns_of(subject))
        return (item.english, item.french), Clitic(pronoun, OBJECT_PRONOUNS[pronoun][1])
    receiver = single(rng, 1 if room < 7 else 2)
    return (f"{item.english} to {receiver.english}", f"{item.french} {contract('à', receiver.french)}"), NO_CLITIC


def single(rng: Random, size: int) -> NounPhrase:
    """Somebody, not a list: French repeats à and de before every member of one."""
    return human(rng, min(size, 2), "object")


def _objects(rng: Random, group: VerbGroup, subject: NounPhrase, room: int) -> tuple[tuple[str, str], Clitic]:
    verb = group.verb
    pronominal = bool({"pronoun", "dative"} & verb.flags)
    if group.negation == "nothing":
        return ("anything", ""), NO_CLITIC
    if pronominal and rng.random() < (0.5 if room <= 1 else 0.15):
        return ("", ""), _clitic(rng, verb, subject)
    if verb.french_preposition:
        item = single(rng, room) if "person" in verb.objects and rng.random() < 0.7 else thing(rng, verb.objects, 2)
        return (item.english, contract(verb.french_preposition, item.french)), NO_CLITIC
    role = next((name for name in ("generic", "indefinite", "own") if name in verb.flags), "object")
    size = max(2, min(room, 9))
    item = thing(rng, verb.objects, size if rng.random() < 0.7 else 2, role, bool(group.negation), owner_of(subject))
    item = related(rng, item, room, verb.english)
    return (item.english, item.french), NO_CLITIC


def _complement(rng: Random, group: VerbGroup, subject: NounPhrase, room: int) -> tuple[tuple[str, str], Clitic]:
    """What must follow the verb: object, destination, place, language, or nothing."""
    frame = group.verb.frame
    if frame == "tr":
        return _objects(rng, group, subject, room)
    if frame == "give":
        return _giving(rng, group, subject, room)
    if frame == "loc":
        place = dwelling if "state" in group.verb.flags else somewhere
        return place(rng, max(1, min(room, 5))), NO_CLITIC
    if frame == "lang":
        language = pick(rng, nouns_of("language"))
        return (language.english, language.french), NO_CLITIC
    if frame == "go":
        return destination(rng, max(2, min(room, 4))), NO_CLITIC
    return (origin(rng) if frame == "from" else ("", "")), NO_CLITIC


def _adverb(rng: Random, group: VerbGroup) -> VerbGroup:
    """The group with an adverb inside it now and then."""
    if group.negation or "state" in group.verb.flags or rng.random() > 0.1:
        return group
    kind = {"present": "frequency", "perfect": "already", "pluperfect": "already"}.get(group.form)
    if not kind:
        return group
    word = pick(rng, words_of(kind))
    return group._replace(adverb=(word.english, word.french))


def event(rng: Random, time: str, room: int, question: bool = False, flag: str = "") -> Draft:
    """Somebody does something: the core of most sentences.

    Args:
        rng: The source of chance.
        time: One of the keys of `EVENT_FORMS`, or a time that leaves no choice of form.
        room: The words that the clause may take.
        question: Whether it will be asked.
        flag: "sudden" for a verb that can interrupt, "event" for any that is not a state.
    """
    verb = pick(rng, pick(rng, _SUDDEN if flag == "sudden" else _KINDS))
    while flag == "event" and ("state" in verb.flags or verb.english == "die"):
        verb = pick(rng, pick(rng, _KINDS))
    if verb.english == "die" and time != "past":
        verb = _INTRANSITIVE[0]
    subject = subject_of(rng, verb, room)
    subject = asked_of(rng, subject) if question else subject
    if verb.english == "die" and subject.person != 3:
        subject = PRONOUNS[pick(rng, ("he", "she"))]
    helped = time in _HELPER_FORMS and "state" not in verb.flags and subject.noun_class in HUMANS and room >= 4
    if helped and verb.english not in ("die", "fall", "lose") and rng.random() < 0.12:
        return _helped(rng, verb, subject, time, room, question)
    form = form_of(rng, verb, time)
    if verb.english in _SINCE and time == "present" and not question and room >= 6 and rng.random() < 0.3:
        return filled(rng, VerbGroup(verb, "since"), subject, room, "since")
    negation = "" if question or time in ("conditional", "simple past") else negation_of(rng, form, verb)
    negation = "not" if negation and time in FIXED else negation
    if (
        negation == "not"
        and verb.frame == "tr"
        and "object" in verb.objects
        and "state" not in verb.flags
        and rng.random() < 0.3
    ):
        negation = "nothing"
    form = form if question or negation in ("not", "nothing") else visible(verb, form, subject)
    group = VerbGroup(verb, form, negation)
    if not question and time not in FIXED:
        group = _adverb(rng, group)
    return filled(rng, group, subject, room, times_of(group))


def _helped(rng: Random, verb: Verb, subject: NounPhrase, time: str, room: int, question: bool) -> Draft:
    name, form = pick(rng, _HELPER_FORMS[time])
    if question and name == "must":
        name = "can"
    negative = name in _NEGATED_HELPERS and form == "present" and not question and rng.random() < 0.2
    group = VerbGroup(verb, form, "not" if negative else "", helper=_HELPERS[name])
    times = form if time == "past" else "obligation" if name in ("can", "must", "want", "have") else ""
    return filled(rng, group, subject, room, times)


def filled(rng: Random, group: VerbGroup, subject: NounPhrase, room: int, times: str) -> Draft:
    """The clause with its complement and, where there is room, manner, place and company."""
    left = room - words(subject.english) - words(clauses.join(*clauses.english_parts(subject, group)))
    tail, clitic = _complement(rng, group, subject, left)
    left -= words(tail[0]) + words(clitic.english)
    if left >= 1 and not group.negation and not group.adverb[1]:
        group, manner = _manner(rng, group)
        tail, left = plus(tail, manner), left - words(manner[0])
    if left >= 1 and "home" in group.verb.flags and rng.random() < 0.5:
        place = outdoors(rng, left) if "outside" in group.verb.flags else somewhere(rng, min(left, 5))
        tail, left = plus(tail, place), left - words(place[0])
    social = subject.noun_class in HUMANS and (group.verb.frame == "go" or "social" in group.verb.flags)
    if left >= 2 and social and rng.random() < 0.25:
        tail = plus(tail, company(rng, min(left, 5), pronouns_of(subject)))
    return Draft(subject, group, tail, clitic, times)


def _manner(rng: Random, group: VerbGroup) -> tuple[VerbGroup, tuple[str, str]]:
    kinds = [kind for kind in ("well", "pace", "quiet") if kind in group.verb.flags]
    if not kinds or rng.random() < 0.6:
        return group, ("", "")
    kind = pick(rng, kinds)
    word = pick(rng, words_of(kind))
    if kind == "well" and not group.helper:
        # Bien and mal go inside the French group: il a bien chanté.
        return group._replace(adverb=("", word.french)), (word.english, "")
    return group, (word.english, word.french)


def related(rng: Random, phrase: NounPhrase, room: int, said: str = "") -> NounPhrase:
    """The phrase with a relative clause, if there is room for one and it is a single noun phrase.

    Args:
        rng: The source of chance.
        phrase: What the relative clause describes.
        room: The words that both may take.
        said: The English verb of the main clause, not to be said twice.
    """
    left = room - words(phrase.english)
    if left < 3 or " and " in phrase.english or phrase.noun_class in ("name", "country", "city", "family"):
        return phrase
    if phrase.english.startswith(("any ", "some ")) or rng.random() < 0.4:
        return phrase
    if phrase.noun_class in HUMANS:
        return _who(rng, phrase, left)
    verbs = [verb for verb in _TRANSITIVE if phrase.noun_class in verb.objects and verb.english != said]
    verbs = [verb for verb in verbs if not verb.french_preposition and not {"state", "generic"} & verb.flags]
    if not verbs:
        return phrase
    verb = pick(rng, verbs)
    subject = human(rng, 1 if left < 5 else 2)
    form = visible(verb, pick(rng, ("past", "past", "past", "pluperfect", "perfect")), subject)
    return modify(phrase, clauses.object_relative(subject, VerbGroup(verb, form), phrase))


def _who(rng: Random, phrase: NounPhrase, room: int) -> NounPhrase:
    """Somebody with a relative clause of which they are the subject: who lives in Paris."""
    verb = pick(rng, _RELATIVES)
    form = visible(verb, form_of(rng, verb, pick(rng, ("present", "past"))), phrase)
    group = VerbGroup(verb, form)
    tail, _ = _complement(rng, group, phrase, room - 2)
    return modify(phrase, clauses.subject_relative(phrase, group, tail))
