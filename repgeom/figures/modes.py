"""Singular modes over training with the exact theory over them."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from repgeom.figures.palette import CYCLE
from repgeom.figures.style import MM, PAGE, house_style, new_figure


def modes_figure(table: pd.DataFrame, steps: np.ndarray, loss: np.ndarray) -> Figure:
    """Draw the loss, the measured and analytic modes, and their difference.

    Parameters
    ----------
    table : DataFrame
        Columns `step, mode, measured, analytic, difference`.
    steps, loss : (n,)
    """
    with house_style():
        figure = new_figure(PAGE, 60 * MM)
        left, middle, right = figure.subplots(1, 3)
        left.plot(steps, loss, color="black")
        left.set(xlabel="epoch", ylabel="mean squared error")
        for number, mode in table.groupby("mode"):
            colour = CYCLE[(number - 1) % len(CYCLE)]
            middle.plot(mode["step"], mode["measured"], color=colour, lw=2.2, alpha=0.45)
            middle.plot(mode["step"], mode["analytic"], color=colour, ls="--", lw=0.9)
            right.plot(mode["step"], 100 * mode["difference"], color=colour, label=f"mode {number}")
        middle.plot([], [], color="0.4", lw=2.2, alpha=0.45, label="measured")
        middle.plot([], [], color="0.4", ls="--", lw=0.9, label="analytic")
        middle.legend(loc="upper left")
        middle.set(xlabel="epoch", ylabel="singular value")
        right.set(xlabel="epoch", ylabel="measured − analytic\n(% of the largest mode)")
        right.legend(ncols=2, fontsize=5)
        return figure
