"""Singular values beside the first two principal components, a row for each node."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

from repgeom.figures.classes import scatter_classes
from repgeom.figures.palette import BLUE
from repgeom.figures.style import MM, PAGE, house_style, new_figure

ROW = 65 * MM
"""Height of a node's panels."""


def spectrum_figure(spectra: Mapping[str, tuple[np.ndarray, np.ndarray]], labels: np.ndarray) -> Figure:
    """Draw spectra and maps of the stimuli.

    Parameters
    ----------
    spectra : dict
        Node → singular values (r,) of its activations, not centred, and principal components (n, 2) of the stimuli.
    labels : (n,)
    """
    with house_style():
        figure = new_figure(PAGE * 0.75, ROW * len(spectra))
        for (left, right), (node, (values, scores)) in zip(
            figure.subplots(len(spectra), 2, squeeze=False), spectra.items(), strict=True
        ):
            left.semilogy(np.arange(1, len(values) + 1), values, "o-", color=BLUE)
            left.set(xlabel="index", ylabel=f"singular value of {node} (activation units)")
            scatter_classes(right, scores, labels, size=12, width=0.2)
            right.set(xlabel=f"PC 1 of {node}", ylabel=f"PC 2 of {node}")
        return figure
