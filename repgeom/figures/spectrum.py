"""Singular values beside the first two principal components."""

import numpy as np
from matplotlib import colormaps
from matplotlib.figure import Figure

from repgeom.figures.style import BLUE, MM, PAGE, house_style, new_figure


def spectrum_figure(values: np.ndarray, scores: np.ndarray, labels: np.ndarray, node: str) -> Figure:
    """Draw a spectrum and a map of the stimuli.

    Parameters
    ----------
    values : (r,)
        Singular values of the activations (n, d), not centred.
    scores : (n, 2)
    labels : (n,)
    node : str
    """
    with house_style():
        figure = new_figure(PAGE * 0.75, 65 * MM)
        left, right = figure.subplots(1, 2)
        left.semilogy(np.arange(1, len(values) + 1), values, "o-", color=BLUE)
        left.set(xlabel="index", ylabel=f"singular value of {node} (activation units)")
        for label in np.unique(labels):
            right.scatter(*scores[labels == label].T, s=12, marker=f"${label}$", color=colormaps["tab10"](label % 10),
                          lw=0.2)  # fmt: skip
        right.set(xlabel=f"PC 1 of {node}", ylabel=f"PC 2 of {node}")
        return figure
