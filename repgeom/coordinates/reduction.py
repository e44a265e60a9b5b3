"""Exact reduction: n stimuli × d features to at most n + 1 columns that keep every inner product.

Euclidean, cosine and correlation RDMs, PCA, SVD, MDS, t-SNE, ridge, linear SVMs, CKA, Procrustes
and manifold capacity see activations only through inner products. So the n stimuli (centred on
their mean), the mean itself and the all-ones vector of feature space are embedded together once,
and everything downstream works on the embedding.
"""

import time
from abc import ABC, abstractmethod
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

COMPILED_FOR = (np.float32, np.float64)
"""Values of other types are first converted."""

TILE_VALUES = 1 << 18
FEWEST_TILE_COLUMNS = 128
"""About 2 MB of float64 is multiplied at once; of many stimuli, so many features at least."""


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


def reduce_activations(
    blocks: Iterable[np.ndarray], where: str = "activations", frame: "Frame | None" = None
) -> Coordinates:
    """Reduce activations, streamed as blocks of features, to coordinates.

    Parameters
    ----------
    blocks : iterable of (n, b) arrays, which can be iterated more than once
        Consecutive blocks of features of the same n stimuli, any real dtype.
    where : str
        What is being reduced, for error messages.
    frame : Frame, optional
        What sums the features, in place of the Gram matrix: that of a random projection.

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
    reduction = Reduction(where, frame=frame)
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
    frame : Frame, optional
        What sums the features, in place of either.
    """

    def __init__(self, where: str = "activations", precise: bool = False, frame: "Frame | None" = None):
        self._frame = frame or (_FrameTriangle(where) if precise else _FrameGram(where))
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
        centred, mean, ones = points[:-2], points[-2], points[-1]
        rest = centred.mean(axis=0)  # what rounding leaves where the mean is much larger than the spread
        centred -= rest
        mean += rest
        return Coordinates(centred, mean, ones, self._frame.d)


class Frame(ABC):
    """Centred stimuli, their mean and ones, of features that come block by block.

    As long as there are few features they are kept as they are; then something is summed over tiles of them, which stay
    in a processor's cache while they are converted, centred and multiplied.
    """

    def __init__(self, where: str):
        self.where = where
        self.d = 0
        self.features: list[np.ndarray] | None = []

    def add(self, block: np.ndarray) -> None:
        """Add a block (n, b)."""
        self._check(block)
        if self.d == 0:
            self._start(block)
        self.d += block.shape[1]
        if self.features is not None and self.d <= self.most_kept():
            self.features.append(np.array(block))
            return
        if self.features is not None:
            self._begin_to_sum()
        self._sum(block)

    def sum_from_the_start(self, block: np.ndarray) -> None:
        """Keep no features; `block` (n, b) is like those that will come."""
        self._start(block)
        self._begin_to_sum()

    def points(self) -> np.ndarray:
        """(n + 2, c): the features where they were kept, else what was made of the sums."""
        return self.summed_points() if self.features is None else self._kept()

    def dynamic_range(self) -> float:
        """Longest over shortest stimulus, as far as it matters to what is summed."""
        return 1.0

    @abstractmethod
    def most_kept(self) -> int:
        """How many features are kept as they are."""

    @abstractmethod
    def begin(self) -> None:
        """Begin to sum."""

    @abstractmethod
    def multiply(self, frame: np.ndarray) -> None:
        """Add what a tile (n + 2, b) of centred stimuli, their mean less a constant, and ones contributes."""

    @abstractmethod
    def summed_points(self) -> np.ndarray:
        """(n + 2, c): points made of the sums."""

    def _start(self, block: np.ndarray) -> None:
        self.n = len(block)
        with np.errstate(invalid="ignore"):
            self.shift = float(np.mean(block[:, : tile_columns(self.n)], dtype=np.float64))
        self.squares = np.zeros(self.n)

    def _begin_to_sum(self) -> None:
        self.begin()
        kept, self.features = self.features, None
        while kept:
            self._sum(kept.pop(0))

    def _kept(self) -> np.ndarray:
        """(n + 2, d): the features themselves, centred, their mean, ones."""
        points, start = np.empty((self.n + 2, self.d)), 0
        while self.features:
            block = self.features.pop(0)
            frame = np.empty((self.n + 2, block.shape[1]))
            self._fill(frame, block, 0.0)
            points[:, start : start + block.shape[1]] = frame
            start += block.shape[1]
        return points

    def _sum(self, block: np.ndarray) -> None:
        n, b = block.shape
        width = min(b, tile_columns(n))
        rows = np.empty((n + 2) * width)
        for start in range(0, b, width):
            tile = block[:, start : start + width]
            frame = rows[: (n + 2) * tile.shape[1]].reshape(n + 2, -1)
            self.squares += self._fill(frame, tile, self.shift)
            self.multiply(frame)

    def _check(self, block: np.ndarray) -> None:
        if block.ndim != 2 or 0 in block.shape or (self.d and len(block) != self.n):
            raise InputError(
                f"{self.where}: a block of shape {block.shape} is not (stimuli, features) of the same stimuli"
            )

    def _fill(self, frame: np.ndarray, values: np.ndarray, shift: float) -> np.ndarray:
        """Fill a contiguous (n + 2, b): centred stimuli, their mean less a constant, ones; returns squares (n,)."""
        squares = centre_tile(values, frame[:-2], frame[-2], self.where)
        frame[-2] -= shift
        frame[-1] = 1.0
        return squares


