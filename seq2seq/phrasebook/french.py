"""French forms: conjugation, agreement, elision, contraction, negation, clitics."""

import re
from functools import cache

from seq2seq.phrasebook.lexicon import FRENCH_VERBS, Adjective, FrenchVerb

# Words in h that begin like a consonant: le haricot, not l'haricot.
H_ASPIRATE = ("harpe", "haricot", "hérisson", "hache", "huit", "Hongrie")
_VOWELS = "aeiouyâàéèêëîïôûùœhAEIOUYÂÀÉÈÊÎÔŒH"
_ELISION = re.compile(
    rf"\b([JjMmTtSsLlNnDdCc]e|[Qq]ue|[Ll]a) (?=[{_VOWELS}])(?!(?:{'|'.join(H_ASPIRATE)}))|\b([Ss])i (?=ils?\b)"
)
_IMPERFECT = ("ais", "ais", "ait", "ions", "iez", "aient")
_FUTURE = ("ai", "as", "a", "ons", "ez", "ont")
_REFLEXIVE = ("me", "te", "se", "nous", "vous", "se")
# The tense of the auxiliary in the compound tenses.
_COMPOUND = {"perfect": "present", "pluperfect": "imperfect"}


def starts_with_vowel(word: str) -> bool:
    """Whether le becomes l' before the word: true of ami and homme, not of haricot."""
    return word[0] in _VOWELS and not word.startswith(H_ASPIRATE)


def _elided(match: re.Match[str]) -> str:
    return (match.group(1)[:-1] if match.group(1) else match.group(2)) + "'"


def elide(text: str) -> str:
    """Elides every word that must be: je ai -> j'ai, que il -> qu'il, si il -> s'il, la hache -> la hache."""
    return _ELISION.sub(_elided, text)


def contract(preposition: str, noun_phrase: str) -> str:
    """Puts a preposition before a noun phrase: à + le chat -> au chat, de + les -> des, de + l'ami -> de l'ami."""
    if preposition in ("à", "de") or preposition.endswith(" de"):
        article, _, rest = noun_phrase.partition(" ")
        stem = preposition[:-1] if preposition == "à" else preposition[:-2]
        if article == "les":
            return f"{stem}{'aux' if preposition == 'à' else 'des'} {rest}"
        if article == "le" and not starts_with_vowel(rest):
            return f"{stem}{'au' if preposition == 'à' else 'du'} {rest}"
        if (preposition != "à" and article in ("du", "des", "de")) or noun_phrase.startswith("de la "):
            # "de" absorbs the indefinite plural and the partitive: besoin de pain.
            return f"{preposition} {noun_phrase.removeprefix('de la ') if article == 'de' else rest}"
    return f"{preposition} {noun_phrase}"


@cache
def agree(adjective: Adjective, feminine: bool, plural: bool, following: str = "") -> str:
    """The form of an adjective: beau, bel (before a vowel), belle, beaux, belles."""
    if feminine:
        return adjective.feminine + ("s" if plural else "")
    if plural:
        return adjective.masculine_plural
    if following and starts_with_vowel(following):
        return adjective.before_vowel
    return adjective.masculine


def agree_participle(participle: str, feminine: bool, plural: bool) -> str:
    """The agreement of a past participle: vu, vue, vus, vues; mis, mise, mis, mises."""
    # Only the masculine singular of dû is told from du by its accent.
    stem = participle.replace("û", "u") if feminine or plural else participle
    word = stem + "e" if feminine else stem
    return word if not plural or word.endswith("s") else word + "s"


def _regular_present(infinitive: str) -> tuple[str, ...]:
    stem = infinitive[:-2]
    if infinitive.endswith("ir"):
        endings: tuple[str, ...] = ("is", "is", "it", "issons", "issez", "issent")
    elif infinitive.endswith("re"):
        endings = ("s", "s", "", "ons", "ez", "ent")
    else:
        return tuple(
            (_mute(stem) if ending in ("e", "es", "ent") else stem) + ending
            for ending in ("e", "es", "e", f"{_soft(stem)}ons", "ez", "ent")
        )
    return tuple(stem + ending for ending in endings)


def _soft(stem: str) -> str:
    # mangeons keeps its soft g; commençons is spelt in _spell.
    return "e" if stem.endswith("g") else ""


