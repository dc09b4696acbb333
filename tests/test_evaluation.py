import json
import logging
import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sacrebleu.metrics import BLEU, CHRF, TER
from sacrebleu.significance import PairedTest

from seq2seq.errors import ConfigError, DataError
from seq2seq.evaluation import METRICS, Evaluation, Score, evaluate, published_bleu, published_form

WORDS = ["Un", "homme", "dort", "dans", "le", "grand", "parc", "avec", "son", "chien", "noir", "."]


def sentences(count, noise=0.0, seed=0):
    """Sentences of the same words whatever the noise: a share of them replaced."""
    text, errors = random.Random(seed), random.Random(f"{noise}")
    drawn = [[text.choice(WORDS) for _ in range(text.randint(5, 15))] for _ in range(count)]
    return [" ".join(errors.choice(WORDS) if errors.random() < noise else word for word in words) for words in drawn]


@pytest.fixture(scope="module")
def references():
    return sentences(200)


@pytest.fixture(scope="module")
def hypotheses():
    return sentences(200, noise=0.2)


def values(evaluation):
    return {score.name: score.value for score in evaluation.scores}


class TestScores:
    @pytest.mark.parametrize("lowercase", [False, True])
    @pytest.mark.parametrize("tokenize", ["13a", "intl", "none"])
    def test_equal_sacrebleu(self, hypotheses, references, lowercase, tokenize):
        metrics = [BLEU(lowercase=lowercase, tokenize=tokenize), CHRF(lowercase=lowercase), TER()]
        evaluation = evaluate(hypotheses, references, lowercase=lowercase, tokenize=tokenize, resamples=100)
        for score, metric in zip(evaluation.scores, metrics, strict=True):
            direct = metric.corpus_score(hypotheses, [references], n_bootstrap=100)
            assert (score.name, score.value) == (direct.name, direct.score)
            assert score.signature == str(metric.get_signature())
            assert (score.low + score.high) / 2 == pytest.approx(direct._mean, abs=1e-3)
            assert (score.high - score.low) / 2 == pytest.approx(direct._ci, abs=1e-3)

    def test_by_hand(self):
        evaluation = evaluate(["a b c d e"], ["a b c d f g"], resamples=0)
        brevity = 2.718281828459045 ** (1 - 6 / 5)
        assert values(evaluation)["BLEU"] == pytest.approx(100 * brevity * (4 / 5 * 3 / 4 * 2 / 3 * 1 / 2) ** 0.25)
        assert values(evaluation)["TER"] == pytest.approx(100 * 2 / 6)
        assert evaluation.length_ratio == pytest.approx(5 / 6)
        assert evaluation.sentences == 1

    def test_perfect_and_disjoint(self, references):
        assert values(evaluate(references, references, resamples=0)) == pytest.approx(
            {"BLEU": 100, "chrF2": 100, "TER": 0}
        )
        nothing = evaluate(["xyz"] * 200, references, resamples=0)
        assert values(nothing)["BLEU"] == values(nothing)["chrF2"] == 0
        assert values(nothing)["TER"] == 100

    def test_interval_holds_the_value(self, hypotheses, references):
        for score in evaluate(hypotheses, references, resamples=200).scores:
            assert score.low < score.value < score.high

    def test_intervals_of_percentages_end_at_100(self):
        same = [f"un chat dort sur le lit {number}" for number in range(30)]
        texts = [*same, "un chien"], [*same, "un cheval dort sous le pont"]
        bleu, chrf, ter = evaluate(*texts, resamples=50).scores
        assert bleu.high == chrf.high == 100
        assert ter.low >= 0
        assert evaluate(["a b c"] * 200, ["a"] * 200, resamples=20, metrics=["TER"]).scores[0].high > 100

    def test_no_resamples_no_interval(self, hypotheses, references):
        scores = evaluate(hypotheses, references, resamples=0).scores
        assert {(score.low, score.high) for score in scores} == {(None, None)}
        assert "bs:" not in scores[0].signature

    def test_are_the_same_every_time(self, hypotheses, references):
        first = evaluate(hypotheses, references, baseline=references, resamples=100)
        assert evaluate(hypotheses, references, baseline=references, resamples=100) == first

    def test_one_metric_alone_is_what_it_is_among_others(self, hypotheses, references):
        baseline = [*hypotheses[1:], hypotheses[0]]
        options = {"baseline": baseline, "resamples": 100}
        among = evaluate(hypotheses, references, **options)
        for index, metric in enumerate(METRICS):
            alone = evaluate(hypotheses, references, metrics=[metric], **options)
            assert alone.scores == among.scores[index : index + 1]
            assert alone.comparisons == among.comparisons[index : index + 1]

    def test_seed_is_sacrebleus(self, hypotheses, references, monkeypatch):
        first = evaluate(hypotheses, references, resamples=100)
        monkeypatch.setenv("SACREBLEU_SEED", "7")
        second = evaluate(hypotheses, references, resamples=100)
        assert "seed:12345" in first.scores[0].signature
        assert "seed:7" in second.scores[0].signature
        assert first.scores[0].low != second.scores[0].low

    def test_global_random_numbers_and_output_are_left_alone(self, references, capsys, caplog):
        tokenised = [f"{text} ." for text in references]
        random.seed(3)
        expected = random.random()
        random.seed(3)
        with caplog.at_level(logging.WARNING):
            evaluate(tokenised, references, baseline=tokenised, resamples=10)
        assert random.random() == expected
        assert capsys.readouterr() == ("", "")
        assert caplog.records == []

    @settings(deadline=None, max_examples=30)
    @given(
        st.lists(st.tuples(st.text(max_size=20), st.text(max_size=20), st.text(max_size=20)), min_size=1, max_size=4)
    )
    def test_any_text_is_scored(self, triples):
        hypotheses, references, baseline = zip(*triples, strict=True)
        evaluation = evaluate(hypotheses, references, baseline=baseline, resamples=2)
        json.dumps(evaluation.to_json(), allow_nan=False)
        assert evaluation.table()

    @pytest.mark.parametrize("texts", [[""], ["", ""], ["  ", "\n"]])
    def test_empty_sides_are_scored(self, texts):
        words = ["un chat"] * len(texts)
        assert values(evaluate(texts, words))["BLEU"] == 0
        assert values(evaluate(words, texts))["TER"] == 100
        assert values(evaluate(texts, texts))["TER"] == 0


