"""The graph of a network: its nodes in execution order, their shapes, what feeds what."""

from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from repgeom.figures.palette import BLUE, GREY
from repgeom.figures.style import COLUMN, MM, house_style, new_figure

ROW = 7 * MM


def network_graph(nodes: dict[str, dict]) -> Figure:
    """Draw nodes from top to bottom; arrows that skip a node bend to the right.

    Parameters
    ----------
    nodes : dict
        Name → `module`, `timestep`, `inputs` and `shape`, in execution order. Inputs that are not among them have no
        arrow.
    """
    with house_style():
        figure = new_figure(COLUMN, ROW * len(nodes) + 6 * MM)
        axes = figure.subplots()
        place = {name: -i for i, name in enumerate(nodes)}
        for name, node in nodes.items():
            _box(axes, name, node, place[name])
            for source in filter(place.__contains__, node["inputs"]):
                _arrow(axes, place[source], place[name])
        axes.set_xlim(-1.2, 1.9)
        axes.set_ylim(-len(nodes) + 0.4, 0.6)
        axes.set_axis_off()
        return figure


def _box(axes, name: str, node: dict, y: float) -> None:
    computes = any(word in node["module"] for word in ("conv", "fc", "linear"))
    colour = BLUE if computes else GREY
    box = FancyBboxPatch((-0.6, y - 0.28), 1.2, 0.56, boxstyle="round,pad=0.02", fc=colour + "22", ec=colour, lw=0.7)
    axes.add_patch(box)
    axes.text(0, y, name, ha="center", va="center")
    shape = " × ".join(str(s) for s in node["shape"])
    step = f", step {node['timestep']}" if node["timestep"] else ""
    axes.text(1.0, y, f"{shape}{step}", ha="left", va="center", fontsize=6, color=GREY)


def _arrow(axes, start: float, end: float) -> None:
    straight = start - end == 1
    ends = ((0, start - 0.3), (0, end + 0.3)) if straight else ((-0.62, start), (-0.62, end))
    bend = "arc3" if straight else f"arc3,rad={0.55 if start - end < 6 else 0.35}"
    axes.add_patch(FancyArrowPatch(*ends, connectionstyle=bend, arrowstyle="-|>", mutation_scale=5, lw=0.6))