def _mute(stem: str) -> str:
    # Before a mute e: achet -> achèt, préfér -> préfèr, essay -> essai.
    if stem.endswith("y"):
        return stem[:-1] + "i"
    return re.sub(r"[eé]([^aeiouyéèh])$", r"è\1", stem) if not stem.endswith(("ll", "tt")) else stem


def _spell(form: str) -> str:
    # c and g stay soft before a and o: commençons, mangeais.
    return re.sub(r"c(?=ons$|ai)", "ç", form)


@cache
def conjugation(infinitive: str) -> dict[str, tuple[str, ...]]:
    """The simple tenses of a verb, six forms each: present, imperfect, future, conditional."""
    verb = FRENCH_VERBS.get(infinitive, FrenchVerb(infinitive, "avoir", "", "", ()))
    present = verb.present if len(verb.present) == 6 else tuple(map(_spell, _regular_present(infinitive)))
    if infinitive == "pleuvoir":
        past_stem = "pleuv"
    else:
        past_stem = "ét" if infinitive == "être" else present[3].removesuffix("ons")
    hard = past_stem.rstrip("e") if past_stem.endswith("ge") else past_stem.replace("ç", "c")
    stems = (past_stem, past_stem, past_stem, hard, hard, past_stem)
    future = verb.future
    if not future and infinitive.endswith("er"):
        # The future keeps é (préférerai) and takes è or i (achèterai, nettoierai).
        stem = infinitive[:-2]
        future = (stem if "é" in stem[-2:-1] else _mute(stem)) + "er"
    future = future or infinitive.removesuffix("e")
    return {
        "present": present,
        "imperfect": tuple(stem + ending for stem, ending in zip(stems, _IMPERFECT, strict=True)),
        "future": tuple(future + ending for ending in _FUTURE),
        "conditional": tuple(future + ending for ending in _IMPERFECT),
    }


@cache
def past_participle(infinitive: str) -> str:
    """The past participle, masculine singular: mangé, fini, vendu, mis."""
    verb = FRENCH_VERBS.get(infinitive)
    if verb and verb.participle:
        return verb.participle
    return infinitive[:-2] + {"er": "é", "ir": "i", "re": "u"}[infinitive[-2:]]


def reflexive_pronoun(person: int, plural: bool) -> str:
    """The pronoun of se lever for a subject: je me, vous vous, ils se."""
    return _REFLEXIVE[(person - 1) + 3 * (plural or person == 2)]


@cache
def verb_group(
    infinitive: str,
    tense: str,
    person: int,
    plural: bool,
    feminine: bool,
    negation: str = "",
    clitic: str = "",
    adverb: str = "",
    reflexive: bool = False,
    agreement: tuple[bool, bool] | None = None,
) -> str:
    """The verb with all that clings to it: n'ai pas mangé, les ai vus, me suis levé.

    Args:
        infinitive: Which verb, without se.
        tense: present, imperfect, future, conditional, perfect, pluperfect or near (aller + infinitive).
        person: Of the subject: 1, 2 or 3.
        plural: Of the subject.
        feminine: Of the subject: participles said with être agree with it.
        negation: The second half of ne ... pas, or nothing.
        clitic: An object pronoun before the verb.
        adverb: Stands after the finite verb: il a souvent mangé.
        reflexive: Whether the verb is said with se.
        agreement: Feminine and plural of a direct object that stands before the verb.
    """
    index = (person - 1) + 3 * (plural or person == 2)
    clitic = reflexive_pronoun(person, plural) if reflexive else clitic
    if tense == "near":
        finite, rest = conjugation("aller")["present"][index], f"{clitic} {infinitive}" if clitic else infinitive
        clitic = ""
    elif tense in _COMPOUND:
        known = FRENCH_VERBS.get(infinitive)
        auxiliary = "être" if reflexive or (known and known.auxiliary == "être") else "avoir"
        finite = conjugation(auxiliary)[_COMPOUND[tense]][index]
        by = (feminine, plural) if auxiliary == "être" else agreement or (False, False)
        rest = agree_participle(past_participle(infinitive), *by)
    else:
        finite, rest = conjugation(infinitive)[tense][index], ""
    words = ("ne" if negation else "", clitic, finite, negation, adverb, rest)
    return elide(" ".join(word for word in words if word))
