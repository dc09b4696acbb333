"""How far back does learning reach? The gradient at the encoder's states, by the steps that it had to travel."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from keras import ops

from seq2seq.analysis import through_time
from seq2seq.analysis.clipping import clipping
from seq2seq.analysis.drawing import Curve, draw_curves
from seq2seq.analysis.section import Analysis, Figures, Section, Table, comparison_table
from seq2seq.analysis.statistics import Estimate, against_first, estimate
from seq2seq.analysis.subject import Subject
from seq2seq.layers.encoder import Encoder

Tensor = Any
_FEWEST_STEPS = 3  # of a sentence whose decay is measured
_FEWEST_SENTENCES = 10  # behind a point of the curve
_GATED_SENTENCES = 200  # whose gates are looked at
_VANISHED, _EXPLODED = 0.01, 100.0  # of dL/dh(T), at the first word read
_READS = {"forward": "left to right", "backward": "right to left"}
_UNITS = (0.1, 0.5, 0.9)  # quantiles over units


def measure(subject: Subject) -> Figures:
    """Decay, matrices and gates of each direction, and how many updates are clipped."""
    model = subject.model
    encoder: Any = model.encoder  # any layer that gives states and a summary will do
    if not isinstance(encoder, Encoder):
        return {"left_out": "its encoder has no recurrent layers"}
    norms = _norms(subject)
    steps = [len(ids) + 1 for ids in subject.source_ids]
    gates = _gates(subject)
    directions, slopes = {}, []
    for index, (backward, layer) in enumerate(zip(model.encoder.directions, model.encoder.stack[-1], strict=True)):
        relative = [_relative(norms[row, :count, index]) for row, count in enumerate(steps)]
        slopes.append([_slope(values) for values in relative])
        directions["backward" if backward else "forward"] = {
            "decay": _factor(estimate(slopes[-1])),
            "first_read": _median([values[-1] for values in relative if len(values) >= _FEWEST_STEPS]),
            "curve": _curve(relative),
            "matrices": through_time.matrices(layer),
            "memory_steps": gates[index],
        }
    decays = np.exp(np.mean(slopes, axis=0))
    return {
        "directions": directions,
        "decay_by_sentence": [round(float(value), 5) if np.isfinite(value) else None for value in decays],
        "clipping": clipping(subject),
        "cell": model.encoder.stack[-1][0].cell_name,
        "layers": len(model.encoder.stack),
        "pooling": model.encoder.pooling,
        "attention": model.decoder.attention is not None,
    }


def _norms(subject: Subject) -> np.ndarray:
    """The length of dL/ds(t), of all of a direction's states together: (sentences, T, D)."""

    def squares(source: Tensor, target_in: Tensor, target_out: Tensor) -> Tensor:
        gradients = through_time.state_gradients(subject.model, source, target_in, target_out)
        return ops.stack([sum(ops.sum(g * g, axis=-1) for g in states) for states in gradients], axis=-1)

    ids = subject.source_ids, subject.target_ids
    return np.sqrt(subject.over("state gradients", squares, *ids, side=0).astype(np.float64))


def _relative(norms: np.ndarray) -> np.ndarray:
    """Of one sentence in reading order: relative to the last step, by distance from it; empty where none arrives."""
    return norms[::-1] / norms[-1] if norms[-1] > 0 else np.empty(0)


def _slope(relative: np.ndarray) -> float:
    """Least squares of the logarithm against the distance."""
    distances = np.flatnonzero(relative > 0)
    if len(distances) < _FEWEST_STEPS:
        return np.nan
    return float(np.polyfit(distances, np.log(relative[distances]), 1)[0])


def _factor(slope: Estimate) -> dict[str, float | None]:
    """Of a slope a step: by what a step multiplies."""
    return {key: float(np.exp(value)) if np.isfinite(value) else None for key, value in slope._asdict().items()}


def _median(values: Sequence[float]) -> float | None:
    return float(np.median(values)) if len(values) else None


def _curve(relative: Sequence[np.ndarray]) -> dict[str, list[float]]:
    """Median and quartiles over the sentences that are so long, by distance."""
    counts = np.bincount([len(values) for values in relative], minlength=1)[::-1].cumsum()[::-1][1:]
    enough = min(_FEWEST_SENTENCES, int(counts[0])) if len(counts) else 0
    curve: dict[str, list[float]] = {"median": [], "low": [], "high": []}
    for distance in range(int((counts >= enough).sum())):
        reached = [values[distance] for values in relative if len(values) > distance]
        for key, value in zip(("low", "median", "high"), np.quantile(reached, (0.25, 0.5, 0.75)), strict=True):
            curve[key].append(float(f"{value:.4g}"))
    return curve


