"""Random clauses about how things are: adjectives, professions, ages, places, weather, there is, this is."""

from random import Random

from seq2seq.phrasebook.clauses import NO_CLITIC, Clitic, VerbGroup, join
from seq2seq.phrasebook.draws import adjectives, common, human, pick
from seq2seq.phrasebook.events import (
    HUMANS,
    Draft,
    asked_of,
    filled,
    plus,
    related,
    words,
)
from seq2seq.phrasebook.forms import STATE_FORMS, form_of, negation_of
from seq2seq.phrasebook.french import agree
from seq2seq.phrasebook.lexicon import ADJECTIVES, NOUNS, Adjective, adjectives_of, nouns_of, verbs_of, words_of
from seq2seq.phrasebook.nouns import POSSESSIVES, NounPhrase, noun_phrase
from seq2seq.phrasebook.settings import on_something, outdoors, somewhere

BE = verbs_of("be")[0]
_FEEL, _THERE, _SKY, _COST = (verbs_of(frame)[0] for frame in ("feel", "there", "sky", "price"))
# The unnamed one who does what is hard to do.
_ONE = NounPhrase("one", "on")
_IT = NounPhrase("it", "il", noun_class="weather")
_WEATHER = (*verbs_of("weather"), *verbs_of("weather"), _SKY)
_WEATHER_FORMS = {"past": ("past", "past progressive"), "present": ("present", "progressive", "progressive")}
_ADULTS = tuple(noun for noun in NOUNS if noun.english in ("man", "woman"))
_ADJECTIVE_WORDS = frozenset(word.english for word in ADJECTIVES)
_DEEDS = adjectives_of("deed", "be")
_DONE = tuple(verb for verb in verbs_of("intr", "tr", "lang") if "state" not in verb.flags and verb.english != "die")
_THINGS = tuple(noun for noun in NOUNS if adjectives_of(noun.noun_class, "be") and noun.noun_class not in HUMANS)
_THERE_IS = nouns_of("person", "job", "pet", "object", "text", "food", "furniture", "plant", "road")
_SMALL = frozenset({"object", "text", "food", "clothes"})
_THIS_IS = nouns_of("peer", "family", "job", "pet", "object", "text", "clothes", "road", "abstract", "plant", "food")
_PRICED = nouns_of("object", "clothes", "text", "furniture", "food")
# Who can be said to have a profession: not somebody who is called by one already.
_ROLE_SUBJECTS = frozenset({"name", "family", "peer"})
_ADULT_CLASSES = frozenset({"practice", "craft", "title"})
_PERSON_KINDS = ("adjective",) * 4 + ("role",) * 3 + ("feeling", "place", "comparison", "age")
# What somebody may be for a while: if I were alone, when you are hungry.
_PASSING_KINDS = ("adjective", "adjective", "feeling", "place")
_THING_KINDS = ("adjective",) * 3 + ("place", "comparison", "price", "price")


def state(rng: Random, time: str, room: int, question: bool = False) -> Draft:
    """Somebody or something is so: tired, a teacher, in the garden, taller than Paul."""
    size = 1 if room <= 4 else pick(rng, (1, 1, 2, 2, 3)) if room <= 8 else pick(rng, (1, 2, 2, 3, 4, 6))
    # What things would be is left to the reader.
    if time in ("conditional", "hypothesis", "future") or rng.random() < 0.65:
        subject = human(rng, size)
        return _somebody(rng, asked_of(rng, subject) if question else subject, time, room, question)
    return _something(rng, common(rng, pick(rng, _THINGS), 2, "subject"), time, room, question)


def somebody(rng: Random, time: str, room: int) -> Draft:
    """Somebody is in some state."""
    return _somebody(rng, human(rng, 1 if room <= 4 else pick(rng, (1, 1, 2))), time, room, False)


def _group(rng: Random, time: str, question: bool) -> VerbGroup:
    form = form_of(rng, BE, time)
    return VerbGroup(BE, form, "" if question or time == "hypothesis" else negation_of(rng, form, BE))


