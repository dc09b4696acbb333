"""What can be read out of h(T)? Linear probes, each beside what it must beat to mean anything."""

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from seq2seq.analysis.drawing import blank, picture
from seq2seq.analysis.lessons import BOTH, PLACES, Lesson, Question, lessons, year
from seq2seq.analysis.ridge import Fit, nearest_class, ridge
from seq2seq.analysis.section import Analysis, Figures, Picture, Section, Table
from seq2seq.analysis.statistics import estimate, p_value
from seq2seq.analysis.subject import Subject

_SUMMARY, _SHUFFLED = "h(T)", "shuffled labels"
_RIVALS = ("untrained encoder", "bag of embeddings")
_MARKERS = dict(zip((_SUMMARY, *_RIVALS, _SHUFFLED), "osx+", strict=True))
_YEARS = [year(taught, asked) for taught in (*PLACES, BOTH) for asked in PLACES]
_SIGNIFICANT = 0.05
_SHUFFLES = 5  # their mean: one may come near the truth by chance
_SEED = 5


def measure(subject: Subject) -> Figures:
    """The score of every probe, read from h(T) and from what stands beside it."""
    given, left_out = lessons(subject)
    texts = list(dict.fromkeys(text for lesson in given for text in (*lesson.train, *lesson.test)))
    places = {text: row for row, text in enumerate(texts)}
    vectors = _vectors(subject, texts)
    probes: Figures = {}
    for lesson in given:
        rows = [[places[text] for text in side] for side in (lesson.train, lesson.test)]
        features = {name: (every[rows[0]], every[rows[1]]) for name, every in vectors.items()}
        for question, values in zip(lesson.questions, _values(lesson, features), strict=True):
            probes[question.name] = {
                "readings": {
                    name: estimate(gained / weight, weight)._asdict() for name, (gained, weight) in values.items()
                },
                "p": {name: p_value(values[_SUMMARY][0], values[name][0]) for name in _RIVALS if name in values},
                "chance": 0.0 if _is_number(question) else 1 / len(np.unique(question.asked)),
                "labels": question.asked.shape[1],
                "taught_sentences": len(lesson.train),
                "asked_units": len(question.rows),
                "by_unit": [round(float(value), 4) for value in values[_SUMMARY][0]],
            }
    return {"probes": probes, "left_out": left_out, "features": {name: v.shape[1] for name, v in vectors.items()}}


def _vectors(subject: Subject, texts: Sequence[str]) -> dict[str, np.ndarray]:
    """What the probes read, by its name, each (texts, features)."""
    ids = subject.translator.source_ids(texts)
    table = np.asarray(subject.model.source_embedding.table)
    bag = np.zeros((len(ids), table.shape[1]))
    for row, pieces in enumerate(ids):
        bag[row] = table[pieces].mean(axis=0) if pieces else 0
    features = {_SUMMARY: subject.encode(ids), "bag of embeddings": bag}
    if subject.untrained is not None:
        features["untrained encoder"] = subject.encode(ids, subject.untrained)
    return features


def _values(lesson: Lesson, features: Mapping[str, tuple[np.ndarray, np.ndarray]]) -> list[dict[str, np.ndarray]]:
    """For each question, the scores of each reading, see `_scores`."""
    random = np.random.default_rng(_SEED)
    asked = lesson.questions
    taught = [question.taught for question in asked]
    mixed = [labels[random.permutation(len(labels))] for _ in range(_SHUFFLES) for labels in taught]
    by_question: list[dict[str, np.ndarray]] = [{} for _ in taught]
    for name, (train, test) in features.items():
        labels = taught + mixed if name == _SUMMARY else taught
        fits = ridge(train, test, [_targets(column) for column in labels], lesson.groups)
        scores = [
            _scores(asked[index % len(asked)], target, fit)
            for index, (target, fit) in enumerate(zip(labels, fits, strict=True))
        ]
        for index, readings in enumerate(by_question):
            readings[name] = scores[index]
            if name == _SUMMARY:
                readings[_SHUFFLED] = np.mean(scores[index + len(asked) :: len(asked)], axis=0)
    return by_question


