"""Random projection: n stimuli × d features to k + 1 columns, where n + 1 would be too many.

A Gaussian projection keeps every squared distance on average, with an error that does not depend on the number of
features (Johnson & Lindenstrauss 1984, Contemp. Math. 26:189; Dasgupta & Gupta 2003, Random Struct. Algorithms 22:60).
What of a stimulus lies along the all-ones vector is split off before and kept exactly, so that means over features are
exact and correlations are projections' own.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from scipy import stats
from scipy.linalg.blas import dgemm

from repgeom.coordinates.reduction import Frame

FEATURES_AT_ONCE = 128
"""Features whose weights are drawn together, with a seed of their own: they do not depend on what blocks come in."""
CONFIDENCE = 0.99


@dataclass(frozen=True)
class Projection:
    """A projection of any number of features to `dimensions`, drawn with `seed`.

    The same feature has the same weights at every node.
    """

    dimensions: int
    seed: int = 0

    def shortens(self, n: int) -> bool:
        """Whether n stimuli have fewer columns with it than exact coordinates."""
        return n > self.dimensions

    def frame(self, where: str) -> "ProjectedFrame":
        """What sums projected features; nodes of at most `dimensions` features are kept as they are."""
        return ProjectedFrame(self, where)

    def weights(self, start: int, stop: int) -> np.ndarray:
        """(stop − start, dimensions): independent standard normal weights of features `start` … `stop`."""
        drawn = np.concatenate(list(self._draw(start // FEATURES_AT_ONCE, -(-stop // FEATURES_AT_ONCE))))
        offset = start % FEATURES_AT_ONCE
        return drawn[offset : offset + stop - start]

    def _draw(self, first: int, last: int) -> Iterator[np.ndarray]:
        for tile in range(first, last):
            yield np.random.default_rng([self.seed, tile]).standard_normal((FEATURES_AT_ONCE, self.dimensions))


class ProjectedFrame(Frame):
    """Centred stimuli, their mean and ones: along ones exactly, and across it projected."""

    def __init__(self, projection: Projection, where: str):
        super().__init__(where)
        self._projection = projection

    def most_kept(self) -> int:
        """As many as there would be projected ones."""
        return self._projection.dimensions

    def begin(self) -> None:
        """Begin to sum projected patterns, their totals, and projected ones."""
        self._seen = 0
        self._projected = np.zeros((self.n + 1, self._projection.dimensions))
        self._totals = np.zeros(self.n + 1)
        self._ones = np.zeros(self._projection.dimensions)

    def multiply(self, frame: np.ndarray) -> None:
        """Add a tile (n + 2, b) of the next features."""
        patterns, width = frame[:-1], frame.shape[1]
        weights = self._projection.weights(self._seen, self._seen + width)
        dgemm(1.0, weights.T, patterns.T, beta=1.0, c=self._projected.T, overwrite_c=True)
        self._totals += patterns.sum(axis=1)
        self._ones += weights.sum(axis=0)
        self._seen += width

    def summed_points(self) -> np.ndarray:
        """(n + 2, k + 1): what lies along ones first."""
        points = np.zeros((self.n + 2, self._projection.dimensions + 1))
        points[:-1, 0] = self._totals / math.sqrt(self.d)
        points[-1, 0] = math.sqrt(self.d)
        across = points[:-1, 1:]
        across[:] = self._projected
        across -= np.multiply.outer(self._totals / self.d, self._ones)
        across /= math.sqrt(self._projection.dimensions)
        points[self.n, 0] += self.shift * math.sqrt(self.d)
        return points


def projection_for(n: int, options: Mapping | None) -> Projection | None:
    """The projection that a configuration asks for; None where it asks for none, or n stimuli are too few for it."""
    projection = Projection(**options) if options else None
    return projection if projection and projection.shortens(n) else None


def stated(projection: Projection | None, n: int) -> dict:
    """What a file of coordinates of n stimuli says of how they were projected; empty where they were not."""
    return vars(projection) | error_bounds(n, projection.dimensions) if projection else {}


def error_bounds(n: int, dimensions: int, confidence: float = CONFIDENCE) -> dict[str, float]:
    """How far off what is made of projected coordinates may be.

    Parameters
    ----------
    n : int
        Stimuli, of all pairs of which the bounds hold at once (Bonferroni).
    dimensions : int
        k, of the projection.
    confidence : float
        The probability, over projections, with which they hold.

    Returns
    -------
    dict
        `squared_distance`: largest relative error of a squared Euclidean distance. Projected over true, it is χ² with k
        degrees of freedom over k. `fisher_z`: largest error of the inverse hyperbolic tangent of a correlation or
        cosine, which is that of k pairs of normal numbers: by Student's t where it is 0, and its bias of at most 1/2k
        (Fisher 1921, Metron 1:3). `typical`: standard deviation of the error of an inner product of orthogonal
        patterns, in units of their lengths.
    """
    rare = (1 - confidence) / (n * (n - 1))  # on either side, of n(n − 1)/2 pairs
    longer, shorter = stats.chi2.isf(rare, dimensions) / dimensions, stats.chi2.ppf(rare, dimensions) / dimensions
    t = stats.t.isf(rare, dimensions - 1)
    z = math.atanh(t / math.sqrt(t**2 + dimensions - 1)) + 1 / (2 * dimensions)
    return {
        "confidence": confidence,
        "squared_distance": float(max(longer - 1, 1 - shorter)),
        "fisher_z": z,
        "typical": 1 / math.sqrt(dimensions),
    }
