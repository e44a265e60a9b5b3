"""Manifold capacity by simulation: the fewest random features in which half of all dichotomies are separable.

P manifolds are labelled ±1 at random and projected to n random dimensions. α = P / n* where a hyperplane
through the origin separates half of the dichotomies (Chung, Lee & Sompolinsky 2018, Phys. Rev. X 8:031003;
Cohen et al. 2020, Nat. Commun. 11:746, Methods). For points in general position Cover's theorem (1965) gives
P_sep(n) = 2^(1−P) Σ_{k<n} C(P−1, k), hence α = 2.

Each dichotomy comes with nested projections, of which the next has one column more. What n dimensions
separate n + 1 do too: so each dichotomy has a threshold, found exactly by bisection, and P_sep(n) is the
share of thresholds up to n.
"""

from dataclasses import dataclass

import numpy as np

from repgeom.errors import InputError
from repgeom.measures.capacity.cone import project_onto_cone
from repgeom.measures.capacity.manifolds import Manifolds, check_manifolds, principal_axes

SEPARABLE = 1e-12
"""Squared distance of the convex hull of the signed unit points from the origin that is not round-off."""

RESAMPLES = 500
"""Bootstrap samples behind the standard error."""


@dataclass(frozen=True)
class SimulatedCapacity:
    """Capacity from the dimension at which half of the dichotomies are separable.

    Attributes
    ----------
    capacity, capacity_se : float
        P / n* and its bootstrap standard error over dichotomies; NaN if n* lies beyond all dimensions.
    critical_dimension : float
        n*, interpolated between whole dimensions; NaN if even all dimensions separate less than half.
    thresholds : (n_dichotomies,)
        Fewest dimensions in which each dichotomy is separable; inf if not in all.
    n_dimensions : int
        Dimensions that the points span at most. Where the capacity is NaN it is below P / n_dimensions.
    n_manifolds : int
        P.
    """

    capacity: float
    capacity_se: float
    critical_dimension: float
    thresholds: np.ndarray
    n_dimensions: int
    n_manifolds: int

    def separable(self, n: int) -> float:
        """P_sep(n), the share of dichotomies that n random dimensions separate."""
        return float(np.mean(self.thresholds <= n))


def simulated_capacity(manifolds: Manifolds, *, n_dichotomies: int = 100, seed: int = 0) -> SimulatedCapacity:
    """Capacity of P manifolds by random projection and bisection.

    Parameters
    ----------
    manifolds : P arrays (M, n_features), or one (P, M, n_features) array
        The points of each class, taken as they are: centre them on their mean, or add a constant feature,
        where a readout with bias is meant.
    n_dichotomies : int
        Random labellings, each with its own projections.

    Raises
    ------
    InputError
        Not a list of at least two manifolds with the same features; NaN or infinite values; too few dichotomies.
    """
    manifolds = check_manifolds(manifolds)
    if n_dichotomies < 10:
        raise InputError(f"{n_dichotomies} dichotomies are too few for a share; take 10 at least")
    points = _coordinates(np.concatenate([np.asarray(manifold, dtype=float) for manifold in manifolds]))
    whose = np.repeat(np.arange(len(manifolds)), [len(manifold) for manifold in manifolds])
    rng = np.random.default_rng(seed)
    thresholds = np.array([_threshold(points, whose, len(manifolds), rng) for _ in range(n_dichotomies)])
    critical, capacity = _critical_dimension(thresholds), len(manifolds) / _critical_dimension(thresholds)
    se = _bootstrap_se(thresholds, len(manifolds), rng)
    return SimulatedCapacity(capacity, se, critical, thresholds, points.shape[1], len(manifolds))


def is_separable(points: np.ndarray, signs: np.ndarray) -> bool:
    """Whether a hyperplane through the origin has all points (n, d) on the side that `signs` (n,) say.

    It does unless the origin lies in the convex hull of the signed points. With the points at unit length
    and lifted by a coordinate 1, that is so if the vector (0, …, 0, 1) lies in their cone.
    """
    length = np.linalg.norm(points, axis=1)
    if not length.all():
        return False
    unit = points * (signs / length)[:, None]
    projection = project_onto_cone(unit @ unit.T + 1.0, np.ones((1, len(points))))
    return bool(1.0 - projection.squared_norm[0] > SEPARABLE)


def _coordinates(points: np.ndarray) -> np.ndarray:
    """The points, or fewer coordinates with the same inner products if there are more features than points."""
    if points.shape[1] <= points.shape[0]:
        return points
    axes, scales = principal_axes(points @ points.T)
    return axes * scales


def _threshold(points: np.ndarray, whose: np.ndarray, n_manifolds: int, rng: np.random.Generator) -> float:
    """Fewest random dimensions in which a random dichotomy is separable; inf if it is not in all of them."""
    signs = rng.choice([-1.0, 1.0], size=n_manifolds)[whose]
    projected = points @ rng.standard_normal((points.shape[1], points.shape[1]))
    below, enough = 0, points.shape[1]
    if not is_separable(points, signs):
        return float("inf")
    while enough - below > 1:
        middle = (below + enough) // 2
        below, enough = (below, middle) if is_separable(projected[:, :middle], signs) else (middle, enough)
    return float(enough)


def _critical_dimension(thresholds: np.ndarray) -> float:
    """Where P_sep, linear between whole dimensions, crosses ½; NaN if it does not."""
    dimensions, counts = np.unique(thresholds[np.isfinite(thresholds)], return_counts=True)
    share = np.cumsum(counts) / len(thresholds)
    if not len(share) or share[-1] < 0.5:
        return float("nan")
    upper = int(np.argmax(share >= 0.5))
    before = share[upper - 1] if upper else 0.0
    return float(dimensions[upper] - 1 + (0.5 - before) / (share[upper] - before))


def _bootstrap_se(thresholds: np.ndarray, n_manifolds: int, rng: np.random.Generator) -> float:
    """Spread of P / n* over resampled dichotomies; NaN if n* lies beyond all dimensions in some of them."""
    resampled = rng.choice(thresholds, size=(RESAMPLES, len(thresholds)))
    return float(np.std([n_manifolds / _critical_dimension(sample) for sample in resampled], ddof=1))