def _somebody(rng: Random, subject: NounPhrase, time: str, room: int, question: bool) -> Draft:
    group = _group(rng, time, question)
    left = room - words(subject.english) - 1
    times = {"present": "today", "past": "past"}.get(group.form, "")
    kind = pick(rng, _PERSON_KINDS if time in ("present", "past", "future", "asked", "reported") else _PASSING_KINDS)
    if kind == "feeling" and group.form != "used to":
        word = pick(rng, words_of("feeling"))
        return Draft(subject, group._replace(verb=_FEEL), (word.english, word.french), NO_CLITIC, times)
    if kind == "age" and left >= 3 and not group.negation and group.form in ("present", "past"):
        number = pick(rng, words_of("number", "tens"))
        tail = (f"{number.english} years old", f"{number.french} ans")
        return Draft(subject, group._replace(verb=_FEEL), tail, NO_CLITIC, "")
    tail = ("", "")
    if kind == "role" and (
        _named(subject) or (subject.noun_class in _ADULT_CLASSES and not subject.plural and left >= 3)
    ):
        tail, times = (
            _role(rng, subject, left, group.form in ("present", "past")),
            "era" if group.form == "past" else "",
        )
    elif kind == "place" and left >= 2:
        tail = somewhere(rng, min(left, 5))
    elif kind == "comparison" and left >= 4:
        tail, times = _comparison(rng, subject, left), ""
    if tail[0]:
        return Draft(subject, group, tail, NO_CLITIC, times)
    settled = any(word in _ADJECTIVE_WORDS for word in subject.english.split(" "))
    adjective = _described(rng, subject, settled or time in ("conditional", "hypothesis", "simple present", "prospect"))
    if "passing" in adjective.classes and group.form == "used to":
        group = group._replace(form="past")
    if "passing" not in adjective.classes:
        times = "era" if group.form == "past" else ""
    elif group.form == "present" and not group.negation and not question and rng.random() < 0.15:
        word = pick(rng, words_of("frequency"))
        group, times = group._replace(adverb=(word.english, word.french)), ""
    return Draft(subject, group, _adjective(rng, subject, adjective), NO_CLITIC, times)


def _something(rng: Random, subject: NounPhrase, time: str, room: int, question: bool) -> Draft:
    group = _group(rng, time, question)
    left = room - words(subject.english) - 1
    kind = pick(rng, _THING_KINDS)
    if kind == "price" and left >= 2 and group.form == "present":
        noun = pick(rng, _PRICED)
        subject = common(rng, noun, min(3, words(subject.english)), "subject")
        number = pick(rng, words_of("number", "tens"))
        tail = (f"{number.english} euros", f"{number.french} euros")
        return Draft(subject, group._replace(verb=_COST, negation=""), tail, NO_CLITIC, "")
    tail = ("", "")
    if kind == "place" and left >= 3 and subject.noun_class in _SMALL:
        tail = on_something(rng, min(left, 4))
    elif kind == "comparison" and left >= 4:
        tail = _comparison(rng, subject, left)
    if not tail[0]:
        tail = _adjective(rng, subject, _described(rng, subject, False))
    return Draft(subject, group, tail, NO_CLITIC, "")


def _named(subject: NounPhrase) -> bool:
    return subject.pronoun or subject.noun_class in _ROLE_SUBJECTS


def _described(rng: Random, subject: NounPhrase, passing: bool) -> Adjective:
    options = adjectives_of("person" if subject.noun_class == "name" else subject.noun_class, "be")
    options = tuple(word for word in options if "passing" in word.classes) if passing else options
    # Not "the small cat is small".
    said = subject.english.split(" ")
    return pick(rng, [word for word in options if word.english not in said])


def _adjective(rng: Random, subject: NounPhrase, adjective: Adjective) -> tuple[str, str]:
    tail = adjective.english, agree(adjective, subject.feminine, subject.plural)
    if adjective.comparative and rng.random() < 0.25:
        word = pick(rng, words_of("degree"))
        return f"{word.english} {tail[0]}", f"{word.french} {tail[1]}"
    return tail


def _comparison(rng: Random, subject: NounPhrase, room: int) -> tuple[str, str]:
    noun_class = "person" if subject.noun_class == "name" else subject.noun_class
    options = [
        word for word in adjectives_of(noun_class, "be") if word.comparative and word.english not in subject.english
    ]
    if not options:
        return "", ""
    adjective = pick(rng, options)
    if noun_class in HUMANS:
        other = human(rng, min(2, room - 2), "object")
    else:
        other = common(rng, pick(rng, nouns_of(noun_class)), 2, "subject")
    if other.english in subject.english or subject.english in other.english:
        return "", ""
    form = agree(adjective, subject.feminine, subject.plural)
    if rng.random() < 0.7:
        return f"{adjective.comparative} than {other.english}", f"plus {form} que {other.french}"
    return f"as {adjective.english} as {other.english}", f"aussi {form} que {other.french}"


def _role(rng: Random, subject: NounPhrase, room: int, lasting: bool) -> tuple[str, str]:
    """What somebody is: a teacher / professeur, a great man / un grand homme."""
    open_sex = subject.english in ("I", "you")
    feminine = pick(rng, (True, False, False)) if open_sex else subject.feminine
    named = _named(subject)
    classes = ("person" if lasting else "job", "job", "job", "title", "peer" if subject.plural else "job")
    nouns = nouns_of(pick(rng, classes)) if named else _ADULTS
    options = [noun for noun in nouns if noun.feminine or (noun.gender == "f") == feminine]
    said = subject.english.split(" ")
    options = [noun for noun in options if noun.english not in said] or options
    noun = pick(rng, options)
    described = adjectives(rng, noun, 1 if room >= 3 and (not named or rng.random() < 0.6) else 0)
    # A profession alone takes no article in French; "I" and "you" are masculine where the English noun has no sex.
    bare = noun.noun_class != "person" and not described
    phrase = noun_phrase(noun, "bare", subject.plural, described, feminine and not open_sex)
    if subject.plural:
        return phrase.english, phrase.french if bare else f"{_plural_article(described)} {phrase.french}"
    with_article = noun_phrase(noun, "a", False, described, feminine and not open_sex)
    return with_article.english, phrase.french if bare else with_article.french


