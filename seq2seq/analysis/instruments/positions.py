"""Which part of the sentence is forgotten? One source token at a time is altered, and h(T) and the loss are watched.

Places are counted in source tokens. The end symbol, which every source has, is number T: the last token of the text is
at distance T - t = 1 from the end, and it is not altered itself.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np

from seq2seq.analysis.alteration import Altered, alter, mean_distance, sample
from seq2seq.analysis.drawing import blank, picture, plot
from seq2seq.analysis.places import as_curve, by_place, from_the_end, listed
from seq2seq.analysis.section import Analysis, Figures, Picture, Section, Table, comparison_table, interval, percent
from seq2seq.analysis.statistics import Estimate, against_first, estimate, estimates, ratio
from seq2seq.analysis.subject import Subject
from seq2seq.analysis.word_recall import THIRDS, content_by_third, shares, third, third_curve, word_recall
from seq2seq.analysis.words import function_words, words

_TEXTS = 20_000  # training sentences whose words are counted, at most
_MOVES = 1e-4  # of the distance between two sentences: what is less is rounding
_NOTABLE = 1.05  # how many times as much one end must count to be called better kept
SIDES = ("from_the_end", "from_the_beginning")


def measure(subject: Subject) -> Figures:
    """Moves of h(T) and rises of the loss by place, and recall by third."""
    common = [function_words(subject.training_texts(side, _TEXTS) or subject.sentences[side]) for side in (0, 1)]
    figures: Figures = {
        "recall": shares(content_by_third(word_recall(subject.sentences.references, subject.hypotheses), common[1])),
        "attention": subject.model.decoder.attention is not None,
        "sentences": 0,
    }
    chosen = sample(subject)
    scale = mean_distance(subject.summaries[chosen])
    lengths = np.array([len(subject.source_ids[index]) for index in chosen])
    if not (scale > 0 and lengths.any()):
        return figures
    altered = alter(subject, chosen, scale)
    names = subject.tokenizers[0].pieces
    content = [_content(subject, names, subject.source_ids[index], common[0]) for index in chosen]
    return figures | {"sentences": len(chosen)} | _figures(altered, lengths, content)


def _content(subject: Subject, names: Sequence[str], ids: Sequence[int], common: frozenset[str]) -> np.ndarray:
    """Which tokens are part of a content word: not of a function word, and no mark."""
    pieces = [names[index] for index in ids]
    is_content = np.zeros(len(pieces), bool)
    starts = [place for place, piece in enumerate(pieces) if place == 0 or piece.startswith("\u2581")]
    for start, stop in pairwise([*starts, len(pieces)]):
        span_words = set(words(subject.tokenizers[0].decode(ids[start:stop])))
        for place in range(start, stop):
            is_content[place] = bool(span_words - common) and any(letter.isalnum() for letter in pieces[place])
    return is_content


def _figures(altered: Altered, lengths: np.ndarray, content: Sequence[np.ndarray]) -> Figures:
    rare = np.full(altered.moves["swapped"].shape, np.nan)
    for row, wanted in enumerate(content):
        rare[row, : len(wanted)] = np.where(wanted, 1.0, np.nan)
    curves, thirds = {}, {}
    for what, tables in altered._asdict().items():
        for kind, values in tables.items():
            thirds[f"{what}_{kind}"] = _by_third(values, lengths, content)
            for name, chosen in ((f"{what}_{kind}", values), (f"{what}_{kind}_content", values * rare)):
                sides = from_the_end(chosen, lengths), chosen
                curves[name] = dict(zip(SIDES, map(by_place, sides), strict=True))
    moved = np.nan_to_num(altered.moves["swapped"]) > _MOVES
    sides = from_the_end(moved.astype(float), lengths) > 0, moved
    return {
        "curves": curves,
        "reach": {side: _last(hits.any(axis=0)) for side, hits in zip(SIDES, sides, strict=True)},
        "longest": int(lengths.max()),
        "thirds": {what: [part._asdict() for part in estimates(values)] for what, values in thirds.items()},
        "last_to_first": {what: ratio(v[:, 2], v[:, 0])._asdict() for what, v in thirds.items()},
        "middle_to_ends": {what: ratio(2 * v[:, 1], v[:, 0] + v[:, 2])._asdict() for what, v in thirds.items()},
        "last_minus_first": listed(thirds["moves_swapped"][:, 2] - thirds["moves_swapped"][:, 0]),
    }


def _last(hits: np.ndarray) -> int:
    """The number of the last place that is hit, nought where none is."""
    return int(np.flatnonzero(hits).max(initial=-1)) + 1


def _by_third(values: np.ndarray, lengths: np.ndarray, content: Sequence[np.ndarray]) -> np.ndarray:
    """The mean over the content tokens of each third, (sentences, 3), NaN where it has none."""
    means = np.full((len(values), 3), np.nan)
    for row, (length, wanted) in enumerate(zip(lengths, content, strict=True)):
        parts = np.array([third(place, int(length)) for place in range(length)])
        for part in range(3):
            members = values[row, :length][wanted & (parts == part)]
            if len(members):
                means[row, part] = members.mean()
    return means


def present(results: Mapping[str, Figures]) -> Section:
    """Which end is kept better, the forgetting curves, and recall by third."""
    section = Section()
    rows = []
    for run, figures in results.items():
        if not figures["sentences"]:
            section.findings.append(
                f"{run}: left out, for it needs two sentences with different summaries to have a measure of distance."
            )
            continue
        section.findings += [_end(run, figures), _middle(run, figures)]
        section.warnings += _unreached(run, figures)
        if figures["attention"]:
            section.findings.append(f"{run} has attention: its decoder sees altered states too, not only h(T).")
        for what, name in _MEASURES.items():
            rows.append([run, name, *map(interval, figures["thirds"][what])])
        rows.append([run, "content words of the reference in the translation", *map(percent, figures["recall"])])
    measured = {run: figures for run, figures in results.items() if figures["sentences"]}
    if not measured:
        return section
    section.tables.append(
        Table(
            "By third of the sentence, content words", ["run", "measure", *(f"{name} third" for name in THIRDS)], rows
        )
    )
    if len(measured) > 1:
        differences = {run: figures["last_minus_first"] for run, figures in measured.items()}
        values = {
            run: estimate([v for v in sentence_values if v is not None]) for run, sentence_values in differences.items()
        }
        what = "move of h(T), last third minus first, shares of a distance"
        section.tables.append(comparison_table("Which end moves h(T) more", what, values, against_first(differences)))
    section.pictures += [_curves(measured), _recalls(measured)]
    return section


_MEASURES = {
    "moves_swapped": "move of h(T), word swapped, share of a distance",
    "moves_masked": "move of h(T), word masked",
    "rises_swapped": "rise of the loss, word swapped, nats a sentence",
    "rises_masked": "rise of the loss, word masked",
}


def _end(run: str, figures: Figures) -> str:
    move, rise = (Estimate(**figures["last_to_first"][what]) for what in ("moves_swapped", "rises_swapped"))
    count = f"{figures['sentences']:,}"
    if not np.isfinite(move.mean):
        return f"{run}: swapping a content word of the first third does not move h(T) at all ({count} sentences)."
    return (
        f"{run}: {_verdict(move, rise)}. Swapping a content word of the last third moves h(T) {move.mean:.2f} times as "
        f"far as one of the first ({move.low:.2f} to {move.high:.2f}), and {_cost(rise)}; {count} sentences."
    )


def _cost(rise: Estimate) -> str:
    if not np.isfinite(rise.mean):
        return "does not make the reference less likely"
    return f"costs the reference {rise.mean:.2f} times as much ({rise.low:.2f} to {rise.high:.2f})"


def _verdict(move: Estimate, rise: Estimate) -> str:
    sides = [1 if ratio.low > _NOTABLE else -1 if ratio.high < 1 / _NOTABLE else 0 for ratio in (move, rise)]
    ends = {1: "the end", -1: "the beginning"}
    if sides[0] == sides[1]:
        return f"{ends[sides[0]]} is kept better" if sides[0] else "neither end is notably better kept than the other"
    if not all(sides):
        by, measure = (sides[0], "how far h(T) moves") if sides[0] else (sides[1], "what the decoder makes of it")
        return f"{ends[by]} is kept better by {measure}, though only by that"
    return f"h(T) listens more to {ends[sides[0]]}, yet the decoder makes more of {ends[sides[1]]}"


def _middle(run: str, figures: Figures) -> str:
    move, rise = (Estimate(**figures["middle_to_ends"][what]) for what in ("moves_swapped", "rises_swapped"))
    first, middle, last = (100 * part["mean"] for part in figures["recall"])
    text = (
        f"{run}: of the reference's content words, the translation has {first:.0f} % in the first third, "
        f"{middle:.0f} % in the middle and {last:.0f} % in the last."
    )
    if not np.isfinite(move.mean):
        return text
    return text + (
        f" A swap in the middle moves h(T) {move.mean:.2f} times as far as one at the ends ({move.low:.2f} to "
        f"{move.high:.2f}) and {_cost(rise)}."
    )


def _unreached(run: str, figures: Figures) -> list[str]:
    """What to say where some tokens do not reach h(T) at all."""
    names = {"from_the_end": "end", "from_the_beginning": "beginning"}
    return [
        f"{run}: h(T) does not depend on any token further than {reach} from the {names[side]}."
        for side, reach in figures["reach"].items()
        if reach < figures["longest"]
    ]


def _curves(results: Mapping[str, Figures]) -> Picture:
    lines = {"swapped": ""} if len(results) > 1 else _LINES
    figure, axes = blank(rows=2, columns=2)
    for row, what in enumerate(("moves", "rises")):
        for column, side in enumerate(SIDES):
            curves = {
                (run if len(results) > 1 else label): as_curve(figures["curves"][f"{what}_{line}"][side])
                for run, figures in results.items()
                for line, label in lines.items()
            }
            plot(axes[row, column], curves, _AXES[side], _AXES[what])
    caption = (
        "What altering one source token does, by its place, with 95 % bands. First two: how far h(T) moves, as "
        "a share of the distance between two sentences. Other two: what it costs the reference translation. The token "
        "next to the end symbol, mostly a full stop, has distance 1 from the end. Far places are in long "
        "sentences only." + (" Any token, swapped." if len(results) > 1 else "")
    )
    return picture("positions", caption, figure)


_LINES = {"swapped": "any token, swapped", "swapped_content": "content words, swapped", "masked": "any token, masked"}
_AXES = {
    "from_the_end": "T - t: distance from the end, tokens",
    "from_the_beginning": "t: place from the beginning, tokens",
    "moves": "move of h(T) / distance of two",
    "rises": "rise of the loss, nats a sentence",
}


def _recalls(results: Mapping[str, Figures]) -> Picture:
    figure, axes = blank()
    curves = {run: third_curve(figures["recall"]) for run, figures in results.items()}
    plot(axes, curves, "third of the reference", "content words in the translation, %")
    axes.set_xticks(range(3), THIRDS)
    caption = "Content words of the reference that the greedy translation has, by third, with 95 % bands."
    return picture("positions_recall", caption, figure)


ANALYSIS = Analysis(
    "positions",
    "The forgetting curve",
    "Which part of the sentence is forgotten?",
    "One token of the source is altered at a time: swapped for a token drawn from the other sentences, or masked with "
    "the unknown piece (which is just another foreign token to a run that was trained without word dropout). Where "
    "that hardly moves h(T), the encoder had all but forgotten the token; where it moves h(T) but not the loss of the "
    "reference, the decoder makes no use of it. A forward encoder reads the last words last, so they are fresh; a "
    "reversed one the first; a bidirectional one has two fresh ends. In the curves far places belong to long "
    "sentences, in which every single word counts less; the thirds compare words within the same sentences, and only "
    "content words: those beyond the most frequent forms that make up half of all text. A word that decides much of "
    "the translation, such as a subject with its agreement, also costs more, remembered no better than others. Recall "
    "by third also falls because a decoder that has made a mistake goes on from it (see what teacher forcing hides).",
    "Sutskever et al. 2014 (arXiv:1409.3215) on reading in reverse; Bahdanau et al. 2015 (arXiv:1409.0473).",
    measure,
    present,
    seconds=8.9,
)
