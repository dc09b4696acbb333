"""The learning curve as a picture."""

import json
from pathlib import Path


def draw_curve(metrics: Path, picture: Path) -> None:
    """Draw loss and dev BLEU against epochs.

    Args:
        metrics: a run's metrics.jsonl.
        picture: the PNG to write.
    """
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    records = [json.loads(line) for line in metrics.read_text(encoding="utf-8").split("\n") if line]
    if not records:
        return
    figure = Figure(figsize=(7, 4.2), layout="constrained")
    left = figure.add_subplot()
    for key, label, style in (("loss", "training loss (as optimised)", "C0-"), ("dev_loss", "dev loss", "C1o-")):
        points = [(record["epoch"], record[key]) for record in records if key in record]
        if points:
            left.plot(*zip(*points, strict=True), style, label=label, markersize=3)
    left.set_xlabel("epoch")
    left.xaxis.set_major_locator(MaxNLocator(integer=True))
    left.set_ylabel("nats per token")
    handles, labels = left.get_legend_handles_labels()
    bleu = [(record["epoch"], record["dev_bleu"]) for record in records if "dev_bleu" in record]
    if bleu:
        right = left.twinx()
        right.plot(*zip(*bleu, strict=True), "C2s--", label="dev BLEU (greedy)", markersize=3)
        right.set_ylabel("BLEU")
        right.set_ylim(bottom=0)
        more = right.get_legend_handles_labels()
        handles, labels = handles + more[0], labels + more[1]
    left.legend(handles, labels, loc="center right")
    left.grid(alpha=0.3)
    figure.savefig(picture, dpi=150)
