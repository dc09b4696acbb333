"""The learning curve as a picture."""

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from seq2seq.files import write_atomically

_LEAST_BLEU = 10.0  # the axis reaches at least so far, so that noise near 0 does not look like a peak


def draw_curve(
    records: Sequence[Mapping[str, Any]], picture: Path, *, title: str = "", best_step: int = 0, warmup: int = 0
) -> None:
    """Draw loss and dev BLEU against epochs; nothing where nothing was measured.

    Args:
        records: what was measured, an epoch each.
        picture: the PNG to write.
        title: above the picture, behind "Learning curve".
        best_step: the update after which the best weights were taken; 0 marks none.
        warmup: updates in which the learning rate rises; they are shaded.
    """
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    if not records:
        return
    figure = Figure(figsize=(7, 4.4), layout="constrained")
    left = figure.add_subplot()
    left.set_title(f"Learning curve: {title}" if title else "Learning curve")
    for key, label, style in (("loss", "training loss (as optimised)", "C0-"), ("dev_loss", "dev loss", "C1o-")):
        _plot(left, records, key, label, style)
    left.set_xlabel("epoch")
    left.xaxis.set_major_locator(MaxNLocator(integer=True))
    left.set_ylabel("loss, nats a token (lower is better)")
    _mark(left, records, best_step, warmup)
    handles, labels = left.get_legend_handles_labels()
    if any("dev_bleu" in record for record in records):
        right = left.twinx()
        for key, label, style in (
            ("dev_bleu", "dev BLEU (greedy)", "C2s--"),
            ("parent_dev_bleu", "the parent's dev BLEU", "C4^:"),
        ):
            _plot(right, records, key, label, style)
        right.set_ylabel("BLEU, of 100 (higher is better)")
        right.set_ylim(0, max(_LEAST_BLEU, 1.1 * right.get_ylim()[1]))
        more = right.get_legend_handles_labels()
        handles, labels = handles + more[0], labels + more[1]
    figure.legend(handles, labels, loc="outside lower center", ncols=3, fontsize="small", frameon=False)
    left.grid(alpha=0.3)
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=150)
    write_atomically(picture, stream.getvalue())


def _plot(axis: Any, records: Sequence[Mapping[str, Any]], key: str, label: str, style: str) -> None:
    points = [(record["epoch"], record[key]) for record in records if key in record]
    if points:
        axis.plot(*zip(*points, strict=True), style, label=label, markersize=3)


def _mark(axis: Any, records: Sequence[Mapping[str, Any]], best_step: int, warmup: int) -> None:
    """The warm-up and the best epoch."""
    last = records[-1]
    if warmup and last.get("step"):
        axis.axvspan(0, warmup * last["epoch"] / last["step"], color="0.5", alpha=0.15, label="warm-up")
    best = [record["epoch"] for record in records if best_step and record.get("step") == best_step]
    if best:
        axis.axvline(best[0], color="C3", linestyle=":", label=f"best: epoch {best[0]}")
