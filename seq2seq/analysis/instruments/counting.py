"""How does it know when to stop? Units that count, and the probability of the end symbol."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from seq2seq.analysis.drawing import Curve, blank, picture, plot
from seq2seq.analysis.least_squares import best_units, predict, predict_by_classes, unexplained
from seq2seq.analysis.ridge import ridge
from seq2seq.analysis.section import Analysis, Figures, Section, Table, comparison_table
from seq2seq.analysis.statistics import Estimate, against_first, estimate, p_value
from seq2seq.analysis.steps import Steps, decoder_steps, encoder_steps
from seq2seq.analysis.subject import Subject
from seq2seq.layers.encoder import Encoder

_SENTENCES = 400  # whose states are read, at most: it bounds time and memory
_FEWEST_SENTENCES = 10  # fewer cannot be divided into sentences to learn from and to predict
_FEWEST_STEPS = 10  # behind a point of the curve
_SEED = 1
_UNITS = (1, 2, 10)  # how many units may count together
_TRACES = 4  # sentences drawn step by step
_DRAWN_RUNS = 4  # more rows of pictures are hard to compare
_SURE = 0.05  # p-value under which a difference counts
_MARGIN = 0.05  # R2 above what is known without counting
_READ, _WRITES = ": read so far", "decoder: still to write"


def measure(subject: Subject) -> Figures:
    """How well the states tell what was read, what is still to come, and what is still to be written."""
    count = len(subject.source_ids)
    if count < _FEWEST_SENTENCES:
        return {"left_out": f"{count} sentences are too few to learn from one half of them and to look at the other"}
    chosen = np.unique(np.linspace(0, count - 1, _SENTENCES).astype(int))
    sequences = [[list(ids[i]) for i in chosen] for ids in (subject.source_ids, subject.target_ids)]
    learned = np.random.default_rng(_SEED).permutation(len(chosen)) < len(chosen) // 2
    drawn = _spread(np.array([len(target) for target in sequences[1]]), ~learned)
    tasks = {}
    if isinstance(subject.model.encoder, Encoder):
        for name, steps in encoder_steps(subject, *sequences).items():
            units = subject.model.encoder.stack[-1][0].units
            tasks[f"encoder, {name}{_READ}"] = _task(steps, steps.done, learned, drawn, units)
            tasks[f"encoder, {name}: still to come"] = _task(steps, steps.left, learned, drawn, units, clock=True)
    steps, ends = decoder_steps(subject, *sequences)
    tasks[_WRITES] = _task(steps, steps.left, learned, drawn, subject.model.decoder.units, clock=True)
    return {"tasks": tasks, "end": _end(steps.left, ends), "sentences": [len(chosen), int((~learned).sum())]}


def _spread(lengths: np.ndarray, among: np.ndarray) -> np.ndarray:
    """A few of the sentences, from the shortest to the longest."""
    order = np.flatnonzero(among)[np.argsort(lengths[among], kind="stable")]
    return np.asarray(order[np.unique(np.linspace(0, len(order) - 1, _TRACES).astype(int))])


def _task(
    steps: Steps, target: np.ndarray, learned: np.ndarray, drawn: np.ndarray, units: int, clock: bool = False
) -> dict[str, Any]:
    """R2 on sentences not learned from: of a few units, of all, and of what is known without any.

    Args:
        steps: the states of all sentences, one row for each time step.
        target: the count to be read off the states, (N,).
        learned: the sentences to learn from; the others are looked at.
        drawn: the sentences whose states are drawn step by step.
        units: H, to name units.
        clock: compare with the number of tokens read so far, where that is not the target.
    """
    seen = learned[steps.sentences]
    train, held = steps.take(seen), steps.take(~seen)
    known, truth = target[seen].astype(np.float64), target[~seen].astype(np.float64)
    best = best_units(train.states, known, max(_UNITS))
    predicted = {str(n): predict(train.states[:, best[:n]], known, held.states[:, best[:n]]) for n in _UNITS}
    predicted["all"] = ridge(train.states, held.states, [known[:, None]], train.sentences)[0].test[:, 0]
    known_anyway = [np.stack([rows.done, rows.tokens], axis=1) for rows in (train, held)]
    predicted["token"] = predict_by_classes(known_anyway[0][:, 1:], known, known_anyway[1][:, 1:])
    if clock:
        powers = [rows.done[:, None] ** np.arange(1.0, 4.0) for rows in (train, held)]
        predicted["position"] = predict(powers[0], known, powers[1])
        predicted["both"] = predict_by_classes(known_anyway[0], known, known_anyway[1])
    errors = {key: unexplained(values, truth, held.sentences) for key, values in predicted.items()}
    return {
        "units": [f"{'hc'[unit // units]}[{unit % units}]" for unit in best],
        "r2": {key: _explained(values)._asdict() for key, values in errors.items()},
        "unexplained": {key: [round(float(value), 5) for value in values] for key, values in errors.items()},
        "traces": [
            [round(float(value), 4) for value in steps.states[steps.sentences == sentence, best[0]]]
            for sentence in drawn
        ]
        if best
        else [],
    }


def _explained(unexplained: np.ndarray) -> Estimate:
    mean, low, high = estimate(unexplained)
    return Estimate(1 - mean, 1 - high, 1 - low)


def _end(left: np.ndarray, ends: np.ndarray) -> dict[str, list[float]]:
    """P(end symbol), median and quartiles over steps, by the tokens that are left."""
    end: dict[str, list[float]] = {"left": [], "low": [], "median": [], "high": []}
    for tokens in range(int(left.max()) + 1):
        probabilities = np.exp(ends[left == tokens])
        if len(probabilities) >= min(_FEWEST_STEPS, int((left == 0).sum())):
            end["left"].append(tokens)
            for key, value in zip(
                ("low", "median", "high"), np.quantile(probabilities, (0.25, 0.5, 0.75)), strict=True
            ):
                end[key].append(float(f"{max(value, 1e-30):.3g}"))
    return end


def present(results: Mapping[str, Figures]) -> Section:
    """A table of R2, traces of the best units, and the end symbol's probability."""
    section = Section()
    for run, figures in results.items():
        if "left_out" in figures:
            section.findings.append(f"{run}: left out, since {figures['left_out']}.")
    measured = {run: figures for run, figures in results.items() if "left_out" not in figures}
    if not measured:
        return section
    for run, figures in measured.items():
        section.findings += [
            _decoder_finding(run, figures),
            *_encoder_findings(run, figures),
            _end_finding(run, figures),
        ]
    sentences, held = next(iter(measured.values()))["sentences"]
    section.findings.append(
        f"Measured on {sentences} sentences: units and weights are chosen on {sentences - held}, R2 is of the others."
    )
    section.pictures += [_draw_end(measured), _draw_traces(measured)]
    if len(measured) > 1:
        errors = {run: figures["tasks"][_WRITES]["unexplained"]["10"] for run, figures in measured.items()}
        values = {run: Estimate(**figures["tasks"][_WRITES]["r2"]["10"]) for run, figures in measured.items()}
        section.tables.append(
            comparison_table(
                "What is still to write, from ten units of the decoder", "R2", values, against_first(errors)
            )
        )
    section.tables.append(_table(measured))
    return section


