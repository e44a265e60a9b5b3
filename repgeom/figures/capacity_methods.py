"""Capacity by three methods at the nodes of networks."""

from textwrap import fill

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repgeom.figures.palette import CAPACITY_METHODS, MARKERS
from repgeom.figures.style import (
    COLUMN,
    LETTER,
    MM,
    PAGE,
    fitting,
    house_style,
    new_figure,
    plain_powers,
    shared_legend,
)

NAME_SIZE, NODE_SIZE = 6, 5.5
"""Size of the names of networks and nodes, in points."""
SPACE = 4 * MM
"""Least width of a node."""
ROWS = 36
"""Most nodes beside each other; further networks go on below."""
ASIDE = 0.22
"""Distance between the methods at a node, in nodes."""


def capacities_compared(points: pd.DataFrame) -> Figure:
    """Mean-field, conic and simulated capacity at every node, with their intervals.

    Parameters
    ----------
    points : DataFrame
        Columns `line` (label of the network), `node`, `method`, `mean, low, high, bound`. Where a mean is missing it is
        below the bound: an open triangle.
    """
    methods = list(dict.fromkeys(points["method"]))
    rows = _rows(points.drop_duplicates(["line", "node"])[["line", "node"]])
    width = min(PAGE, max(COLUMN, max(len(row) + row["line"].nunique() for row in rows) * SPACE + 20 * MM))
    with house_style():
        figure = new_figure(width, 72 * MM * len(rows) + 5 * MM)
        for axes, row in zip(figure.subplots(len(rows), sharey=True, squeeze=False).ravel(), rows, strict=True):
            places = side_by_side(row["line"])
            for i, method in enumerate(methods):
                part = row.merge(points[points["method"] == method], "left", ["line", "node"])
                _draw(axes, places + ASIDE * (i - (len(methods) - 1) / 2), part, method, i)
            axes.set_xticks(places, [fitting(n, 18 * MM, NODE_SIZE) for n in row["node"]], rotation=90,
                            fontsize=NODE_SIZE)  # fmt: skip
            axes.set_xlim(places[0] - 0.8, places[-1] + 0.8)
            _name_blocks(axes, places, row["line"].to_numpy())
            axes.set_yscale("log")
            plain_powers(axes.yaxis)
            axes.set_ylabel("capacity α (classes per dimension)")
        shared_legend(figure, columns=4)
        return figure


def side_by_side(blocks: pd.Series) -> np.ndarray:
    """Places (n,) of rows on an axis: one apart, and two apart where another block begins."""
    values = blocks.to_numpy()
    return np.arange(len(values)) + np.r_[0, np.cumsum(values[1:] != values[:-1])]


def _rows(nodes: pd.DataFrame) -> list[pd.DataFrame]:
    """Nodes of whole networks that have room beside each other."""
    rows: list[list[pd.DataFrame]] = [[]]
    for _, part in nodes.groupby("line", sort=False):
        if rows[-1] and sum(map(len, rows[-1])) + len(part) > ROWS:
            rows.append([])
        rows[-1].append(part)
    return [pd.concat(row, ignore_index=True) for row in rows]


def _draw(axes: Axes, places: np.ndarray, part: pd.DataFrame, method: str, i: int) -> None:
    """Points with their bars, down to the axis where these reach zero; triangles at the bounds of what lies below."""
    look = {"color": CAPACITY_METHODS[i], "ls": "", "zorder": 3 - i}
    bars = np.array([part["mean"] - part["low"], part["high"] - part["mean"]])
    axes.errorbar(places, part["mean"], np.clip(np.nan_to_num(bars), 0, None), marker=MARKERS[i], capsize=2,
                  label=method, **look)  # fmt: skip
    beyond = part["mean"].isna().to_numpy()
    if beyond.any():
        axes.errorbar(places[beyond], part["bound"][beyond], marker="v", mfc="none", label=f"{method}: below this",
                      **look)  # fmt: skip


def _name_blocks(axes: Axes, places: np.ndarray, names: np.ndarray) -> None:
    """The name of each block above it, in lines no wider than the block."""
    letters = 72 * axes.figure.get_figwidth() / LETTER / NAME_SIZE / (places[-1] + 5)
    for name in dict.fromkeys(names):
        block = places[names == name]
        text = fill(name, max(1, int(letters * (len(block) + 0.5))), break_long_words=False)
        axes.annotate(text, (block.mean(), 1.02), xycoords=("data", "axes fraction"), ha="center", fontsize=NAME_SIZE)
