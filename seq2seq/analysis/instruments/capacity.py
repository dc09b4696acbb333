"""How many words fit? Exact translations by length, and the length at which half of them are still exact."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from seq2seq.analysis.buckets import length_buckets
from seq2seq.analysis.drawing import Curve, blank, picture, plot
from seq2seq.analysis.section import Analysis, Figures, Section, Table, comparison_table
from seq2seq.analysis.statistics import Estimate, against_first, bootstrap, estimate
from seq2seq.analysis.subject import Subject
from seq2seq.analysis.words import words
from seq2seq.data.cleaning import Cleaner
from seq2seq.evaluation import evaluate


def measure(subject: Subject) -> Figures:
    """Which translations are exact, and BLEU, by source length in words."""
    sources, references = subject.sentences
    normalise = Cleaner(subject.translator.cleaning).normalise
    pairs = list(zip(subject.hypotheses, references, strict=True))
    lengths = np.array([len(words(source)) for source in sources])
    exact = np.array([normalise(hypothesis) == normalise(reference) for hypothesis, reference in pairs])
    buckets = []
    for low, high in length_buckets(lengths):
        members = np.flatnonzero((lengths >= low) & (lengths <= high))
        ours, truth = ([pairs[i][side] for i in members] for side in (0, 1))
        bleu = evaluate(ours, truth, tokenize=subject.bleu_tokenizer, resamples=0, metrics=("BLEU",)).scores[0]
        buckets.append(
            {
                "words": [low, high],
                "middle": float(lengths[members].mean()),
                "sentences": len(members),
                "exact": estimate(exact[members])._asdict(),
                "bleu": bleu.value,
                "signature": bleu.signature,
            }
        )
    return {
        "numbers": int(subject.model.encoder.size),
        "attention": subject.model.decoder.attention is not None,
        "buckets": buckets,
        "exact": estimate(exact)._asdict(),
        "exact_by_sentence": exact.astype(int).tolist(),
        "capacity": capacity(lengths, exact)._asdict(),
        "longest": int(lengths.max()),
    }


def capacity(lengths: np.ndarray, exact: np.ndarray) -> Estimate:
    """The length k for which 'right up to k, wrong beyond' is wrong about the fewest sentences; 0 for none.

    That is where the best falling curve of exact matches over length is last at or above one half: no width of buckets
    is to be chosen, and a lucky long sentence does not move it.

    Args:
        lengths: the length of each source, (sentences,).
        exact: whether their translations are right, (sentences,).
    """

    def longest(chosen: np.ndarray) -> float:
        known, index = np.unique(lengths[chosen], return_inverse=True)
        balance = np.bincount(index, np.where(exact[chosen], 1, -1)).cumsum()
        return float(known[np.flatnonzero(balance == balance.max()).max()]) if balance.max() >= 0 else 0.0

    return bootstrap(longest, len(lengths))


def present(results: Mapping[str, Figures]) -> Section:
    """Exact matches and BLEU over length, and capacity against the numbers in h(T)."""
    section = Section(findings=[_finding(run, figures) for run, figures in results.items()])
    rows = [
        [run, f"{figures['numbers']}", f"{100 * figures['exact']['mean']:.1f} %", _words(figures)]
        for run, figures in results.items()
    ]
    header = ["run", "numbers in h(T)", "exact translations", "capacity, words (95 %)"]
    section.tables.append(Table("Half of the translations are exact up to this length", header, rows))
    if len(results) > 1:
        exact = {run: figures["exact_by_sentence"] for run, figures in results.items()}
        values = {run: Estimate(**figures["exact"]) for run, figures in results.items()}
        caption = "Exact translations, all lengths together"
        section.tables.append(comparison_table(caption, "share", values, against_first(exact)))
    signature = next(iter(results.values()))["buckets"][0]["signature"]
    section.findings.append(f"BLEU: {signature}; greedy search.")
    section.pictures.append(_draw(results))
    if len({figures["numbers"] for figures in results.values()}) > 1:
        section.pictures.append(_draw_sizes(results))
    return section


def _finding(run: str, figures: Figures) -> str:
    share = figures["exact"]["mean"]
    fits = figures["capacity"]
    numbers = figures["numbers"]
    if not fits["mean"]:
        return (
            f"{run}: {100 * share:.0f} % of the translations are the reference to the letter, and at no length half of "
            "them. Capacity is for text with one right translation, such as the phrasebook's or made-up text; natural "
            "text has many. Look at BLEU by length instead, under 'Quality and length'."
        )
    text = (
        f"{run}: at least half of the translations are exact up to {fits['mean']:.0f} words ({fits['low']:.0f} to "
        f"{fits['high']:.0f})"
    )
    if fits["mean"] == figures["longest"]:
        text += ", and no sentence is longer"
    if figures["attention"]:
        return f"{text}. The attention decoder sees all states, so this is no limit of h(T)."
    return f"{text}: what this run gets through its {numbers} numbers, trained as it is."


def _words(figures: Figures) -> str:
    fits = figures["capacity"]
    if not fits["mean"]:
        return "none"
    least = "at least " if fits["mean"] == figures["longest"] else ""
    return f"{least}{fits['mean']:.0f} ({fits['low']:.0f} to {fits['high']:.0f})"


def _draw(results: Mapping[str, Figures]) -> Any:
    figure, axes = blank(columns=2)
    exact, bleu = {}, {}
    for run, figures in results.items():
        buckets = figures["buckets"]
        middles = [bucket["middle"] for bucket in buckets]
        y, low, high = ([100 * bucket["exact"][key] for bucket in buckets] for key in ("mean", "low", "high"))
        exact[run] = Curve(middles, y, low, high)
        bleu[run] = Curve(middles, [bucket["bleu"] for bucket in buckets])
    plot(axes[0], exact, "source words", "exact translations, %")
    plot(axes[1], bleu, "source words", "BLEU")
    axes[0].axhline(50, color="black", linewidth=0.8, linestyle=":")
    for panel in axes:
        panel.set_ylim(-2, 102)
    caption = (
        "Translations that are the reference to the letter, with 95 % bootstrap bands, and BLEU, by source length."
    )
    return picture("capacity", caption, figure)


def _draw_sizes(results: Mapping[str, Figures]) -> Any:
    figure, axes = blank()
    for run, figures in results.items():
        fits = figures["capacity"]
        spread = [[fits["mean"] - fits["low"]], [fits["high"] - fits["mean"]]]
        marker = "^" if fits["mean"] == figures["longest"] else "o"
        axes.errorbar(figures["numbers"], fits["mean"], np.maximum(spread, 0), fmt=marker, capsize=3, label=run)
    sizes = sorted({figures["numbers"] for figures in results.values()})
    axes.set_xscale("log", base=2)
    axes.set_xticks(sizes, [f"{size}" for size in sizes])
    axes.set_xlabel("numbers in h(T)")
    axes.set_ylabel("capacity, source words")
    axes.set_ylim(bottom=0)
    axes.grid(alpha=0.3)
    axes.legend(fontsize="small")
    caption = "How many words fit, by the size of h(T), with 95 % intervals; a triangle: at least so many."
    return picture("capacity_by_size", caption, figure)


ANALYSIS = Analysis(
    "capacity",
    "Capacity",
    "How many words fit?",
    "A vector of fixed size cannot hold a sentence of any length. Where a text has one right translation, as in the "
    "phrasebook, we can count: a translation is exact or it is not. Capacity is the length up to which at least half "
    "of the translations are exact. It grows with the numbers in h(T), with training, and with how predictable the "
    "text is, since what can be guessed takes no room. Compare runs of different size on the same test set.",
    "Collins et al. 2017 (arXiv:1611.09913) on bits a parameter; Jelassi et al. 2024 (arXiv:2402.01032), section 3, on "
    "copying with a state of fixed size.",
    measure,
    present,
    seconds=0.1,
)
