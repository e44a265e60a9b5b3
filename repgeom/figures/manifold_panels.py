"""Four panels of manifold geometry: capacity, radius, dimension, centre correlation."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repgeom.figures.style import COLUMN, CYCLE, MARKERS, MM, PAGE, house_style, new_figure, shared_legend

PANELS = {
    "capacity": "manifold capacity α",
    "radius": "manifold radius R\n(centre norms)",
    "dimension": "manifold dimension D",
    "centre_correlation": "centre correlation ρ",
}

EXPLODED = 4
"""Largest value, relative to the median, above which draws are shown on a logarithmic axis."""

KINDS = {"": "mean-field", "conic_": "conic", "simulated_": "simulated"}


def over_nodes(table: pd.DataFrame, looks: dict[str, dict]) -> Figure:
    """One line per analysis over its nodes, analyses beside each other; bars are ± 1 standard error.

    Parameters
    ----------
    table : DataFrame
        Columns `analysis, node` and for each quantity its value and `…_se`, and the medians `…_median` of radius
        and dimension over classes.
    looks : dict
        Analysis → `label` and `colour`.
    """
    with house_style():
        figure = new_figure(PAGE, 62 * MM)
        places = side_by_side(table["analysis"])
        for axes, (quantity, label) in zip(figure.subplots(1, 4), PANELS.items(), strict=True):
            for i, (name, rows) in enumerate(table.groupby("analysis", sort=False).indices.items()):
                part, look = table.iloc[rows], looks[name]
                axes.errorbar(places[rows], part[quantity], part[f"{quantity}_se"], color=look["colour"],
                              marker=MARKERS[i], capsize=2, label=look["label"])  # fmt: skip
                if f"{quantity}_median" in part:
                    axes.plot(places[rows], part[f"{quantity}_median"], "_", color=look["colour"], ms=6)
            _name_places(axes, places, table["node"])
            axes.set_ylabel(label)
            axes.set_ylim(bottom=0)
        shared_legend(figure)
        return figure


def capacities_compared(table: pd.DataFrame, looks: dict[str, dict]) -> Figure:
    """Mean-field, conic and simulated capacity of every analysed node; bars are ± 1 standard error.

    Parameters
    ----------
    table : DataFrame
        Columns `analysis, epoch, node, bound` and `…capacity`, `…capacity_se` of each kind. Where the simulated
        capacity is missing it is below the bound, and so is what the conic one, at its floor, stands for: an
        open triangle.
    looks : dict
        Analysis → `label`.
    """
    with house_style():
        labels = [looks[name]["label"] for name in table["analysis"]]
        names = np.array([_block_name(*pair) for pair in zip(labels, table["epoch"], strict=True)])
        places = side_by_side(pd.Series(names))
        figure = new_figure(min(PAGE, COLUMN + 4 * MM * len(table)), 75 * MM)
        axes = figure.subplots()
        beyond = table["simulated_capacity"].isna().to_numpy()
        for i, (prefix, label) in enumerate(KINDS.items()):
            shown = ~beyond if prefix else np.full(len(table), True)
            axes.errorbar(places[shown] + 0.15 * (i - 1), table[f"{prefix}capacity"][shown],
                          table[f"{prefix}capacity_se"][shown], color=CYCLE[i], marker=MARKERS[i], ls="", capsize=2,
                          label=label)  # fmt: skip
        axes.errorbar(places[beyond] + 0.07, table["bound"][beyond], color=CYCLE[2], marker="v", mfc="none", ls="",
                      label="no more than this")  # fmt: skip
        _name_places(axes, places, table["node"])
        for name in dict.fromkeys(names):
            axes.annotate(name, (places[names == name].mean(), 1.02), xycoords=("data", "axes fraction"), ha="center",
                          fontsize=6)  # fmt: skip
        axes.set_yscale("log")
        axes.set_ylabel("capacity α (classes per dimension)")
        shared_legend(figure, columns=2)
        return figure


def over_draws(table: pd.DataFrame, published: dict[tuple[str, str], float]) -> Figure:
    """One dot per draw of images, for the configured options and in reference mode; lines are medians.

    Parameters
    ----------
    table : DataFrame
        Columns `draw, mode, node` and the quantities.
    published : dict
        (quantity, node) → value, drawn as a star.
    """
    with house_style():
        figure = new_figure(PAGE, 62 * MM)
        nodes = list(dict.fromkeys(table["node"]))
        for axes, (quantity, label) in zip(figure.subplots(1, 4), PANELS.items(), strict=True):
            for i, (mode, part) in enumerate(table.groupby("mode", sort=False)):
                places = part["node"].map(nodes.index) + 0.3 * (i - 0.5)
                spread = 0.12 * (part["draw"] / max(1, part["draw"].max()) - 0.5)
                axes.plot(places + spread, part[quantity], MARKERS[i], color=CYCLE[i], ms=2, label=f"{mode} mode")
                medians = part.groupby("node", sort=False)[quantity].median()
                axes.hlines(medians, *(places.groupby(part["node"], sort=False).first() + d for d in (-0.13, 0.13)),
                            color="black", lw=1, zorder=3)  # fmt: skip
            stars = {nodes.index(node): value for (name, node), value in published.items() if name == quantity}
            if stars:
                axes.plot(list(stars), list(stars.values()), "*", color="magenta", ms=7, label="published draw")
            axes.set_xticks(range(len(nodes)), nodes)
            axes.set(xlim=(-0.5, len(nodes) - 0.5), ylabel=label)
            if table[quantity].max() > EXPLODED * table[quantity].median():
                axes.set_yscale("log")
            else:
                axes.set_ylim(bottom=0)
        shared_legend(figure)
        return figure


def side_by_side(blocks: pd.Series) -> np.ndarray:
    """Places (n,) of rows on an axis: one apart, and two apart where another block begins."""
    values = blocks.to_numpy()
    return np.arange(len(values)) + np.r_[0, np.cumsum(values[1:] != values[:-1])]


def _name_places(axes: Axes, places: np.ndarray, names: pd.Series) -> None:
    axes.set_xticks(places, names, rotation=90, fontsize=5)


def _block_name(label: str, epoch: float) -> str:
    return label if pd.isna(epoch) else f"{label},\nepoch {epoch:.0f}"


def over_epochs(table: pd.DataFrame) -> Figure:
    """One line per node over training epochs; bars are ± 1 standard error."""
    with house_style():
        figure = new_figure(PAGE, 58 * MM)
        for axes, (quantity, label) in zip(figure.subplots(1, 4), PANELS.items(), strict=True):
            for i, (node, part) in enumerate(table.groupby("node", sort=False)):
                axes.errorbar(part["epoch"], part[quantity], part[f"{quantity}_se"], color=CYCLE[i],
                              marker=MARKERS[i], capsize=2, label=node)  # fmt: skip
                if f"{quantity}_median" in part:
                    axes.plot(part["epoch"], part[f"{quantity}_median"], "_", color=CYCLE[i], ms=6)
            axes.set(xlabel="epochs trained", ylabel=label)
            axes.set_ylim(bottom=0)
        shared_legend(figure)
        return figure
