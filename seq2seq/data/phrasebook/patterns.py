"""Random clauses: who does what to whom, who is what, weather, and their relative clauses."""

from random import Random
from typing import NamedTuple

from seq2seq.data.phrasebook import clauses
from seq2seq.data.phrasebook.clauses import NO_CLITIC, Clause, Clitic, VerbGroup
from seq2seq.data.phrasebook.draws import common, company, destination, human, on_something, origin, pick, somewhere
from seq2seq.data.phrasebook.draws import adjectives as draw_adjectives
from seq2seq.data.phrasebook.draws import thing as draw_thing
from seq2seq.data.phrasebook.french import agree, contract
from seq2seq.data.phrasebook.lexicon import GROUPS, NOUNS, Verb, adjectives_of, nouns_of, verbs_of, words_of
from seq2seq.data.phrasebook.nouns import (
    OBJECT_PRONOUNS,
    SAME_PERSON,
    NounPhrase,
    noun_phrase,
)

EVENT_FORMS = {
    "present": ("present",) * 3 + ("progressive",) * 3,
    "past": ("past",) * 6 + ("past progressive", "past progressive", "perfect", "pluperfect"),
    "future": ("future", "future", "going to"),
    "conditional": ("conditional",),
    "background": ("past progressive",),
    "reported": ("past progressive", "pluperfect", "pluperfect", "conditional"),
}
STATE_FORMS = {
    "present": ("present",),
    "past": ("past",) * 4 + ("used to",),
    "future": ("future",),
    "conditional": ("conditional",),
    "background": ("past",),
    "reported": ("past",),
}
# Forms asked for by the word before the clause: when he comes, if it rains, if I were rich.
FIXED_FORMS = ("past", "present", "prospect", "hypothesis")
HELPER_FORMS = {
    "present": (("can", "present"), ("must", "present"), ("want", "present"), ("like", "conditional"),
                ("have", "present"), ("begin", "progressive"), ("try", "progressive"), ("like", "present")),
    "past": (("want", "past"), ("try", "past"), ("decide", "past"), ("begin", "past"), ("have", "past")),
    "future": (("have", "future"), ("try", "going to")),
}
_HELPERS = {verb.english: verb for verb in verbs_of("inf")}
_BE, _FEEL, _THERE, _SKY = (verbs_of(frame)[0] for frame in ("be", "feel", "there", "sky"))
_IT = NounPhrase("it", "il", noun_class="weather")
_EVENTS = verbs_of("intr", "intr", "tr", "go", "loc", "give", "lang", "from")
_WEATHER = (*verbs_of("weather"), *verbs_of("weather"), _SKY)
_DESCRIBED = tuple(noun for noun in NOUNS if adjectives_of(noun.noun_class, "be"))
HUMANS = GROUPS["human"]


class Draft(NamedTuple):
    """A clause that can still become a statement or a question, and the times that fit it ("" for none)."""

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


def form_of(rng: Random, verb: Verb, time: str) -> str:
    """A form of the verb for a time: one of the keys of `EVENT_FORMS`, or a fixed form."""
    if time in ("prospect", "hypothesis", "simple past", "simple present"):
        return time.removeprefix("simple ")
    if "state" in verb.flags:
        return pick(rng, STATE_FORMS[time])
    form = pick(rng, EVENT_FORMS[time])
    if "noprog" in verb.flags and "progressive" in form:
        return "past" if form.startswith("past") and time == "past" else "present" if time == "present" else "pluperfect"
    return form


def visible(verb: Verb, form: str, subject: NounPhrase, negation: str = "") -> str:
    """The form, or another if the English would not show it: "I read" is always the present."""
    hidden = verb.english == verb.past and form in ("past", "hypothesis") and negation != "not"
    if hidden and (subject.person != 3 or subject.plural or form == "hypothesis"):
        return "past progressive" if form == "past" else "conditional"
    return form


def negation_of(rng: Random, form: str, verb: Verb) -> str:
    """Mostly nothing; "never" and "no longer" only where they make sense."""
    draw = rng.random()
    if draw > 0.2 or form == "used to":
        return ""
    if draw > 0.06 or form in ("going to", "prospect"):
        return "not"
    if draw > 0.03 and form in ("present", "past", "perfect", "future"):
        return "never" if verb.frame not in ("be", "from", "there") else "not"
    return "no longer" if form == "present" else "not"


