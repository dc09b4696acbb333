import numpy as np
import pytest
from sacrebleu.metrics import BLEU, CHRF, TER

from seq2seq import resampling

TEXTS = [f"le chat {number} dort dans le jardin {number % 3}" for number in range(50)]
SHIFTED = [text if number % 3 else text[3:] for number, text in enumerate(TEXTS)]


@pytest.mark.parametrize("metric", [BLEU(), CHRF(), TER()])
def test_blocks_of_sentences_count_what_all_together_count(metric, monkeypatch):
    together = resampling.statistics(metric, SHIFTED, TEXTS)
    assert together.tolist() == metric._extract_corpus_statistics(SHIFTED, [TEXTS])
    for name in ("_BLOCK_SENTENCES", "_BLOCK_NGRAMS"):
        monkeypatch.setattr(resampling, name, 7)
    np.testing.assert_array_equal(resampling.statistics(metric, SHIFTED, TEXTS), together)
    assert resampling.total(together) == together.sum(axis=0).tolist()


def test_systems_are_scored_on_the_same_resamples():
    counts = resampling.statistics(BLEU(), SHIFTED, TEXTS)
    ours, same, other = resampling.resampled_scores([(BLEU(), counts), (BLEU(), counts), (BLEU(), counts[::-1])], 20)
    np.testing.assert_array_equal(ours, same)
    assert (ours != other).any()
    assert len(set(ours)) > 1


def test_seed_of_none_draws_anew(monkeypatch):
    monkeypatch.setenv("SACREBLEU_SEED", "None")
    assert resampling.seed() is None


def test_sums_stay_exact_where_float32_would_not():
    counts = np.full((3, 1), 2.0**24 - 1, np.float32)
    assert resampling.total(counts) == [3 * (2.0**24 - 1)]


def test_p_value_counts_the_resamples_that_move_further():
    differences = np.array([0.0, 2.0, -2.0, 4.0])
    assert resampling.p_value(differences, 1.5) == pytest.approx(2 / 5)
