"""How an RDM separates classes: between- minus within-class dissimilarity, and correlation with another RDM.

Everything takes weights of pairs of stimuli, as `repgeom.measures.bootstrap.pair_weights` makes them: no index is
repeated, and the zero distance of a stimulus to its own copy never counts.
"""

import numpy as np

from repgeom.errors import InputError


def separation(rdm: np.ndarray, labels: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """Mean dissimilarity between classes minus that within classes.

    Parameters
    ----------
    rdm : (n(n-1)/2,)
    labels : (n,)
    weights : (..., n(n-1)/2), optional
        Weights of the pairs; all 1 by default.

    Returns
    -------
    (...) array
    """
    i, j = np.triu_indices(len(labels), 1)
    same = np.asarray(labels)[i] == np.asarray(labels)[j]
    if same.all() or not same.any():
        raise InputError("separation needs at least two classes, one of them with two stimuli")
    w = np.ones_like(rdm) if weights is None else weights
    within = (w[..., same] @ rdm[same]) / w[..., same].sum(axis=-1)
    return (w[..., ~same] @ rdm[~same]) / w[..., ~same].sum(axis=-1) - within


def rdm_correlation(a: np.ndarray, b: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """Pearson correlation of two RDMs over pairs of stimuli, (...).

    Raises
    ------
    InputError
        One of the RDMs is constant, its correlation undefined.
    """
    for rdm in (a, b):
        if np.ptp(rdm) == 0:
            raise InputError("a constant RDM has no correlation with another")
    w = np.ones_like(a) if weights is None else weights
    w = w / w.sum(axis=-1, keepdims=True)
    x, y = a - a.mean(), b - b.mean()
    mean_x, mean_y = w @ x, w @ y
    covariance = w @ (x * y) - mean_x * mean_y
    r = covariance / np.sqrt((w @ x**2 - mean_x**2) * (w @ y**2 - mean_y**2))
    return np.clip(r, -1, 1)  # equal RDMs may exceed 1 by rounding