def _gates(subject: Subject) -> list[dict[str, float] | None]:
    """For each direction: after how many steps a unit's own memory has shrunk to 1 / e, and its spread over units.

    What a unit keeps over many steps is the product of its memory gate at each, so that is -1 / mean(ln gate).
    """
    model = subject.model
    if not through_time.has_memory_gate(model.encoder.stack[-1][0]):
        return [None] * len(model.encoder.directions)

    def logarithms(source: Tensor, target_in: Tensor, target_out: Tensor) -> Tensor:
        directions, _ = through_time.readings(model, source)
        return ops.stack([through_time.log_memory_gates(reading) for reading in directions], axis=-2)

    chosen = np.unique(np.linspace(0, len(subject.source_ids) - 1, _GATED_SENTENCES).astype(int))
    sources, targets = ([ids[i] for i in chosen] for ids in (subject.source_ids, subject.target_ids))
    log_gates = subject.over("memory gates", logarithms, sources, targets, side=0)
    steps = -1 / np.nanmean(log_gates.astype(np.float64), axis=(0, 1))  # (D, H)
    return [
        dict(zip(("low", "median", "high"), (float(value) for value in np.quantile(unit_steps, _UNITS)), strict=True))
        for unit_steps in steps
    ]


def present(results: Mapping[str, Figures]) -> Section:
    """The gradient against the distance, and what explains it: matrices and gates."""
    section = Section()
    section.findings += [
        f"{run}: left out, since {figures['left_out']}." for run, figures in results.items() if "left_out" in figures
    ]
    measured = {run: figures for run, figures in results.items() if "left_out" not in figures}
    if not measured:
        return section
    for run, figures in measured.items():
        section.findings += _findings(run, figures)
    lower = [run for run, figures in measured.items() if figures["layers"] > 1]
    if lower:
        section.findings.append(
            f"Of {', '.join(lower)} only the top layer is looked at: what enters the lower ones may reach further."
        )
    section.tables += _tables(measured)
    section.pictures.append(_draw(measured))
    return section


def _findings(run: str, figures: Figures) -> list[str]:
    sentences: list[str] = []
    left: dict[str, float] = {}
    for name, direction in figures["directions"].items():
        decay = direction["decay"]
        first = direction["first_read"]
        if first is None:
            sentences.append(f"{run}, {_READS[name]}: no gradient arrives at all, or all sentences are too short.")
            continue
        left[name] = first
        travels = "no gradient travels far enough for a decay to be measured"
        if decay["mean"] is not None:
            travels = (
                f"each step back multiplies the gradient by {decay['mean']:.3f} ({decay['low']:.3f} to "
                f"{decay['high']:.3f}){_half_life(decay)}"
            )
        sentences.append(
            f"{run}, {_READS[name]}: {travels}. At the first token that it reads, {_share(first)} of dL/dh(T) is left "
            "(median)."
        )
    if left:
        sentences.append(f"{run}: {_verdict(left, figures)}")
    clipped = figures["clipping"]
    if clipped:
        count = len(clipped["norms"])
        norms = clipped["norms"]
        sentences.append(
            f"{run}: with the trained weights, training.clip_norm = {clipped['clip_norm']:g} would shorten "
            f"{round(count * clipped['share'])} of {count} updates: a training batch's gradient has a median length of "
            f"{np.median(norms):.2g}, and {max(norms):.2g} at most."
        )
    return sentences


def _half_life(decay: Mapping[str, float]) -> str:
    if decay["high"] < 1:
        return f", so half of it is gone after {np.log(0.5) / np.log(decay['mean']):.1f} steps"
    if decay["low"] > 1:
        return f", so it doubles every {np.log(2) / np.log(decay['mean']):.1f} steps"
    return ", neither shrinking nor growing that these sentences can show"


def _share(value: float) -> str:
    return f"{100 * value:.2g} %" if value < 1 else f"{value:.3g} times"


