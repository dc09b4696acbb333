"""What does teacher forcing hide? The decoder after the true tokens, and after its own.

Compared token by token at the same places: token u of the reference, given its true prefix, and given the prefix that
the model wrote itself. Places beyond the end of either text are left out of both.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from seq2seq.analysis.drawing import Curve, blank, picture, plot
from seq2seq.analysis.places import as_curve, by_place, listed
from seq2seq.analysis.section import Analysis, Figures, Picture, Section, Table, comparison_table, interval, percent
from seq2seq.analysis.statistics import against_first, estimate
from seq2seq.analysis.subject import Subject
from seq2seq.analysis.word_recall import THIRDS, content_by_third, each_share, share, shares, third_curve, word_recall
from seq2seq.analysis.words import function_words, repeats
from seq2seq.symbols import EOS, PAD

_TEXTS = 20_000  # training sentences whose words are counted, at most
_SPARE = 8  # widths of batches are multiples of it
PREFIXES = ("true", "own")


def measure(subject: Subject) -> Figures:
    """Loss and accuracy after each prefix by place, words recalled after each, and repetitions."""
    truth = subject.target_ids
    written = [hypothesis.ids for hypothesis in subject.found]
    true_losses, true_choice = _given(subject, truth, truth)
    own_losses, own_choice = _given(subject, written, truth)
    ends = np.array([min(len(t), len(o)) + 1 for t, o in zip(truth, written, strict=True)])
    places = int(ends.max())
    is_compared = np.arange(places) < ends[:, None]
    answer = _padded(truth, places)[:, :places]
    losses, hits = {}, {}
    for prefix, loss, choice in (("true", true_losses, true_choice), ("own", own_losses, own_choice)):
        losses[prefix] = np.where(is_compared, loss[:, :places], np.nan)
        hits[prefix] = np.where(is_compared, choice[:, :places] == answer, np.nan)
    forced = [
        subject.tokenizers[1].decode(row[: len(ids)].astype(int)) for row, ids in zip(true_choice, truth, strict=True)
    ]
    return {
        "loss": {prefix: by_place(values) for prefix, values in losses.items()},
        "accuracy": {prefix: by_place(values) for prefix, values in hits.items()},
        "overall": _overall(losses, hits, ends),
        "gap_by_sentence": listed(np.nanmean(losses["own"] - losses["true"], axis=1)),
        **_words(subject, forced),
        "attention": subject.model.decoder.attention is not None,
    }


def _given(subject: Subject, prefixes: Sequence[Any], truth: Sequence[Any]) -> tuple[np.ndarray, np.ndarray]:
    """Reading some text, the loss (nats) of the reference's token at each place, and the likeliest token there.

    Returns:
        both (sentences, longest text + 1), NaN behind each text's end symbol.
    """
    from keras import ops

    from seq2seq.losses import token_losses

    def given(source: Any, target_in: Any, target_out: Any, answer: Any) -> Any:
        logits = ops.cast(subject.model.decode(subject.model.encode(source), target_in), "float32")
        losses = token_losses(answer[:, : ops.shape(target_in)[1]], logits)
        return ops.stack([losses, ops.cast(ops.argmax(logits, axis=-1), "float32")], axis=-1)

    answer = _padded(truth, max(len(ids) for ids in (*truth, *prefixes)) + 1 + _SPARE)
    scores = subject.over("given", given, subject.source_ids, prefixes, answer)
    return scores[..., 0], scores[..., 1]


def _padded(sentences: Sequence[Any], width: int) -> np.ndarray:
    """Ids with their end symbols, right-padded to (sentences, width); what is longer is cut."""
    table = np.full((len(sentences), width), PAD, np.int32)
    for row, ids in enumerate(sentences):
        ended = [*ids, EOS][:width]
        table[row, : len(ended)] = ended
    return table


def _overall(losses: Mapping[str, np.ndarray], hits: Mapping[str, np.ndarray], tokens: np.ndarray) -> Figures:
    """Means over all tokens that were compared, and the gaps between the two prefixes."""
    overall = {}
    for what, tables in (("loss", losses), ("accuracy", hits)):
        means = {prefix: np.nanmean(tables[prefix], axis=1) for prefix in PREFIXES}
        means["gap"] = means["own"] - means["true"]
        overall[what] = {name: estimate(values, tokens)._asdict() for name, values in means.items()}
    return overall


def _words(subject: Subject, forced: Sequence[str]) -> Figures:
    """Content words of the reference that are written after each prefix, wherever they stand; and repetitions."""
    references = subject.sentences.references
    common = function_words(subject.training_texts(1, _TEXTS) or references)
    texts = {"true": forced, "own": subject.hypotheses}
    recalls = {prefix: content_by_third(word_recall(references, texts[prefix]), common) for prefix in PREFIXES}
    totals = {prefix: counts.sum(axis=1) for prefix, counts in recalls.items()}
    differences = {prefix: each_share(counts) for prefix, counts in totals.items()}
    return {
        "recall": {prefix: shares(counts) for prefix, counts in recalls.items()},
        "recall_overall": {prefix: share(counts)._asdict() for prefix, counts in totals.items()},
        "recall_gap": estimate(differences["own"] - differences["true"], totals["own"][:, 1])._asdict(),
        "repeating": {
            "translations": estimate([float(repeats(text)) for text in subject.hypotheses])._asdict(),
            "references": estimate([float(repeats(text)) for text in references])._asdict(),
        },
    }


def present(results: Mapping[str, Figures]) -> Section:
    """Both prefixes side by side, by place and as a whole."""
    section = Section()
    rows = []
    for run, figures in results.items():
        section.findings += _findings(run, figures)
        for prefix in PREFIXES:
            overall = figures["overall"]
            row = [interval(overall["loss"][prefix]), _share(overall["accuracy"][prefix])]
            rows.append([run, prefix, *row, *map(_share, figures["recall"][prefix])])
    section.findings.append(
        "Accuracy and loss by place also punish harmless shifts: one word more at the beginning, and every later token "
        "stands at another place. Recall does not look at places: it is the fairer measure of what is lost."
    )
    header = ["run", "prefix", "nats a token", "accuracy", *(f"recall, {name} third" for name in THIRDS)]
    section.tables.append(Table("After the true prefix and after the model's own", header, rows))
    section.tables.append(_repeating(results))
    if len(results) > 1:
        gaps = {run: figures["gap_by_sentence"] for run, figures in results.items()}
        values = {
            run: estimate([gap for gap in sentence_gaps if gap is not None]) for run, sentence_gaps in gaps.items()
        }
        caption = "What its own prefix costs, means over sentences"
        section.tables.append(comparison_table(caption, "nats a token", values, against_first(gaps)))
    section.pictures.append(_draw(results))
    return section


def _findings(run: str, figures: Figures) -> list[str]:
    loss, accuracy, gap = figures["overall"]["loss"], figures["overall"]["accuracy"], figures["recall_gap"]
    recall = {prefix: 100 * figures["recall_overall"][prefix]["mean"] for prefix in PREFIXES}
    pairs = zip(figures["recall"]["own"], figures["recall"]["true"], strict=True)
    by_third = ", ".join(f"{100 * (after_own['mean'] - true['mean']):+.0f}" for after_own, true in pairs)
    repeating = figures["repeating"]
    places = (
        f"{run}: where {100 * accuracy['true']['mean']:.0f} % of the tokens are right after the true prefix, "
        f"{100 * accuracy['own']['mean']:.0f} % are after the model's own; the reference's token costs "
        f"{loss['true']['mean']:.2f} and {loss['own']['mean']:.2f} nats (a gap of {interval(loss['gap'])})."
    )
    anywhere = (
        f"{run}: wherever they stand, {recall['true']:.0f} % of the reference's content words are written after the "
        f"true prefix and {recall['own']:.0f} % after its own: {_points(gap)}. By third of the reference: "
        f"{by_third} points."
    )
    if gap["low"] <= 0 <= gap["high"]:
        anywhere += " That is no loss of words that these sentences can show."
    twice = (
        f"{run}: {_share(repeating['translations'])} of its translations say something twice, and "
        f"{_share(repeating['references'])} of the references."
    )
    return [places, anywhere, twice]


def _repeating(results: Mapping[str, Figures]) -> Table:
    columns = ("translations", "references")
    rows = [[run, *(_share(figures["repeating"][of]) for of in columns)] for run, figures in results.items()]
    caption = "Texts that say a word, or a run of up to four, twice in a row, or four words twice"
    return Table(caption, ["run", *columns], rows)


def _share(value: Mapping[str, float]) -> str:
    return percent(value, 1)


def _points(value: Mapping[str, float]) -> str:
    return f"{100 * value['mean']:+.1f} points ({100 * value['low']:+.1f} to {100 * value['high']:+.1f})"


def _draw(results: Mapping[str, Figures]) -> Picture:
    figure, axes = blank(rows=2, columns=2)
    names = {"true": "true prefix", "own": "own prefix"}

    def curves(what: str, scale: float = 1.0) -> dict[str, Curve]:
        return {
            label(run, prefix): as_curve(figures[what][prefix], scale, _STYLES[prefix])
            for run, figures in results.items()
            for prefix in PREFIXES
        }

    def label(run: str, prefix: str) -> str:
        return names[prefix] if len(results) == 1 else f"{run}, {names[prefix]}"

    place = "u: place in the translation, tokens"
    plot(axes[0, 0], curves("loss"), place, "loss of the reference's token, nats")
    plot(axes[0, 1], curves("accuracy", 100), place, "the reference's token written, %")
    thirds = {
        label(run, prefix): third_curve(figures["recall"][prefix])._replace(style=_STYLES[prefix])
        for run, figures in results.items()
        for prefix in PREFIXES
    }
    plot(axes[1, 0], thirds, "third of the reference", "content words recalled, %")
    axes[1, 0].set_xticks(range(3), THIRDS)
    compared = {run: figures["loss"]["own"] for run, figures in results.items()}
    counts = {run: Curve(curve["place"], curve["sentences"]) for run, curve in compared.items()}
    plot(axes[1, 1], counts, place, "sentences compared")
    caption = (
        "The reference's tokens after the true prefix (teacher forcing) and after the model's own (free running), with "
        "95 % bands. Then: its content words, wherever they are written, and how many sentences reach each place."
    )
    return picture("exposure", caption, figure)


_STYLES = {"true": "o--", "own": "o-"}

ANALYSIS = Analysis(
    "exposure",
    "What teacher forcing hides",
    "How much worse is the decoder when it reads its own words?",
    "In training the decoder always reads the true tokens before the one that it is to write; in translating it reads "
    "its own, and a mistake puts it where training never took it (exposure bias). So we let it read both: the true "
    "prefix, and the greedy translation that it wrote itself, and look at the reference's token at the same place. At "
    "the first token there is no prefix, and no gap. A gap that grows with the place says that errors grow; but a "
    "translation that is merely worded otherwise counts as wrong here as well. Recall asks only whether a word of the "
    "reference is written at all: after the true prefix and after the model's own. Even that difference is not "
    "exposure bias alone, for the true words also give away what comes next.",
    "Bengio et al. 2015, scheduled sampling (arXiv:1506.03099); Ranzato et al. 2016 (arXiv:1511.06732).",
    measure,
    present,
    seconds=3.6,
)
