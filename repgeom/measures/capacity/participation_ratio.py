"""Participation ratio: how many dimensions points fill, if they filled them evenly.

PR = (Σλ)² / Σλ² over the eigenvalues of the covariance (Gao et al. 2017, bioRxiv 214262, eq. 5).
"""

import numpy as np

from repgeom.errors import InputError


def participation_ratio(points: np.ndarray) -> float:
    """Effective dimension of a set of points, between 1 and the rank of their covariance.

    Parameters
    ----------
    points : (n, n_features)
        Raw features, or coordinates that keep their inner products.

    Raises
    ------
    InputError
        Fewer than two points, points that coincide, NaN or infinite values.
    """
    points = np.asarray(points, dtype=float)
    if points.ndim != 2 or len(points) < 2:
        raise InputError(f"the participation ratio needs at least two points (n, features), got {points.shape}")
    if not np.isfinite(points).all():
        raise InputError(f"point {int(np.isfinite(points).all(axis=1).argmin())} holds NaN or infinity")
    centred = points - points.mean(axis=0)
    scale = np.abs(centred).max()
    if scale <= 1e-12 * np.abs(points).max():
        raise InputError("all points coincide: their spread has no dimension; leave them out")
    centred /= scale
    wide = points.shape[0] <= points.shape[1]
    moments = centred @ centred.T if wide else centred.T @ centred
    return float(np.trace(moments) ** 2 / np.sum(moments**2))