def subject_of(rng: Random, verb: Verb, room: int) -> NounPhrase:
    """A subject of the verb that leaves room for the rest of a clause of `room` words."""
    sizes = (1,) if room <= 4 else (1, 1, 1, 2, 2) if room <= 6 else (1, 1, 2, 2, 3) if room <= 9 else (1, 2, 2, 3, 4, 6)
    size = pick(rng, sizes)
    others = tuple(name for name in sorted(verb.subjects) if name not in HUMANS)
    if others and size > 1 and rng.random() < 0.35:
        return common(rng, pick(rng, nouns_of(*others)), min(size, 3), "subject")
    return human(rng, size)


def pronoun_object(rng: Random, verb: Verb, subject: NounPhrase) -> Clitic:
    """An object pronoun that the verb can take and that is not the subject itself."""
    options = ("me", "you", "him", "her", "us", "them") if "person" in verb.objects else ("it", "it", "them")
    banned = SAME_PERSON.get(subject.english, ())
    pronoun = pick(rng, [option for option in options if option not in banned])
    direct, dative, _, agreement = OBJECT_PRONOUNS[pronoun]
    if "dative" in verb.flags or verb.frame == "give":
        return Clitic(f"{verb.particle} {pronoun}" if verb.frame != "give" else pronoun, dative)
    return Clitic(pronoun, direct, agreement)


def _pronoun(rng: Random, verb: Verb, room: int) -> bool:
    return bool({"pronoun", "dative"} & verb.flags) and rng.random() < (0.6 if room <= 4 else 0.2)


def _with_objects(rng: Random, group: VerbGroup, subject: NounPhrase, room: int) -> tuple[tuple[str, str], Clitic]:
    verb = group.verb
    negated = bool(group.negation)
    if verb.frame == "give":
        item = draw_thing(rng, verb.objects, 2 if room < 8 else 3, negated=negated)
        if room < 8 or rng.random() < 0.4:
            options = [name for name in ("me", "you", "him", "her", "us", "them")
                       if name not in SAME_PERSON.get(subject.english, ())]
            pronoun = pick(rng, options)
            return (item.english, item.french), Clitic(pronoun, OBJECT_PRONOUNS[pronoun][1])
        receiver = human(rng, pick(rng, (1, 2, 2, 3)), "object")
        tail = (f"{item.english} to {receiver.english}", f"{item.french} {contract('à', receiver.french)}")
        return tail, NO_CLITIC
    if _pronoun(rng, verb, room):
        clitic = pronoun_object(rng, verb, subject)
        return ("", ""), clitic._replace(english=clitic.english.removeprefix(f"{verb.particle} "))
    role = "generic" if "generic" in verb.flags else "object"
    item = extended(rng, draw_thing(rng, verb.objects, max(2, min(room, 9)), role, negated), room)
    if verb.french_preposition:
        return (item.english, contract(verb.french_preposition, item.french)), NO_CLITIC
    return (item.english, item.french), NO_CLITIC


def _complement(rng: Random, group: VerbGroup, subject: NounPhrase, room: int) -> tuple[tuple[str, str], Clitic]:
    """What must follow the verb: object, destination, place, language, or nothing."""
    verb = group.verb
    frame = verb.frame
    if frame == "intr":
        return ("", ""), NO_CLITIC
    if frame == "go":
        english, french = destination(rng, max(2, min(room, 4)))
        # The particle of the verb is written by the verb group.
        return (english.removeprefix("to "), french), NO_CLITIC
    if frame == "loc":
        return somewhere(rng, max(1, min(room, 4))), NO_CLITIC
    if frame == "from":
        english, french = origin(rng)
        return (english.removeprefix("from "), french), NO_CLITIC
    if frame == "lang":
        language = pick(rng, nouns_of("language"))
        return (language.english, language.french), NO_CLITIC
    return _with_objects(rng, group, subject, room)


