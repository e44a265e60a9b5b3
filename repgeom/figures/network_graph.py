"""The graph of a network: its nodes in execution order, their shapes, what feeds what."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from repgeom.figures.legibility import SMALLEST
from repgeom.figures.palette import BLUE, GREY
from repgeom.figures.style import COLUMN, MM, fitting, house_style, new_figure

ROW, LOW = 7 * MM, 2.6 * MM
"""Height of a node, and where there are many of them."""
MANY, MOST = 30, 90
"""Nodes from which on they lie close, and the most below each other; further ones go on beside them."""
LEFT, BOX, RIGHT = -1.05, 0.75, 1.75
"""Left end of a row, half the width of its box, and its right end, from the middle of the box."""


def network_graph(nodes: dict[str, dict]) -> Figure:
    """Draw nodes from top to bottom; arrows that skip a node bend to the left.

    Deep networks go on in further columns; a short arrow alone stands for what comes from another column.

    Parameters
    ----------
    nodes : dict
        Name → `module`, `timestep`, `inputs` and `shape`, in execution order. Inputs that are not among them have no
        arrow.
    """
    columns = -(-len(nodes) // MOST)
    rows, height = -(-len(nodes) // columns), ROW if len(nodes) <= MANY else LOW
    size = 7 if len(nodes) <= MANY else SMALLEST
    with house_style():
        figure = new_figure(COLUMN * max(1, columns / 2), height * rows + 6 * MM)
        grid = figure.subplots(1, columns, squeeze=False)[0]
        letters = figure.get_figwidth() / columns * 2 * BOX / (RIGHT - LEFT)
        place = {name: divmod(i, rows) for i, name in enumerate(nodes)}
        for name, node in nodes.items():
            column, row = place[name]
            _box(grid[column], fitting(name, letters, size), node, -row, size)
            inputs = [place[source] for source in node["inputs"] if source in place]
            for start in {-r if c == column else None for c, r in inputs}:
                _arrow(grid[column], start, -row, 5 if len(nodes) <= MANY else 2)
        for axes in grid:
            axes.set(xlim=(LEFT, RIGHT), ylim=(-rows + 0.4, 0.6))
            axes.set_axis_off()
        return figure


def _box(axes: Axes, name: str, node: dict, y: float, size: float) -> None:
    computes = any(word in node["module"] for word in ("conv", "fc", "linear"))
    colour = BLUE if computes else GREY
    box = FancyBboxPatch(
        (-BOX, y - 0.28), 2 * BOX, 0.56, boxstyle="round,pad=0.02", fc=colour + "22", ec=colour, lw=0.7
    )
    axes.add_patch(box)
    axes.text(0, y, name, ha="center", va="center", fontsize=size)
    shape = " × ".join(str(s) for s in node["shape"])
    step = f", step {node['timestep']}" if node["timestep"] else ""
    axes.text(BOX + 0.06, y, f"{shape}{step}", ha="left", va="center", fontsize=max(size - 1, SMALLEST), color=GREY)


def _arrow(axes: Axes, start: float | None, end: float, head: float) -> None:
    """From the row `start` of the same column, or of another one (None), to the row `end`."""
    left, bend = -BOX - 0.02, "arc3"
    if start is None:
        ends = (left - 0.14, end), (left, end)
    elif start - end == 1:
        ends = (0, start - 0.3), (0, end + 0.3)
    else:
        ends = (left, start), (left, end)
        bend = f"arc3,rad={0.55 if start - end < 6 else 0.35}"
    axes.add_patch(FancyArrowPatch(*ends, connectionstyle=bend, arrowstyle="-|>", mutation_scale=head, lw=0.6))