def _verdict(left: Mapping[str, float], figures: Figures) -> str:
    """Whether the gradient reaches the first word that each direction reads, and what to try where it does not."""
    if max(left.values()) > _EXPLODED:
        return (
            "it explodes. Try a smaller training.clip_norm and training.learning_rate, and gated cells (model.cell="
            "lstm or gru)."
        )
    if min(left.values()) >= _VANISHED:
        return "it neither vanishes nor explodes over these sentences: the first words read can still be learned from."
    if figures["attention"]:
        return (
            f"it vanishes on its way back, with less than {100 * _VANISHED:.0f} % at the first words read; but the "
            "attention decoder looks at every state, and what it wants of them arrives without that way."
        )
    lost = [_READS[name] for name, share in left.items() if share < _VANISHED]
    if len(left) > len(lost):
        return (
            f"it vanishes {lost[0]}: less than {100 * _VANISHED:.0f} % reaches the first words read. They are the last "
            "ones that the other direction reads, which learns from them; it is far ties that are hard to learn."
        )
    cures = {
        "gated cells (model.cell=lstm or gru), whose memory passes a step beside the matrix": figures["cell"] == "rnn",
        "model.pooling=mean, max or slots, which reach every word directly": figures["pooling"] == "last",
        "model.direction=reversed or bidirectional, with the first words nearest to h(T)": "backward"
        not in figures["directions"],
        "shorter sentences": True,
    }
    return (
        f"it vanishes: less than {100 * _VANISHED:.0f} % reaches the first words read, which are hardly learned from. "
        f"Try {'; '.join(cure for cure, fits in cures.items() if fits)}. (Recurrent matrices start orthogonal here "
        "already, and clipping only helps against exploding.)"
    )


def _tables(measured: Mapping[str, Figures]) -> list[Table]:
    every = [
        (run, name, direction) for run, figures in measured.items() for name, direction in figures["directions"].items()
    ]
    tables = []
    if len(measured) > 1:
        by_sentence = {run: figures["decay_by_sentence"] for run, figures in measured.items()}
        values = {run: estimate(np.array(decays, float)) for run, decays in by_sentence.items()}
        tables.append(
            comparison_table(
                "Decay, over directions", "a step multiplies the gradient by", values, against_first(by_sentence)
            )
        )
    rows = [
        [run, name, gate, f"{sizes['spectral_norm']:.2f}", f"{sizes['spectral_radius']:.2f}"]
        for run, name, direction in every
        for gate, sizes in direction["matrices"].items()
    ]
    header = ["run", "direction", "matrix", "spectral norm", "spectral radius"]
    tables.append(Table("Recurrent matrices of the top layer, by gate", header, rows))
    rows = [
        [run, name, *(f"{direction['memory_steps'][key]:.1f}" for key in ("low", "median", "high"))]
        for run, name, direction in every
        if direction["memory_steps"]
    ]
    if rows:
        header = ["run", "direction", "10 % of units", "50 % of units", "90 % of units"]
        tables.append(Table("Steps after which a unit's memory gate has left 1 / e of it, at most", header, rows))
    return tables


def _draw(measured: Mapping[str, Figures]) -> Any:
    curves = {}
    for run, figures in measured.items():
        for name, direction in figures["directions"].items():
            y = direction["curve"]
            if y["median"]:
                curves[f"{run}, {_READS[name]}"] = Curve(range(len(y["median"])), y["median"], y["low"], y["high"])
    caption = (
        "The gradient at the encoder's states by the distance it travelled back: median and middle half of sentences."
    )
    x = "steps before the last one, T - t (tokens)"
    return draw_curves("gradients", caption, curves, x, "length of dL/dh(t) / that of dL/dh(T)", log=True)


ANALYSIS = Analysis(
    "gradients",
    "Gradients through time",
    "How far back does learning reach?",
    "A word can be learned from as long as the loss changes when the encoder's state after it does. That gradient is "
    "handed from each step to the one before it, and each step multiplies it: by less than one, and it vanishes with "
    "the distance; by more, and it explodes. On the picture's logarithmic axis a constant factor a step is a straight "
    "line; where it bends, the factor given is an average. Distance counts in the order of reading: for the direction "
    "that reads right to left, the sentence's first word is the nearest. An LSTM's h and c are taken together, since "
    "its memory travels in c. With pooling or attention, gradients arrive at every step, not only at the last. For a "
    "simple cell with tanh, a spectral norm under 1 means that the gradient must vanish, and only one above 1 lets it "
    "explode; in gated cells it can pass beside the matrix, through the memory gate (z of the GRU, f of the LSTM), for "
    "about -1 / ln(gate) steps.",
    "Bengio et al. 1994; Pascanu et al. 2013 (arXiv:1211.5063), section 2.",
    measure,
    present,
    seconds=13.1,
)
