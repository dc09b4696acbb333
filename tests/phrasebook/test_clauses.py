import pytest

from seq2seq.phrasebook import clauses, nouns
from seq2seq.phrasebook.clauses import Clitic, VerbGroup
from seq2seq.phrasebook.generate import phrase_of
from seq2seq.phrasebook.lexicon import ADJECTIVES, NOUNS, SITES, VERBS
from seq2seq.phrasebook.nouns import PRONOUNS, NounPhrase
from seq2seq.phrasebook.sentences import Sentence


def verb(english, frame):
    return next(verb for verb in VERBS if verb.english == english and verb.frame == frame)


def noun(english):
    return next(noun for noun in NOUNS if noun.english == english)


def pair(clause, question=False):
    phrase = phrase_of(Sentence(clause.english, clause.french, clause, question=question))
    return phrase.english, phrase.french


def test_i_am_a_man():
    man = nouns.noun_phrase(noun("man"), "a")
    clause = clauses.clause(PRONOUNS["I"], VerbGroup(verb("be", "be"), "present"), (man.english, man.french))
    assert pair(clause) == ("I am a man.", "Je suis un homme.")


def test_i_went_to_nepal_in_2009_both_ways():
    place = nouns.site_of(next(site for site in SITES if site.english == "Nepal"))[1]
    clause = clauses.clause(PRONOUNS["I"], VerbGroup(verb("go", "go"), "past"), ("Nepal", place))
    last = clause._replace(english=f"{clause.english} in 2009", french=f"{clause.french} en 2009")
    first = clause._replace(english=f"in 2009, {clause.english}", french=f"en 2009, {clause.french}")
    assert pair(last) == ("I went to Nepal in 2009.", "Je suis allé au Népal en 2009.")
    assert pair(first) == ("In 2009, I went to Nepal.", "En 2009, je suis allé au Népal.")


def test_it_was_snowing():
    clause = clauses.clause(NounPhrase("it", "il"), VerbGroup(verb("snow", "weather"), "past progressive"))
    assert pair(clause) == ("It was snowing.", "Il neigeait.")


def test_he_said_that_the_president_was_a_great_man():
    great = next(adjective for adjective in ADJECTIVES if adjective.english == "great")
    man = nouns.noun_phrase(noun("man"), "a", False, (great,))
    president = nouns.noun_phrase(noun("president"), "the")
    told = clauses.clause(president, VerbGroup(verb("be", "be"), "past"), (man.english, man.french))
    clause = clauses.clause(
        PRONOUNS["he"], VerbGroup(verb("say", "that"), "past"), (f"that {told.english}", f"que {told.french}")
    )
    assert pair(clause) == (
        "He said that the president was a great man.",
        "Il a dit que le président était un grand homme.",
    )


HER = Clitic("her", "la", (True, False))
HELP = verb("help", "tr")


@pytest.mark.parametrize(
    ("group", "english", "french"),
    [
        (VerbGroup(HELP, "past"), "She helped her.", "Elle l'a aidée."),
        (VerbGroup(HELP, "past", "not"), "She did not help her.", "Elle ne l'a pas aidée."),
        (VerbGroup(HELP, "present", "never"), "She never helps her.", "Elle ne l'aide jamais."),
        (VerbGroup(HELP, "present", "no longer"), "She no longer helps her.", "Elle ne l'aide plus."),
        (VerbGroup(HELP, "future"), "She will help her.", "Elle l'aidera."),
        (VerbGroup(HELP, "going to"), "She is going to help her.", "Elle va l'aider."),
        (VerbGroup(HELP, "conditional", "not"), "She would not help her.", "Elle ne l'aiderait pas."),
        (VerbGroup(HELP, "used to"), "She used to help her.", "Elle l'aidait."),
        (
            VerbGroup(HELP, "pluperfect", adverb=("already", "déjà")),
            "She had already helped her.",
            "Elle l'avait déjà aidée.",
        ),
        (
            VerbGroup(HELP, "present", "not", helper=verb("can", "inf")),
            "She cannot help her.",
            "Elle ne peut pas l'aider.",
        ),
        (
            VerbGroup(HELP, "past", helper=verb("try", "inf")),
            "She tried to help her.",
            "Elle a essayé de l'aider.",
        ),
        (
            VerbGroup(HELP, "conditional", helper=verb("like", "inf")),
            "She would like to help her.",
            "Elle aimerait l'aider.",
        ),
    ],
)
def test_clitics_stand_before_the_french_verb_that_governs_them(group, english, french):
    assert pair(clauses.clause(PRONOUNS["she"], group, clitic=HER)) == (english, french)


