"""Manifold geometry of random images, draw by draw."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repgeom.figures.capacity import PANELS
from repgeom.figures.palette import BLACK, CAPACITY_METHODS, MARKERS, VERMILION
from repgeom.figures.style import MM, fitting, house_style, letter_panels, new_panels, plain_powers, shared_legend

EXPLODED = 4
"""Largest value, relative to the median, above which draws are shown on a logarithmic axis."""


def over_draws(table: pd.DataFrame, published: Mapping[tuple[str, str], float]) -> Figure:
    """One dot per draw of images, for the configured options and in reference mode; lines are medians.

    Parameters
    ----------
    table : DataFrame
        Columns `draw, mode, node` and the quantities.
    published : dict
        (quantity, node) → value, drawn as a star.
    """
    with house_style():
        figure, grid = new_panels(len(PANELS), 46 * MM)
        nodes = list(dict.fromkeys(table["node"]))
        for axes, (quantity, label) in zip(grid, PANELS.items(), strict=True):
            for i, (mode, part) in enumerate(table.groupby("mode", sort=False)):
                places = part["node"].map(nodes.index) + 0.3 * (i - 0.5)
                look = {"color": CAPACITY_METHODS[1 + i], "marker": MARKERS[i], "label": f"{mode} mode"}
                _draw_dots(axes, places, part, quantity, look)
            stars = {nodes.index(node): value for (name, node), value in published.items() if name == quantity}
            if stars:
                axes.plot(list(stars), list(stars.values()), "*", color=VERMILION, ms=7, label="published draw")
            axes.set_xticks(range(len(nodes)), [fitting(n, 28 * MM / len(nodes), 6) for n in nodes])
            axes.set(xlim=(-0.5, len(nodes) - 0.5), ylabel=label)
            if table[quantity].max() > EXPLODED * table[quantity].median():
                axes.set_yscale("log")
                plain_powers(axes.yaxis)
            else:
                axes.margins(y=0.08)
                axes.set_ylim(bottom=0)
        letter_panels(grid)
        shared_legend(figure)
        return figure


def _draw_dots(axes: Axes, places: pd.Series, part: pd.DataFrame, quantity: str, look: dict) -> None:
    """A dot for each draw at the place of its node, in the order of the draws, and the median of each node."""
    spread = 0.12 * (part["draw"] / max(1, part["draw"].max()) - 0.5)
    axes.plot(places + spread, part[quantity], ls="", ms=2, **look)
    medians = part.groupby("node", sort=False)[quantity].median()
    centres = places.groupby(part["node"], sort=False).first()
    axes.hlines(medians, centres - 0.13, centres + 0.13, color=BLACK, lw=1, zorder=3)
