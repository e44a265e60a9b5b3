"""Point clouds: the points of each class, as capacity measures take them."""

from collections.abc import Sequence

import numpy as np

from repgeom.errors import InputError

RANK_TOLERANCE = 1e-12
"""Eigenvalues of a Gram matrix below this fraction of the largest are round-off."""

Clouds = Sequence[np.ndarray] | np.ndarray
"""One (M, n_features) array per class, or all in one (P, M, n_features) array."""


def check_clouds(clouds: Clouds, where: str = "manifolds") -> list[np.ndarray]:
    """The clouds as a list of finite (M, n_features) arrays; raises `InputError` for anything else."""
    clouds = [np.asarray(cloud) for cloud in clouds]
    if len(clouds) < 2:
        raise InputError(f"{where}: they are compared with each other, need at least two, got {len(clouds)}")
    for i, cloud in enumerate(clouds):
        _check_cloud(cloud, f"{where}: cloud {i}")
        if cloud.shape[1] != clouds[0].shape[1]:
            raise InputError(
                f"{where}: cloud {i} has {cloud.shape[1]} features, cloud 0 has {clouds[0].shape[1]}; "
                "all must come from one layer"
            )
    return clouds


def principal_axes(gram: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Eigenvectors (M, D) of a Gram matrix and the square roots of their eigenvalues, round-off dropped.

    The points have coordinates axes · scales. A vector z with one Gaussian number per point has the
    coordinates z · axes, and inner products with the points that do not depend on the eigenvectors' signs or
    on their choice within an eigenspace.
    """
    values, vectors = np.linalg.eigh(gram)
    kept = values > RANK_TOLERANCE * max(values[-1], np.finfo(float).tiny)
    return vectors[:, kept], np.sqrt(values[kept])


def _check_cloud(cloud: np.ndarray, where: str) -> None:
    if cloud.ndim != 2 or 0 in cloud.shape:
        raise InputError(f"{where} must be (points, features), got shape {cloud.shape}; flatten each point")
    if not np.issubdtype(cloud.dtype, np.number) or np.iscomplexobj(cloud):
        raise InputError(f"{where} must hold real numbers, got {cloud.dtype}")
    finite = np.isfinite(cloud).all(axis=1)
    if not finite.all():
        raise InputError(f"{where}, point {int(finite.argmin())} holds NaN or infinity; leave it out or mend it")
