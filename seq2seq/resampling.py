"""The bootstrap of sacreBLEU's scores (Koehn 2004), from its own statistics of each sentence, in little memory.

sacreBLEU draws all resamples at once, which takes 80 kB a sentence for 1,000 of them. Here they are drawn a few at a
time, by the same random numbers: scores, intervals and p-values are sacreBLEU's.
"""

import os
from collections.abc import Sequence
from typing import Any

import numpy as np
from tqdm.auto import tqdm

from seq2seq import ngram_counts
from seq2seq.errors import ConfigError

_BLOCK_SENTENCES = 4096  # whose counts are held as numbers at a time
_BLOCK_NGRAMS = 256  # sentences whose n-grams are counted together: what is sorted stays in the processor's cache
_BLOCK_DRAWS = 4_000_000  # sentences drawn in the resamples that are summed up together: 32 MB
_SILENT_SECONDS = 5.0  # a bar is shown for what takes longer


def seed() -> int | None:
    """sacreBLEU's: SACREBLEU_SEED, or 12345; none draws other resamples each time.

    Raises:
        ConfigError: SACREBLEU_SEED is something else.
    """
    given = os.environ.get("SACREBLEU_SEED", "12345").lower()
    if given == "none":
        return None
    if not given.isdecimal():
        raise ConfigError(f"SACREBLEU_SEED is a number from 0 up, or none: got {given!r}")
    return int(given)


def statistics(metric: Any, hypotheses: Sequence[str], references: Sequence[str]) -> np.ndarray:
    """What a metric counts in each sentence, (sentences, counts) float32; the sums decide the score.

    Args:
        metric: sacreBLEU's metric object.
        hypotheses: N translations to score.
        references: the human translation of each hypothesis' source.
    """
    count = {"BLEU": ngram_counts.word_statistics, "CHRF": ngram_counts.character_statistics}.get(type(metric).__name__)
    together = _BLOCK_SENTENCES if count is None else _BLOCK_NGRAMS
    rows: list[np.ndarray] = []
    metric.num_refs = 1  # which its signature tells
    bar = {"unit": "sentence", "delay": _SILENT_SECONDS, "leave": False}
    with tqdm(total=len(references), desc=f"counting for {type(metric).__name__}", **bar) as progress:
        for start in range(0, len(references), together):
            block = slice(start, start + together)
            if count:
                counted = count(metric, hypotheses[block], references[block])
            else:
                counted = metric._extract_corpus_statistics(hypotheses[block], [references[block]])
            rows.append(np.array(counted, np.float32))
            progress.update(len(counted))
    return np.concatenate(rows)


def total(counts: np.ndarray) -> list[float]:
    """The sums over all sentences, exact."""
    return [float(count) for count in counts.sum(axis=0, dtype=np.float64)]


def resampled_scores(counted: Sequence[tuple[Any, np.ndarray]], resamples: int) -> list[np.ndarray]:
    """Scores on the same resamples of the sentences, (resamples,) each: sacreBLEU draws the same ones for each metric.

    Args:
        counted: metrics of sacreBLEU, each with its `statistics` of a system, in the same order of sentences.
        resamples: how many are drawn.
    """
    sentences = len(counted[0][1])
    random = np.random.default_rng(seed())
    scores: list[list[float]] = [[] for _ in counted]
    together = max(1, _BLOCK_DRAWS // sentences)
    bar = {"unit": "resample", "delay": _SILENT_SECONDS, "leave": False}
    with tqdm(total=resamples, desc="resampling", **bar) as progress:
        for start in range(0, resamples, together):
            rows = range(min(together, resamples - start))
            drawn = (random.choice(sentences, size=sentences, replace=True) for _ in rows)
            times = np.stack([np.bincount(indices, minlength=sentences) for indices in drawn])
            for (metric, counts), results in zip(counted, scores, strict=True):
                # sacreBLEU sums up a resample, and computes most scores of it, in float32.
                sums = _sums(times, counts).astype(np.float32)
                results += [metric._compute_score_from_stats(row).score for row in sums]
            progress.update(len(rows))
    return [np.array(values) for values in scores]


def _sums(times: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """How often each sentence was drawn (resamples, sentences), times its counts: (resamples, counts), exact."""
    sums = np.zeros((len(times), counts.shape[1]))
    for start in range(0, len(counts), _BLOCK_SENTENCES):
        block = slice(start, start + _BLOCK_SENTENCES)
        sums += times[:, block].astype(np.float64) @ counts[block].astype(np.float64)
    return sums


def p_value(differences: np.ndarray, observed: float) -> float:
    """How often a resample moves the difference of two systems, around its mean, by more than the one observed."""
    moved = np.abs(differences) - np.abs(differences).mean()
    return float((np.sum(moved > observed) + 1) / (len(differences) + 1))
