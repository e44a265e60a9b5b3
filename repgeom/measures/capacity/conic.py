"""Capacity from the cone of all points at once, without assumptions on the centres.

For random dichotomies y of P manifolds with points x and Gaussian vectors t,

    α = P / E‖Π t‖²,   Π = projection onto the cone of all y_μ x_μ

(Chou, Arend, Wakhloo, Kim, Slatton & Chung 2024, bioRxiv 2024.02.26.582157). A hyperplane passes through the
origin: centre the points on their mean, or add a constant feature, where a readout with bias is meant.
"""

from dataclasses import dataclass

import numpy as np

from repgeom.errors import InputError
from repgeom.measures.capacity.cone import project_onto_cone
from repgeom.measures.capacity.cone_geometry import controlled_mean
from repgeom.measures.capacity.manifolds import Manifolds, check_manifolds, principal_axes


@dataclass(frozen=True)
class ConicCapacity:
    """α and its Monte-Carlo standard error, from `n_draws` pairs of dichotomy and Gaussian vector."""

    capacity: float
    capacity_se: float
    n_manifolds: int
    n_draws: int
    kkt_residual: float


def conic_capacity(manifolds: Manifolds, *, n_draws: int = 300, seed: int = 0) -> ConicCapacity:
    """Conic capacity of P manifolds; time and memory grow with the square of all their points.

    Parameters
    ----------
    manifolds : P arrays (M, n_features), or one (P, M, n_features) array
        The points of each class, taken as they are.
    n_draws : int
        Random dichotomies, each with its own Gaussian vector.

    Raises
    ------
    InputError
        Not a list of at least two manifolds with the same features; NaN or infinite values; all points zero.
    """
    manifolds = check_manifolds(manifolds)
    if n_draws < 10:
        raise InputError(f"{n_draws} draws are too few for a standard error; take 10 at least, 300 as a rule")
    points = np.concatenate([np.asarray(manifold, dtype=float) for manifold in manifolds])
    whose = np.repeat(np.arange(len(manifolds)), [len(manifold) for manifold in manifolds])
    there = np.any(points != 0.0, axis=1)  # a point at the origin adds nothing to the cone
    if not there.any():
        raise InputError("all points are zero: there is nothing to separate")
    gram = points[there] @ points[there].T
    return _average_projection(gram, whose[there], len(manifolds), n_draws, np.random.default_rng(seed))


def _average_projection(
    gram: np.ndarray, whose: np.ndarray, n_manifolds: int, n_draws: int, rng: np.random.Generator
) -> ConicCapacity:
    """Average over dichotomies, from inner products of all points; `whose` (n_points,) numbers their manifolds."""
    axes, scales = principal_axes(gram)
    t = rng.standard_normal((n_draws, len(gram))) @ axes
    along = t @ (axes * scales).T
    signs = rng.choice([-1.0, 1.0], size=(n_draws, n_manifolds))[:, whose]
    projections = [
        project_onto_cone(gram * np.outer(sign, sign), (sign * target)[None])
        for sign, target in zip(signs, along, strict=True)
    ]
    squared = np.array([projection.squared_norm[0] for projection in projections])
    mean, se = controlled_mean(squared, np.sum(t**2, axis=1, keepdims=True) - t.shape[1])
    capacity = n_manifolds / mean
    kkt = max(float(projection.kkt_residual[0]) for projection in projections)
    return ConicCapacity(capacity, capacity / mean * se, n_manifolds, n_draws, kkt)
