"""The section of the report on the space of summaries."""

import textwrap
from collections.abc import Mapping
from typing import Any

import numpy as np

from seq2seq.analysis.drawing import Curve, blank, draw_curves, picture, plot
from seq2seq.analysis.section import Figures, Picture, Section, Table
from seq2seq.analysis.statistics import against_first

SWAPPED = "two neighbouring words swapped"
EXCHANGED = "who does it to whom exchanged"
MOVED = "year moved"
STEPS = (0.0, 0.25, 0.5, 0.75, 1.0)
_SIGNIFICANT = 0.05
_LABEL = 34  # characters of a sentence on the map
_BLIND = 0.01  # of the mean distance of two sentences: under it, h(T) does not tell the pair apart


def present(results: Mapping[str, Figures]) -> Section:
    """Findings of each run; tables and pictures of all."""
    section = Section()
    measured = {run: figures for run, figures in results.items() if "left_out" not in figures}
    for run, figures in results.items():
        if run not in measured:
            section.findings.append(f"{run}: left out: {figures['left_out']}.")
            continue
        if not figures["effective_rank"]:
            section.warnings.append(f"{run}: h(T) is the same for every sentence: it says nothing.")
        section.findings += _findings(run, figures)
    if measured:
        section.tables += [_shapes(measured), *_compared(measured)]
        section.pictures += _pictures(measured)
    for run, figures in measured.items():
        section.tables += [_neighbours(run, figures["neighbours"]), *_between(run, figures["between"])]
    return section


