"""Accuracy by condition, one dot per seed with its interval."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from repgeom.figures.style import COLUMN, MM, house_style, new_figure, shared_legend


def accuracy_figure(table: pd.DataFrame, models: dict[str, dict], chance: float = 0.1) -> Figure:
    """Draw accuracy of models under conditions.

    Parameters
    ----------
    table : DataFrame
        Columns `model, seed, condition, accuracy, low, high` (fractions).
    models : dict
        Name → `label` and `colour`, in the order to draw.
    chance : float
        Accuracy of guessing, drawn as a dashed line.
    """
    with house_style():
        figure = new_figure(COLUMN, 60 * MM)
        axes = figure.subplots()
        conditions = list(dict.fromkeys(table["condition"]))
        for m, (name, look) in enumerate(models.items()):
            for c, condition in enumerate(conditions):
                part = table[(table["model"] == name) & (table["condition"] == condition)]
                _dots(axes, part, c + (m - (len(models) - 1) / 2) * 0.3, look, label=c == 0)
        axes.axhline(100 * chance, color="0.6", lw=0.6, ls="--", zorder=0)
        axes.annotate("chance", (1, 100 * chance), xycoords=("axes fraction", "data"), ha="right", va="bottom",
                      fontsize=6, color="0.4")  # fmt: skip
        axes.set_xticks(range(len(conditions)), conditions)
        axes.set_xlim(-0.6, len(conditions) - 0.4)
        axes.set_ylim(0, 102)
        axes.set_ylabel("accuracy (%)")
        shared_legend(figure)
        return figure


def _dots(axes, part: pd.DataFrame, x: float, look: dict, label: bool) -> None:
    places = x + (np.arange(len(part)) - (len(part) - 1) / 2) * 0.06
    value = 100 * part["accuracy"].to_numpy()
    bars = np.clip([value - 100 * part["low"], 100 * part["high"] - value], 0, None)
    axes.errorbar(places, value, bars, fmt="o", color=look["colour"], capsize=1.5, elinewidth=0.6,
                  label=look["label"] if label else None)  # fmt: skip
