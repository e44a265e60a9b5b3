"""Manifold capacity: how many classes per feature a linear readout could tell apart, and why.

Mean-field theory of the linear classification of manifolds (Chung, Lee & Sompolinsky 2018, Phys. Rev. X
8:031003), with correlated centres (Cohen, Chung, Lee & Sompolinsky 2020, Nat. Commun. 11:746). The points of a class
are a manifold; with its centre at unit distance from the origin it spans the cone of S = [coordinates; 1].
For a Gaussian vector t and a margin κ, with e the direction of the centre,

    1/α = E‖Sμ‖²,   Sμ = projection of t + κe onto the cone,   s̃ = Sμ / Σμ (anchor point),

    R² = E‖s̃ − ⟨s̃⟩‖²,   D = E(t·ŝ)²,   both over the coordinates without the centre's.

Everything depends on inner products alone, so that raw features and any coordinates which keep them give the
same numbers; coordinates come from the Gram matrix of each manifold, and no random projection is needed.

The numbers depend on M, the points per manifold (a sampled sphere is an inscribed polytope): compare equal M
only, and see `sweep_points`.
"""

import warnings
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Literal

import numpy as np

from repgeom.errors import InputError, nearest
from repgeom.measures.capacity.centre_correlation import WEAK_CENTRE, CentreCorrelation, centre_correlation
from repgeom.measures.capacity.cone_geometry import ConeGeometry, cone_geometry
from repgeom.measures.capacity.manifolds import Manifolds, check_manifolds, principal_axes

DimensionName = Literal["prx", "reference"]
DIMENSIONS = ("prx", "reference")


class WeakCentreWarning(UserWarning):
    """A class's centre all but vanishes: its radius says little, and means over classes say no more."""


@dataclass(frozen=True)
class ManifoldAnalysis:
    """Geometry of P manifolds. Standard errors of α, R and D are those of the Monte-Carlo integral.

    Attributes
    ----------
    manifolds : tuple of ConeGeometry
        One per class.
    labels : tuple
        Names of the classes.
    centres : CentreCorrelation
        ρ, its floor, and the K-dimensional subspace that was projected out.
    n_points : tuple of int
        M of each class.
    margin : float
        κ.
    n_draws : int
        n_t, Gaussian draws per manifold.
    dimension_name : str
        Which D this is, "prx" or "reference".
    """

    manifolds: tuple[ConeGeometry, ...]
    labels: tuple[int | str, ...]
    centres: CentreCorrelation
    n_points: tuple[int, ...]
    margin: float
    n_draws: int
    dimension_name: DimensionName

    @property
    def capacity(self) -> float:
        """α, harmonic mean over manifolds; infinite if every draw was separated to begin with."""
        inverse = self._each("inverse_capacity").mean()
        return float(1.0 / inverse) if inverse > 0.0 else float("inf")

    @property
    def capacity_se(self) -> float:
        """Standard error of α: that of the mean 1/α, to first order."""
        return self.capacity**2 * self._se_of_mean("inverse_capacity_se")

    @property
    def weak(self) -> tuple[int | str, ...]:
        """Labels of the classes whose residual centre all but vanishes."""
        weak = self.centres.strength < WEAK_CENTRE
        return tuple(label for label, w in zip(self.labels, weak, strict=True) if w)

    def summary(self) -> dict[str, float | int | str]:
        """One row of a table: pooled values with standard errors, medians beside means; M of the smallest class."""
        return {
            "capacity": self.capacity,
            "capacity_se": self.capacity_se,
            **self._mean_and_median("radius"),
            **self._mean_and_median("dimension"),
            "dimension_name": self.dimension_name,
            "centre_correlation": self.centres.correlation,
            "centre_correlation_se": self.centres.standard_error,
            "centre_correlation_floor": self.centres.floor,
            "centre_correlation_residual": self.centres.residual,
            "k": self.centres.subspace.shape[1],
            "weak_centres": len(self.weak),
            "n_manifolds": len(self.manifolds),
            "n_points": min(self.n_points),
            "margin": self.margin,
            "n_draws": self.n_draws,
            "kkt_residual": float(self._each("kkt_residual").max()),
        }

    def rows(self) -> list[dict[str, float | int | str]]:
        """One row of a table per manifold."""
        return [
            {"manifold": label, **asdict(manifold), "n_points": points, "centre_strength": float(strength)}
            for label, manifold, points, strength in zip(
                self.labels, self.manifolds, self.n_points, self.centres.strength, strict=True
            )
        ]

    def _each(self, field: str) -> np.ndarray:
        return np.array([getattr(manifold, field) for manifold in self.manifolds])

    def _se_of_mean(self, field: str) -> float:
        errors = self._each(field)
        return float(np.sqrt(np.sum(errors**2)) / len(errors))

    def _mean_and_median(self, field: str) -> dict[str, float]:
        values = self._each(field)
        return {
            field: float(values.mean()),
            f"{field}_se": self._se_of_mean(f"{field}_se"),
            f"{field}_median": float(np.median(values)),
            f"{field}_sd": float(values.std(ddof=1)),
        }