def _is_number(question: Question) -> bool:
    return question.asked.dtype.kind == "f"


def _targets(labels: np.ndarray) -> np.ndarray:
    """Numbers as they are, classes one-hot: (N, K) to (N, columns)."""
    if labels.dtype.kind == "f":
        return labels
    return np.concatenate([(column[:, None] == np.unique(column)).astype(float) for column in labels.T], axis=1)


def _scores(question: Question, taught: np.ndarray, fit: Fit) -> np.ndarray:
    """What each unit adds to the score and the weight it has, (2, units).

    The score is R2 for a number and the balanced accuracy for classes: a hit in a rare class counts for more, so that
    guessing scores 1 / classes, whatever their shares.
    """
    asked, rows = question.asked, question.rows
    if _is_number(question):
        gained = 1 - (asked - fit.test)[rows, 0] ** 2 / asked[rows, 0].var()
        return np.stack([gained.mean(axis=1), np.ones(len(rows))])
    edges = np.cumsum([0] + [len(np.unique(column)) for column in taught.T])
    total = np.zeros((2, *rows.shape))
    for k, (low, high) in enumerate(itertools.pairwise(edges)):
        part = Fit(fit.held_out[:, low:high], fit.test[:, low:high])
        truth = asked[rows, k]
        classes, index, counts = np.unique(truth, return_inverse=True, return_counts=True)
        weights = (truth.size / (len(classes) * counts))[index].reshape(rows.shape)
        hits = nearest_class(part, taught[:, k])[rows] == truth
        total += np.stack([hits * weights, weights]) / taught.shape[1]
    return np.asarray(total.mean(axis=2))


def present(results: Mapping[str, Figures]) -> Section:
    """A dot for each probe and each of its rivals."""
    section = Section()
    for run, figures in results.items():
        section.findings += _findings(run, figures)
        if figures["probes"]:
            section.tables.append(_table(run, figures))
    if any(figures["probes"] for figures in results.values()):
        section.pictures.append(_draw(results))
    if len(results) > 1:
        section.tables.append(_compared(results))
    return section


def _findings(run: str, figures: Figures) -> list[str]:
    probes = figures["probes"]
    plain = {name: probe for name, probe in probes.items() if name not in _YEARS}
    parts = {
        "a linear probe reads from h(T)": [
            f"{name} {_score(probe)}" for name, probe in plain.items() if _is_read(probe)
        ],
        "it does not read": [f"{name} {_score(probe)}" for name, probe in plain.items() if not _is_read(probe)],
    }
    sentences = [f"{run}: {said}: {', '.join(names)}." for said, names in parts.items() if names]
    sentences += [text for rival in _RIVALS if (text := _against(run, rival, plain))]
    if _YEARS[0] in probes:
        sentences += _of_years(run, probes)
    reasons: dict[str, list[str]] = {}
    for name, reason in figures["left_out"].items():
        reasons.setdefault(reason, []).append(name)
    return sentences + [f"{run}: left out: {', '.join(names)}, because {why}." for why, names in reasons.items()]


def _is_read(probe: Figures) -> bool:
    return bool(probe["readings"][_SUMMARY]["low"] > probe["chance"])


def _score(probe: Figures) -> str:
    text = _percent(probe)
    return f"{text} ({100 * probe['chance']:.0f} % is chance)" if probe["chance"] else f"{text} of its variance"


def _percent(probe: Figures) -> str:
    return f"{100 * probe['readings'][_SUMMARY]['mean']:.0f} %"


