"""SacreBLEU's metrics, set up for a language."""

import pytest

from seq2seq.errors import ConfigError
from seq2seq.sacrebleu_metrics import bleu_metric, ter_metric


@pytest.mark.parametrize(("lowercase", "expected"), [(True, 100), (False, 0)])
def test_case_counts_unless_it_is_ignored(lowercase, expected):
    metric = bleu_metric(lowercase, "13a")
    assert metric.corpus_score(["UN CHAT DORT ICI"], [["un chat dort ici"]]).score == pytest.approx(expected)


def test_unknown_tokenizer_is_refused_with_those_that_there_are():
    with pytest.raises(ConfigError, match=r"sacreBLEU has no tokenizer 'moses': it has .*13a"):
        bleu_metric(False, "moses")


@pytest.mark.parametrize(
    ("language", "hypothesis", "reference", "expected"),
    [
        ("fr", "un chat noir dort", "un chat blanc dort", 25),
        ("", "un chat noir dort", "un chat blanc dort", 25),
        ("zh", "他没有跑", "他没有来", 25),
        ("ja", "私は行く", "私は来く", 25),
        ("th", "กขคง", "กขคจ", 25),
    ],
)
def test_ter_counts_words_or_the_characters_of_a_language_without_spaces(language, hypothesis, reference, expected):
    assert ter_metric(language).corpus_score([hypothesis], [[reference]]).score == pytest.approx(expected)


def test_signature_says_where_characters_were_parted():
    metric = ter_metric("th")
    metric.corpus_score(["กข"], [["กข"]])
    assert "char+" in str(metric.get_signature())
