"""Manifolds: the points of each class, as capacity measures take them."""

from collections.abc import Sequence

import numpy as np

from repgeom.errors import InputError

RANK_TOLERANCE = 1e-12
"""Eigenvalues of a Gram matrix below this fraction of the largest are round-off."""

Manifolds = Sequence[np.ndarray] | np.ndarray
"""One (M, n_features) array per class, or all in one (P, M, n_features) array."""


def check_manifolds(manifolds: Manifolds, where: str = "manifolds") -> list[np.ndarray]:
    """The manifolds as a list of finite (M, n_features) arrays; raises `InputError` for anything else."""
    manifolds = [np.asarray(manifold) for manifold in manifolds]
    if len(manifolds) < 2:
        raise InputError(f"{where}: they are compared with each other, need at least two, got {len(manifolds)}")
    for i, manifold in enumerate(manifolds):
        _check_manifold(manifold, f"{where}: manifold {i}")
        if manifold.shape[1] != manifolds[0].shape[1]:
            raise InputError(
                f"{where}: manifold {i} has {manifold.shape[1]} features, manifold 0 has {manifolds[0].shape[1]}; "
                "all must come from one layer"
            )
    return manifolds


def manifolds_of(points: np.ndarray, labels: np.ndarray) -> list[np.ndarray]:
    """The points (n, n_features) of every class of `labels` (n,), classes in ascending order."""
    return [points[labels == label] for label in np.unique(labels)]


def principal_axes(gram: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Eigenvectors (M, D) of a Gram matrix and the square roots of their eigenvalues, round-off dropped.

    The points have coordinates axes · scales. A vector z with one Gaussian number per point has the
    coordinates z · axes, and inner products with the points that do not depend on the eigenvectors' signs or
    on their choice within an eigenspace.
    """
    values, vectors = np.linalg.eigh(gram)
    kept = values > RANK_TOLERANCE * max(values[-1], np.finfo(float).tiny)
    return vectors[:, kept], np.sqrt(values[kept])


def _check_manifold(manifold: np.ndarray, where: str) -> None:
    if manifold.ndim != 2 or 0 in manifold.shape:
        raise InputError(f"{where} must be (points, features), got shape {manifold.shape}; flatten each point")
    if not np.issubdtype(manifold.dtype, np.number) or np.iscomplexobj(manifold):
        raise InputError(f"{where} must hold real numbers, got {manifold.dtype}")
    finite = np.isfinite(manifold).all(axis=1)
    if not finite.all():
        raise InputError(f"{where}, point {int(finite.argmin())} holds NaN or infinity; leave it out or mend it")
