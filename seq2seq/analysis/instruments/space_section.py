"""The section of the report on the space of summaries."""

import textwrap
from collections.abc import Mapping
from typing import Any

import numpy as np

from seq2seq.analysis.drawing import Curve, blank, draw_curves, picture, plot
from seq2seq.analysis.section import Figures, Picture, Section, Table
from seq2seq.analysis.statistics import against_first

SWAPPED, EXCHANGED, MOVED = "two neighbouring words swapped", "who does it to whom exchanged", "year moved"
STEPS = (0.0, 0.25, 0.5, 0.75, 1.0)
_SIGNIFICANT = 0.05
_LABEL = 34  # characters of a sentence on the map
_BLIND = 0.01


def present(results: Mapping[str, Figures]) -> Section:
    """Findings of each run; tables and pictures of all."""
    section = Section()
    measured = {run: found for run, found in results.items() if "left_out" not in found}
    for run, found in results.items():
        if run not in measured:
            section.findings.append(f"{run}: left out: {found['left_out']}.")
            continue
        if not found["effective_rank"]:
            section.warnings.append(f"{run}: h(T) is the same for every sentence: it says nothing.")
        section.findings += _findings(run, found)
    if measured:
        section.tables += [_shapes(measured), *_compared(measured)]
        section.pictures += _pictures(measured)
    for run, found in measured.items():
        section.tables += [_neighbours(run, found["neighbours"]), *_between(run, found["between"])]
    return section


def _findings(run: str, found: Figures) -> list[str]:
    sentences = [_shape(run, found), _nearest(run, found["neighbours"])]
    sentences += [_order(run, kind, pair) for kind, pair in found["pairs"].items()]
    between = found["between"]
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


def _shape(run: str, found: Figures) -> str:
    ninety, most = found["components"]
    return (
        f"{run}: the {found['numbers']:,} numbers of h(T) vary like {found['effective_rank']:.0f} independent ones "
        f"(effective rank, participation ratio): of the {found['most_directions']} directions that "
        f"{found['sentences']:,} sentences could show, {ninety} hold 90 % of the variance and {most} hold 99 %. "
        f"{found['dead_units']} units are dead, {found['saturated_units']} saturated; "
        f"{100 * found['saturated_share']:.1f} % of all numbers are beyond 0.99."
    )


def _nearest(run: str, found: Figures) -> str:
    common, gap = found["pieces_in_common"], found["difference_in_length"]
    return (
        f"{run}: the nearest other sentence is at {_of(found['distance'])} of the usual distance and has "
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
            f"{found['numbers']:,}",
            f"{found['effective_rank']:.1f}",
            *(str(count) for count in found["components"]),
            str(found["dead_units"]),
            str(found["saturated_units"]),
            f"{100 * found['saturated_share']:.1f} %",
        ]
        for run, found in results.items()
    ]
    header = ["run", "numbers", "effective rank", "for 90 %", "for 99 %", "dead", "saturated", "numbers beyond 0.99"]
    return Table("The shape of the cloud: directions and units", header, rows)


def _compared(results: Mapping[str, Figures]) -> list[Table]:
    """Each kind of pair: its distances in each run, and p against the first run where the pairs are the same."""
    tables = []
    for kind in (SWAPPED, EXCHANGED, MOVED):
        own = {run: found["pairs"][kind] for run, found in results.items() if kind in found["pairs"]}
        if not own:
            continue
        by_pair = {run: pair["by_pair"] for run, pair in own.items()}
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
            for run, pair in own.items()
        ]
        header = ["run", "Euclidean distance (95 %)", "cosine distance (95 %)", "translated otherwise"]
        header += [f"p against {next(iter(own))}"] if p else []
        tables.append(Table(f"{kind}: distance of a pair, 1 for two unrelated sentences of the kind", header, rows))
    return tables


def _neighbours(run: str, found: Figures) -> Table:
    rows = []
    for example in found["examples"]:
        rows.append([example["text"], ""])
        rows += [[f"{rank}. {text}", f"{distance:.2f}"] for rank, (text, distance) in enumerate(example["nearest"], 1)]
    return Table(f"{run}: sentences, and under each the three nearest others", ["sentence", "distance / usual"], rows)


def _between(run: str, found: Figures) -> list[Table]:
    rows = [
        [text, f"{step:.2f}", where]
        for example in found.get("examples", ())
        for step, text in zip(STEPS, example["translations"], strict=True)
        for where in [{0.0: example["first"], 1.0: example["second"]}.get(step, "")]
    ]
    header = ["translation of the point", "place", "its source"]
    return [Table(f"{run}: on the straight line between two summaries", header, rows)] if rows else []


def _pictures(results: Mapping[str, Figures]) -> list[Picture]:
    found = [_map(results), _spread(results)]
    walks = {run: own["between"]["log_probs"] for run, own in results.items() if own["between"]}
    if walks:
        curves = {}
        for run, points in walks.items():
            mean, low, high = ([point[part] for point in points] for part in ("mean", "low", "high"))
            curves[run] = Curve(STEPS, mean, low, high)
        caption = "How sure the decoder is of its own translation on the way between two summaries, with 95 % bands."
        y = "log-probability of the translation, nats a piece"
        found.append(draw_curves("space_between", caption, curves, "share of the way to the second sentence", y))
    return found


def _map(results: Mapping[str, Figures]) -> Picture:
    columns = min(2, len(results))
    figure, axes = blank(-(-len(results) // columns), columns, height=4.6)
    panels = np.atleast_1d(axes).ravel()
    longest = max(max(found["map"]["lengths"]) for found in results.values())
    for panel, (run, found) in zip(panels, results.items(), strict=False):
        own, shares = found["map"], [*found["variance_shares"], 0.0]
        dots = panel.scatter(own["x"], own["y"], c=own["lengths"], s=8, cmap="viridis", vmin=0, vmax=longest)
        for row, text in own["named"]:
            _name(panel, own["x"][row], own["y"][row], text)
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
        for run, shares in ((run, found["variance_shares"]) for run, found in results.items())
    }
    plot(left, curves, "principal components", "variance held, %")
    left.set_xscale("log")
    for share in (90, 99):
        left.axhline(share, color="grey", linewidth=0.8, linestyle=":")
    kinds = [kind for kind in (SWAPPED, EXCHANGED, MOVED) if any(kind in found["pairs"] for found in results.values())]
    for index, (run, found) in enumerate(results.items()):
        own = [(place, found["pairs"][kind]["euclidean"]) for place, kind in enumerate(kinds) if kind in found["pairs"]]
        places = [place + (index - (len(results) - 1) / 2) * 0.15 for place, _ in own]
        means = np.array([value["mean"] for _, value in own])
        bars = np.abs(np.array([[value["low"], value["high"]] for _, value in own]).reshape(-1, 2).T - means)
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