class _FrameGram(Frame):
    """Inner products of the frame, summed over blocks of features; none are formed of at most n features."""

    def dynamic_range(self) -> float:
        """Longest over shortest stimulus that is not all zeros; 1 where the features are kept as they are."""
        if self.features is not None:
            return 1.0
        present = self.squares[self.squares > 0]
        return float(np.sqrt(present.max() / present.min())) if len(present) else 1.0

    def most_kept(self) -> int:
        """As many as there are stimuli."""
        return self.n

    def begin(self) -> None:
        """Begin to sum inner products."""
        self.gram = np.zeros((self.n + 2, self.n + 2), order="F")

    def multiply(self, frame: np.ndarray) -> None:
        """Add those of a tile (n + 2, b)."""
        self.gram = dsyrk(1.0, frame.T, beta=1.0, c=self.gram, trans=1, lower=1, overwrite_c=1)

    def summed_points(self) -> np.ndarray:
        """(n + 2, c): points with these products, most variance first."""
        gram, self.gram = self.gram, None
        n, d = self.n, self.d
        along_ones = gram[n + 1, n] / d
        # What of the mean lies along ones is taken out, and added to the point in the end.
        gram[n, :n] -= along_ones * gram[n + 1, :n]
        gram[n, n] -= along_ones * gram[n + 1, n]
        gram[n + 1, n] = 0.0
        points = _embed(gram)
        points[n] += (self.shift + along_ones) * points[n + 1]
        return points


def centre_tile(values: np.ndarray, centred: np.ndarray, mean: np.ndarray, where: str) -> np.ndarray:
    """Fill float64 arrays with values (n, b) less their mean over n, and with that mean (b,).

    Returns
    -------
    (n,)
        Squared lengths of the values of each stimulus, before anything is subtracted.

    Raises
    ------
    NotFiniteError
        Names the first stimulus with such a value.
    """
    from repgeom.coordinates.compiled import centre  # imports numba, which who only reads coordinates need not

    if values.dtype not in COMPILED_FOR:
        centred[:] = values
        values = centred
    squares = np.empty(len(values))
    centre(values, centred, mean, squares)
    finite = np.isfinite(squares)
    if not finite.all():
        raise NotFiniteError(
            f"{where}: stimulus {finite.argmin()} has a value that is not finite (NaN or infinity), or too large"
        )
    return squares


def seconds_per_feature(n: int, frame: Frame | None = None) -> float:
    """How long it takes to sum one feature of n stimuli, measured on two tiles."""
    frame = frame or _FrameGram("measured")
    block = np.random.default_rng(0).random((n, tile_columns(n)), dtype=np.float32)
    frame.sum_from_the_start(block)
    frame.add(block)
    start = time.perf_counter()
    frame.add(block)
    return (time.perf_counter() - start) / block.shape[1]


def load_compiled() -> None:
    """Import and load what is compiled, for whole blocks and for parts of them; otherwise the first ones do."""
    block = np.ones((2, 4), dtype=np.float32)
    reduce_activations([block, block[:, :2]])


def tile_columns(n: int) -> int:
    """How many features of n stimuli are multiplied at once."""
    return max(FEWEST_TILE_COLUMNS, TILE_VALUES // n)


def _embed(gram: np.ndarray) -> np.ndarray:
    """Points whose inner products are `gram`, of which the lower triangle counts and nothing is left."""
    scale = np.sqrt(np.maximum(np.diag(gram), 0))
    scale[scale == 0] = 1.0
    gram /= scale
    gram /= scale[:, None]
    values, vectors = scipy.linalg.eigh(gram, driver="evd", overwrite_a=True)
    keep = values > RANK_TOLERANCE * len(gram) * values[-1]
    points = vectors[:, keep][:, ::-1]
    points *= np.sqrt(values[keep])[::-1]
    points *= scale[:, None]
    return points


class _FrameTriangle:
    """The same frame by QR of the transposed blocks, each stacked under the triangle so far."""

    def __init__(self, where: str):
        self.where = where
        self.d = 0
        self._triangle: np.ndarray | None = None

    def add(self, block: np.ndarray) -> None:
        width = max(tile_columns(len(block)), len(block) // 2)
        for start in range(0, block.shape[1], width):
            self._stack(block[:, start : start + width])
        self.d += block.shape[1]

    def _stack(self, tile: np.ndarray) -> None:
        rows = np.vstack([np.asarray(tile, dtype=np.float64), np.ones(tile.shape[1])])
        stacked = rows.T if self._triangle is None else np.vstack([self._triangle, rows.T])
        self._triangle = scipy.linalg.qr(stacked, mode="r", check_finite=False)[0][: rows.shape[0]]

    def points(self) -> np.ndarray:
        stimuli, ones = self._triangle.T[:-1], self._triangle.T[-1]
        mean = stimuli.mean(axis=0)
        return np.vstack([stimuli - mean, mean, ones])
