import pytest

from seq2seq.data.corpus import Pair
from seq2seq.data.inspection import first_pair, remarks, several_sentences
from seq2seq.settings.config import Corpus

ENGLISH = "The man was in the house and she had not seen that he would be there with his dog for a week."
FRENCH = "L'homme était dans la maison et elle ne savait pas qu'il serait là avec son chien pour une semaine."
ITALIAN = "L'uomo era nella casa e lei non sapeva che lui sarebbe stato lì con il suo cane per una settimana."
TABLE = Corpus(path="x.tsv")


def pairs(source, target, count=40):
    return [Pair(source, target, "x.tsv", number) for number in range(1, count + 1)]


def said(source, target, corpus=TABLE, languages=("en", "fr")):
    return list(remarks(corpus, pairs(source, target), languages))


def test_sound_text_needs_no_remark():
    assert said(ENGLISH, FRENCH) == []
    assert said(ENGLISH, FRENCH, Corpus(source="train.en", target="train.fr.gz")) == []
    assert said("x y", "y z", Corpus(source="corpus.src", target="corpus.v2.txt")) == []


def test_swapped_sides_are_said_once():
    (remark,) = said(FRENCH, ENGLISH, Corpus(source="train.fr", target="train.en"))
    assert remark == (
        "source and target seem to be swapped: the source lines look like 'fr', the target lines like 'en': exchange "
        "the two, or data.source_language and data.target_language"
    )


def test_another_language_is_said_with_the_setting():
    (remark,) = said(ENGLISH, ITALIAN)
    assert remark == (
        "the target lines look like 'it', but data.target_language is 'fr': look at the files or columns, or set "
        "data.target_language"
    )
    assert said(ENGLISH, ENGLISH) == [remark.replace("'it'", "'en'")]


@pytest.mark.parametrize("name", ["train.{}", "train.{}.gz", "{}.txt", "en-it_{}.v2.txt", "train-{}"])
@pytest.mark.parametrize("language", ["it", "ita", "italian", "IT"])
def test_a_name_of_another_language_is_said(name, language):
    corpus = Corpus(source=name.format("en"), target=name.format(language))
    (remark,) = said("a cat", "un gatto", corpus)
    assert remark == (
        f"the name of {corpus.target} speaks of 'it', but data.target_language is 'fr': set data.target_language"
    )


@pytest.mark.parametrize("names", [("train.src", "train.tgt"), ("a.txt", "b.txt"), ("news.en", "books.it"), ("x", "x")])
def test_names_without_languages_say_nothing(names):
    assert said("a cat", "un gatto", Corpus(source=names[0], target=names[1])) == []


def test_a_text_file_of_numbers_is_said():
    remark, *rest = said("17", "un chat", Corpus(source="ids.txt", target="x.txt"))
    assert remark == "ids.txt may hold no text: hardly any of its first rows has words, such as '17'"
    assert not rest


def test_another_script_is_said():
    (remark,) = said("Мужчина спит.", "Un homme dort.")
    assert remark == (
        "100 % of the source lines are not in Latn, the script of 'en': look at the columns and at data.source_language"
    )


def test_carriage_returns_inside_lines_are_said():
    (remark,) = said("a.\rb.\rc.", "x y")
    assert remark == (
        "40 of 40 source lines hold carriage returns, which do not end a line here: convert them, for instance: "
        r"tr '\r' '\n'"
    )


def test_several_sentences_in_a_line_are_counted():
    both = pairs("It rains.", "Il pleut.", 30) + [Pair("It rains. We stay.", "Il pleut. On reste.", "x", 31)] * 10
    assert several_sentences(both) == "25 % of the pairs hold several sentences (first: line 31)"
    assert several_sentences(pairs("It rains.", "Il pleut.")) == several_sentences([]) == ""


def test_the_first_pair_is_shown_on_a_line_each():
    shown = first_pair(Corpus(source="x.en", target="x.fr"), pairs("A\ncat", "Un chat " * 100), ("en", "fr"))
    first, source, target = shown.split("\n")
    assert (first, source) == ("x.en and x.fr, the first pair:", "  en: A cat")
    assert target.startswith("  fr: Un chat Un chat")
    assert target.endswith("...")
    assert len(target) < 100
    assert first_pair(TABLE, [], ("en", "fr")) == "x.tsv: no pair"