def test_nothing_is_not_anything():
    group = VerbGroup(verb("see", "tr"), "past", "nothing")
    assert pair(clauses.clause(PRONOUNS["I"], group, ("anything", ""))) == (
        "I did not see anything.",
        "Je n'ai rien vu.",
    )


def test_questions():
    like = VerbGroup(verb("like", "tr"), "present")
    assert pair(clauses.question(PRONOUNS["you"], like, ("tea", "le thé")), True) == (
        "Do you like tea?",
        "Est-ce que vous aimez le thé ?",
    )
    live = VerbGroup(verb("live", "loc"), "present")
    assert pair(clauses.question(PRONOUNS["they"], live, asked=("where", "où")), True) == (
        "Where do they live?",
        "Où est-ce qu'ils habitent ?",
    )
    books = nouns.noun_phrase(noun("apple"), "how many", True)
    eat = VerbGroup(verb("eat", "tr"), "past")
    agreed = Clitic("", "", (True, True))
    asked = clauses.question(PRONOUNS["she"], eat, clitic=agreed, asked=(books.english, books.french))
    assert pair(asked, True) == ("How many apples did she eat?", "Combien de pommes est-ce qu'elle a mangées ?")


def test_there_is_keeps_a_singular_subject_in_french():
    there = NounPhrase("there", "il", plural=True)
    group = VerbGroup(verb("be", "there"), "present", "not")
    clause = clauses.clause(there, group, ("any cats", "de chats"), Clitic("", "y"))
    assert pair(clause) == ("There are not any cats.", "Il n'y a pas de chats.")


def test_relative_clauses():
    apples = nouns.noun_phrase(noun("apple"), "the", True)
    relative = clauses.object_relative(PRONOUNS["he"], VerbGroup(verb("eat", "tr"), "past"), apples)
    assert relative == ("that he ate", "que il a mangées")
    decided = VerbGroup(verb("eat", "tr"), "past", helper=verb("decide", "inf"))
    assert clauses.object_relative(PRONOUNS["he"], decided, apples)[1] == "que il a décidé de manger"
    teachers = nouns.noun_phrase(noun("teacher"), "the", True)
    works = clauses.subject_relative(teachers, VerbGroup(verb("work", "intr"), "present"), ("here", "ici"))
    assert works == ("who work here", "qui travaillent ici")


def test_since_is_the_present_in_french():
    clause = clauses.clause(
        PRONOUNS["I"], VerbGroup(verb("live", "loc"), "since"), ("here since 2009", "ici depuis 2009")
    )
    assert pair(clause) == ("I have lived here since 2009.", "J'habite ici depuis 2009.")


def test_states_take_the_imparfait_and_events_the_passe_compose():
    assert clauses.french_tense(VerbGroup(verb("know", "tr"), "past")) == "imperfect"
    assert clauses.french_tense(VerbGroup(verb("eat", "tr"), "past")) == "perfect"


def test_reflexive_verbs_keep_their_pronoun_under_a_helper():
    group = VerbGroup(verb("wake", "intr"), "present", helper=verb("must", "inf"))
    assert pair(clauses.clause(PRONOUNS["we"], group)) == ("We must wake up.", "Nous devons nous réveiller.")
