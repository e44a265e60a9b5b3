"""The layers of a recurrent network and what connects them."""

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from repgeom.figures.style import BLUE, COLUMN, GREY, MM, VERMILION, house_style, new_figure

COLOURS = {"bottom-up": "#404040", "readout": "#404040", "lateral": BLUE, "top-down": VERMILION}
LAYERS = ("input", "conv1", "conv2", "fc", "logits")
WIDTH = 0.5
UPRIGHT = 1.22
"""Length of a vertical unit of the drawing in horizontal ones."""


def connections_figure(inventory: pd.DataFrame) -> Figure:
    """Draw layers from bottom to top; arrows carry the number of parameters of a connection.

    Parameters
    ----------
    inventory : DataFrame
        Columns `source, target, kind, n_parameters`; connections between the same layers are added up.
    """
    with house_style():
        figure = new_figure(COLUMN, 100 * MM)
        axes = figure.subplots()
        height = {layer: 1.0 * i for i, layer in enumerate(LAYERS)}
        for layer, y in height.items():
            axes.add_patch(
                FancyBboxPatch(
                    (-WIDTH, y - 0.12), 2 * WIDTH, 0.24, boxstyle="round,pad=0.03", fc="white", ec=GREY, lw=0.8
                )
            )
            axes.text(0, y, layer, ha="center", va="center")
        totals = inventory.groupby(["source", "target", "kind"], sort=False)["n_parameters"].sum()
        for (source, target, kind), count in totals.items():
            _connect(axes, height[source], height[target], kind, int(count))
        axes.set(xlim=(-2.1, 3.1), ylim=(-0.4, height["logits"] + 0.35))
        axes.set_axis_off()
        kinds = [k for k in ("bottom-up", "lateral", "top-down") if k in set(inventory["kind"])]
        figure.legend([Line2D([], [], color=COLOURS[k]) for k in kinds], kinds, loc="outside upper center", ncols=3)
        return figure


def _connect(axes, start: float, end: float, kind: str, count: int) -> None:
    colour = COLOURS[kind]
    arrow = {"arrowstyle": "-|>", "mutation_scale": 6, "lw": 0.9, "color": colour}
    if kind == "lateral":
        ends = ((-WIDTH - 0.04, end + 0.1), (-WIDTH - 0.04, end - 0.1))
        axes.add_patch(FancyArrowPatch(*ends, connectionstyle="arc3,rad=1.6", **arrow))
        axes.text(-WIDTH - 0.42, end, f"{count:,}", ha="right", va="center", fontsize=6, color=colour)
    elif kind == "top-down":
        reach = start - end
        rad = 0.35 + 0.12 * reach
        ends = ((WIDTH + 0.04, start - 0.03 * reach), (WIDTH + 0.04, end + 0.04 * reach))
        axes.add_patch(FancyArrowPatch(*ends, connectionstyle=f"arc3,rad={-rad}", **arrow))
        # The arc's apex: half-way to its control point, in units of the horizontal axis.
        axes.text(WIDTH + 0.04 + 0.5 * rad * reach * UPRIGHT, (start + end) / 2, f"{count:,}", ha="center",
                  va="center", fontsize=6, color=colour, bbox={"fc": "white", "ec": "none", "pad": 0.8})  # fmt: skip
    else:
        axes.add_patch(FancyArrowPatch((0, start + 0.15), (0, end - 0.15), **arrow))
        axes.text(0.06, (start + end) / 2, f"{count:,}", ha="left", va="center", fontsize=6, color=colour)