def _decoder_finding(run: str, figures: Figures) -> str:
    task = figures["tasks"][_WRITES]
    r2, wrong = task["r2"], task["unexplained"]
    if not task["units"] or not np.isfinite(r2["all"]["mean"]):
        return f"{run}: there is nothing to count in the decoder: its states, or what is left to write, never change."

    control = max(("position", "token", "both"), key=lambda key: float(r2[key]["mean"]))

    def beats(key: str) -> bool:
        gain = r2[key]["mean"] - r2[control]["mean"]
        return bool(gain > _MARGIN and p_value(wrong[key], wrong[control]) < _SURE)

    text = (
        f"{run}: the decoder's best unit, {task['units'][0]}, tells how many tokens are still to be written with R2 "
        f"{_r2(r2['1'])}, ten units with {_r2(r2['10'])}, all with {_r2(r2['all'])}. Without counting, the number "
        f"of tokens written and the last of them give {_r2(r2[control])}."
    )
    if beats("1"):
        return f"{text} So a single unit already tells more than that about this very sentence."
    if beats("all"):
        return f"{text} So the state tells more than that about this very sentence, but no single unit does."
    return f"{text} The states show no more than that: nothing says that this sentence's length is known."


def _encoder_findings(run: str, figures: Figures) -> list[str]:
    return [
        f"{run}: {name.removesuffix(_READ)}: the best unit, {task['units'][0]}, tells how many tokens were read with "
        f"R2 {_r2(task['r2']['1'])}, all units with {_r2(task['r2']['all'])}; the token alone gives "
        f"{_r2(task['r2']['token'])}."
        for name, task in figures["tasks"].items()
        if name.endswith(_READ) and task["units"]
    ]


