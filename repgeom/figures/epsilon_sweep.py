"""Accuracy and geometry against attack strength."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from repgeom.figures.style import MM, PAGE, house_style, new_figure, shared_legend


def epsilon_sweep(means: pd.DataFrame, models: dict[str, dict], attacks: dict[str, str], nodes: list[str]) -> Figure:
    """One row per attack; accuracy, then the correlation with the label RDM at every node.

    Parameters
    ----------
    means : DataFrame
        Columns `attack, model, epsilon, quantity, node, mean, low, high`.
    models : dict
        Name → `label` and `colour`.
    attacks : dict
        Name of the stimulus set → title.
    nodes : list of str
    """
    with house_style():
        figure = new_figure(PAGE, 42 * MM * len(attacks) + 6 * MM)
        grid = figure.subplots(len(attacks), len(nodes) + 1, sharex=True, squeeze=False)
        for axes_row, (attack, title) in zip(grid, attacks.items(), strict=True):
            part = means[means["attack"] == attack]
            _curves(axes_row[0], part[part["quantity"] == "accuracy"], models, 100)
            axes_row[0].set(ylabel=f"{title}\naccuracy (%)", ylim=(0, 102))
            for axes, node in zip(axes_row[1:], nodes, strict=True):
                _curves(axes, part[part["node"] == node], models, 1)
                axes.set(ylim=(-0.1, 1))
                axes.set_title(node)
                if node != nodes[0]:
                    axes.set_yticklabels([])
            axes_row[1].set_ylabel("correlation with\nlabel RDM (r)")
        figure.supxlabel("attack strength ε (pixel units, 0–1)", fontsize=7)
        shared_legend(figure)
        return figure


def _curves(axes, part: pd.DataFrame, models: dict[str, dict], factor: float) -> None:
    for name, look in models.items():
        one = part[part["model"] == name].sort_values("epsilon")
        axes.plot(one["epsilon"], factor * one["mean"], marker="o", color=look["colour"], label=look["label"])
        if np.isfinite(one["low"]).all():
            axes.fill_between(one["epsilon"], factor * one["low"], factor * one["high"], color=look["colour"],
                              alpha=0.2, lw=0)  # fmt: skip
