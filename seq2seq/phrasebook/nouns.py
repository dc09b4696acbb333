"""Noun phrases in both languages: determiner, adjectives, noun, and all that agrees with them."""

from functools import cache
from typing import NamedTuple

from seq2seq.phrasebook import english, french
from seq2seq.phrasebook.lexicon import Adjective, Noun, Site, french_plural, words_of


class NounPhrase(NamedTuple):
    """Somebody or something, in both languages, with what verbs and adjectives must know to agree."""

    english: str
    french: str
    person: int = 3
    plural: bool = False
    feminine: bool = False
    noun_class: str = "person"
    pronoun: bool = False


# Subject pronouns. One French form each: "you" is the polite singular, every group is masculine.
PRONOUNS = {
    "I": NounPhrase("I", "je", 1, pronoun=True),
    "you": NounPhrase("you", "vous", 2, pronoun=True),
    "he": NounPhrase("he", "il", pronoun=True),
    "she": NounPhrase("she", "elle", feminine=True, pronoun=True),
    "we": NounPhrase("we", "nous", 1, True, pronoun=True),
    "they": NounPhrase("they", "ils", 3, True, pronoun=True),
}
# Object pronouns: French direct, French dative, French after a preposition, and the agreement of a participle after
# the direct one (feminine, plural): je l'ai vue, je les ai vus.
OBJECT_PRONOUNS = {
    "me": ("me", "me", "moi", (False, False)),
    "you": ("vous", "vous", "vous", (False, False)),
    "him": ("le", "lui", "lui", (False, False)),
    "her": ("la", "lui", "elle", (True, False)),
    "us": ("nous", "nous", "nous", (False, True)),
    "them": ("les", "leur", "eux", (False, True)),
    "it": ("le", "", "", (False, False)),
}
# The subject that would make an object pronoun reflexive.
SAME_PERSON = {"I": ("me", "us"), "we": ("me", "us"), "you": ("you",)}
POSSESSIVES = {
    "my": ("mon", "ma", "mes"),
    "your": ("votre", "votre", "vos"),
    "his": ("son", "sa", "ses"),
    "her": ("son", "sa", "ses"),
    "our": ("notre", "notre", "nos"),
    "their": ("leur", "leur", "leurs"),
}
# Determiners whose French does not depend on what follows.
_FIXED = {
    "several": "plusieurs",
    "many": "beaucoup de",
    "every": "chaque",
    "any": "de",
    "not a": "de",
    "how many": "combien de",
}
_FIXED.update((word.english, word.french) for word in words_of("number", "tens"))
_PLURALS = {"this": "these", "that": "those"}


@cache
def _french_determiner(determiner: str, feminine: bool, plural: bool, following: str, adjective_first: bool) -> str:
    vowel = french.starts_with_vowel(following)
    if determiner in _FIXED:
        return _FIXED[determiner]
    if determiner in POSSESSIVES:
        masculine, feminine_form, plural_form = POSSESSIVES[determiner]
        # mon amie, not ma amie
        return plural_form if plural else feminine_form if feminine and not vowel else masculine
    if determiner in ("the", "generic"):
        return "les" if plural else "la" if feminine else "le"
    if determiner == "a":
        return "une" if feminine else "un"
    if determiner in ("this", "that"):
        return "ces" if plural else "cette" if feminine else "cet" if vowel else "ce"
    if determiner == "which":
        return f"quel{'le' if feminine else ''}{'s' if plural else ''}"
    if determiner == "some":
        if plural:
            return "de" if adjective_first else "des"
        return "de la" if feminine else "de le" if vowel else "du"
    return ""


@cache
def _english_determiner(determiner: str, plural: bool, following: str) -> str:
    if determiner in ("a", "not a"):
        return english.a_or_an(following)
    if determiner in ("generic", "bare"):
        return ""
    return _PLURALS.get(determiner, determiner) if plural else determiner


def noun_phrase(
    noun: Noun,
    determiner: str,
    plural: bool = False,
    adjectives: tuple[Adjective, ...] = (),
    feminine: bool | None = None,
) -> NounPhrase:
    """A noun with its determiner and adjectives: the big cats / les grands chats.

    Args:
        noun: The head.
        determiner: the, a, some, this, that, a possessive or a number; "generic" (cats / les chats), "bare" (nothing in
            either language), "not a" and "any" (de, under a negation), "which", "how many".
        plural: Whether the noun is plural.
        adjectives: In their English order.
        feminine: Takes the feminine of a noun that has both sexes: she is a baker / elle est boulangère.
    """
    if feminine is None or not noun.feminine:
        feminine = noun.gender == "f"
    if feminine and noun.feminine:
        head = french_plural(noun.feminine) if plural else noun.feminine
    else:
        head = noun.french_plural if plural else noun.french
    words = [*(adjective.english for adjective in adjectives), noun.english_plural if plural else noun.english]
    before, after = _agreed(adjectives, feminine, plural, head)
    following = before[0] if before else head
    english_words = (_english_determiner(determiner, plural, words[0]), *words)
    french_words = (_french_determiner(determiner, feminine, plural, following, bool(before)), *before, head, *after)
    return NounPhrase(
        " ".join(filter(None, english_words)),
        " ".join(filter(None, french_words)),
        3,
        plural,
        feminine,
        noun.noun_class,
    )


def _agreed(adjectives: tuple[Adjective, ...], feminine: bool, plural: bool, head: str) -> tuple[list[str], list[str]]:
    """The French adjectives before the noun and those after it."""
    before: list[str] = []
    after: list[str] = []
    for adjective in reversed(adjectives):
        following = before[0] if before else head
        form = french.agree(adjective, feminine, plural, following if adjective.before_noun else "")
        if adjective.before_noun:
            before.insert(0, form)
        else:
            after.append(form)
    return before, after


def name_phrase(name: str, feminine: bool) -> NounPhrase:
    """A person by name."""
    return NounPhrase(name, name, feminine=feminine, noun_class="name")


def site_phrase(site: Site) -> NounPhrase:
    """A country or city as a thing: Japan / le Japon."""
    french_words = f"{site.article} {site.french}".strip()
    return NounPhrase(site.english, french_words, 3, site.article == "les", site.article == "la", site.kind)


def site_of(site: Site) -> tuple[str, str]:
    """Where a country or city is said to be: in Japan / au Japon."""
    return f"in {site.english}", f"{site.preposition} {site.french}"


def from_site(site: Site) -> tuple[str, str]:
    """Where somebody comes from, without the English "from": Japan / du Japon, France / de France."""
    article = {"le": "du", "les": "des"}.get(site.article, "de")
    if site.article == "le" and french.starts_with_vowel(site.french):
        article = "de"
    return site.english, f"{article} {site.french}"


def coordinate(phrases: list[NounPhrase], conjunction: str = "and") -> NounPhrase:
    """A list: Paul, Anna and my brother. It is feminine only if every member is."""
    joined = {"and": "et", "or": "ou"}[conjunction]
    return NounPhrase(
        ", ".join(phrase.english for phrase in phrases[:-1]) + f" {conjunction} {phrases[-1].english}",
        ", ".join(phrase.french for phrase in phrases[:-1]) + f" {joined} {phrases[-1].french}",
        min(phrase.person for phrase in phrases),
        True,
        all(phrase.feminine for phrase in phrases),
        phrases[0].noun_class,
    )


def modify(phrase: NounPhrase, tail: tuple[str, str]) -> NounPhrase:
    """The phrase followed by something that says more about it, such as a relative clause."""
    return phrase._replace(english=f"{phrase.english} {tail[0]}", french=f"{phrase.french} {tail[1]}")