def _findings(run: str, figures: Figures) -> list[str]:
    sentences = [_shape(run, figures), _nearest(run, figures["neighbours"])]
    sentences += [_order(run, kind, pair) for kind, pair in figures["pairs"].items()]
    between = figures["between"]
    if not between:
        return [*sentences, f"{run} has attention: a summary alone is not translated, so the way between is left out."]
    start, middle, end = (between["log_probs"][k]["mean"] for k in (0, len(STEPS) // 2, -1))
    how = "as sure" if between["p_middle"] >= _SIGNIFICANT else "less sure" if middle < (start + end) / 2 else "surer"
    sentences.append(
        f"{run}: half-way between two sentences the decoder is {how} of what it writes: {middle:.2f} nats a piece, "
        f"{(start + end) / 2:.2f} at the ends (p {between['p_middle']:.3f}); {100 * between['middle_is_an_end']:.0f} % "
        f"of {between['pairs']} middles are translated like an end."
    )
    return sentences


def _shape(run: str, figures: Figures) -> str:
    ninety, most = figures["components"]
    return (
        f"{run}: the {figures['numbers']:,} numbers of h(T) vary like {figures['effective_rank']:.0f} independent ones "
        f"(effective rank, participation ratio): of the {figures['most_directions']} directions that "
        f"{figures['sentences']:,} sentences could show, {ninety} hold 90 % of the variance and {most} hold 99 %. "
        f"{figures['dead_units']} units are dead, {figures['saturated_units']} saturated; "
        f"{100 * figures['saturated_share']:.1f} % of all numbers are beyond 0.99."
    )


def _nearest(run: str, figures: Figures) -> str:
    common = figures["pieces_in_common"]
    gap = figures["difference_in_length"]
    return (
        f"{run}: the nearest other sentence is at {_of(figures['distance'])} of the usual distance and has "
        f"{common['nearest']['mean']:.0f} % of its pieces in common, any other one {common['any']['mean']:.0f} % "
        f"(p {common['p']:.3f}); their lengths differ by {gap['nearest']['mean']:.1f} pieces, those of any two by "
        f"{gap['any']['mean']:.1f} (p {gap['p']:.3f})."
    )


def _of(value: Mapping[str, float]) -> str:
    return f"{value['mean']:.2f} ({value['low']:.2f} to {value['high']:.2f})"


def _order(run: str, kind: str, pair: Figures) -> str:
    first, second = pair["example"]
    text = f"{run}: {kind} ({first} / {second}): "
    if pair["euclidean"]["high"] < _BLIND:
        return text + "h(T) stays where it is: it is blind to this order."
    translated = f"the translation changes in {100 * pair['translated_apart']['mean']:.0f} % of {pair['pairs']} pairs"
    return (
        text + f"h(T) moves by {_of(pair['euclidean'])} of the distance of two unrelated sentences, and {translated}."
    )


def _shapes(results: Mapping[str, Figures]) -> Table:
    rows = [
        [
            run,
            f"{figures['numbers']:,}",
            f"{figures['effective_rank']:.1f}",
            *(str(count) for count in figures["components"]),
            str(figures["dead_units"]),
            str(figures["saturated_units"]),
            f"{100 * figures['saturated_share']:.1f} %",
        ]
        for run, figures in results.items()
    ]
    header = ["run", "numbers", "effective rank", "for 90 %", "for 99 %", "dead", "saturated", "numbers beyond 0.99"]
    return Table("The shape of the cloud: directions and units", header, rows)


def _compared(results: Mapping[str, Figures]) -> list[Table]:
    """Each kind of pair: its distances in each run, and p against the first run where the pairs are the same."""
    tables = []
    for kind in (SWAPPED, EXCHANGED, MOVED):
        pairs = {run: figures["pairs"][kind] for run, figures in results.items() if kind in figures["pairs"]}
        if not pairs:
            continue
        by_pair = {run: pair["by_pair"] for run, pair in pairs.items()}
        comparable = len({len(values) for values in by_pair.values()}) == 1
        p = against_first(by_pair) if comparable else {}
        rows = [
            [
                run,
                _of(pair["euclidean"]),
                _of(pair["cosine"]),
                f"{100 * pair['translated_apart']['mean']:.0f} %",
                *([f"{p[run]:.3f}" if run in p else ""] if p else []),
            ]
            for run, pair in pairs.items()
        ]
        header = ["run", "Euclidean distance (95 %)", "cosine distance (95 %)", "translated otherwise"]
        header += [f"p against {next(iter(pairs))}"] if p else []
        tables.append(Table(f"{kind}: distance of a pair, 1 for two unrelated sentences of the kind", header, rows))
    return tables


def _neighbours(run: str, figures: Figures) -> Table:
    rows = []
    for example in figures["examples"]:
        rows.append([example["text"], ""])
        rows += [[f"{rank}. {text}", f"{distance:.2f}"] for rank, (text, distance) in enumerate(example["nearest"], 1)]
    return Table(f"{run}: sentences, and under each the three nearest others", ["sentence", "distance / usual"], rows)


def _between(run: str, figures: Figures) -> list[Table]:
    rows = [
        [text, f"{step:.2f}", where]
        for example in figures.get("examples", ())
        for step, text in zip(STEPS, example["translations"], strict=True)
        for where in [{0.0: example["first"], 1.0: example["second"]}.get(step, "")]
    ]
    header = ["translation of the point", "place", "its source"]
    return [Table(f"{run}: on the straight line between two summaries", header, rows)] if rows else []


def _pictures(results: Mapping[str, Figures]) -> list[Picture]:
    pictures = [_map(results), _spread(results)]
    walks = {run: figures["between"]["log_probs"] for run, figures in results.items() if figures["between"]}
    if walks:
        curves = {}
        for run, points in walks.items():
            mean, low, high = ([point[part] for point in points] for part in ("mean", "low", "high"))
            curves[run] = Curve(STEPS, mean, low, high)
        caption = "How sure the decoder is of its own translation on the way between two summaries, with 95 % bands."
        y = "log-probability of the translation, nats a piece"
        pictures.append(draw_curves("space_between", caption, curves, "share of the way to the second sentence", y))
    return pictures


def _map(results: Mapping[str, Figures]) -> Picture:
    columns = min(2, len(results))
    figure, axes = blank(-(-len(results) // columns), columns, height=4.6)
    panels = np.atleast_1d(axes).ravel()
    longest = max(max(figures["map"]["lengths"]) for figures in results.values())
    for panel, (run, figures) in zip(panels, results.items(), strict=False):
        points = figures["map"]
        shares = [*figures["variance_shares"], 0.0]
        dots = panel.scatter(points["x"], points["y"], c=points["lengths"], s=8, cmap="viridis", vmin=0, vmax=longest)
        for row, text in points["named"]:
            _name(panel, points["x"][row], points["y"][row], text)
        panel.set_xlabel(f"first component, {100 * shares[0]:.0f} % of the variance")
        panel.set_ylabel(f"second component, {100 * shares[1]:.0f} %")
        panel.set_title(run, fontsize="medium")
    for panel in panels[len(results) :]:
        panel.set_axis_off()
    figure.colorbar(dots, ax=list(panels), label="source pieces")
    caption = "Each dot a sentence: h(T) on its two principal components. Some are named, from left to right."
    return picture("space_map", caption, figure)


def _name(panel: Any, x: float, y: float, text: str) -> None:
    short = text if len(text) <= _LABEL else text[: _LABEL - 1] + "…"
    left, right = panel.get_xlim()
    side = "left" if x < (left + right) / 2 else "right"
    panel.plot(x, y, "o", color="crimson", markersize=4)
    box = {"facecolor": "white", "alpha": 0.75, "edgecolor": "none", "pad": 0.5}
    panel.annotate(short, (x, y), (0, 4), textcoords="offset points", ha=side, fontsize=7, parse_math=False, bbox=box)


def _spread(results: Mapping[str, Figures]) -> Picture:
    figure, (left, right) = blank(columns=2)
    curves = {
        run: Curve(np.arange(1, len(shares) + 1).tolist(), (100 * np.cumsum(shares)).tolist(), style="-")
        for run, shares in ((run, figures["variance_shares"]) for run, figures in results.items())
    }
    plot(left, curves, "principal components", "variance held, %")
    left.set_xscale("log")
    for share in (90, 99):
        left.axhline(share, color="grey", linewidth=0.8, linestyle=":")
    kinds = [
        kind for kind in (SWAPPED, EXCHANGED, MOVED) if any(kind in figures["pairs"] for figures in results.values())
    ]
    for index, (run, figures) in enumerate(results.items()):
        distances = [
            (place, figures["pairs"][kind]["euclidean"]) for place, kind in enumerate(kinds) if kind in figures["pairs"]
        ]
        places = [place + (index - (len(results) - 1) / 2) * 0.15 for place, _ in distances]
        means = np.array([value["mean"] for _, value in distances])
        bars = np.abs(np.array([[value["low"], value["high"]] for _, value in distances]).reshape(-1, 2).T - means)
        right.errorbar(means, places, xerr=bars, fmt="o", capsize=3, label=run)
    right.set_yticks(range(len(kinds)), [textwrap.fill(kind, 16) for kind in kinds])
    right.set_ylim(len(kinds) - 0.5, -0.5)
    right.set_xlim(0, max(1.05, right.get_xlim()[1]))
    right.axvline(1, color="grey", linewidth=0.8, linestyle=":")
    right.set_xlabel("distance of a pair / of two unrelated sentences")
    right.grid(alpha=0.3)
    caption = (
        "Above: how many directions hold the variance of h(T). Below: how far h(T) moves when only the order changes, "
        "with 95 % intervals; 1 is another sentence, 0 would be blindness to order."
    )
    return picture("space", caption, figure)
