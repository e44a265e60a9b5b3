"""Cubic zoom and spline prefilter as one small matrix per size.

``scipy.ndimage.zoom`` is linear and separable, and its sampling points depend on the two sizes alone. So is the
prefilter that turns an image into B-spline coefficients before ``scipy.ndimage.rotate`` samples it. Their product
is one matrix A with ``coefficients = A @ image @ A.T``.
"""

from functools import lru_cache

import numpy as np
from scipy import ndimage

MARGIN_BEFORE = 1
MARGIN_AFTER = 2
MARGIN = MARGIN_BEFORE + MARGIN_AFTER
"""Coefficients beyond the image that a cubic sample within it reaches, for sampling without special cases."""

SIDE_MULTIPLE = 16
"""Tables are padded to a multiple of this, two vectors of eight floats, so that loops over rows have no remainder."""

Step = tuple[int, int, int]
"""Size of an image, size after a first zoom, and size after a second one."""


@lru_cache(maxsize=32)
def operator_table(steps: tuple[Step, ...]) -> np.ndarray:
    """The matrices of several steps, transposed and padded with zeros to a common shape.

    Returns
    -------
    (n_steps, side, side) float64, read-only, with side ≥ largest size + MARGIN
    """
    side = -(-(max(map(max, steps)) + MARGIN) // SIDE_MULTIPLE) * SIDE_MULTIPLE
    table = np.zeros((len(steps), side, side))
    for row, step in zip(table, steps, strict=True):
        operator = coefficient_operator(step).T
        row[: operator.shape[0], : operator.shape[1]] = operator
    table.flags.writeable = False
    return table


@lru_cache(maxsize=256)
def coefficient_operator(step: Step) -> np.ndarray:
    """The matrix from an image to the B-spline coefficients of its twice zoomed version.

    Returns
    -------
    (step[2] + MARGIN, step[0]) float64, the coefficients continued by reflection about the outermost samples
    """
    start, middle, end = step
    zoomed = _zoom_matrix(middle, end) @ _zoom_matrix(start, middle)
    coefficients = ndimage.spline_filter1d(zoomed, order=3, axis=0, mode="mirror")
    return np.pad(coefficients, ((MARGIN_BEFORE, MARGIN_AFTER), (0, 0)), mode="reflect")


def _zoom_matrix(size: int, zoomed_size: int) -> np.ndarray:
    """(zoomed_size, size): what SciPy's zoom does along one axis, read off its images of the unit vectors."""
    return ndimage.zoom(np.eye(size), (zoomed_size / size, 1), order=3)
