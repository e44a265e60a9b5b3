"""Capacity by three methods at the nodes of networks."""

from textwrap import fill

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repgeom.figures.palette import CYCLE, MARKERS
from repgeom.figures.style import COLUMN, MM, PAGE, house_style, new_figure, shared_legend

METHODS = {"capacity": "mean-field", "conic_capacity": "conic", "simulated_capacity": "simulated"}
NAME_SIZE = 6
LETTER = 0.6 * NAME_SIZE / 72
"""Size of the networks' names, in points, and the width of a letter, in inches."""

ASIDE = 0.15
"""Distance between the methods at a node, in nodes."""


def capacities_compared(table: pd.DataFrame) -> Figure:
    """Mean-field, conic and simulated capacity at every node; bars are ± 1 standard error.

    Parameters
    ----------
    table : DataFrame
        Columns `line` (label of the network), `node`, `bound`, and each method's capacity with its `…_se`. Where the
        simulated one is missing it is below the bound: an open triangle.
    """
    with house_style():
        figure = new_figure(min(PAGE, COLUMN + 4 * MM * len(table)), 75 * MM)
        axes, places = figure.subplots(), side_by_side(table["line"])
        for i, (name, label) in enumerate(METHODS.items()):
            axes.errorbar(places + ASIDE * (i - 1), table[name], table[f"{name}_se"], color=CYCLE[i],
                          marker=MARKERS[i], ls="", capsize=2, label=label)  # fmt: skip
        beyond = table["simulated_capacity"].isna().to_numpy()
        if beyond.any():
            axes.errorbar(places[beyond] + ASIDE, table["bound"][beyond], color=CYCLE[2], marker="v", mfc="none",
                          ls="", label="simulated: below this")  # fmt: skip
        axes.set_xticks(places, table["node"], rotation=90, fontsize=5)
        _name_blocks(axes, places, table["line"].to_numpy())
        axes.set_yscale("log")
        axes.set_ylabel("capacity α (classes per dimension)")
        shared_legend(figure, columns=2)
        return figure


def side_by_side(blocks: pd.Series) -> np.ndarray:
    """Places (n,) of rows on an axis: one apart, and two apart where another block begins."""
    values = blocks.to_numpy()
    return np.arange(len(values)) + np.r_[0, np.cumsum(values[1:] != values[:-1])]


def _name_blocks(axes: Axes, places: np.ndarray, names: np.ndarray) -> None:
    """The name of each block above it, in lines no wider than the block."""
    letters = axes.figure.get_figwidth() / LETTER / (places[-1] + 2)
    for name in dict.fromkeys(names):
        block = places[names == name]
        text = fill(name, max(1, int(letters * len(block))), break_long_words=False)
        axes.annotate(text, (block.mean(), 1.02), xycoords=("data", "axes fraction"), ha="center", fontsize=NAME_SIZE)
