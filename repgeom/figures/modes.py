"""Singular modes over training with the exact theory over them."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from repgeom.figures.palette import BLACK, CLASSES, GREY
from repgeom.figures.style import MM, house_style, letter_panels, new_panels, shared_legend


def modes_figure(table: pd.DataFrame, steps: np.ndarray, loss: np.ndarray) -> Figure:
    """Draw the loss, the measured and analytic modes, and their difference.

    Parameters
    ----------
    table : DataFrame
        Columns `step, mode, measured, analytic, difference`.
    steps, loss : (n,)
    """
    with house_style():
        figure, (left, middle, right) = new_panels(3, 46 * MM)
        left.plot(steps, loss, color=BLACK)
        left.set(xlabel="epoch", ylabel="mean squared error")
        for number, mode in table.groupby("mode"):
            colour = CLASSES[(number - 1) % len(CLASSES)]
            middle.plot(mode["step"], mode["measured"], color=colour, lw=2.2, alpha=0.45)
            middle.plot(mode["step"], mode["analytic"], color=colour, ls="--", lw=0.9)
            right.plot(mode["step"], 100 * mode["difference"], color=colour, label=f"mode {number}")
        middle.plot([], [], color=GREY, lw=2.2, alpha=0.45, label="measured")
        middle.plot([], [], color=GREY, ls="--", lw=0.9, label="exact theory")
        middle.set(xlabel="epoch", ylabel="singular value")
        right.set(xlabel="epoch", ylabel="measured − theory\n(% of the largest mode)")
        letter_panels([left, middle, right])
        shared_legend(figure, columns=5)
        return figure
