"""Singular values beside the first two principal components, a row for each node."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from repgeom.figures.classes import class_key, name_classes, scatter_classes
from repgeom.figures.palette import BLACK
from repgeom.figures.style import COLUMN, MM, house_style, letter_panels, new_figure, plain_powers

ROW = 48 * MM
"""Height of a node's panels."""


def spectrum_figure(
    spectra: Mapping[str, tuple[np.ndarray, np.ndarray]], labels: np.ndarray, names: Sequence[str]
) -> Figure:
    """Draw spectra and maps of the stimuli.

    Parameters
    ----------
    spectra : dict
        Node → singular values (r,) of its activations, not centred, and principal components (n, 2) of the stimuli.
    labels, names : (n,)
        Class of each stimulus, and what it is called.
    """
    with house_style():
        figure = new_figure(COLUMN, ROW * len(spectra) + 6 * MM)
        grid = figure.subplots(len(spectra), 2, squeeze=False)
        for (left, right), (node, (values, scores)) in zip(grid, spectra.items(), strict=True):
            left.semilogy(np.arange(1, len(values) + 1), values, "o-", color=BLACK)
            left.set(xlabel="index", ylabel=f"singular value of {node}\n(activation units)")
            left.xaxis.set_major_locator(MaxNLocator(integer=True))
            plain_powers(left.yaxis)
            scatter_classes(right, scores, labels, size=6)
            right.set(xlabel=f"PC 1 of {node}", ylabel=f"PC 2 of {node}")
        class_key(figure, labels, names)
        letter_panels(grid.ravel())
        figure.draw_without_rendering()
        for (_, right), (_, scores) in zip(grid, spectra.values(), strict=True):
            name_classes(right, scores, labels, names)
        return figure
