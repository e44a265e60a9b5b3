"""Exact reduction: n stimuli × d features to at most n + 1 columns that keep every inner product.

Euclidean, cosine and correlation RDMs, PCA, SVD, MDS, t-SNE, ridge, linear SVMs, CKA, Procrustes
and manifold capacity see activations only through inner products. So the n stimuli (centred on
their mean), the mean itself and the all-ones vector of feature space are embedded together once,
and everything downstream works on the embedding.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import scipy.linalg
from scipy.linalg.blas import dsyrk

from repgeom.errors import InputError

RANK_TOLERANCE = 1e-15
"""Eigenvalues of the equilibrated Gram matrix below this × n × the largest one are round-off."""

GRAM_DYNAMIC_RANGE = 1e3
"""Longest over shortest stimulus up to which the Gram matrix is precise enough."""


@dataclass(frozen=True)
class Coordinates:
    """Coordinates of n stimuli, of their mean and of the all-ones vector in a common orthonormal basis.

    Attributes
    ----------
    centred : (n, c) float64
        Stimuli minus their mean.
    mean : (c,) float64
        The mean over stimuli.
    ones : (c,) float64
        The all-ones vector of feature space; its squared length is the number of features.
    n_features : int
        d, the number of features that were reduced.
    """

    centred: np.ndarray
    mean: np.ndarray
    ones: np.ndarray
    n_features: int

    @property
    def uncentred(self) -> np.ndarray:
        """(n, c): the stimuli themselves; every inner product equals that of the raw activations."""
        return self.centred + self.mean

    @property
    def feature_centred(self) -> np.ndarray:
        """(n, c): each stimulus minus its own mean over features, as Pearson correlation needs it."""
        return self._without_ones(self.centred) + self._without_ones(self.mean)

    def _without_ones(self, x: np.ndarray) -> np.ndarray:
        return x - np.multiply.outer(x @ self.ones / self.n_features, self.ones)


class NotFiniteError(InputError):
    """Activations hold NaN or infinity: they have no geometry, but those of other nodes may."""


def reduce_activations(blocks: Iterable[np.ndarray], where: str = "activations") -> Coordinates:
    """Reduce activations, streamed as blocks of features, to coordinates.

    Parameters
    ----------
    blocks : iterable of (n, b) arrays, which can be iterated more than once
        Consecutive blocks of features of the same n stimuli, any real dtype.
    where : str
        What is being reduced, for error messages.

    Returns
    -------
    Coordinates
        With d columns where d ≤ n (the features themselves, centred), else with at most n + 1.

    Raises
    ------
    InputError
        No stimuli or features; `NotFiniteError` for a value that is not finite (says which stimulus).

    Notes
    -----
    The Gram matrix is formed of stimuli centred on their mean, and its rows are scaled to unit
    length before the eigendecomposition: the error of an inner product is then about 1e-14 of the two
    vectors' own lengths, and a mean 10⁴ times the spread costs the spread nothing. Where single
    stimuli are far smaller than others, a Gram matrix would square that ratio; they are reduced by a
    blocked QR decomposition, which is slower and does not.
    """
    reduction = Reduction(where)
    for block in blocks:
        reduction.add(block)
    if reduction.is_imprecise():
        reduction = Reduction(where, precise=True)
        for block in blocks:
            reduction.add(block)
    return reduction.coordinates()


class Reduction:
    """The reduction of blocks that come one by one; see `reduce_activations`.

    Parameters
    ----------
    where : str
        What is being reduced, for error messages.
    precise : bool
        By QR instead of the Gram matrix.
    """

    def __init__(self, where: str = "activations", precise: bool = False):
        self._frame = _FrameTriangle(where) if precise else _FrameGram(where)
        self._precise = precise

    def add(self, block: np.ndarray) -> None:
        """Add the next block of features, (n, b)."""
        self._frame.add(block)

    def is_imprecise(self) -> bool:
        """Whether the stimuli's lengths differ too much for the Gram matrix; asked after the last block."""
        return not self._precise and self._frame.dynamic_range() > GRAM_DYNAMIC_RANGE

    def coordinates(self) -> Coordinates:
        """The coordinates, after the last block.

        Raises
        ------
        InputError
            There were no stimuli or no features.
        """
        if self._frame.d == 0:
            raise InputError(f"{self._frame.where}: no stimuli or no features to reduce")
        points = self._frame.points()
        n = len(points) - 2
        return Coordinates(centred=points[:n], mean=points[n], ones=points[n + 1], n_features=self._frame.d)


