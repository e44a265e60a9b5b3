"""Pictures of a geometry in a few dimensions: PCA, classical and metric MDS, t-SNE, Procrustes alignment.

Every embedding is deterministic: axes are signed by the points themselves, and iterations start from a
solution in closed form, so no random number is drawn. scikit-learn is imported where it is needed: that takes longer
than any of the others.
"""

from typing import NamedTuple

import numpy as np
import scipy.linalg
import scipy.spatial
from threadpoolctl import threadpool_limits

from repgeom.errors import InputError

SIGN_TIE = 1e-6
"""Points this close (relatively) to the farthest one count as equally far when an axis is signed."""


class PCA(NamedTuple):
    """Principal components.

    Attributes
    ----------
    scores : (n, n_components)
        The points on the principal axes.
    explained_variance_ratio : (n_components,)
        Fraction of the whole variance on each axis.
    """

    scores: np.ndarray
    explained_variance_ratio: np.ndarray


class MetricMDS(NamedTuple):
    """A metric multidimensional scaling.

    Attributes
    ----------
    points : (n, n_components)
    stress : float
        Kruskal's Stress-1: 0 perfect, .05 good, .2 poor.
    """

    points: np.ndarray
    stress: float


def pca(x: np.ndarray, n_components: int = 2) -> PCA:
    """Principal component scores of `x` (n, features), or of its exact coordinates, which have the same.

    Raises
    ------
    InputError
        More components than points or features, or points that do not vary.
    """
    _check_components(n_components, min(x.shape))
    u, s, _ = scipy.linalg.svd(x - x.mean(axis=0), full_matrices=False)
    variance = s**2
    if variance.sum() == 0:
        raise InputError("PCA of points that are all the same; give points that vary")
    scores = fix_signs(u[:, :n_components] * s[:n_components])
    return PCA(scores, variance[:n_components] / variance.sum())


def classical_mds(dissimilarity: np.ndarray, n_components: int = 2) -> np.ndarray:
    """Classical (Torgerson) scaling of dissimilarities (n, n): points (n, n_components).

    Negative eigenvalues, from dissimilarities that are no euclidean distances, count as zero.

    References
    ----------
    Torgerson 1952, Psychometrika 17:401.
    """
    d = _checked(dissimilarity)
    n = len(d)
    _check_components(n_components, n)
    centring = np.eye(n) - 1 / n
    values, vectors = scipy.linalg.eigh(-centring @ d**2 @ centring / 2, subset_by_index=(n - n_components, n - 1))
    return fix_signs((vectors * np.sqrt(np.maximum(values, 0)))[:, ::-1])


def metric_mds(
    dissimilarity: np.ndarray, n_components: int = 2, tolerance: float = 1e-6, max_iterations: int = 300
) -> MetricMDS:
    """Metric scaling (SMACOF) of dissimilarities (n, n), started from the classical solution.

    Parameters
    ----------
    dissimilarity : (n, n)
        Symmetric, non-negative, zero diagonal.
    tolerance : float
        Stops when an iteration lowers the stress by less than this fraction of the sum of squared distances.
    max_iterations : int
        Stops there in any case.

    References
    ----------
    de Leeuw 1977; Borg & Groenen 2005, Modern Multidimensional Scaling, chapter 8.
    """
    from sklearn.manifold import MDS

    d = _checked(dissimilarity)
    scaling = MDS(
        n_components,
        metric="precomputed",
        metric_mds=True,
        n_init=1,
        init="random",  # not used: the start is given to fit_transform
        max_iter=max_iterations,
        eps=tolerance,
        normalized_stress=True,
    )
    points = scaling.fit_transform(d, init=classical_mds(d, n_components))
    return MetricMDS(points - points.mean(axis=0), float(scaling.stress_))


def tsne(x: np.ndarray, perplexity: float = 40.0) -> np.ndarray:
    """t-SNE of `x` (n, features) in two dimensions, started from the principal components: nothing is random.

    Runs in one thread: sums over several would differ from run to run in their last digits, which
    t-SNE amplifies.

    Raises
    ------
    InputError
        The perplexity is not below the number of points.

    References
    ----------
    van der Maaten & Hinton 2008, JMLR 9:2579; Kobak & Berens 2019, Nat. Commun. 10:5416 (the start).
    """
    from sklearn.manifold import TSNE

    if not 0 < perplexity < len(x):
        raise InputError(
            f"t-SNE perplexity {perplexity:g} for {len(x)} points; choose it above 0 and below the number of points"
        )
    start = pca(x, 2).scores
    start *= 1e-4 / start[:, 0].std()
    with threadpool_limits(1):
        return TSNE(perplexity=perplexity, init=start).fit_transform(x).astype(np.float64)


def align(points: np.ndarray, onto: np.ndarray, anchors: np.ndarray | slice = slice(None)) -> np.ndarray:
    """Turn, reflect and shift points (n, q), all distances kept, so that `points[anchors]` best fit `onto`.

    Orthogonal Procrustes; Schönemann 1966, Psychometrika 31:1.
    """
    anchored = points[anchors]
    if anchored.shape != onto.shape:
        raise InputError(f"alignment of {anchored.shape} points onto {onto.shape}; give as many of each")
    centre, target = anchored.mean(axis=0), onto.mean(axis=0)
    rotation, _ = scipy.linalg.orthogonal_procrustes(anchored - centre, onto - target)
    return (points - centre) @ rotation + target


def procrustes_disparity(first: np.ndarray, second: np.ndarray) -> float:
    """Squared difference of two configurations (n, q) after shift, rotation, reflection and scaling.

    Between 0 (same shape) and 1; symmetric. Gower 1975, Psychometrika 40:33.
    """
    if first.shape != second.shape:
        raise InputError(f"disparity between {first.shape} and {second.shape} points; give the same points in both")
    return float(scipy.spatial.procrustes(first, second)[2])


def fix_signs(points: np.ndarray) -> np.ndarray:
    """Turn each axis so that its farthest point, the first of equally far ones, lies on the positive side."""
    distance = np.abs(points)
    farthest = np.argmax(distance >= (1 - SIGN_TIE) * distance.max(axis=0), axis=0)
    sign = np.sign(points[farthest, np.arange(points.shape[1])])
    return points * np.where(sign == 0, 1, sign)


def _checked(dissimilarity: np.ndarray) -> np.ndarray:
    d = np.asarray(dissimilarity, dtype=np.float64)
    if d.ndim != 2 or d.shape[0] != d.shape[1] or not np.allclose(d, d.T, rtol=0, atol=1e-10 * np.abs(d).max()):
        raise InputError(f"dissimilarities of shape {d.shape} are not a symmetric square matrix; give one")
    if not np.isfinite(d).all() or d.min() < 0 or np.diag(d).any():
        raise InputError("dissimilarities must be finite, not negative, and zero on the diagonal")
    return d


def _check_components(n_components: int, most: int) -> None:
    if not 1 <= n_components <= most:
        raise InputError(f"{n_components} components of at most {most}; choose fewer")