class TestLanguage:
    def signature(self, language, line="他没有跑。", **options):
        evaluation = evaluate([line], [line], language=language, resamples=0, **options)
        return [score.signature for score in evaluation.scores]

    def test_decides_how_text_is_parted(self):
        assert "tok:zh" in self.signature("yue")[0]
        assert "tok:char" in self.signature("th")[0]
        assert "tok:13a" in self.signature("fr")[0]
        assert "tok:13a" in self.signature("")[0]

    def test_gives_way_to_a_named_tokenizer(self):
        assert "tok:char" in self.signature("zh", tokenize="char")[0]

    def test_ter_counts_the_characters_of_chinese_and_japanese(self):
        assert "norm:yes|punct:yes|asian:yes" in self.signature("ja")[2]
        assert values(evaluate(["他没有跑。"], ["他没有走。"], language="zh", resamples=0))["TER"] == pytest.approx(20)

    @pytest.mark.parametrize("language", ["th", "lo", "km", "my"])
    def test_ter_counts_the_characters_of_other_scripts_without_spaces(self, language):
        """As sacreBLEU does on text that is parted by its own tokenizer."""
        assert "tok:char+tercom" in self.signature(language)[2]
        truth, ours = "ฉันกินข้าว", "ฉันกินน้ำ"
        score = evaluate([ours, truth], [truth, truth], language=language, resamples=0).scores[2].value
        parted = evaluate([" ".join(ours), " ".join(truth)], [" ".join(truth)] * 2, resamples=0).scores[2].value
        assert score == parted
        assert 0 < score < 50

    def test_bleu_of_chinese_is_between_nothing_and_all(self):
        assert (
            20 < values(evaluate(["他昨天没有跑步。"], ["他昨天没有走步。"], language="zh", resamples=0))["BLEU"] < 80
        )

    def test_missing_tokenizer_of_japanese_is_noted(self, monkeypatch):
        monkeypatch.setattr("seq2seq.bleu_tokens.find_spec", lambda package: None)
        notes = evaluate(["走る"], ["走る"], language="ja", resamples=0).notes
        assert "pip install 'seq2seq[ja]'" in notes[0]


class TestPublished:
    def test_form(self):
        assert published_form("D’où vient l’“Été” — là… ?") == "d' où vient l' \" été \" - là ... ?"

    def test_ignores_case_punctuation_style_and_tokenisation(self):
        score = published_bleu(['L\'Homme dit : "non".'], ["l’homme dit : « non » ."], resamples=10)
        assert score.value == pytest.approx(100)
        assert score.name == "BLEU, as published"
        expected = "nrefs:1|bs:10|seed:12345|case:lc|eff:no|tok:13a+elisions|punct:normalised|smooth:exp|version:"
        assert score.signature.startswith(expected)
        assert score.low <= score.high

    def test_lengths_are_checked(self):
        with pytest.raises(DataError, match="1 hypotheses and 2 references do not match"):
            published_bleu(["a"], ["a", "b"])