def analyse_manifolds(
    manifolds: Manifolds,
    *,
    margin: float = 0.0,
    n_draws: int = 300,
    k: str | int = "auto",
    dim: DimensionName = "prx",
    seed: int = 0,
    labels: Sequence[int | str] | None = None,
    where: str = "manifolds",
) -> ManifoldAnalysis:
    """Mean-field manifold capacity, radius, dimension and centre correlation.

    Parameters
    ----------
    manifolds : P arrays (M, n_features), or one (P, M, n_features) array
        The points of each class: raw features, or coordinates that keep their inner products.
    margin : float
        κ, in units of each centre's norm.
    n_draws : int
        n_t, Gaussian vectors per manifold.
    k : "auto", "reference" or int
        Directions shared by the centres to project out, see `centre_correlation`.
    dim : "prx" or "reference"
        E(t·ŝ)², as defined; or d·⟨cos(t, s̃)⟩² in a frame of d = min(M, n_features) coordinates, as in
        published analyses, which depends on the size of the frame.
    seed : int
        Each manifold has its own child seed, made of `seed` and its label. A draw has one number per point
        of the manifold, whatever the features: layers analysed with one seed are compared on the same draws.
    labels : P numbers or strings, optional
        Names of the classes; 0 … P − 1 by default.
    where : str
        What errors and warnings call these manifolds.

    Raises
    ------
    InputError
        Not a list of at least two manifolds with the same features; NaN or infinite values; a class of one
        point among larger ones; a centre of norm zero; parameters out of range.

    Warns
    -----
    WeakCentreWarning
        A residual centre is nearly zero, or would be under the subspace with least correlation.
    """
    manifolds = check_manifolds(manifolds, where)
    labels = _check_labels(labels, len(manifolds))
    _check_sizes(manifolds, labels, where)
    _check_options(margin, n_draws, dim)
    means = np.array([manifold.mean(axis=0, dtype=float) for manifold in manifolds])
    centres = centre_correlation(means, k, where)
    norms = np.linalg.norm(_project_out(means - means.mean(axis=0), centres.subspace), axis=1)
    _check_norms(norms, means, where)
    draws = [_draws(seed, label, n_draws, len(manifold)) for label, manifold in zip(labels, manifolds, strict=True)]
    geometries = tuple(
        _analyse_one(manifold, mean, norm, centres.subspace, numbers, margin, dim)
        for manifold, mean, norm, numbers in zip(manifolds, means, norms, draws, strict=True)
    )
    sizes = tuple(len(manifold) for manifold in manifolds)
    analysis = ManifoldAnalysis(geometries, labels, centres, sizes, float(margin), n_draws, dim)
    _warn_of_weak_centres(analysis, where)
    return analysis


def analyse_layers(layers: Mapping[str, Manifolds], **options) -> dict[str, ManifoldAnalysis]:
    """`analyse_manifolds` for each layer (or epoch, or timestep), on the same draws.

    Raises
    ------
    InputError
        Layers that differ in the number of classes or of points per class, and so in bias; or as
        `analyse_manifolds`, with the layer named.
    """
    checked = {name: check_manifolds(manifolds, where=f"layer {name!r}") for name, manifolds in layers.items()}
    sizes = {name: [len(manifold) for manifold in manifolds] for name, manifolds in checked.items()}
    first = next(iter(sizes), None)
    for name, size in sizes.items():
        if size != sizes[first]:
            raise InputError(
                f"layer {name!r} has {len(size)} manifolds of {min(size)}–{max(size)} points, layer {first!r} "
                f"{len(sizes[first])} of {min(sizes[first])}–{max(sizes[first])}: capacity is biased by the "
                "number of points; give every layer the same stimuli"
            )
    return {
        name: analyse_manifolds(manifolds, where=f"layer {name!r}", **options) for name, manifolds in checked.items()
    }


