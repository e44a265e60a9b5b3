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
from repgeom.measures.uncertainty import INFINITESIMAL, LEVEL, Estimate, t_quantile

ROUND_OFF = 1e-14


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
    return shape_estimates(patterns, names).value


def shape_estimates(patterns: Sequence[np.ndarray], names: Sequence[str]) -> Estimate:
    """`shape_angles` with intervals for other stimuli, (k, k) each.

    The cosine of the angle is 1 − ½‖R‖², R being what remains of the one shape X less the other one Y after the best
    rotation. With the weight of stimulus i it changes by ½(½‖R‖²(‖xᵢ‖² + ‖yᵢ‖²) − ‖rᵢ‖²): no change of the rotation
    counts, as it is the best. The squares of these changes add up to the variance (Efron 1982, The jackknife, the
    bootstrap and other resampling plans, chapter 6).
    """
    shapes = [_shape(x, name) for x, name in zip(patterns, names, strict=True)]
    angles, errors = np.zeros((2, len(shapes), len(shapes)))
    for pair in combinations(range(len(shapes)), 2):
        angles[pair], errors[pair] = _angle(*(shapes[i] for i in pair))
    angles, errors = angles + angles.T, errors + errors.T
    n = len(shapes[0])
    half = t_quantile(LEVEL, n - 1) * errors
    low, high = np.maximum(angles - half, 0), np.minimum(angles + half, np.pi / 2)
    return Estimate(angles, low, np.maximum(high, angles), f"{100 * LEVEL:g} % {INFINITESIMAL}")


def _shape(x: np.ndarray, name: str) -> np.ndarray:
    centred = x - x.mean(axis=0)
    length = np.linalg.norm(centred)
    if length <= ROUND_OFF * np.linalg.norm(x):
        raise InputError(f"{name}: all stimuli have the same pattern, which has no shape; leave it out")
    return centred / length


def _angle(x: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    """The angle and its standard error, from what remains after the best rotation: the cosine has lost small digits."""
    u, _, vt = scipy.linalg.svd(x.T @ y, full_matrices=False)
    turned = x @ u, y @ vt.T
    rest = ((turned[0] - turned[1]) ** 2).sum(axis=1)
    for own, other in ((x, turned[0]), (y, turned[1])):
        if own.shape[1] > other.shape[1]:  # dimensions that the other shape does not have
            rest += np.maximum((own**2).sum(axis=1) - (other**2).sum(axis=1), 0)
    total = rest.sum()
    angle = float(2 * np.arcsin(min(np.sqrt(total) / 2, np.sqrt(0.5))))
    changes = (total / 2 * ((x**2).sum(axis=1) + (y**2).sum(axis=1)) - rest) / 2
    error = np.sqrt((changes**2).sum() * len(x) / (len(x) - 1))
    return angle, float(error / np.sin(angle)) if angle > 0 else 0.0
