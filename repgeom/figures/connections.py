"""The layers of a recurrent network and what connects them."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch
from matplotlib.path import Path

from repgeom.figures.palette import BLUE, GREY, VERMILION
from repgeom.figures.style import COLUMN, MM, house_style, new_figure

COLOURS = {"bottom-up": "#404040", "readout": "#404040", "lateral": BLUE, "top-down": VERMILION}
WIDTH = 0.5
SIDE = WIDTH + 0.05
"""Where arrows leave and reach a layer's side."""
BULGE, STEEPER = 0.42, 1.3
"""How far top-down arrows keep from the layers: BULGE · (number of layers they descend) ** STEEPER."""


def connections_figure(inventory: pd.DataFrame, layers: Sequence[str]) -> Figure:
    """Draw layers from bottom to top; arrows carry the number of parameters of a connection.

    Parameters
    ----------
    inventory : DataFrame
        Columns `source, target, kind, n_parameters`; connections between the same layers are added up.
    layers
        From the lowest up.
    """
    with house_style():
        figure = new_figure(COLUMN, 20 * (len(layers) + 1) * MM)
        axes = figure.subplots()
        height = {layer: 1.0 * i for i, layer in enumerate([*layers, "logits"])}
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
        axes.set(xlim=(-2.1, SIDE + _bulge(len(layers) - 1) + 0.75), ylim=(-0.4, height["logits"] + 0.35))
        axes.set_axis_off()
        kinds = [k for k in ("bottom-up", "lateral", "top-down") if k in set(inventory["kind"])]
        figure.legend([Line2D([], [], color=COLOURS[k]) for k in kinds], kinds, loc="outside upper center", ncols=3)
        return figure


def _connect(axes, start: float, end: float, kind: str, count: int) -> None:
    colour = COLOURS[kind]
    arrow = {"arrowstyle": "-|>", "mutation_scale": 6, "lw": 0.9, "color": colour}
    text = {"s": f"{count:,}", "va": "center", "fontsize": 6, "color": colour}
    if kind == "lateral":
        axes.add_patch(FancyArrowPatch(path=_arc(-SIDE, end + 0.09, end - 0.09, -0.26), **arrow))
        axes.text(-SIDE - 0.32, end, ha="right", **text)
    elif kind == "top-down":
        reach = start - end
        bulge = _bulge(reach)
        axes.add_patch(FancyArrowPatch(path=_arc(SIDE, start - 0.03 * reach, end + 0.04 * reach, bulge), **arrow))
        axes.text(SIDE + bulge, (start + end) / 2, ha="center", bbox={"fc": "white", "ec": "none", "pad": 0.8}, **text)
    else:
        axes.add_patch(FancyArrowPatch((0, start + 0.15), (0, end - 0.15), **arrow))
        axes.text(-0.06, (start + end) / 2, ha="right", **text)


def _bulge(reach: float) -> float:
    return BULGE * max(reach, 1) ** STEEPER


def _arc(side: float, start: float, end: float, bulge: float) -> Path:
    """From one height to another beside the layers, as far as `bulge` away from them half-way."""
    middle = (side + 2 * bulge, (start + end) / 2)
    return Path([(side, start), middle, (side, end)], [Path.MOVETO, Path.CURVE3, Path.CURVE3])