def sweep_points(
    manifolds: Manifolds, sizes: Sequence[int], *, seed: int = 0, **options
) -> dict[int, ManifoldAnalysis]:
    """`analyse_manifolds` on ever more points of each manifold: how far the numbers depend on M.

    Each manifold is put in one random order; `sizes` are lengths of its beginning, so that larger samples
    contain the smaller ones.

    Raises
    ------
    InputError
        A size that is not between 2 and the points of the smallest class; or as `analyse_manifolds`.
    """
    manifolds = check_manifolds(manifolds)
    fewest = min(len(manifold) for manifold in manifolds)
    for size in sizes:
        if not 2 <= size <= fewest:
            raise InputError(f"cannot take {size} points of every manifold: take 2 to {fewest}, its smallest size")
    rng = np.random.default_rng(seed)
    shuffled = [manifold[rng.permutation(len(manifold))] for manifold in manifolds]
    return {size: analyse_manifolds([manifold[:size] for manifold in shuffled], seed=seed, **options) for size in sizes}


def _check_labels(labels: Sequence[int | str] | None, n: int) -> tuple[int | str, ...]:
    labels = tuple(range(n)) if labels is None else tuple(labels)
    if len(labels) != n or len(set(labels)) != n:
        raise InputError(f"{len(set(labels))} different labels for {n} manifolds; give each its own")
    return labels


def _check_options(margin: float, n_draws: int, dim: str) -> None:
    if dim not in DIMENSIONS:
        raise InputError(f"unknown dimension {dim!r}; {nearest(dim, DIMENSIONS)}")
    if not np.isfinite(margin):
        raise InputError(f"the margin must be a finite number, got {margin}")
    if n_draws < 10:
        raise InputError(f"{n_draws} draws are too few for a standard error; take 10 at least, 300 as a rule")


def _check_sizes(manifolds: Sequence[np.ndarray], labels: Sequence[int | str], where: str) -> None:
    sizes = [len(manifold) for manifold in manifolds]
    if min(sizes) == 1 < max(sizes):
        raise InputError(
            f"{where}: {labels[int(np.argmin(sizes))]!r} has a single point, others up to {max(sizes)}: a point "
            "has no radius or dimension; give it more points or leave it out"
        )


def _check_norms(norms: np.ndarray, means: np.ndarray, where: str) -> None:
    if norms.min() <= 1e-12 * np.linalg.norm(means, axis=1).max():
        raise InputError(
            f"{where}: the centre of manifold {int(norms.argmin())} has norm zero after projection: its direction "
            "is shared by the others; take a smaller k"
        )


def _warn_of_weak_centres(analysis: ManifoldAnalysis, where: str) -> None:
    found = [
        f"the residual centre of {label!r} has {strength:.2%} of the median centre's norm, which inflates its "
        "radius; read medians beside means, and the capacity, which stays bounded"
        for label, strength in zip(analysis.labels, analysis.centres.strength, strict=True)
        if label in analysis.weak
    ]
    if analysis.centres.avoided:
        found.append(
            "the subspace with the least centre correlation would all but take a centre away; the next best is "
            "projected out instead (k='reference' takes the former)"
        )
    for message in found:
        warnings.warn(f"{where}: {message}", WeakCentreWarning, stacklevel=3)


def _draws(seed: int, label: int | str, n_draws: int, n_points: int) -> np.ndarray:
    """(n, 1 + 2M) Gaussian numbers: for the centre's direction, for each point, for padding.

    Drawn column by column, so that a manifold with more points shares the numbers of the first ones.
    """
    key = int(label) if isinstance(label, int | np.integer) and label >= 0 else zlib.crc32(str(label).encode())
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(key,)))
    return rng.standard_normal((1 + 2 * n_points, n_draws)).T


def _project_out(points: np.ndarray, subspace: np.ndarray) -> np.ndarray:
    return points - (points @ subspace) @ subspace.T


def _analyse_one(
    manifold: np.ndarray,
    mean: np.ndarray,
    norm: float,
    subspace: np.ndarray,
    numbers: np.ndarray,
    margin: float,
    dim: DimensionName,
) -> ConeGeometry:
    """One manifold: its Gram matrix, coordinates, and draws that do not depend on the choice of basis."""
    points = _project_out(np.asarray(manifold, dtype=float) - mean, subspace) / norm
    axes, scales = principal_axes(points @ points.T)
    along, by_point, padding = np.split(numbers, [1, 1 + len(manifold)], axis=1)
    t = np.column_stack([by_point @ axes, along])
    if dim == "prx":
        return cone_geometry(axes * scales, t, margin)
    size = min(manifold.shape)
    frame = np.column_stack([t[:, :-1], padding[:, : size - axes.shape[1]]])
    return cone_geometry(axes * scales, t, margin, np.linalg.norm(frame, axis=1), size)
