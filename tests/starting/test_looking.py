import pytest

from seq2seq.errors import DataError
from seq2seq.settings.config import Corpus
from seq2seq.starting.looking import look

ENGLISH = "The man was in the house and she had not seen that he would be there with dog {}."
FRENCH = "L'homme était dans la maison et elle ne savait pas qu'il serait là avec le chien {}."
SWAHILI = "Mtu alikuwa nyumbani na hakuona kwamba angekuwa huko na mbwa {}."


@pytest.fixture
def corpus(tmp_path):
    """Writes two files and gives the corpus."""

    def write(source, target, names=("a.txt", "b.txt"), count=50):
        for name, text in zip(names, (source, target), strict=True):
            lines = [text.format(number) for number in range(count)]
            (tmp_path / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
        return Corpus(source=str(tmp_path / names[0]), target=str(tmp_path / names[1]))

    return write


def test_text_is_counted_and_its_languages_are_told(corpus):
    facts = look(corpus(ENGLISH, FRENCH), (None, None))
    assert facts.languages == ("en", "fr")
    assert (facts.read, facts.kept) == (50, 50)
    assert (facts.median, facts.longest, facts.limit) == (19, 19, 19)
    assert facts.words == 50 * len(FRENCH.split())
    assert facts.long_share == 0
    assert facts.shares_script


def test_long_sentences_are_counted(corpus):
    facts = look(corpus("a " * 30 + "{}", "b " * 40 + "{}"), ("en", "fr"))
    assert (facts.long_share, facts.median, facts.limit) == (1.0, 31, 41)


def test_the_name_of_a_file_says_what_the_text_does_not(corpus):
    assert look(corpus(ENGLISH, SWAHILI, ("train.en", "train.sw")), (None, None)).languages == ("en", "sw")
    with pytest.raises(DataError, match=r"cannot tell the language of .*b.txt, such as 'Mtu .*add --to and its tag"):
        look(corpus(ENGLISH, SWAHILI), (None, None))
    assert look(corpus(ENGLISH, SWAHILI), (None, "sw")).languages == ("en", "sw")


def test_the_text_is_believed_more_than_a_wrong_name(corpus):
    assert look(corpus(ENGLISH, FRENCH, ("train.fr", "train.en")), (None, None)).languages == ("en", "fr")


def test_a_wrong_tag_leaves_a_remark(corpus):
    facts = look(corpus(ENGLISH, FRENCH), ("en", "de"))
    assert "the target lines look like 'fr'" in facts.remarks[0]


def test_languages_of_different_scripts_share_none(corpus):
    assert not look(corpus("a cat {}", "кошка {}"), ("en", "ru")).shares_script


def test_text_of_which_nothing_is_left_is_refused(corpus):
    with pytest.raises(DataError, match="every pair was filtered out"):
        look(corpus(ENGLISH, ""), ("en", "fr"))