class TestComparison:
    def test_a_baseline_equal_to_the_system_is_not_significant(self, hypotheses, references):
        for comparison in evaluate(hypotheses, references, baseline=list(hypotheses), resamples=100).comparisons:
            assert comparison.difference == 0
            assert comparison.p_value == 1
            assert comparison.system == comparison.baseline

    def test_a_clearly_worse_baseline_is_significant(self, hypotheses, references):
        worse = sentences(200, noise=0.5)
        evaluation = evaluate(hypotheses, references, baseline=worse, resamples=500)
        assert [comparison.metric for comparison in evaluation.comparisons] == ["BLEU", "chrF2", "TER"]
        assert [comparison.difference > 0 for comparison in evaluation.comparisons] == [True, True, False]
        for comparison in evaluation.comparisons:
            assert comparison.p_value < 0.01
            assert comparison.difference == comparison.system - comparison.baseline
            assert "bs:500" in comparison.signature

    def test_a_like_baseline_is_not_significant(self, hypotheses, references):
        alike = sentences(200, noise=0.2000001)
        evaluation = evaluate(hypotheses, references, baseline=alike, resamples=500)
        assert all(comparison.p_value > 0.05 for comparison in evaluation.comparisons)

    @pytest.mark.parametrize(("differing", "least"), [(1, 1.0), (2, 0.5), (5, 0.0625)])
    def test_few_differing_sentences_are_not_significant(self, references, differing, least):
        hypotheses = [*["xyz"] * differing, *references[differing:]]
        for comparison in evaluate(hypotheses, references, baseline=references, resamples=100).comparisons:
            assert comparison.difference != 0
            assert comparison.p_value >= least

    def test_is_sacrebleus_and_says_so(self, hypotheses, references):
        worse = sentences(200, noise=0.22)
        ours = evaluate(hypotheses, references, baseline=worse, resamples=200).comparisons[0]
        systems = [("system", hypotheses), ("baseline", worse)]
        signatures, results = PairedTest(systems, {"BLEU": BLEU()}, [references], test_type="bs", n_samples=200)()
        assert ours.p_value == results["BLEU"][1].p_value
        assert ours.signature == str(signatures["BLEU"])

    def test_intervals_and_p_values_are_sacrebleus_for_every_metric(self, hypotheses, references, monkeypatch):
        """Resampling in little memory draws the same sentences: nothing differs, not even in the last digit."""
        monkeypatch.setattr("seq2seq.resampling._BLOCK_SENTENCES", 7)
        monkeypatch.setattr("seq2seq.resampling._BLOCK_DRAWS", 1500)
        alike = sentences(200, noise=0.205)
        ours = evaluate(hypotheses, references, baseline=alike, resamples=150)
        systems, metrics = (
            [("system", hypotheses), ("baseline", alike)],
            {"BLEU": BLEU(), "chrF2": CHRF(), "TER": TER()},
        )
        signatures, results = PairedTest(systems, metrics, [references], test_type="bs", n_samples=150)()
        for score, comparison in zip(ours.scores, ours.comparisons, strict=True):
            theirs, baseline = results[score.name]
            assert (score.value, comparison.baseline) == (theirs.score, baseline.score)
            assert (score.low, score.high) == (float(theirs.mean) - theirs.ci, float(theirs.mean) + theirs.ci)
            assert comparison.p_value == baseline.p_value
            assert score.signature == comparison.signature == str(signatures[score.name])

    def test_scores_are_the_same_with_and_without_a_baseline(self, hypotheses, references):
        alone = evaluate(hypotheses, references, resamples=100)
        paired = evaluate(hypotheses, references, baseline=references, resamples=100)
        for one, other in zip(alone.scores, paired.scores, strict=True):
            assert (one.name, one.value, one.signature) == (other.name, other.value, other.signature)
            assert (one.low, one.high) == pytest.approx((other.low, other.high), abs=1e-3)


