"""How does quality fall with the length of the source?"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from seq2seq.analysis.buckets import length_buckets
from seq2seq.analysis.drawing import Curve, blank, picture, plot
from seq2seq.analysis.section import Analysis, Figures, Section, Table
from seq2seq.analysis.statistics import estimate
from seq2seq.analysis.subject import Subject
from seq2seq.analysis.words import function_words, recall, repeats, words
from seq2seq.evaluation import Score, evaluate

_TEXTS = 20_000  # training sentences whose words are counted, at most
_SEEN = 0.001  # of the training sentences: lengths that are rarer count as unseen
_DROP = 5.0  # BLEU points from the shortest to the longest bucket, from which a fall is reported
_LOW_BLEU = 5.0  # under this at all lengths, a fall of BLEU says nothing
_EXAMPLES = 5


def measure(subject: Subject) -> Figures:
    """BLEU, chrF and what goes wrong, for sentences of like lengths."""
    sources, references = subject.sentences
    lengths = np.array([len(words(source)) for source in sources])
    common = function_words(subject.training_texts(1, _TEXTS) or references)
    hypotheses = subject.hypotheses
    cut = [hypothesis.cut for hypothesis in subject.found]
    buckets = [
        {"words": [low, high], "middle": float(lengths[members].mean())}
        | _quality([hypotheses[i] for i in members], [references[i] for i in members], common, subject.bleu_tokenizer)
        | {"no_end": float(np.mean([cut[i] for i in members]))}
        for low, high in length_buckets(lengths)
        for members in [np.flatnonzero((lengths >= low) & (lengths <= high))]
    ]
    shown = np.argsort(lengths, kind="stable")[np.linspace(0, len(lengths) - 1, _EXAMPLES).astype(int)]
    trained = np.bincount([len(words(text)) for text in subject.training_texts(0, _TEXTS)], minlength=1)
    return {
        "buckets": buckets,
        "training_lengths": trained.tolist(),
        "longest_seen": _longest_seen(trained),
        "hypotheses": hypotheses,
        "references": references,
        "lengths": lengths.tolist(),
        "examples": [[sources[i], hypotheses[i], references[i]] for i in dict.fromkeys(shown.tolist())],
        "tokenize": subject.bleu_tokenizer,
        "attention": subject.model.decoder.attention is not None,
    }


def _quality(ours: Sequence[str], truth: Sequence[str], common: frozenset[str], tokenize: str) -> dict[str, Any]:
    evaluation = evaluate(ours, truth, tokenize=tokenize, metrics=("BLEU", "chrF2"))
    bleu, chrf = evaluation.scores
    recalled = [
        recall([word for word in words(reference) if word not in common], words(hypothesis))
        for hypothesis, reference in zip(ours, truth, strict=True)
    ]
    totals = np.array([total for _, total in recalled])
    shares = np.array([hits / total if total else np.nan for hits, total in recalled])
    return {
        "sentences": len(ours),
        "bleu": _score(bleu),
        "chrf": _score(chrf),
        "length_ratio": evaluation.length_ratio,
        "content_recall": estimate(shares, totals)._asdict(),
        "repetition": float(
            np.mean([repeats(text) and not repeats(reference) for text, reference in zip(ours, truth, strict=True)])
        ),
    }


def _score(score: Score) -> dict[str, Any]:
    return {"mean": score.value, "low": score.low, "high": score.high, "signature": score.signature}


def _longest_seen(trained: np.ndarray) -> int | None:
    """The longest length that is not rarer than one training sentence in a thousand; none without training data."""
    if trained.sum() <= trained[0]:
        return None
    shares = trained[::-1].cumsum()[::-1] / trained.sum()
    return int(np.flatnonzero(shares >= _SEEN).max())


_EXAMPLE = ["source", "translation", "reference"]


def present(results: Mapping[str, Figures]) -> Section:
    """Curves over length, with the training lengths under them."""
    section = Section()
    for run, figures in results.items():
        section.findings.append(_finding(run, figures))
        rows = [
            [
                _range(bucket),
                f"{bucket['sentences']:,}",
                f"{bucket['bleu']['mean']:.1f} ({bucket['bleu']['low']:.1f} to {bucket['bleu']['high']:.1f})",
                f"{bucket['chrf']['mean']:.1f}",
                f"{bucket['length_ratio']:.2f}",
                f"{100 * bucket['content_recall']['mean']:.0f} %",
                f"{100 * bucket['repetition']:.1f} %",
                f"{100 * bucket['no_end']:.1f} %",
            ]
            for bucket in figures["buckets"]
        ]
        header = ["source words", "n", "BLEU (95 %)", "chrF2", "length ratio", "content recall", "repeating", "no end"]
        section.tables.append(Table(f"{run}, by source length", header, rows))
    section.tables += [
        Table(f"{run}, examples from the shortest source to the longest", _EXAMPLE, figures["examples"])
        for run, figures in results.items()
    ]
    if len(results) > 1:
        section.tables.append(_compared(results))
    first = next(iter(results.values()))["buckets"][0]
    section.notes.append(f"{first['bleu']['signature']} and {first['chrf']['signature']}; greedy search.")
    section.pictures.append(_draw(results))
    return section


def _finding(run: str, figures: Figures) -> str:
    first, last = figures["buckets"][0], figures["buckets"][-1]
    fall = first["bleu"]["mean"] - last["bleu"]["mean"]
    text = (
        f"{run}: BLEU goes from {first['bleu']['mean']:.1f} at {_range(first)} words to {last['bleu']['mean']:.1f} at "
        f"{_range(last)}"
    )
    if max(bucket["bleu"]["mean"] for bucket in figures["buckets"]) < _LOW_BLEU:
        text += ": too low at all lengths to show a fall"
    elif fall > _DROP and first["bleu"]["low"] > last["bleu"]["high"]:
        text += _what_falls(first, last, figures["attention"])
    else:
        text += ": no large fall that these sentences can show"
    unseen = figures["longest_seen"]
    beyond = [bucket for bucket in figures["buckets"] if unseen is not None and bucket["words"][0] > unseen]
    return text + (f". Training hardly had sentences over {unseen} words." if beyond else ".")


def _what_falls(first: dict[str, Any], last: dict[str, Any], attention: bool) -> str:
    """Which part of quality goes with BLEU: words, or the length."""
    ratio = last["length_ratio"]
    lost = first["content_recall"]["mean"] - last["content_recall"]["mean"]
    recall = f", while content recall {'falls' if lost > 0 else 'rises'} by {100 * abs(lost):.0f} points"
    if ratio < 0.9:
        return f"{recall}, at a length ratio of {ratio:.2f}: text is lost"
    if ratio > 1.1:
        return f"{recall}, at a length ratio of {ratio:.2f}: it says too much, or says it twice"
    unchanged_length = f"{recall} and the length stays ({ratio:.2f})"
    if lost <= 0:
        return unchanged_length
    return f"{unchanged_length}: {'it' if attention else 'the summary'} loses words rather than the sentence its shape"


def _range(bucket: dict[str, Any]) -> str:
    low, high = bucket["words"]
    return f"{low}" if low == high else f"{low}-{high}"


def _compared(results: Mapping[str, Figures]) -> Table:
    """BLEU of each run in the buckets of the first one, with the paired bootstrap against it."""
    (name, first), *others = results.items()
    lengths = np.array(first["lengths"])
    rows = []
    for bucket in first["buckets"]:
        members = np.flatnonzero((lengths >= bucket["words"][0]) & (lengths <= bucket["words"][1]))
        row = [_range(bucket), f"{bucket['bleu']['mean']:.1f}"]
        for _, other in others:
            ours, theirs, truth = (
                [texts[i] for i in members] for texts in (other["hypotheses"], first["hypotheses"], first["references"])
            )
            compared = evaluate(
                ours, truth, baseline=theirs, tokenize=first["tokenize"], metrics=("BLEU",)
            ).comparisons[0]
            row.append(f"{compared.system:.1f} (p {compared.p_value:.3f})")
        rows.append(row)
    header = ["source words", name, *(run for run, _ in others)]
    return Table(f"BLEU by length, and p of the difference from {name} (paired bootstrap)", header, rows)


def _draw(results: Mapping[str, Figures]) -> Any:
    figure, axes = blank(rows=2, columns=2)
    middles = {run: [bucket["middle"] for bucket in figures["buckets"]] for run, figures in results.items()}

    def curves(key: str, scale: float = 1.0) -> dict[str, Curve]:
        drawn = {}
        for run, figures in results.items():
            values = [bucket[key] for bucket in figures["buckets"]]
            if isinstance(values[0], dict):
                y, low, high = ([scale * value[part] for value in values] for part in ("mean", "low", "high"))
                drawn[run] = Curve(middles[run], y, low, high)
            else:
                drawn[run] = Curve(middles[run], [scale * value for value in values])
        return drawn

    x = "source words"
    plot(axes[0, 0], curves("bleu"), x, "BLEU")
    plot(axes[0, 1], curves("content_recall", 100), x, "content words recalled, %")
    plot(axes[1, 0], curves("length_ratio"), x, "length ratio, translation / reference")
    axes[1, 0].axhline(1, color="black", linewidth=0.8)
    for panel, (bottom, top) in ((axes[0, 0], (0, 100)), (axes[0, 1], (0, 100)), (axes[1, 0], (0.5, 1.5))):
        low, high = panel.get_ylim()
        panel.set_ylim(min(low, bottom), max(high, top))  # or a difference in the third digit looks like a fall
    for index, (run, figures) in enumerate(results.items()):
        trained = np.array(figures["training_lengths"], float)
        axes[1, 1].step(
            range(len(trained)), 100 * trained / max(trained.sum(), 1), where="mid", color=f"C{index}", label=run
        )
    axes[1, 1].set_xlabel(x)
    axes[1, 1].set_ylabel("share of training sentences, %")
    axes[1, 1].grid(alpha=0.3)
    seen = [figures["longest_seen"] for figures in results.values() if figures["longest_seen"] is not None]
    longest = max(max(figures["lengths"]) for figures in results.values())
    caption = "Quality by source length, with 95 % bootstrap bands."
    for panel in axes.flat:
        panel.set_xlim(0, longest + 1)
    if seen and longest > max(seen):
        caption += " Grey: lengths that training hardly had."
        for panel in axes.flat:
            panel.axvspan(max(seen) + 0.5, longest + 1, color="grey", alpha=0.3, linewidth=0)
    return picture("lengths", caption, figure)


ANALYSIS = Analysis(
    "lengths",
    "Quality and length",
    "How does quality fall with the length of the source?",
    "One vector of fixed size has to hold three words or sixty. Where it overflows, translations of long sentences get "
    "worse first. BLEU compares runs of up to four words with a human translation; chrF compares characters. Content "
    "recall is the share of the reference's rarer words (those beyond the most frequent forms that make up half of all "
    "text) that the translation has. A length ratio near one with falling recall says that words are replaced, not "
    "left out. 'Repeating' is the share of translations that say something twice where the reference does not, "
    "'no end' of those that were cut. In scripts without spaces, each character counts as a word.",
    "Cho et al. 2014 (arXiv:1409.1259), figure 4; Neishi and Yoshinaga 2019 on unseen lengths.",
    measure,
    present,
    seconds=4.3,
)