def _against(run: str, rival: str, probes: Figures) -> str:
    """Where h(T) beats a rival, and where it does not."""
    names: dict[str, list[str]] = {"better": [], "worse": [], "no difference shown": []}
    for name, probe in probes.items():
        if rival in probe["readings"]:
            gain = 100 * (probe["readings"][_SUMMARY]["mean"] - probe["readings"][rival]["mean"])
            verdict = "better" if gain > 0 else "worse"
            sure = probe["p"][rival] < _SIGNIFICANT
            names[verdict if sure else "no difference shown"].append(f"{name} ({gain:+.0f} points)")
    text = "; ".join(f"{verdict}: {', '.join(listed)}" for verdict, listed in names.items() if listed)
    return f"{run}: h(T) against the {rival} (p < {_SIGNIFICANT}): {text}." if text else ""


def _of_years(run: str, probes: Figures) -> list[str]:
    """Whether the year can be read in both places, and whether it is written alike in both."""
    one = [probes[year(BOTH, place)] for place in PLACES]
    scores = [f"{_percent(probe)} at the {place}" for probe, place in zip(one, PLACES, strict=True)]
    chance = f"{100 * one[0]['chance']:.0f} % is chance"
    sentences = [
        f"{run}: years, by one probe that learned both places: {' and '.join(scores)} of sentences ({chance})."
    ]
    for taught, other in (PLACES, PLACES[::-1]):
        same_place, other_place = probes[year(taught, taught)], probes[year(taught, other)]
        text = f"{run}: a probe that learned years at the {taught} only reads {_percent(same_place)} there and "
        text += f"{_percent(other_place)} at the {other}: "
        if not _is_read(same_place):
            text += "it did not learn to."
        elif p_value(same_place["by_unit"], other_place["by_unit"]) >= _SIGNIFICANT:
            text += "as far as this shows, h(T) writes the year alike in both places."
        elif other_place["readings"]["bag of embeddings"]["mean"] < (1 + other_place["chance"]) / 2:
            text += "no wonder, since the vocabulary has other pieces for it there ('2009,' and '2009.')."
        else:
            how = "in part" if _is_read(other_place) else "altogether"
            text += f"h(T) writes the year {how} in another way there, though its pieces are the same."
        sentences.append(text)
    return sentences


def _table(run: str, figures: Figures) -> Table:
    rows = []
    for name, probe in figures["probes"].items():
        readings = {reading: 100 * value["mean"] for reading, value in probe["readings"].items()}
        from_summary = probe["readings"][_SUMMARY]
        cells = [f"{readings[_SUMMARY]:.1f} ({100 * from_summary['low']:.1f} to {100 * from_summary['high']:.1f})"]
        cells += [
            f"{readings[rival]:.1f} (p {probe['p'][rival]:.3f})" if rival in readings else "" for rival in _RIVALS
        ]
        counts = [f"{probe['taught_sentences']:,}", f"{probe['asked_units']:,}"]
        rows.append([name, *cells, f"{readings[_SHUFFLED]:.1f}", f"{100 * probe['chance']:.1f}", *counts])
    header = ["probe", "h(T) (95 %)", *_RIVALS, _SHUFFLED, "chance", "sentences taught", "asked"]
    return Table(f"{run}: scores in %, and p of the difference from h(T)", header, rows)


def _compared(results: Mapping[str, Figures]) -> Table:
    """The score of each run, and p against the first one where both were asked the same."""
    (first, base), *others = results.items()
    rows = []
    for name, probe in base["probes"].items():
        row = [name, f"{100 * probe['readings'][_SUMMARY]['mean']:.1f}"]
        for _, other in others:
            theirs = other["probes"].get(name)
            same = theirs and len(theirs["by_unit"]) == len(probe["by_unit"]) and theirs["labels"] == probe["labels"]
            p = p_value(theirs["by_unit"], probe["by_unit"]) if same else None
            score = f"{100 * theirs['readings'][_SUMMARY]['mean']:.1f}" if theirs else ""
            row.append(score + (f" (p {p:.3f})" if p is not None else ""))
        rows.append(row)
    header = ["probe", first, *(run for run, _ in others)]
    return Table(f"Read from h(T), in %, and p of the difference from {first}", header, rows)


