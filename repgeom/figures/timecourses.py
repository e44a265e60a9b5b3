"""Quantities over timesteps (or layers): a grid of panels, one line per layer or property, published values beside."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from repgeom.figures.style import COLUMN, CYCLE, MARKERS, MM, PAGE, house_style, new_figure, shared_legend

SPREAD = 0.07
"""Distance between the lines of a panel, in timesteps, so that their intervals do not hide each other."""


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
        Dashed line.
    share : int
        Panels with the same number have the same scale.
    """

    title: str
    where: dict[str, str]
    y_label: str = ""
    x: str = "timestep"
    chance: float | None = None
    share: int = 0


def time_courses(
    table: pd.DataFrame,
    panels: Sequence[Sequence[Panel]],
    line: str,
    lines: Sequence[str],
    published: pd.DataFrame | None = None,
    factor: float = 1.0,
) -> Figure:
    """Draw a grid of panels; bars are the intervals `low`–`high`, open markers published values.

    Parameters
    ----------
    table : DataFrame
        Columns `mean, low, high`, those of the panels' `where` and `x`, and the one that `line` names.
    panels
        Row by row.
    line, lines
        Column that tells lines apart, and its values in the order to draw.
    published : DataFrame, optional
        The same columns, with `reference` and `ci95` (half the width of the interval) as values.
    factor : float
        Values are multiplied by it (100 for %).
    """
    with house_style():
        figure = new_figure(PAGE if len(panels[0]) > 1 else COLUMN, (42 * len(panels) + 14) * MM)
        grid = figure.subplots(len(panels), len(panels[0]), squeeze=False)
        for row, axes_row in zip(panels, grid, strict=True):
            for panel, axes in zip(row, axes_row, strict=True):
                _draw_panel(axes, table, panel, line, lines, published, factor)
        _share_scales(panels, grid)
        shared_legend(figure, columns=6)
        return figure


def _draw_panel(axes, table, panel: Panel, line: str, lines: Sequence[str], published, factor: float) -> None:
    part = _rows(table, panel.where)
    places = list(dict.fromkeys(part[panel.x]))
    for i, name in enumerate(lines):
        look = {"color": CYCLE[i], "marker": MARKERS[i]}
        shift = (i - (len(lines) - 1) / 2) * SPREAD
        found = part[part[line] == name]
        if not found.empty:
            x = [places.index(p) + shift for p in found[panel.x]]
            bars = [found["mean"] - found["low"], found["high"] - found["mean"]]
            axes.errorbar(x, factor * found["mean"], factor * np.nan_to_num(np.clip(bars, 0, None)), capsize=1.5,
                          elinewidth=0.6, label=name.replace("_", " "), **look)  # fmt: skip
        if published is not None:
            _draw_published(axes, _rows(published, panel.where), line, name, panel.x, (places, shift), factor, look)
    if panel.chance is not None:
        axes.axhline(factor * panel.chance, color="0.5", lw=0.6, ls="--", zorder=0)
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
    places = [places.index(p) + shift + SPREAD / 2 for p in part[x]]
    axes.errorbar(places, factor * part["reference"], factor * part["ci95"], ls="", marker=look["marker"],
                  color=look["color"], mfc="white", alpha=0.7, elinewidth=0.6, label="published")  # fmt: skip


def _rows(table: pd.DataFrame, where: dict[str, str]) -> pd.DataFrame:
    for column, value in where.items():
        table = table[table[column] == value]
    return table


def _tick(place: object) -> str:
    return str(int(place)) if isinstance(place, (int, float)) else str(place)


def _share_scales(panels: Sequence[Sequence[Panel]], grid: np.ndarray) -> None:
    """Give panels with the same number the same vertical limits."""
    flat = list(zip((panel.share for row in panels for panel in row), grid.ravel(), strict=True))
    for number in {share for share, _ in flat}:
        members = [axes for share, axes in flat if share == number]
        low, high = (f(axes.get_ylim()[i] for axes in members) for i, f in ((0, min), (1, max)))
        for axes in members:
            axes.set_ylim(low, high)