def _adverb(rng: Random, form: str, negation: str, verb: Verb) -> tuple[str, str]:
    if not negation and rng.random() < 0.08:
        if form == "present" and verb.frame not in ("loc", "from"):
            word = pick(rng, words_of("frequency"))
            return word.english, word.french
        if form in ("perfect", "pluperfect"):
            word = words_of("already")[0]
            return word.english, word.french
    return "", ""


def event(rng: Random, time: str, room: int, question: bool = False) -> Draft:
    """Somebody does something: the core of most sentences."""
    verb = pick(rng, _EVENTS)
    subject = subject_of(rng, verb, room)
    if time in HELPER_FORMS and "state" not in verb.flags and subject.noun_class in (*HUMANS, "name"):
        if rng.random() < 0.12 and verb.english != "die":
            return _helped(rng, verb, subject, time, room, question)
    form = form_of(rng, verb, time)
    negation = "" if question else negation_of(rng, form, verb)
    form = form if question else visible(verb, form, subject, negation)
    group = VerbGroup(verb, form, negation, _adverb(rng, form, negation, verb))
    return _filled(rng, group, subject, room, "" if "state" in verb.flags and form == "present" else form)


def _helped(rng: Random, verb: Verb, subject: NounPhrase, time: str, room: int, question: bool) -> Draft:
    name, form = pick(rng, HELPER_FORMS[time])
    if question and name == "must":
        name = "can"
    negative = name in ("can", "must", "want", "like") and not question and rng.random() < 0.15
    group = VerbGroup(verb, form, "not" if negative else "", helper=_HELPERS[name])
    times = form if time == "past" else "obligation" if name in ("can", "must", "want", "have") else ""
    return _filled(rng, group, subject, room, times)


def _filled(rng: Random, group: VerbGroup, subject: NounPhrase, room: int, times: str) -> Draft:
    """The clause with its complement and, where there is room, manner, place and company."""
    used = words(subject.english) + words(clauses.join(*clauses.english_parts(subject, group)))
    left = room - used
    tail, clitic = _complement(rng, group, subject, left)
    left -= words(tail[0]) + words(clitic.english)
    flags = group.verb.flags
    if left >= 1 and "manner" in flags and not group.negation and not group.adverb[0] and rng.random() < 0.4:
        word = pick(rng, words_of("manner"))
        tail, left = plus(tail, (word.english, word.french)), left - 1
    if left >= 1 and "home" in flags and rng.random() < 0.5:
        place = somewhere(rng, min(left, 4))
        tail, left = plus(tail, place), left - words(place[0])
    if left >= 2 and subject.noun_class in (*HUMANS, "name") and rng.random() < 0.25 and group.verb.frame in ("intr", "go"):
        friends = company(rng, min(left, 5))
        if not friends[0].endswith(SAME_PERSON.get(subject.english, ("nobody",))):
            tail = plus(tail, friends)
    return Draft(subject, group, tail, clitic, times)


def extended(rng: Random, phrase: NounPhrase, room: int) -> NounPhrase:
    """The phrase with a relative clause, if there is room for one and it is a single noun phrase."""
    left = room - words(phrase.english)
    if left < 3 or phrase.pronoun or " and " in phrase.english or rng.random() < 0.5:
        return phrase
    if phrase.noun_class in HUMANS:
        return clauses_relative(rng, phrase, left)
    verbs = [verb for verb in verbs_of("tr") if phrase.noun_class in verb.objects and not verb.french_preposition]
    verbs = [verb for verb in verbs if "state" not in verb.flags]
    if not verbs or phrase.english.startswith(("any ", "some ")) or phrase.noun_class in ("sport", "subject", "language"):
        return phrase
    verb = pick(rng, verbs)
    subject = human(rng, 1 if left < 5 else 2)
    form = visible(verb, pick(rng, ("past", "past", "past", "pluperfect", "perfect")), subject)
    return _modified(phrase, clauses.object_relative(subject, VerbGroup(verb, form), phrase))


def _modified(phrase: NounPhrase, tail: tuple[str, str]) -> NounPhrase:
    return phrase._replace(english=f"{phrase.english} {tail[0]}", french=f"{phrase.french} {tail[1]}")


