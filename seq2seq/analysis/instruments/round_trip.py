"""Forgotten, or only not translated? The source sentence, read back from h(T) by a second decoder."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from seq2seq.analysis.drawing import Curve, blank, picture, plot
from seq2seq.analysis.places import as_curve, by_place, listed
from seq2seq.analysis.reader import Effort, learn_to_read
from seq2seq.analysis.section import Analysis, Figures, Picture, Section, Table, comparison_table, interval, percent
from seq2seq.analysis.statistics import against_first, estimate, ratio
from seq2seq.analysis.subject import Subject
from seq2seq.analysis.word_classes import word_classes
from seq2seq.analysis.word_recall import (
    THIRDS,
    WordRecall,
    content_by_third,
    each_share,
    share,
    shares,
    tally,
    third_curve,
    word_recall,
)
from seq2seq.analysis.words import function_words, words

_TEXTS = 20_000  # training sentences whose words are counted, at most
_FEWEST = 30  # words of a class or a band: fewer are left out
_EXAMPLES = 5
_BANDS = (1, 10, 100, 1000)  # occurrences in the training texts from which each band but the first begins
BANDS = ("0", "1-9", "10-99", "100-999", "1,000 and more")
SIDES = ("source", "target")


def measure(subject: Subject, effort: Effort | None = None) -> Figures:
    """Which words of the source come back from h(T), beside which words of the reference are translated."""
    if subject.training is None or len(subject.training) < 2:
        return {"learned": None}
    reader, learned = learn_to_read(subject, effort or Effort())
    sources, references = subject.sentences
    read = reader.translate(sources)
    common = [function_words(subject.training_texts(side, _TEXTS) or subject.sentences[side]) for side in (0, 1)]
    recalls = word_recall(sources, read), word_recall(references, subject.hypotheses)
    counts = [content_by_third(recall, frequent).sum(axis=1) for recall, frequent in zip(recalls, common, strict=True)]
    chance = content_by_third(word_recall(sources, [*read[1:], *read[:1]]), common[0]).sum(axis=1)
    return {
        "learned": learned,
        "attention": subject.model.decoder.attention is not None,
        **{name: _side(subject, side, recalls[side], common[side]) for side, name in enumerate(SIDES)},
        "chance": share(chance)._asdict(),
        "classes": _by_class(recalls[0], word_classes(sources, common[0])),
        "fates": _fates(*counts),
        "recall_by_sentence": listed(each_share(counts[0])),
        "examples": [list(texts) for texts in zip(sources[:_EXAMPLES], read, subject.hypotheses, strict=False)],
    }


def _side(subject: Subject, side: int, recall: WordRecall, common: frozenset[str]) -> Figures:
    """Content words that came back: all of them, by third, by place, and by how often training has them."""
    by_third = content_by_third(recall, common)
    return {
        "recall": share(by_third.sum(axis=1))._asdict(),
        "thirds": shares(by_third),
        "places": by_place(_placed(recall, common)),
        "bands": _by_band(subject, side, recall, common),
    }


def _placed(recall: WordRecall, common: frozenset[str]) -> np.ndarray:
    """Whether each content word came back, (sentences, longest), NaN where there is none."""
    table = np.full((len(recall.words), max(1, *map(len, recall.words))), np.nan)
    for row, (split, back) in enumerate(zip(recall.words, recall.back, strict=True)):
        for place, (word, hit) in enumerate(zip(split, back, strict=True)):
            if word not in common:
                table[row, place] = hit
    return table


def _by_band(subject: Subject, side: int, recall: WordRecall, common: frozenset[str]) -> dict[str, Any]:
    """The share of content words that came back, by how often the training texts have them."""
    seen = Counter(word for text in subject.training_texts(side, _TEXTS) for word in words(text))

    def band(word: str, index: int, length: int) -> int | None:
        return None if word in common else int(np.searchsorted(_BANDS, seen[word], side="right"))

    return _named(BANDS, tally(recall, len(BANDS), band))


def _by_class(recall: WordRecall, classes: Mapping[str, str]) -> dict[str, Any]:
    names = sorted(set(classes.values()))
    return _named(names, tally(recall, len(names), lambda word, index, length: names.index(classes[word])))


def _named(names: Sequence[str], counts: np.ndarray) -> dict[str, Any]:
    """The shares of groups that have enough words, and how many these are."""
    sizes = counts[:, :, 1].sum(axis=0).astype(int)
    return {
        name: {**share(counts[:, group])._asdict(), "words": int(sizes[group])}
        for group, name in enumerate(names)
        if sizes[group] >= _FEWEST
    }


def _fates(source: np.ndarray, target: np.ndarray) -> Figures:
    """What became of the reference's content words, as shares of them.

    Words of two languages are not aligned here, so each sentence is taken as a whole: of the share that its translation
    lacks, as much as its reading lacks too may be forgotten; the rest came back from h(T) and was not translated.
    """
    unread, untranslated = 1 - each_share(source), 1 - each_share(target)
    weights = target[:, 1]
    in_neither = np.minimum(unread, untranslated)
    read_only = np.maximum(untranslated - unread, 0)
    fates = {
        "translated": 1 - untranslated + 0 * unread,  # of sentences that have content words in both languages
        "forgotten": in_neither,
        "not translated": read_only,
        "translated, not read": np.maximum(unread - untranslated, 0),
    }
    return {
        **{name: estimate(values, weights)._asdict() for name, values in fates.items()},
        "share of what is missing": ratio(read_only * weights, (in_neither + read_only) * weights)._asdict(),
    }


def present(results: Mapping[str, Figures]) -> Section:
    """What came back and what did not, by place, third, frequency and class."""
    section = Section()
    for run, figures in results.items():
        if figures["learned"] is None:
            section.findings.append(f"{run}: left out, for a second decoder needs the pairs that the run learned from.")
    measured = {run: figures for run, figures in results.items() if figures["learned"] is not None}
    if not measured:
        return section
    for run, figures in measured.items():
        section.findings += _findings(run, figures)
        section.tables += [_fates_table(run, figures), _groups(run, figures), _examples(run, figures)]
    if len(measured) > 1:
        section.tables.append(_compared(measured))
    section.pictures.append(_draw(measured))
    return section


def _findings(run: str, figures: Figures) -> list[str]:
    learned = figures["learned"]
    fates = figures["fates"]
    read, translated = (figures[side]["recall"] for side in SIDES)
    back = (
        f"{run}: of the source's content words {percent(read)} are read back from h(T); by chance, from another "
        f"sentence's, {100 * figures['chance']['mean']:.0f} % would be."
    )
    forgotten, untranslated = (interval(fates[name], 1, 100) for name in ("forgotten", "not translated"))
    lost = (
        f"{run}: of 100 content words of the reference, the translation lacks "
        f"{100 * (1 - fates['translated']['mean']):.0f} or says them otherwise. At most {forgotten} are missing from "
        f"the reading too: forgotten. At least {untranslated} could be read back from h(T): not translated, "
        f"{percent(fates['share of what is missing'])} of what is missing."
    )
    weak = (
        f"{run}: the second decoder reads less than the first one translates ({percent(translated)}): it has learned "
        "too little to tell what was forgotten, and the true share is smaller."
    )
    held_out = learned["held_out_nats"]
    bound = (
        f"{run}: this is a lower bound, what a decoder of the run's own size could read after {learned['steps']:,} "
        f"updates on {learned['training_sentences']:,} sentences: {min(held_out):.2f} nats a token on held-out ones"
    )
    bands = figures["source"]["bands"]
    texts = [back, *(_rare(run, bands) if bands else []), lost]
    if read["high"] < translated["low"]:
        texts.append(weak)
    if figures["attention"]:
        texts.append(f"{run} has attention: its translation does not depend on h(T) alone, its reading does.")
    return [*texts, bound + (", when its time was up." if learned["late"] else ".")]


def _rare(run: str, bands: Mapping[str, Mapping[str, float]]) -> list[str]:
    """The rarest words against the most frequent ones, where they differ."""
    (rare, low), *_, (frequent, high) = [*bands.items(), *bands.items()]
    if low["high"] >= high["low"]:
        return []
    text = (
        f"{run}: of content words that training has {rare} times (of {_TEXTS:,} sentences at most), {percent(low)} are "
        f"read back; of those that it has {frequent} times, {percent(high)}."
    )
    return [text]


def _fates_table(run: str, figures: Figures) -> Table:
    names = {
        "translated": "translated",
        "not translated": "missing in the translation, read back",
        "forgotten": "missing in both",
        "translated, not read": "translated, though not read back",
    }
    rows = [[text, percent(figures["fates"][name])] for name, text in names.items()]
    return Table(f"{run}, what became of the reference's content words", ["fate", "share"], rows)


def _groups(run: str, figures: Figures) -> Table:
    """Thirds, bands and classes, read back and translated."""
    read, translated = (figures[side]["thirds"] for side in SIDES)
    rows = [[f"{name} third", percent(a), percent(b)] for name, a, b in zip(THIRDS, read, translated, strict=True)]
    for name in BANDS:
        cells = [
            percent(group_shares[name]) if name in group_shares else ""
            for group_shares in (figures[side]["bands"] for side in SIDES)
        ]
        if any(cells):
            rows.append([f"seen {name} times in training", *cells])
    rows += [[f"{name} ({value['words']:,})", percent(value), ""] for name, value in figures["classes"].items()]
    caption = f"{run}, words that come back; thirds and frequencies of content words, classes of the source"
    return Table(caption, ["words", "read back from h(T)", "translated"], rows)


def _examples(run: str, figures: Figures) -> Table:
    return Table(f"{run}, examples", ["source", "read back from h(T)", "translation"], figures["examples"])


def _compared(results: Mapping[str, Figures]) -> Table:
    read = {run: figures["recall_by_sentence"] for run, figures in results.items()}
    values = {
        run: estimate([value for value in sentence_shares if value is not None])
        for run, sentence_shares in read.items()
    }
    caption = "Content words read back, means over sentences"
    return comparison_table(caption, "share", values, against_first(read))


def _draw(results: Mapping[str, Figures]) -> Picture:
    figure, axes = blank(rows=2, columns=2)
    names, styles = {"source": "read back", "target": "translated"}, {"source": "o-", "target": "o--"}

    def curves(make: Any) -> dict[str, Curve]:
        return {
            ("" if len(results) == 1 else f"{run}, ") + names[side]: make(figures[side])._replace(style=styles[side])
            for run, figures in results.items()
            for side in SIDES
        }

    y = "content words that come back, %"
    plot(axes[0, 0], curves(lambda side: third_curve(side["thirds"])), "third of the sentence", y)
    axes[0, 0].set_xticks(range(3), THIRDS)
    places = curves(lambda side: as_curve(side["places"], 100))
    plot(axes[0, 1], places, "place in the sentence, words", y)
    plot(axes[1, 0], curves(_band_curve), f"times seen in training (of {_TEXTS:,} sentences at most)", y)
    axes[1, 0].set_xticks(range(len(BANDS)), [name.replace(" and more", "+") for name in BANDS])
    _bars(axes[1, 1], results)
    caption = (
        "Content words of the source that a second decoder reads back from h(T), and content words of the reference "
        "that the run translates, with 95 % bands. Last: the source's words by class."
    )
    return picture("round_trip", caption, figure)


def _band_curve(side: Figures) -> Curve:
    filled = [(place, side["bands"][name]) for place, name in enumerate(BANDS) if name in side["bands"]]
    mean, low, high = ([100 * value[key] for _, value in filled] for key in ("mean", "low", "high"))
    return Curve([place for place, _ in filled], mean, low, high)


def _bars(axes: Any, results: Mapping[str, Figures]) -> None:
    names = sorted({name for figures in results.values() for name in figures["classes"]})
    height = 0.8 / len(results)
    for index, (run, figures) in enumerate(results.items()):
        values = [figures["classes"].get(name) for name in names]
        filled = [(place, value) for place, value in enumerate(values) if value]
        middles = [place + (index - (len(results) - 1) / 2) * height for place, _ in filled]
        means = np.array([100 * value["mean"] for _, value in filled])
        spans = np.array([[100 * (v["mean"] - v["low"]), 100 * (v["high"] - v["mean"])] for _, v in filled]).T
        axes.barh(middles, means, height, xerr=spans if len(filled) else None, capsize=3, label=run)
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.set_xlabel("words of the source read back, %")
    axes.grid(alpha=0.3)
    if len(results) > 1:
        axes.legend(fontsize="small")


ANALYSIS = Analysis(
    "round_trip",
    "There and back",
    "Forgotten, or only not translated?",
    "A word that is missing in the translation may be missing in h(T), or the decoder may have failed to say it. So a "
    "second decoder, as large as the first, learns to write the source sentence itself from h(T), while the encoder "
    "stays as it is. What it reads back was in h(T). What it does not read back may be there all the same, for a "
    "better decoder: this is a lower bound. Words of two languages are not aligned here: of each sentence, the share "
    "of content words that the reading lacks is held against the share that the translation lacks, so the two fates "
    "are bounds as well. A reference's word also counts as missing where the translation says it otherwise, or in "
    "another form. Content words are those beyond the most frequent forms that make up half of all text.",
    "After the reconstruction objectives of Tu et al. 2017 (arXiv:1611.01874), as a measure instead of a loss.",
    measure,
    present,
    seconds=63.3,
)
