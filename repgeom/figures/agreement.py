"""Entries of learned maps against those of an exact solution."""

import numpy as np
from matplotlib.figure import Figure

from repgeom.figures.palette import BLUE
from repgeom.figures.style import MM, PAGE, house_style, new_figure

BINS = 60


def agreement_figure(exact: np.ndarray, learned: dict[str, np.ndarray]) -> Figure:
    """Histogram of learned − exact entries, one panel per network.

    Parameters
    ----------
    exact : array
        The solution of linear regression.
    learned : dict
        Network → array of the same shape.
    """
    with house_style():
        figure = new_figure(PAGE, 55 * MM)
        for axes, (name, solution) in zip(figure.subplots(1, len(learned)), learned.items(), strict=True):
            difference = (solution - exact).ravel()
            axes.hist(difference, bins=BINS, color=BLUE)
            axes.set(xlabel="learned − regression (features are ±1)", ylabel="entries of the map", yscale="log")
            axes.set_title(f"{name} network, largest difference {np.abs(difference).max():.1e}")
        return figure
