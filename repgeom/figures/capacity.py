"""Four panels of manifold geometry over nodes, epochs or time: capacity, radius, dimension, centre correlation."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from repgeom.figures.palette import MARKERS, STYLES, depth_colours
from repgeom.figures.style import COLUMN, MM, fitting, house_style, letter_panels, new_panels, shared_legend
from repgeom.figures.timecourses import Panel, time_courses

PANELS = {
    "capacity": "manifold capacity α",
    "radius": "manifold radius R\n(centre norms)",
    "dimension": "manifold dimension D",
    "centre_correlation": "centre correlation ρ",
}

TICKS = 13
"""Most places of nodes in half a column; with more, panels lie below each other."""
TICK_SIZE = 5.5

ASIDE, SPREAD = 0.12, 0.5
"""Distance between lines over the same nodes, and the largest width over which they lie, in nodes."""


def over_nodes(points: pd.DataFrame) -> Figure:
    """One line per network over its nodes; networks with other nodes lie beside each other.

    Parameters
    ----------
    points : DataFrame
        Of `repgeom.analyses.capacity_lines.capacity_points`: `line, colour, node, quantity, mean, low, high, median`.
    """
    places, ticks = node_places(points)
    looks, beside = _line_looks(points), max(ticks) < TICKS
    with house_style():
        across = 2 if beside else 1
        figure, grid = new_panels(len(PANELS), 46 * MM, across)
        for axes, (quantity, label) in zip(grid, PANELS.items(), strict=True):
            for line, part in points[points["quantity"] == quantity].groupby("line", sort=False):
                _draw_line(axes, part["node"].map(places[line]), part, {"label": line, **looks[line]})
            _name_places(axes, ticks, COLUMN / across - 12 * MM)
            axes.set_ylabel(label)
            _from_zero(axes)
        letter_panels(grid)
        shared_legend(figure)
        return figure


def over_epochs(points: pd.DataFrame) -> Figure:
    """One line per node of one network over training epochs; `points` as in `over_nodes`, with `epoch`."""
    with house_style():
        figure, grid = new_panels(len(PANELS), 44 * MM)
        colours = depth_colours(points["node"].nunique())
        for axes, (quantity, label) in zip(grid, PANELS.items(), strict=True):
            for i, (node, part) in enumerate(points[points["quantity"] == quantity].groupby("node", sort=False)):
                look = {"color": colours[i], "marker": MARKERS[i % len(MARKERS)]}
                _draw_line(axes, part["epoch"], part, {"label": node, **look})
            axes.set(xlabel="epochs trained", ylabel=label)
            _from_zero(axes)
            axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        letter_panels(grid)
        shared_legend(figure)
        return figure


def over_time(points: pd.DataFrame) -> Figure:
    """One line per module of one recurrent network over its timesteps; `points` as in `over_nodes`."""
    panels = [Panel("", {"quantity": quantity}, label, share=i) for i, (quantity, label) in enumerate(PANELS.items())]
    modules = list(dict.fromkeys(points["module"]))
    colours = dict(zip(modules, depth_colours(len(modules)), strict=True))
    return time_courses(points, [panels[:2], panels[2:]], "module", colours)


def node_places(points: pd.DataFrame) -> tuple[dict[str, dict[str, float]], dict[float, str]]:
    """Where nodes lie on the axis: line → node → place, and place → node for the ticks.

    Lines with the same nodes share a block of the axis, a little aside of each other; blocks are one place apart.
    """
    blocks: dict[tuple[str, ...], list[str]] = {}
    for line, part in points.groupby("line", sort=False):
        blocks.setdefault(tuple(dict.fromkeys(part["node"])), []).append(line)
    places, ticks, start = {}, {}, 0
    for nodes, lines in blocks.items():
        ticks |= {start + j: node for j, node in enumerate(nodes)}
        for line, aside in zip(lines, _beside_each_other(len(lines)), strict=True):
            places[line] = {node: start + j + aside for j, node in enumerate(nodes)}
        start += len(nodes) + 1
    return places, ticks


def _beside_each_other(n: int) -> np.ndarray:
    return (np.arange(n) - (n - 1) / 2) * min(ASIDE, SPREAD / n)


def _line_looks(points: pd.DataFrame) -> dict[str, dict]:
    """Marker, colour and style of each line: lines of one colour differ in style."""
    colours = points.groupby("line", sort=False)["colour"].first()
    earlier = colours.groupby(colours).cumcount()
    return {
        line: {"color": colour, "marker": MARKERS[i % len(MARKERS)], "ls": STYLES[earlier[line] % len(STYLES)]}
        for i, (line, colour) in enumerate(colours.items())
    }


def _name_places(axes: Axes, ticks: dict[float, str], room: float) -> None:
    """Names of nodes at their places on an axis of `room` inches: all, or every second, third … of many."""
    step = max(1, int(np.ceil((max(ticks) + 1) * 1.2 * TICK_SIZE / (72 * room))))
    shown = [place for place in ticks if place % step == 0]
    names = [fitting(ticks[place], 20 * MM, TICK_SIZE) for place in shown]
    axes.set_xticks(shown, names, rotation=90, fontsize=TICK_SIZE)


def _from_zero(axes: Axes) -> None:
    """Let the axis begin at zero, with what is drawn well inside."""
    axes.margins(y=0.08)
    axes.set_ylim(bottom=0)


def _draw_line(axes: Axes, x: pd.Series, part: pd.DataFrame, look: dict) -> None:
    """Means with their bars, and a dash for each median."""
    bars = np.clip([part["mean"] - part["low"], part["high"] - part["mean"]], 0, None)
    axes.errorbar(x, part["mean"], bars, capsize=2, **look)
    axes.plot(x, part["median"], "_", color=look["color"], ms=6)
