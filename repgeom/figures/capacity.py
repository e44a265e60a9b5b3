"""Four panels of manifold geometry over nodes, epochs or time: capacity, radius, dimension, centre correlation."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from repgeom.figures.palette import CYCLE, MARKERS
from repgeom.figures.style import MM, PAGE, house_style, new_figure, shared_legend
from repgeom.figures.timecourses import Panel, time_courses

PANELS = {
    "capacity": "manifold capacity α",
    "radius": "manifold radius R\n(centre norms)",
    "dimension": "manifold dimension D",
    "centre_correlation": "centre correlation ρ",
}

STYLES = ("-", "--", ":", "-.")
"""Of the lines of one colour, in their order."""

ASIDE, SPREAD = 0.12, 0.5
"""Distance between lines over the same nodes, and the largest width over which they lie, in nodes."""


def over_nodes(points: pd.DataFrame) -> Figure:
    """One line per network over its nodes; networks with other nodes lie beside each other.

    Parameters
    ----------
    points : DataFrame
        Of `repgeom.analyses.capacity_lines.capacity_points`: `line, colour, node, quantity, mean, low, high, median`.
    """
    with house_style():
        figure = new_figure(PAGE, 62 * MM)
        places, ticks = node_places(points)
        looks = _line_looks(points)
        for axes, (quantity, label) in zip(figure.subplots(1, 4), PANELS.items(), strict=True):
            for line, part in points[points["quantity"] == quantity].groupby("line", sort=False):
                _draw_line(axes, part["node"].map(places[line]), part, {"label": line, **looks[line]})
            axes.set_xticks(list(ticks), ticks.values(), rotation=90, fontsize=5)
            axes.set_ylabel(label)
            axes.set_ylim(bottom=0)
        shared_legend(figure)
        return figure


def over_epochs(points: pd.DataFrame) -> Figure:
    """One line per node of one network over training epochs; `points` as in `over_nodes`, with `epoch`."""
    with house_style():
        figure = new_figure(PAGE, 58 * MM)
        for axes, (quantity, label) in zip(figure.subplots(1, 4), PANELS.items(), strict=True):
            for i, (node, part) in enumerate(points[points["quantity"] == quantity].groupby("node", sort=False)):
                look = {"color": CYCLE[i % len(CYCLE)], "marker": MARKERS[i % len(MARKERS)]}
                _draw_line(axes, part["epoch"], part, {"label": node, **look})
            axes.set(xlabel="epochs trained", ylabel=label)
            axes.set_ylim(bottom=0)
            axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        shared_legend(figure)
        return figure


def over_time(points: pd.DataFrame) -> Figure:
    """One line per module of one recurrent network over its timesteps; `points` as in `over_nodes`."""
    panels = [Panel("", {"quantity": quantity}, label, share=i) for i, (quantity, label) in enumerate(PANELS.items())]
    return time_courses(points, [panels], "module", list(dict.fromkeys(points["module"])))


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


def _draw_line(axes: Axes, x: pd.Series, part: pd.DataFrame, look: dict) -> None:
    """Means with their bars, and a dash for each median."""
    bars = [part["mean"] - part["low"], part["high"] - part["mean"]]
    axes.errorbar(x, part["mean"], bars, capsize=2, **look)
    axes.plot(x, part["median"], "_", color=look["color"], ms=6)