def _end_finding(run: str, figures: Figures) -> str:
    end = dict(zip(figures["end"]["left"], figures["end"]["median"], strict=True))
    before = "".join(f"{end[left]:.2g} with {left} to go, " for left in (5, 2, 1) if left in end)
    return f"{run}: the end symbol has a probability of {before}and {end[0]:.2g} where the reference ends (medians)."


def _r2(value: Mapping[str, float]) -> str:
    return f"{value['mean']:.2f} ({value['low']:.2f} to {value['high']:.2f})"


def _table(measured: Mapping[str, Figures]) -> Table:
    keys = dict(
        zip(
            ("1", "2", "10", "all", "position", "token", "both"),
            ("best unit", "2 units", "10 units", "all units", "position alone", "token alone", "these two"),
            strict=True,
        )
    )
    rows = [
        [
            run,
            name,
            ", ".join(task["units"][:2]),
            *(f"{task['r2'][k]['mean']:.2f}" if k in task["r2"] else "" for k in keys),
        ]
        for run, figures in measured.items()
        for name, task in figures["tasks"].items()
    ]
    return Table("R2 on sentences not learned from", ["run", "of what", "best two", *keys.values()], rows)


def _draw_end(measured: Mapping[str, Figures]) -> Any:
    figure, axes = blank()
    curves = {
        run: Curve(*(figures["end"][key] for key in ("left", "median", "low", "high")))
        for run, figures in measured.items()
    }
    plot(axes, curves, "tokens of the reference still to write", "probability of the end symbol")
    axes.set_yscale("log")
    axes.invert_xaxis()
    caption = "How surely the end is seen coming: median and middle half of steps, while the decoder reads references."
    return picture("counting", caption, figure)


def _draw_traces(measured: Mapping[str, Figures]) -> Any:
    """One row a run: the encoder's best counter of what was read, the decoder's of what is still to write."""
    drawn = list(measured.items())[:_DRAWN_RUNS]
    figure, axes = blank(rows=len(drawn), columns=2, height=3.2)
    for (run, figures), row in zip(drawn, np.atleast_2d(axes), strict=True):
        first = next(iter(figures["tasks"]))
        for name, panel in zip((first, _WRITES), row, strict=True):
            task = figures["tasks"][name]
            curves = {
                f"{len(values)} steps": Curve(range(1, len(values) + 1), values, style=".-")
                for values in task["traces"]
            }
            plot(panel, curves, "step", f"{task['units'][0] if task['units'] else 'no unit'}")
            panel.xaxis.get_major_locator().set_params(integer=True)
            panel.set_title(f"{run}\n{name}", fontsize="small")
    caption = "The best unit of encoder and decoder, step by step, for a few sentences that it was not chosen on."
    return picture("counting_traces", caption, figure)


ANALYSIS = Analysis(
    "counting",
    "Counting",
    "How does it know when to stop?",
    "A decoder has to write the end symbol in the right place, so something in its state must know how much is still "
    "to be written. We look for units from which that number can be read by least squares. R2 is the share of its "
    "variance that is explained: 1 is a perfect counter, 0 no better than always saying the mean (and it can be below, "
    "on new sentences). Two things are known without any counter: how many tokens have been written so far ('position "
    "alone', which says something since sentences are about equally long), and which token was just read ('token "
    "alone': after a full stop the end is near). Only what is above these two was counted. In the traces, a counter is "
    "a straight slope that ends at the same height for short and for long sentences.",
    "Shi, Knight and Yuret 2016, 'Why neural translations are the right length' (EMNLP).",
    measure,
    present,
    seconds=3.7,
)
