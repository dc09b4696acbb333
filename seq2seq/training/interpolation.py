"""Old and new weights mixed: how much of the old pair can be had back, and at what price (Wortsman et al. 2022)."""

import io
import json
import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tqdm.auto import tqdm

from seq2seq.files import write_atomically
from seq2seq.runs.checkpoint import Arrays, Checkpoint, set_weights
from seq2seq.runs.directory import RunDirectory
from seq2seq.training import processes
from seq2seq.training.judgement import telling

if TYPE_CHECKING:
    from seq2seq.model import Seq2Seq

_log = logging.getLogger("seq2seq")
_SHARES = tuple(tenth / 10 for tenth in range(11))


class Point(NamedTuple):
    """A mixture: the share of the parent's weights, BLEU on both dev sets, and the mean of their losses."""

    share: float
    new: float
    old: float
    loss: float


def interpolate(
    run: RunDirectory,
    model: "Seq2Seq",
    evaluate: Callable[[], dict[str, Any]],
    evaluate_parent: Callable[[], dict[str, Any]],
) -> None:
    """Mix the parent's weights into the best ones, as much as serves both dev sets best, and keep the mixture.

    Args:
        run: the run's directory; its checkpoint ``parent`` has the weights from before fine-tuning.
        model: the network that takes each mixture of weights, to be measured.
        evaluate, evaluate_parent: measure its ``dev_bleu`` and ``dev_loss`` on the new and on the parent's dev set.
    """
    new, old = run.load("best"), run.load("parent")
    if "interpolated" in new.state:
        return

    def measure(weights: Arrays) -> tuple[float, float, float]:
        set_weights(model, weights, origin=str(run.path))
        ours, theirs = evaluate(), evaluate_parent()
        return ours["dev_bleu"], theirs["dev_bleu"], (ours["dev_loss"] + theirs["dev_loss"]) / 2

    points = trade_off(new.arrays, old.arrays, measure)
    if not processes.is_first():
        return
    chosen = best_of(points)
    write_atomically(run.path / "tradeoff.json", json.dumps([point._asdict() for point in points]).encode())
    draw_trade_off(points, chosen, run.path / "tradeoff.png")
    _log.info("the best for both dev sets has %.0f %% of the parent's weights", 100 * chosen.share)
    state = new.state | {"interpolated": chosen.share}
    run.save("best", Checkpoint(new.step, mixed(new.arrays, old.arrays, chosen.share), state))


def mixed(new: Arrays, old: Arrays, share: float) -> Arrays:
    """(1 - share) new + share old, weight by weight."""
    return {name: ((1 - share) * new[name] + share * old[name]).astype(new[name].dtype) for name in new}


def trade_off(new: Arrays, old: Arrays, measure: Callable[[Arrays], tuple[float, float, float]]) -> list[Point]:
    """Both dev scores for eleven mixtures, from the new weights alone to the old ones alone.

    Args:
        new: the weights after fine-tuning, by name.
        old: weights before it, in the same shapes.
        measure: weights to BLEU on the new pair's dev set and on the parent's, and the mean of both dev losses.
    """
    shares = tqdm(_SHARES, "interpolating", unit="mixture") if processes.is_first() else _SHARES
    return [Point(share, *measure(mixed(new, old, share))) for share in shares]


def best_of(points: Sequence[Point]) -> Point:
    """The mixture with the highest mean BLEU, where it can tell; then that with the lowest loss, then the newest."""
    return max(points, key=lambda point: (telling(point.new) + telling(point.old), -point.loss, -point.share))


def draw_trade_off(points: Sequence[Point], chosen: Point, picture: Path) -> None:
    """Draw the new pair's BLEU against the parent's, one dot a mixture."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 4.5), layout="constrained")
    axis = figure.add_subplot()
    axis.plot([p.old for p in points], [p.new for p in points], "C0o-", markersize=4)
    axis.plot(chosen.old, chosen.new, "C3*", markersize=14, label=f"chosen: {chosen.share:.0%} of the parent's weights")
    for point in _apart(points):
        axis.annotate(
            f"{point.share:.0%}", (point.old, point.new), textcoords="offset points", xytext=(5, 5), fontsize=8
        )
    axis.set_xlabel("dev BLEU, the parent's pair")
    axis.set_ylabel("dev BLEU, the new pair")
    axis.set_title("Share of the parent's weights in the mixture")
    axis.grid(alpha=0.3)
    axis.legend()
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=150)
    write_atomically(picture, stream.getvalue())


def _apart(points: Sequence[Point], gap: float = 0.07) -> list[Point]:
    """Those whose labels will not cover each other: the first, and each that is far enough from the one before."""
    spans = [max(getattr(p, axis) for p in points) - min(getattr(p, axis) for p in points) for axis in ("old", "new")]
    kept = [points[0]]
    for point in points[1:]:
        moves = point.old - kept[-1].old, point.new - kept[-1].new
        if any(abs(move) > gap * span for move, span in zip(moves, spans, strict=True)):
            kept.append(point)
    return kept