def clauses_relative(rng: Random, phrase: NounPhrase, room: int) -> NounPhrase:
    """Somebody with a relative clause of which they are the subject: who lives in Paris."""
    verb = pick(rng, verbs_of("intr", "loc", "from", "lang"))
    time = pick(rng, ("present", "past"))
    form = visible(verb, form_of(rng, verb, time), phrase)
    group = VerbGroup(verb, form)
    tail, clitic = _complement(rng, group, phrase, room - 2)
    return _modified(phrase, clauses.subject_relative(phrase, group, tail))


def _adjective(rng: Random, subject: NounPhrase, group: VerbGroup) -> tuple[str, str]:
    options = adjectives_of("person" if subject.noun_class == "name" else subject.noun_class, "be")
    adjective = pick(rng, options)
    tail = adjective.english, agree(adjective, subject.feminine, subject.plural)
    if adjective.comparative and rng.random() < 0.25:
        word = pick(rng, words_of("degree"))
        tail = f"{word.english} {tail[0]}", f"{word.french} {tail[1]}"
    return tail


def _comparison(rng: Random, subject: NounPhrase, room: int) -> tuple[str, str]:
    noun_class = "person" if subject.noun_class == "name" else subject.noun_class
    options = [word for word in adjectives_of(noun_class, "be") if word.comparative]
    if not options:
        return "", ""
    adjective = pick(rng, options)
    other = human(rng, min(2, room), "object") if noun_class in HUMANS else common(rng, pick(rng, nouns_of(noun_class)), 2, "subject")
    if other.english in subject.english:
        return "", ""
    form = agree(adjective, subject.feminine, subject.plural)
    if rng.random() < 0.7:
        return f"{adjective.comparative} than {other.english}", f"plus {form} que {other.french}"
    return f"as {adjective.english} as {other.english}", f"aussi {form} que {other.french}"


def _role(rng: Random, subject: NounPhrase, room: int) -> tuple[str, str]:
    """What somebody is: a teacher / professeur, a great man / un grand homme."""
    sex = pick(rng, (True, False)) if subject.english in ("I", "you") else subject.feminine
    options = [noun for noun in nouns_of("job", "job", "person") if noun.feminine or (noun.gender == "f") == sex]
    noun = pick(rng, options)
    epicene_as = False if subject.english in ("I", "you") else sex
    described = draw_adjectives(rng, noun, 1 if room >= 3 and rng.random() < 0.7 else 0)
    phrase = noun_phrase(noun, "bare" if subject.plural else "a", subject.plural, described, epicene_as)
    french = phrase.french
    if noun.noun_class == "job" and not described:
        french = french.partition(" ")[2] if not subject.plural else french
    elif subject.plural:
        french = f"{'de' if described and described[0].before_noun else 'des'} {french}"
    return phrase.english, french


def state(rng: Random, time: str, room: int, question: bool = False) -> Draft:
    """Somebody or something is so: tired, a teacher, in the garden, taller than Paul."""
    size = 1 if room <= 4 else pick(rng, (1, 2, 2, 3)) if room <= 8 else pick(rng, (2, 3, 4, 6))
    if rng.random() < 0.6:
        subject = human(rng, size)
    else:
        subject = common(rng, pick(rng, _DESCRIBED), max(2, size), "subject")
    form = form_of(rng, _BE, time)
    group = VerbGroup(_BE, form, "" if question else negation_of(rng, form, _BE))
    left = room - words(subject.english) - 1
    person = subject.noun_class in (*HUMANS, "name")
    kind = pick(rng, ("adjective", "adjective", "role", "feeling", "place", "comparison", "age") if person
                else ("adjective", "adjective", "place", "comparison"))
    tail = ("", "")
    if kind == "feeling" and person:
        return _feeling(rng, subject, group)
    if kind == "age" and left >= 3 and not group.negation and form in ("present", "past", "future"):
        number = pick(rng, words_of("number", "tens"))
        tail = (f"{number.english} years old", f"{number.french} ans")
        return Draft(subject, group._replace(verb=_FEEL), tail, NO_CLITIC, "")
    if kind == "role":
        tail = _role(rng, subject, left)
    elif kind == "place" and left >= 3:
        if person:
            tail = somewhere(rng, min(left, 4))
        elif subject.noun_class in ("object", "text", "clothes"):
            tail = on_something(rng, min(left, 4))
    elif kind == "comparison" and left >= 4:
        tail = _comparison(rng, subject, left)
    tail = tail if tail[0] else _adjective(rng, subject, group)
    return Draft(subject, group, tail, NO_CLITIC, "today" if form == "present" and person and kind != "role" else "past" if form == "past" else "")


