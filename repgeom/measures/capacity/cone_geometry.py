"""Capacity, radius and dimension of a single manifold, from the projection of Gaussian vectors onto its cone.

The manifold is given with its centre at unit distance from the origin; `mean_field` brings it there.
Formulas and sources are named in that module.
"""

from dataclasses import dataclass

import numpy as np

from repgeom.measures.capacity.cone import project_onto_cone


@dataclass(frozen=True)
class ConeGeometry:
    """Capacity, radius and dimension of one manifold, from n Gaussian draws.

    Attributes
    ----------
    inverse_capacity, inverse_capacity_se : float
        1/α and its Monte-Carlo standard error, after control variates.
    radius, radius_se : float
        R in units of the centre's norm.
    dimension, dimension_se : float
        D.
    rank : int
        Number of coordinates.
    separated : float
        Fraction of draws that are on the right side of the whole manifold to begin with (Sμ = 0).
    kkt_residual : float
        Largest violation of optimality over the draws.
    """

    inverse_capacity: float
    inverse_capacity_se: float
    radius: float
    radius_se: float
    dimension: float
    dimension_se: float
    rank: int
    separated: float
    kkt_residual: float


def cone_geometry(
    coordinates: np.ndarray,
    t: np.ndarray,
    margin: float = 0.0,
    frame_norm: np.ndarray | None = None,
    frame_size: int = 0,
) -> ConeGeometry:
    """Capacity, radius and dimension of one manifold whose centre is at unit distance from the origin.

    Parameters
    ----------
    coordinates : (M, D)
        Points of the manifold in units of the centre's norm, in the space orthogonal to its centre.
    t : (n, D + 1)
        Gaussian draws; the last column is the component along the centre.
    margin : float
        κ.
    frame_norm : (n,), optional
        Lengths of the draws in a larger frame, of `frame_size` coordinates; given, the dimension is that of
        published analyses, d·⟨cos(t, s̃)⟩² in that frame.
    """
    in_plane, along = t[:, :-1], t[:, -1:]
    targets = in_plane @ coordinates.T + along + margin
    projection = project_onto_cone(coordinates @ coordinates.T + 1.0, targets)
    anchors = _anchor_weights(projection.weights, targets) @ coordinates
    aligned = _alignment(in_plane, anchors)
    return ConeGeometry(
        *controlled_mean(projection.squared_norm, _controls(t)),
        *_radius(anchors),
        *(_prx_dimension(aligned) if frame_norm is None else _frame_dimension(aligned / frame_norm, frame_size)),
        rank=coordinates.shape[1],
        separated=float(np.mean(projection.squared_norm == 0.0)),
        kkt_residual=float(projection.kkt_residual.max()),
    )


def _anchor_weights(weights: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """μ / Σμ, (n, M); for a draw that is separated to begin with, the point that would be touched first."""
    total = weights.sum(axis=1, keepdims=True)
    support = np.zeros_like(weights)
    support[np.arange(len(targets)), targets.argmax(axis=1)] = 1.0
    return np.where(total > 0.0, weights / np.where(total > 0.0, total, 1.0), support)


def _controls(t: np.ndarray) -> np.ndarray:
    """Functions of the draws with mean zero, (n, 3): t_c, t_c² − 1 and ‖t‖² − (D + 1); 2 of them if D is 0."""
    along = t[:, -1]
    controls = [along, along**2 - 1.0, np.sum(t**2, axis=1) - t.shape[1]]
    return np.column_stack(controls[: min(t.shape[1] + 1, 3)])


def controlled_mean(values: np.ndarray, controls: np.ndarray) -> tuple[float, float]:
    """Mean of `values` (n,) and its standard error, after regression on controls (n, c) of mean zero."""
    q, r = np.linalg.qr(np.column_stack([np.ones(len(values)), controls]))
    coefficients = np.linalg.solve(r, q.T @ values)
    residual = values - q @ (q.T @ values)
    deviation = np.sqrt(np.sum(residual**2) / (len(values) - q.shape[1]))
    return float(coefficients[0]), float(deviation * np.linalg.norm(np.linalg.inv(r)[0]))


def _radius(anchors: np.ndarray) -> tuple[float, float]:
    """Root mean squared distance of the anchors (n, D) from their mean; standard error to first order."""
    squared = np.sum((anchors - anchors.mean(axis=0)) ** 2, axis=1)
    radius = float(np.sqrt(squared.mean()))
    return radius, (_standard_error(squared) / (2.0 * radius) if radius > 0.0 else 0.0)


def _alignment(in_plane: np.ndarray, anchors: np.ndarray) -> np.ndarray:
    """t·ŝ of each draw, (n,); 0 where the anchor is the centre itself."""
    length = np.linalg.norm(anchors, axis=1)
    return np.sum(in_plane * anchors, axis=1) / np.where(length > 0.0, length, np.inf)


def _prx_dimension(aligned: np.ndarray) -> tuple[float, float]:
    """E(t·ŝ)² and its standard error."""
    return float(np.mean(aligned**2)), _standard_error(aligned**2)


def _frame_dimension(cosines: np.ndarray, size: int) -> tuple[float, float]:
    """Frame size · ⟨cos(t, s̃)⟩² and its standard error, to first order."""
    mean = float(cosines.mean())
    return size * mean**2, 2.0 * size * abs(mean) * _standard_error(cosines)


def _standard_error(values: np.ndarray) -> float:
    return float(values.std(ddof=1) / np.sqrt(len(values)))