class _FrameGram:
    """Inner products of the frame (centred stimuli, their mean, ones), summed over blocks of features."""

    def __init__(self, where: str):
        self.where = where
        self.d = 0
        self.features: list[np.ndarray] | None = []
        self.shift = 0.0

    def add(self, block: np.ndarray) -> None:
        """Add a block (n, b); keep the rows themselves as long as there are at most n features."""
        values = np.asarray(block, dtype=np.float64)
        self._check(values)
        if self.d == 0:
            self._start(values)
        self.squares += np.einsum("ij,ij->i", values, values)
        self.d += values.shape[1]
        if self.features is not None:
            self.features = [*self.features, _frame(values, 0.0)] if self.d <= self.n else None
        rows = _frame(values, self.shift)
        self.gram = dsyrk(1.0, rows.T, beta=1.0, c=self.gram, trans=1, lower=1, overwrite_c=1)

    def dynamic_range(self) -> float:
        """Longest over shortest stimulus that is not all zeros; 1 where the features are kept as they are."""
        if self.features is not None:
            return 1.0
        present = self.squares[self.squares > 0]
        return float(np.sqrt(present.max() / present.min())) if len(present) else 1.0

    def points(self) -> np.ndarray:
        """(n + 2, c): the features where there are at most n, else points with these products, most variance first."""
        if self.features is not None:
            return np.hstack(self.features)
        n = self.n
        gram = np.tril(self.gram) + np.tril(self.gram, -1).T
        along_ones = gram[n, n + 1] / self.d
        basis = np.eye(n + 2)
        basis[n, n + 1] = -along_ones
        points = _embed(basis @ gram @ basis.T)
        points[n] += (self.shift + along_ones) * points[n + 1]
        return points

    def _start(self, values: np.ndarray) -> None:
        self.n = len(values)
        self.gram = np.zeros((self.n + 2, self.n + 2), order="F")
        self.squares = np.zeros(self.n)
        self.shift = float(values.mean())

    def _check(self, values: np.ndarray) -> None:
        if values.ndim != 2 or 0 in values.shape or (self.d and len(values) != self.n):
            raise InputError(
                f"{self.where}: a block of shape {values.shape} is not (stimuli, features) of the same stimuli"
            )
        if not np.isfinite(values).all():
            stimulus = int(np.flatnonzero(~np.isfinite(values).all(axis=1))[0])
            raise NotFiniteError(f"{self.where}: stimulus {stimulus} has a value that is not finite (NaN or infinity)")


def _frame(values: np.ndarray, shift: float) -> np.ndarray:
    """(n + 2, b): centred stimuli, their mean less a constant, ones."""
    n, b = values.shape
    rows = np.empty((n + 2, b))
    mean = values.mean(axis=0)
    np.subtract(values, mean, out=rows[:n])
    # A second pass takes out what rounding left in a mean much larger than the spread.
    rest = rows[:n].mean(axis=0)
    rows[:n] -= rest
    rows[n] = mean - shift + rest
    rows[n + 1] = 1.0
    return rows


def _embed(gram: np.ndarray) -> np.ndarray:
    """Points whose inner products are `gram`."""
    scale = np.sqrt(np.maximum(np.diag(gram), 0))
    scale[scale == 0] = 1.0
    values, vectors = scipy.linalg.eigh(gram / np.outer(scale, scale), driver="evd", overwrite_a=True)
    keep = values > RANK_TOLERANCE * len(gram) * values[-1]
    points = (vectors[:, keep] * np.sqrt(values[keep]))[:, ::-1]
    return points * scale[:, None]


class _FrameTriangle:
    """The same frame by QR of the transposed blocks, each stacked under the triangle so far."""

    def __init__(self, where: str):
        self.where = where
        self.d = 0
        self._triangle: np.ndarray | None = None

    def add(self, block: np.ndarray) -> None:
        rows = np.vstack([np.asarray(block, dtype=np.float64), np.ones(block.shape[1])])
        stacked = rows.T if self._triangle is None else np.vstack([self._triangle, rows.T])
        self._triangle = scipy.linalg.qr(stacked, mode="r", check_finite=False)[0][: rows.shape[0]]
        self.d += block.shape[1]

    def points(self) -> np.ndarray:
        stimuli, ones = self._triangle.T[:-1], self._triangle.T[-1]
        mean = stimuli.mean(axis=0)
        return np.vstack([stimuli - mean, mean, ones])
