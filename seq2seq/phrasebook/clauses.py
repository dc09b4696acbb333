"""Clauses in both languages: a subject, a verb group and what follows, as statement, question or relative clause."""

from typing import NamedTuple

from seq2seq.phrasebook import english, french
from seq2seq.phrasebook.lexicon import GROUPS, Verb
from seq2seq.phrasebook.nouns import NounPhrase

# English forms of the verb group and the tense of their French counterpart. Three of them say in English something else
# than in French: "prospect" is the present of "I will call when he comes" (quand il viendra), "hypothesis" the past of
# "if I were rich" (si j'étais riche), "since" the perfect of "I have lived here since 2009" (j'habite ici depuis 2009).
FORMS = {
    "present": "present",
    "progressive": "present",
    "past": "perfect",
    "past progressive": "imperfect",
    "used to": "imperfect",
    "perfect": "perfect",
    "pluperfect": "pluperfect",
    "future": "future",
    "going to": "near",
    "conditional": "conditional",
    "since": "present",
    "prospect": "future",
    "hypothesis": "imperfect",
}
NEGATIONS = {"": "", "not": "pas", "never": "jamais", "no longer": "plus", "nothing": "rien"}
_NOT = ("not", "nothing")


class VerbGroup(NamedTuple):
    """What the verb of a clause is and how it is said.

    Attributes:
        verb: What happens.
        form: One of `FORMS`.
        negation: One of `NEGATIONS`.
        adverb: English and French of an adverb inside the group: often, already. The English may be empty where it
            stands after the verb: il chante bien.
        helper: A verb that governs it: can, want to, try to.
    """

    verb: Verb
    form: str
    negation: str = ""
    adverb: tuple[str, str] = ("", "")
    helper: Verb | None = None


class Clitic(NamedTuple):
    """An object pronoun: where English has it, what French puts before the verb, and the agreement it brings."""

    english: str
    french: str
    agreement: tuple[bool, bool] | None = None


class Clause(NamedTuple):
    """A clause without capital or full stop."""

    english: str
    french: str
    subject: NounPhrase
    tense: str
    negative: bool


NO_CLITIC = Clitic("", "")


def join(*words: str) -> str:
    """The words with one space between them, leaving out the empty ones."""
    return " ".join([word for word in words if word])


def french_tense(group: VerbGroup) -> str:
    """The French tense of the finite verb: the simple past of states is the imparfait, of events the passé composé."""
    head = group.helper or group.verb
    if group.form == "past" and "state" in head.flags:
        return "imperfect"
    return FORMS[group.form]


def english_parts(subject: NounPhrase, group: VerbGroup, question: bool = False) -> tuple[str, str]:
    """The auxiliary, which a question puts before the subject, and the rest of the verb group."""
    head = group.helper or group.verb
    emphatic = question or group.negation in _NOT
    auxiliary, main = english.verb_group(head, group.form, subject.person, subject.plural, emphatic)
    if group.helper:
        main = join(main, group.helper.particle, group.verb.english)
    # "nothing" is written "not ... anything": its second half is the object.
    negation = "not" if group.negation == "nothing" else group.negation
    if negation == "not" and auxiliary == "can":
        auxiliary, negation = "cannot", ""
    return auxiliary, join(negation, group.adverb[0], main, group.verb.particle)


def french_group(subject: NounPhrase, group: VerbGroup, clitic: Clitic = NO_CLITIC) -> str:
    """The French verb group with its negation and clitics, helpers included."""
    head = group.helper or group.verb
    plural = subject.plural and "impersonal" not in head.flags
    finite = french.verb_group(
        head.infinitive,
        french_tense(group),
        subject.person,
        plural,
        subject.feminine,
        NEGATIONS[group.negation],
        "" if group.helper else clitic.french,
        group.adverb[1],
        head.reflexive,
        None if group.helper else clitic.agreement,
    )
    if not group.helper:
        return finite
    verb = group.verb
    pronoun = french.reflexive_pronoun(subject.person, plural) if verb.reflexive else clitic.french
    return join(finite, group.helper.french_preposition, pronoun, verb.infinitive)


def clause(
    subject: NounPhrase, group: VerbGroup, tail: tuple[str, str] = ("", ""), clitic: Clitic = NO_CLITIC
) -> Clause:
    """A statement: I saw him yesterday / je l'ai vu hier.

    Args:
        subject: Who or what.
        group: The verb group.
        tail: English and French of all that follows the verb and its object pronoun.
        clitic: The object pronoun.
    """
    auxiliary, main = english_parts(subject, group)
    return Clause(
        join(subject.english, auxiliary, main, clitic.english, tail[0]),
        join(subject.french, french_group(subject, group, clitic), tail[1]),
        subject,
        french_tense(group),
        bool(group.negation),
    )


def question(
    subject: NounPhrase,
    group: VerbGroup,
    tail: tuple[str, str] = ("", ""),
    clitic: Clitic = NO_CLITIC,
    asked: tuple[str, str] = ("", ""),
) -> Clause:
    """A question, after the words asked for if there are any: where do you live / où est-ce que vous habitez."""
    auxiliary, main = english_parts(subject, group, question=True)
    verb_words = french_group(subject, group, clitic)
    return Clause(
        join(asked[0], auxiliary, subject.english, main, clitic.english, tail[0]),
        join(asked[1], "est-ce que", subject.french, verb_words, tail[1]),
        subject,
        french_tense(group),
        bool(group.negation),
    )


def object_relative(subject: NounPhrase, group: VerbGroup, antecedent: NounPhrase) -> tuple[str, str]:
    """A relative clause whose object is the antecedent: that I saw / que j'ai vue."""
    auxiliary, main = english_parts(subject, group)
    agreed = Clitic("", "", (antecedent.feminine, antecedent.plural))
    return (
        join("that", subject.english, auxiliary, main),
        join("que", subject.french, french_group(subject, group, agreed)),
    )


def subject_relative(antecedent: NounPhrase, group: VerbGroup, tail: tuple[str, str]) -> tuple[str, str]:
    """A relative clause whose subject is the antecedent: who works here / qui travaille ici."""
    auxiliary, main = english_parts(antecedent, group)
    human = antecedent.noun_class in GROUPS["human"]
    return (
        join("who" if human else "that", auxiliary, main, tail[0]),
        join("qui", french_group(antecedent, group), tail[1]),
    )