def _draw(results: Mapping[str, Figures]) -> Picture:
    names = list(dict.fromkeys(name for figures in results.values() for name in figures["probes"]))
    figure, axes = blank(height=1.6 + 0.42 * len(names))
    step = 0.5 / len(results)
    for index, figures in enumerate(results.values()):
        for name, probe in figures["probes"].items():
            y = names.index(name) + (index - (len(results) - 1) / 2) * step
            axes.vlines(100 * probe["chance"], names.index(name) - 0.35, names.index(name) + 0.35, color="grey")
            for reading, value in probe["readings"].items():
                mean, low, high = (100 * value[part] for part in ("mean", "low", "high"))
                is_summary = reading == _SUMMARY
                style = {
                    "color": f"C{index}",
                    "markerfacecolor": f"C{index}" if is_summary else "none",
                    "markersize": 6,
                }
                bars = [[mean - low], [high - mean]] if is_summary else None
                axes.errorbar(
                    mean, y, xerr=bars, fmt=_MARKERS[reading], capsize=2, alpha=1 if is_summary else 0.7, **style
                )
    _label(axes, names, list(results))
    caption = (
        "What a linear probe reads on sentences that it did not learn from. Dots: from h(T), with 95 % intervals. "
        "Grey lines: chance. Years: where they stood when the probe learned → where it is asked."
    )
    return picture("probes", caption, figure)


def _label(axes: Any, names: Sequence[str], runs: Sequence[str]) -> None:
    """Axes, and a legend of markers and, where there are several runs, colours."""
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.set_xlim(left=max(axes.get_xlim()[0], -15), right=103)
    axes.set_xlabel("balanced accuracy, %\nof length: share of the variance, %")
    axes.grid(alpha=0.3)
    handles = [
        axes.plot([], [], marker, color="black", markerfacecolor="black" if name == _SUMMARY else "none", label=name)[0]
        for name, marker in _MARKERS.items()
    ]
    if len(runs) > 1:
        handles += [axes.plot([], [], "o", color=f"C{i}", label=run)[0] for i, run in enumerate(runs)]
    axes.figure.legend(handles=handles, fontsize="small", loc="outside lower center", ncols=4)


ANALYSIS = Analysis(
    "probes",
    "What can be read out of h(T)",
    "Which facts about a sentence can be read out of its summary?",
    "A probe is a linear map that learns, from the summaries of some sentences, to tell a fact about them, and is then "
    "asked about other sentences. What it tells is in h(T) in a form that one matrix product can use; what it does not "
    "tell may still be there in another form. A score means little alone, so it stands beside others. The untrained "
    "encoder is the same network with one draw of fresh weights: what a recurrent network keeps before it has learned. "
    "The bag of embeddings is the mean of the run's own source embeddings: what the words tell without their order "
    "(it has other numbers of features, which counts a little). Shuffled labels show what the probe finds where there "
    "is nothing. Accuracies are balanced: every class counts alike, and guessing scores chance. Length is in pieces. "
    "Word content asks for up to 30 words of middle frequency, one by one. Word order asks whether two neighbouring "
    "words were swapped. Tense, number, negation and years are asked about short sentences of the embedded phrasebook, "
    "which may be far from what a run was trained on. Years: 'end → beginning' learned from 'I went to Nepal in 2009.' "
    "and is asked about 'In 2009, I went to Nepal.', of other clauses; 'both' learned from both. A probe of one "
    "place may fail at the other although h(T) holds the year: each step of the encoder mixes what came before, and "
    "the two directions of a bidirectional one keep different ends freshest.",
    "Adi et al. 2017 (arXiv:1608.04207); Conneau et al. 2018 (arXiv:1805.01070); shuffled labels after the control "
    "tasks of Hewitt and Liang 2019 (arXiv:1909.03368).",
    measure,
    present,
    seconds=7.4,
)