class TestErrors:
    def raises(self, error, message):
        return pytest.raises(error, match=re.escape(message))

    def test_different_lengths(self):
        message = "999 hypotheses and 1,000 references do not match: give one for each reference, an empty one where"
        with self.raises(DataError, message):
            evaluate(["a"] * 999, ["a"] * 1000)
        with self.raises(DataError, "2 baseline translations and 1 references do not match: give one for each"):
            evaluate(["a"], ["a"], baseline=["a", "b"])

    def test_nothing_to_score(self):
        with self.raises(DataError, "there is nothing to score: got 0 hypotheses and 0 references; check the files"):
            evaluate([], [])

    def test_what_is_no_language(self):
        with self.raises(ConfigError, "'zh_?' is not a language tag (BCP 47), such as en, pt-BR or zh-Hant"):
            evaluate(["a"], ["a"], language="zh_?")

    @pytest.mark.parametrize("seed", ["-1", "seven", ""])
    def test_seed(self, monkeypatch, seed):
        monkeypatch.setenv("SACREBLEU_SEED", seed)
        with self.raises(ConfigError, f"SACREBLEU_SEED is a number from 0 up, or none: got {seed!r}"):
            evaluate(["a"], ["a"])

    def test_unknown_tokenizer(self):
        with self.raises(ConfigError, "sacreBLEU has no tokenizer 'moses': it has none, zh, 13a, intl, char,"):
            evaluate(["a"], ["a"], tokenize="moses")

    @pytest.mark.parametrize("metrics", [[], ["BLEU", "METEOR"], "BLEU", 5, None, [5], [["BLEU"]]])
    def test_unknown_metric(self, metrics):
        with self.raises(ConfigError, f"metrics are some of ['BLEU', 'chrF2', 'TER'], received {metrics!r}"):
            evaluate(["a"], ["a"], metrics=metrics)

    @pytest.mark.parametrize("name", ["tokenize", "language", "lowercase", "resamples"])
    @pytest.mark.parametrize("value", [5.5, b"fr", ["fr"]])
    def test_option_of_another_kind(self, name, value):
        with pytest.raises(ConfigError, match=rf"{name} is .*, received {re.escape(repr(value))} \("):
            evaluate(["a"], ["a"], **{name: value})

    def test_tokenizer_without_its_package(self, monkeypatch):
        def absent(*args, **kwargs):
            raise RuntimeError("\nPlease install\n\n    mecab\n")

        monkeypatch.setattr("sacrebleu.metrics.BLEU.__init__", absent)
        with self.raises(ConfigError, "sacreBLEU's tokenizer 'ja-mecab' does not load: Please install mecab"):
            evaluate(["a"], ["a"], tokenize="ja-mecab")

    @pytest.mark.parametrize("resamples", [-1, 1.5, True, "3", None, 10**9])
    def test_resamples(self, resamples):
        for score in (evaluate, published_bleu):
            with self.raises(ConfigError, f"resamples is a whole number from 0 to 1,000,000, received {resamples!r}"):
                score(["a"], ["a"], resamples=resamples)

    def test_baseline_without_resamples(self):
        with self.raises(ConfigError, "resamples is at least 1 with a baseline, received 0: without them there is no"):
            evaluate(["a"], ["a"], baseline=["a"], resamples=0)


