"""Four panels of manifold geometry: capacity, radius, dimension, centre correlation."""

import pandas as pd
from matplotlib.figure import Figure

from repgeom.figures.style import CYCLE, MARKERS, MM, PAGE, house_style, new_figure, shared_legend

PANELS = {
    "capacity": "manifold capacity α",
    "radius": "manifold radius R\n(centre norms)",
    "dimension": "manifold dimension D",
    "centre_correlation": "centre correlation ρ",
}


def over_nodes(table: pd.DataFrame, looks: dict[str, dict]) -> Figure:
    """One line per analysis over its nodes; bars are ± 1 standard error.

    Parameters
    ----------
    table : DataFrame
        Columns `analysis, node` and for each quantity its value and `…_se`.
    looks : dict
        Analysis → `label` and `colour`.
    """
    with house_style():
        figure = new_figure(PAGE, 62 * MM)
        nodes = list(dict.fromkeys(table["node"]))
        for axes, (quantity, label) in zip(figure.subplots(1, 4), PANELS.items(), strict=True):
            for i, (name, part) in enumerate(table.groupby("analysis", sort=False)):
                axes.errorbar([nodes.index(n) for n in part["node"]], part[quantity], part[f"{quantity}_se"],
                              color=looks[name]["colour"], marker=MARKERS[i], capsize=2,
                              label=looks[name]["label"])  # fmt: skip
            axes.set_xticks(range(len(nodes)), nodes, rotation=60, ha="right", fontsize=5)
            axes.set_ylabel(label)
            axes.set_ylim(bottom=0)
        shared_legend(figure)
        return figure


def over_epochs(table: pd.DataFrame) -> Figure:
    """One line per node over training epochs; bars are ± 1 standard error."""
    with house_style():
        figure = new_figure(PAGE, 58 * MM)
        for axes, (quantity, label) in zip(figure.subplots(1, 4), PANELS.items(), strict=True):
            for i, (node, part) in enumerate(table.groupby("node", sort=False)):
                axes.errorbar(part["epoch"], part[quantity], part[f"{quantity}_se"], color=CYCLE[i],
                              marker=MARKERS[i], capsize=2, label=node)  # fmt: skip
            axes.set(xlabel="epochs trained", ylabel=label)
            axes.set_ylim(bottom=0)
        shared_legend(figure)
        return figure
