"""An RDM as an image: percentiles, of many stimuli averaged."""

import numpy as np
from matplotlib.axes import Axes
from scipy.spatial.distance import squareform
from scipy.stats import rankdata

COLOURS = "magma_r"
CELLS = 80
"""Most rows of an RDM that are drawn."""


def percentiles(rdm: np.ndarray) -> np.ndarray:
    """For each dissimilarity (m,), the share of all that are not larger."""
    return rankdata(rdm, "max") / len(rdm)


def show_rdm(axes: Axes, rdm: np.ndarray, order: np.ndarray | None = None):
    """Draw an RDM (n(n-1)/2,) as percentiles, its stimuli in this order, on axes that span these.

    Of more than `CELLS` stimuli, neighbours are averaged: single ones could not be seen.
    """
    matrix = squareform(percentiles(rdm), checks=False)
    matrix = matrix if order is None else matrix[np.ix_(order, order)]
    n = len(matrix)
    look = {"cmap": COLOURS, "vmin": 0, "vmax": 1, "interpolation": "nearest"}
    return axes.imshow(averaged(matrix, CELLS), extent=(-0.5, n - 0.5, n - 0.5, -0.5), **look)


def averaged(matrix: np.ndarray, cells: int) -> np.ndarray:
    """A square matrix with at most `cells` rows: means of neighbours, about as many in each cell."""
    if len(matrix) <= cells:
        return matrix
    starts = np.linspace(0, len(matrix), cells, endpoint=False).astype(int)
    counts = np.diff([*starts, len(matrix)])
    sums = np.add.reduceat(np.add.reduceat(matrix, starts, axis=0), starts, axis=1)
    return sums / np.outer(counts, counts)
