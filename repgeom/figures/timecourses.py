"""Quantities over timesteps (or layers): a grid of panels, one line per layer or property, published values beside."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from repgeom.figures.palette import GREY, MARKERS
from repgeom.figures.style import COLUMN, LEGEND, MM, PAGE, house_style, letter_panels, new_figure, shared_legend

SPREAD = 0.07
"""Distance between the lines of a panel, in timesteps, so that their intervals do not hide each other."""
BESIDE, ROW = 2, 36 * MM
"""Panels that lie beside each other in a column, and the height of a row."""
THIN, RING = 0.6, 5.5
"""Width of lines of less weight, and size of the rings that are published values, in points."""


@dataclass(frozen=True)
class Panel:
    """One panel: which rows of the table it shows, and how.

    Attributes
    ----------
    title, y_label : str
    where : dict
        Column → value of the rows to show.
    x : str
        Column along the horizontal axis: `timestep` or `layer`.
    chance : float or None
        Dashed line; at zero it is no chance, but where nothing changes.
    share : int
        Panels with the same number have the same scale.
    """

    title: str
    where: dict[str, str]
    y_label: str = ""
    x: str = "timestep"
    chance: float | None = None
    share: float = 0


def time_courses(
    table: pd.DataFrame,
    panels: Sequence[Sequence[Panel]],
    line: str,
    lines: Mapping[str, str],
    published: pd.DataFrame | None = None,
    factor: float = 1.0,
    thin: Collection[str] = (),
) -> Figure:
    """Draw a grid of panels; bars are the intervals `low`–`high`, rings published values.

    Parameters
    ----------
    table : DataFrame
        Columns `mean, low, high`, those of the panels' `where` and `x`, and the one that `line` names.
    panels
        Row by row; the last one may be shorter.
    line, lines
        Column that tells lines apart, and the colour of each of its values in the order to draw.
    published : DataFrame, optional
        The same columns, with `reference` and `ci95` (half the width of the interval) as values.
    factor : float
        Values are multiplied by it (100 for %).
    thin
        Lines drawn with less weight.
    """
    with house_style():
        height = ROW * len(panels) + (14 * MM if len(panels) == 1 else LEGEND)
        figure = new_figure(COLUMN if len(panels[0]) <= BESIDE else PAGE, height)
        grid = figure.subplots(len(panels), len(panels[0]), squeeze=False)
        for row, axes_row in zip(panels, grid, strict=True):
            for panel, axes in zip(row, axes_row, strict=False):
                _draw_panel(axes, table, panel, line, lines, published, factor, thin)
            for axes in axes_row[len(row) :]:
                axes.remove()
        _share_scales([*zip(chain(*panels), (axes for axes in grid.ravel() if axes.figure), strict=True)])
        letter_panels(figure.axes)
        shared_legend(figure, columns=7, last=_grey_samples())
        return figure


def _draw_panel(axes, table, panel: Panel, line: str, lines: Mapping[str, str], published, factor: float, thin) -> None:
    part = _rows(table, panel.where)
    places = list(dict.fromkeys(part[panel.x]))
    shown = [name for name in lines if name in set(part[line])]
    for k, name in enumerate(shown):
        look = {"color": lines[name], "marker": MARKERS[list(lines).index(name) % len(MARKERS)]}
        shift = (k - (len(shown) - 1) / 2) * SPREAD
        found = part[part[line] == name]
        x = [places.index(p) + shift for p in found[panel.x]]
        bars = [found["mean"] - found["low"], found["high"] - found["mean"]]
        weight = {"lw": THIN, "ms": 2.5} if name in thin else {"zorder": 3}
        axes.errorbar(x, factor * found["mean"], factor * np.nan_to_num(np.clip(bars, 0, None)), capsize=1.5,
                      elinewidth=0.6, label=name.replace("_", " "), **look, **weight)  # fmt: skip
        if published is not None:
            _draw_published(axes, _rows(published, panel.where), line, name, panel.x, (places, shift), factor, look)
    if panel.chance is not None:
        label = "chance" if panel.chance else None
        axes.axhline(factor * panel.chance, color=GREY, lw=0.6, ls="--", zorder=0, label=label)
    axes.set_title(panel.title.replace("_", " "))
    axes.set_xticks(range(len(places)), [_tick(p) for p in places])
    axes.set_xlim(-0.4, len(places) - 0.6)
    axes.set_xlabel("timestep" if panel.x == "timestep" else "layer")
    axes.set_ylabel(panel.y_label)


def _draw_published(axes, part, line: str, name: str, x: str, where, factor: float, look: dict) -> None:
    places, shift = where
    part = part[(part[line] == name) & part[x].isin(places)]
    if part.empty:
        return
    places = [places.index(p) + shift for p in part[x]]
    axes.errorbar(places, factor * part["reference"], factor * part["ci95"], ls="", marker=look["marker"], ms=RING,
                  color=look["color"], mfc="none", mew=0.5, elinewidth=0.4, zorder=2, label="published")  # fmt: skip


def _grey_samples() -> dict[str, Line2D]:
    """What stands in the legend for things that are drawn in every line's colour, or in none."""
    ring = Line2D([], [], ls="", marker="o", ms=RING, color=GREY, mfc="none", mew=0.5)
    return {"published": ring, "chance": Line2D([], [], color=GREY, lw=0.6, ls="--")}


def _rows(table: pd.DataFrame, where: dict[str, str]) -> pd.DataFrame:
    for column, value in where.items():
        table = table[table[column] == value]
    return table


def _tick(place: object) -> str:
    return str(int(place)) if isinstance(place, (int, float)) else str(place)


def _share_scales(drawn: Sequence[tuple[Panel, Axes]]) -> None:
    """Give panels with the same number the same vertical limits."""
    for number in {panel.share for panel, _ in drawn}:
        members = [axes for panel, axes in drawn if panel.share == number]
        low, high = (f(axes.get_ylim()[i] for axes in members) for i, f in ((0, min), (1, max)))
        for axes in members:
            axes.set_ylim(low, high)
