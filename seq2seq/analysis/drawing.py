"""How a picture of the report is drawn: curves with their bands, in the size and type of the page."""

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from seq2seq.analysis.section import Picture

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_COLUMNS = 2  # of a legend with many entries
_WIDTH = 5.8  # inches: small, so that the type is large on a phone
_PANEL = 3.2  # inches: the height of a panel where there are several


class Curve(NamedTuple):
    """A line of a picture: x, y, and a band around it where there is one."""

    x: Sequence[float]
    y: Sequence[float]
    low: Sequence[float] = ()
    high: Sequence[float] = ()
    style: str = "o-"


def draw_curves(name: str, caption: str, curves: Mapping[str, Curve], x: str, y: str, *, log: bool = False) -> Picture:
    """A picture of one plot.

    Args:
        name, caption: the file's name in the report, and the text below the picture.
        curves: the curves by their labels, each drawn in a colour of its own.
        x, y: labels of the axes, with units.
        log: whether y is logarithmic.
    """
    figure, axes = blank()
    plot(axes, curves, x, y)
    if log:
        axes.set_yscale("log")
    return picture(name, caption, figure)


def blank(rows: int = 1, columns: int = 1, height: float = 4.2) -> "tuple[Figure, Any]":
    """An empty figure in the size and type of the report, and its axes.

    Args:
        rows, columns: of an array of axes, where there are several. All stand below one another in the picture, row
            after row, so that it can be read on a phone.
        height: the height of a panel, in inches; with several panels they are lower.
    """
    from matplotlib.figure import Figure

    panels = rows * columns
    size = _WIDTH, panels * (height if panels == 1 else min(height, _PANEL))
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.subplots(panels, 1)
    return figure, axes if panels == 1 else axes.reshape(rows, columns).squeeze()


def plot(axes: "Axes", curves: Mapping[str, Curve], x: str, y: str) -> None:
    """Draw curves with their bands, label the axes, and name the curves where there are several."""
    for index, (label, curve) in enumerate(curves.items()):
        colour = f"C{index}"
        axes.plot(curve.x, curve.y, curve.style, color=colour, label=label, markersize=4)
        if len(curve.low):
            axes.fill_between(curve.x, curve.low, curve.high, color=colour, alpha=0.18, linewidth=0)
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.grid(alpha=0.3)
    if len(curves) > 1:
        axes.legend(fontsize="small", ncols=_COLUMNS if len(curves) > 4 else 1)


def picture(name: str, caption: str, figure: "Figure") -> Picture:
    """The figure as a PNG, for the page, and as an SVG, for print."""
    png, svg = io.BytesIO(), io.BytesIO()
    figure.savefig(png, format="png", dpi=150)
    figure.savefig(svg, format="svg", metadata={"Date": None})
    return Picture(name, caption, png.getvalue(), svg.getvalue())
