"""The angle between the shapes that stimuli form in two representations, after the best rotation.

Representations are centred and scaled to length one; what remains free is a rotation, and the angle that is left after
the best one is a metric (Williams et al. 2021, NeurIPS, "Generalized shape metrics"; numbers are those of
`netrep.metrics.LinearMetric(alpha=1, score_method="angular")`). It costs one singular value decomposition a pair.
"""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import scipy.linalg

from repgeom.errors import InputError

ROUND_OFF = 1e-14
CLOSE = 0.99


def shape_angles(patterns: Sequence[np.ndarray], names: Sequence[str]) -> np.ndarray:
    """Angles between all pairs of representations.

    Parameters
    ----------
    patterns : sequence of (n, features)
        Of the same n stimuli; exact coordinates will do.
    names : sequence of str
        What error messages call them.

    Returns
    -------
    (k, k) float64
        In radians, from 0 to π/2.

    Raises
    ------
    InputError
        A representation in which all stimuli are the same.
    """
    shapes = [_shape(x, name) for x, name in zip(patterns, names, strict=True)]
    angles = np.zeros((len(shapes), len(shapes)))
    for i, j in combinations(range(len(shapes)), 2):
        angles[i, j] = angles[j, i] = _angle(shapes[i], shapes[j])
    return angles


def _shape(x: np.ndarray, name: str) -> np.ndarray:
    centred = x - x.mean(axis=0)
    length = np.linalg.norm(centred)
    if length <= ROUND_OFF * np.linalg.norm(x):
        raise InputError(f"{name}: all stimuli have the same pattern, which has no shape; leave it out")
    return centred / length


def _angle(x: np.ndarray, y: np.ndarray) -> float:
    """From the chord between the aligned shapes where that is short: the arc cosine of nearly 1 has lost its digits."""
    cosine = scipy.linalg.svdvals(x.T @ y).sum()
    if cosine < CLOSE:
        return float(np.arccos(cosine))
    # |x − yQ|² = |x|² + |y|² − 2·cosine, computed without subtracting numbers that are nearly equal.
    x, y = _padded(x, y)
    u, _, vt = scipy.linalg.svd(x.T @ y)
    return float(2 * np.arcsin(min(np.linalg.norm(x @ u @ vt - y) / 2, 1)))


def _padded(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    width = max(x.shape[1], y.shape[1])
    return tuple(np.pad(z, ((0, 0), (0, width - z.shape[1]))) for z in (x, y))