class TestNotes:
    def notes(self, hypotheses, references, **options):
        return evaluate(hypotheses, references, resamples=0, **options).notes

    def test_sound_data_has_none(self, references):
        assert self.notes(sentences(200, noise=0.2), references) == ()

    @pytest.mark.parametrize(
        ("hypothesis", "reference", "note"),
        [
            ("Un chat .", "Un chat.", '100 of 100 hypotheses end in " .": detokenise them before scoring'),
            (
                "un chat",
                "Un chat",
                "the references have capital letters and the hypotheses none: compare lowe",
            ),
            (
                "L'eau",
                "L’eau",
                "mostly plain (') in the hypotheses and typographic (’) in the references, which",
            ),
            (
                "“Eau”",
                '"Eau"',
                "mostly typographic (’) in the hypotheses and plain (') in the references, which",
            ),
        ],
    )
    def test_what_looks_wrong_is_noted(self, hypothesis, reference, note):
        numbers = [f"{number} et puis encore " for number in range(100)]
        notes = self.notes([n + hypothesis for n in numbers], [n + reference for n in numbers])
        assert len(notes) == 1
        assert note in notes[0]

    def test_empty_hypotheses(self, references):
        assert self.notes([*references[:180], *[""] * 20], references) == ()
        assert self.notes([*references[:179], *[" "] * 21], references) == ("21 of 200 hypotheses are empty",)
        assert self.notes([""] * 200, references) == ("200 of 200 hypotheses are empty",)

    def test_equal_hypotheses(self, references):
        said = '200 of 200 translations are the same: "Un chien": the system hardly uses its source'
        assert self.notes(["Un chien"] * 200, references) == (said,)

    def test_empty_baseline(self, references):
        notes = evaluate(references, references, baseline=[""] * 200, resamples=1, metrics=["BLEU"]).notes
        assert notes == ("of the baseline, 200 of 200 translations are empty",)

    def test_rows_of_dots(self, references):
        notes = self.notes([". " * (3 + n % 5) + "." for n in range(200)], references)
        assert "200 of 200 translations are one word or sign again and again" in notes[0]
        assert "detokenise" not in "".join(notes)

    @pytest.mark.parametrize("line", ["他{0}没有{0}跑。", "彼は{0}走らなかった。", "เขาไม่{0}เคยวิ่ง"])
    def test_text_without_spaces_scored_by_spaces(self, line):
        texts = [line.format(chr(0x4E00 + n)) for n in range(100)]
        shifted = [*texts[1:], texts[0]]
        assert (
            "the references have no spaces, so that BLEU by 13a takes a line for a word"
            in self.notes(shifted, texts)[0]
        )
        assert self.notes(shifted, texts, tokenize="char") == ()

    def test_bleu_near_zero(self):
        notes = self.notes([f"a{n} b c d e" for n in range(100)], [f"v w x y z{n}" for n in range(100)])
        assert notes == ("BLEU is near 0, where it cannot tell systems apart: look at chrF2 and at the translations",)

    def test_few_sentences(self):
        assert self.notes(["Un chat"], ["Un chat"]) == (
            "only 1 sentence: intervals and p-values mean little under 100",
        )

    def test_tokenised_references_expect_tokenised_hypotheses(self):
        texts = [f"Un chat {number} ." for number in range(100)]
        assert self.notes(texts, texts) == ()

    def test_case_is_no_matter_where_it_is_ignored(self, references):
        lowered = [text.lower() for text in references]
        assert self.notes(lowered, references, lowercase=True) == ()


class TestOutput:
    EVALUATION = Evaluation((Score("BLEU", 30.526, "nrefs:1", 29.3, 31.749), Score("TER", 5.0, "nrefs:1")), 0.9, 1014)

    def test_table_without_a_baseline(self):
        assert self.EVALUATION.table().split("\n") == [
            "metric  score  95 % interval   signature",
            "BLEU    30.53  29.30 to 31.75  nrefs:1",
            "TER     5.00                   nrefs:1",
            "1,014 sentences, length ratio 0.900",
        ]

    def test_table_with_a_baseline_and_notes(self, hypotheses, references):
        evaluation = evaluate(hypotheses[:2], references[:2], baseline=hypotheses[:2], resamples=2)
        lines = evaluation.table().split("\n")
        assert lines[5] == "metric  system  baseline  difference  p-value"
        assert re.fullmatch(r"BLEU    \d\d\.\d\d   \d\d\.\d\d     \+0\.00       1\.0000", lines[6])
        assert lines[9] == "note: only 2 sentences: intervals and p-values mean little under 100"

    def test_json_is_plain_and_complete(self, hypotheses, references):
        evaluation = evaluate(hypotheses, references, baseline=references, resamples=10)
        plain = json.loads(json.dumps(evaluation.to_json()))
        assert plain == evaluation.to_json()
        assert list(plain) == ["scores", "length_ratio", "sentences", "comparisons", "notes"]
        assert list(plain["scores"][0]) == ["name", "value", "signature", "low", "high"]
        assert plain["scores"][0]["signature"] == evaluation.scores[0].signature
        assert plain["comparisons"][2]["p_value"] == evaluation.comparisons[2].p_value


def test_texts_may_come_one_by_one(references):
    listed = evaluate(references, references[::-1], resamples=0)
    assert evaluate(iter(references), reversed(references), resamples=0) == listed


@pytest.mark.parametrize("wrong", ["ab", b"ab", None, ["a", None], ["a", b"b"]])
def test_what_is_no_list_of_texts_is_refused(wrong):
    for texts in ((wrong, ["a", "b"]), (["a", "b"], wrong)):
        with pytest.raises(DataError, match=r"evaluate( takes a list of sentences|: item 1 is no text)"):
            evaluate(*texts, resamples=0)
    if wrong is not None:
        with pytest.raises(DataError, match="evaluate"):
            evaluate(["a", "b"], ["a", "b"], baseline=wrong)