def _plural_article(described: tuple[Adjective, ...]) -> str:
    return "de" if described and described[0].before_noun else "des"


def weather(rng: Random, time: str, room: int, question: bool = False) -> Draft:
    """It was snowing / il neigeait."""
    verb = pick(rng, _WEATHER)
    form = form_of(rng, verb, time)
    if verb is not _SKY and time in ("present", "past", "background"):
        form = pick(rng, _WEATHER_FORMS.get(time, ("past progressive",)))
    form = "past" if form == "used to" else form
    negation = "" if question or rng.random() > 0.15 else "not"
    word = pick(rng, words_of("weather"))
    tail = (word.english, word.french) if verb is _SKY else ("", "")
    if room >= 5 and rng.random() < 0.6:
        tail = plus(tail, outdoors(rng, min(room - 3, 3)))
    if form == "present":
        times = "today" if verb is _SKY else "season"
    else:
        times = "" if form in ("prospect", "hypothesis", "conditional") else form
    return Draft(_IT, VerbGroup(verb, form, negation), tail, NO_CLITIC, times)


def deed(rng: Random, time: str, room: int, question: bool = False) -> Draft:
    """It is difficult to learn Chinese / il est difficile d'apprendre le chinois."""
    adjective, verb = pick(rng, _DEEDS), pick(rng, _DONE)
    form = form_of(rng, BE, time)
    group = VerbGroup(BE, "past" if form == "used to" else form, "not" if not question and rng.random() < 0.15 else "")
    core = filled(rng, VerbGroup(verb, "present"), _ONE, room - 2, "")
    french_words = join(
        "de", "se" if verb.reflexive else core.clitic.french, verb.infinitive, core.group.adverb[1], core.tail[1]
    )
    english_words = join(adjective.english, "to", verb.english, verb.particle, core.clitic.english, core.tail[0])
    return Draft(_IT, group, (english_words, f"{adjective.masculine} {french_words}"), NO_CLITIC, "")


def there(rng: Random, time: str, room: int, question: bool = False) -> Draft:
    """There is a cat in the garden / il y a un chat dans le jardin."""
    noun = pick(rng, _THERE_IS)
    negated = not question and rng.random() < 0.2
    described = 1 if room >= 8 and rng.random() < 0.5 else 0
    item = common(rng, noun, 2 + described, "indefinite", negated)
    if item.english.startswith("some ") and question:
        item = noun_phrase(noun, "many", item.plural)
    left = room - words(item.english) - 2
    place = on_something(rng, min(4, left)) if noun.noun_class in _SMALL else somewhere(rng, max(2, min(4, left)))
    subject = NounPhrase("there", "il", 3, item.plural, noun_class="there")
    form = form_of(rng, _THERE, time)
    group = VerbGroup(_THERE, "past" if form == "used to" else form, "not" if negated else "")
    times = {"present": "today", "past": "past"}.get(group.form, "")
    return Draft(subject, group, plus((item.english, item.french), place), Clitic("", "y"), times)


def presentation(rng: Random, time: str, room: int, question: bool = False) -> Draft:
    """This is my brother / c'est mon frère; these are my shoes / ce sont mes chaussures."""
    noun = pick(rng, _THIS_IS)
    plural = rng.random() < 0.3
    described = adjectives(rng, noun, 1 if room >= 5 and rng.random() < 0.6 else 0)
    determiner = pick(rng, (*POSSESSIVES,) + ("a",) * 6)
    if noun.noun_class == "family" and determiner == "a":
        determiner = "my"
    indefinite = determiner == "a"
    item = noun_phrase(noun, "bare" if plural and indefinite else determiner, plural, described)
    if plural and indefinite:
        item = item._replace(french=f"{_plural_article(described)} {item.french}")
    if indefinite:
        item = related(rng, item, room - 2)
    word = "these" if plural else pick(rng, ("this", "this", "it"))
    form = pick(rng, STATE_FORMS[time]) if word == "it" and time == "past" else "present"
    negation = "not" if not question and rng.random() < 0.15 else ""
    subject = NounPhrase(word, "ce", 3, plural, noun_class="that")
    group = VerbGroup(BE, "past" if form == "used to" else form, negation)
    return Draft(subject, group, (item.english, item.french), NO_CLITIC, "")
