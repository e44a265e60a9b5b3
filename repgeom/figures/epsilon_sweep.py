"""Accuracy and geometry against attack strength."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repgeom.figures.style import COLUMN, MM, fitting, house_style, letter_panels, new_figure, shared_legend

COLUMNS = 3
"""Most panels beside each other."""


def epsilon_sweep(
    means: pd.DataFrame, looks: Mapping[str, Mapping], attacks: Mapping[str, str], nodes: Sequence[str], axis: str
) -> Figure:
    """For each attack or perturbation, accuracy and then the correlation with the label RDM at every node.

    Parameters
    ----------
    means : DataFrame
        Columns `stimuli, line, strength, quantity, node, mean, low, high`.
    looks : dict
        Line, which is its label → `colour` and `style`.
    attacks : dict
        Name of the stimulus set → title.
    nodes : list of str
    axis : str
        What the strength is called.
    """
    columns = min(COLUMNS, len(nodes) + 1)
    rows = -(-(len(nodes) + 1) // columns)
    correlations = means.loc[means["quantity"] == "label_correlation", ["mean", "low"]]
    lowest = min(-0.1, 1.05 * np.nanmin(correlations.to_numpy(float), initial=0))
    with house_style():
        figure = new_figure(COLUMN, 34 * MM * rows * len(attacks) + 8 * MM)
        grid = figure.subplots(rows * len(attacks), columns, sharex=True, squeeze=False)
        for block, (attack, title) in zip(np.split(grid, len(attacks)), attacks.items(), strict=True):
            _attack(block, means[means["stimuli"] == attack], title, looks, nodes, lowest)
        for column in grid.T:
            [axes for axes in column if axes.axison][-1].tick_params(labelbottom=True)
        letter_panels(block[0, 0] for block in np.split(grid, len(attacks)))
        figure.supxlabel(axis, fontsize=7)
        shared_legend(figure)
        return figure


def _attack(
    block: np.ndarray, part: pd.DataFrame, title: str, looks: Mapping, nodes: Sequence[str], lowest: float
) -> None:
    accuracy, *panels = block.ravel()
    _curves(accuracy, part[part["quantity"] == "accuracy"], looks, 100)
    accuracy.set(ylabel=f"{title}\naccuracy (%)", ylim=(0, 102))
    labelled = {panels[0], *block[1:, 0]} if panels else set()
    for axes, node in zip(panels, nodes, strict=False):
        _curves(axes, part[part["node"] == node], looks, 1)
        axes.set_ylim(lowest, 1.02)
        axes.set_title(fitting(node, COLUMN / COLUMNS - 9 * MM, 6), fontsize=6)
        if axes in labelled:
            axes.set_ylabel("correlation with\nlabel RDM (r)")
        else:
            axes.set_yticklabels([])
    for axes in panels[len(nodes) :]:
        axes.set_axis_off()


def _curves(axes: Axes, part: pd.DataFrame, looks: Mapping[str, Mapping], factor: float) -> None:
    for label, look in looks.items():
        one = part[part["line"] == label].sort_values("strength")
        if one.empty:
            continue
        axes.plot(one["strength"], factor * one["mean"], look["style"], color=look["colour"], marker=look["marker"],
                  label=label, clip_on=False)  # fmt: skip
        if np.isfinite(one["low"]).any():
            axes.fill_between(one["strength"], factor * one["low"], factor * one["high"], color=look["colour"],
                              alpha=0.2, lw=0)  # fmt: skip