def _feeling(rng: Random, subject: NounPhrase, group: VerbGroup) -> Draft:
    word = pick(rng, words_of("feeling"))
    return Draft(subject, group._replace(verb=_FEEL), (word.english, word.french), NO_CLITIC,
                 "today" if group.form == "present" else "past" if group.form == "past" else "")


def weather(rng: Random, time: str, room: int, question: bool = False) -> Draft:
    """It was snowing / il neigeait."""
    verb = pick(rng, _WEATHER)
    form = form_of(rng, verb, time)
    if verb is not _SKY and time in ("present", "past", "background"):
        form = pick(rng, {"present": ("present", "progressive"), "background": ("past progressive",)}.get(time, ("past", "past progressive", "past progressive")))
    negation = "" if question or form == "used to" or rng.random() > 0.15 else "not"
    word = pick(rng, words_of("weather"))
    tail = (word.english, word.french) if verb is _SKY else ("", "")
    if room >= 5 and rng.random() < 0.6:
        tail = plus(tail, somewhere(rng, min(room - 3, 3)))
    return Draft(_IT, VerbGroup(verb, form, negation), tail, NO_CLITIC, form if form in ("past", "past progressive", "progressive", "future") else "today" if form == "present" and verb is _SKY else "")


def there(rng: Random, time: str, room: int, question: bool = False) -> Draft:
    """There is a cat in the garden / il y a un chat dans le jardin."""
    noun = pick(rng, nouns_of("person", "job", "animal", "object", "text", "food", "furniture", "plant", "road"))
    plural = rng.random() < 0.5
    form = form_of(rng, _THERE, time)
    form = "past" if form == "used to" else form
    negated = not question and rng.random() < 0.2
    determiner = pick(rng, ("two", "three", "many", "several", "some", "five") if plural and not negated else ("some",)) if plural else "a"
    if negated or (question and plural and determiner == "some"):
        determiner = "any" if plural else "not a"
    if question and determiner == "any":
        determiner = "many"
    item = noun_phrase(noun, determiner, plural, draw_adjectives(rng, noun, 1 if room >= 8 and rng.random() < 0.5 else 0))
    left = room - words(item.english) - 2
    small = noun.noun_class in ("object", "text", "food")
    place = on_something(rng, min(4, left)) if small else somewhere(rng, max(2, min(4, left)))
    subject = NounPhrase("there", "il", 3, plural, noun_class="there")
    tail = plus((item.english, item.french), place)
    group = VerbGroup(_THERE, form, "not" if negated else "", ("", ""))
    return Draft(subject, group, tail, Clitic("", "y"), "today" if form == "present" else "past" if form == "past" else "")


def presentation(rng: Random, time: str, room: int, question: bool = False) -> Draft:
    """This is my brother / c'est mon frère; these are / ce sont."""
    noun = pick(rng, nouns_of("person", "family", "job", "animal", "object", "text", "clothes", "road", "abstract", "plant"))
    item = common(rng, noun, min(4, room - 2), "object")
    plural = item.plural
    word = ("these" if plural else pick(rng, ("this", "this", "it"))) if not plural else "these"
    form = "present" if word != "it" or time not in STATE_FORMS else pick(rng, ("present", "past"))
    subject = NounPhrase(word, "ce", 3, plural, noun_class="that")
    negation = "not" if not question and rng.random() < 0.15 else ""
    item = extended(rng, item, room - 2)
    return Draft(subject, VerbGroup(_BE, form, negation), (item.english, item.french), NO_CLITIC, "")
