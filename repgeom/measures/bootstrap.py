"""Bootstrap over stimuli: how sure a distance between geometries is, given these images and no others.

A resample draws n stimuli with replacement; stimulus i comes up mᵢ times. In the resampled RDM the
dissimilarity of i and j stands mᵢmⱼ times, and copies of one stimulus, at distance zero from each other,
are left out. Cosine and Pearson comparisons are sums over pairs of stimuli, so a resample is a weighting,
and all resamples of all RDMs are matrix products; rank correlations re-rank every resample.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from repgeom.errors import InputError
from repgeom.measures.comparison import as_dissimilarity, compare_rdms


class Interval(NamedTuple):
    """Ends of an interval, each of the shape of one draw."""

    low: np.ndarray
    high: np.ndarray

    def excludes(self, value: float) -> np.ndarray:
        """Whether `value` lies outside."""
        return (np.asarray(self.low) > value) | (np.asarray(self.high) < value)


def resample(n: int, resamples: int, seed: int | np.random.Generator, strata: Sequence | None = None) -> np.ndarray:
    """How often each of n stimuli comes up in each resample.

    Parameters
    ----------
    n, resamples : int
    seed : int or numpy.random.Generator
        The same seed gives the same resamples, so that paths of the same stimuli can be compared.
    strata : (n,), optional
        Class of each stimulus; every class then keeps its number of stimuli.

    Returns
    -------
    (resamples, n) int64
        Every row sums to n.
    """
    if strata is not None and len(strata) != n:
        raise InputError(f"{len(strata)} strata for {n} stimuli; give the class of every stimulus")
    strata = np.zeros(n) if strata is None else np.asarray(strata)
    rng = np.random.default_rng(seed)
    multiplicity = np.zeros((resamples, n), dtype=np.int64)
    for stratum in np.unique(strata):
        members = np.flatnonzero(strata == stratum)
        even = np.full(len(members), 1 / len(members))
        multiplicity[:, members] = rng.multinomial(len(members), even, size=resamples)
    return multiplicity


def bootstrap_dissimilarities(
    rdms: np.ndarray, multiplicity: np.ndarray, method: str = "cosine", names: Sequence[str] | None = None
) -> np.ndarray:
    """1 − similarity of all pairs of RDMs in every resample.

    Parameters
    ----------
    rdms : (k, n(n-1)/2)
        Upper triangles, row by row.
    multiplicity : (resamples, n)
        From `resample`; a row of ones gives the dissimilarities themselves.
    method : str
        As in `repgeom.measures.comparison.compare_rdms`.
    names : k names, optional
        What error messages call the RDMs; their index otherwise.

    Returns
    -------
    (resamples, k, k) float64
        Every number of a path (`repgeom.measures.path`) can be taken of these draws at once.

    Raises
    ------
    InputError
        Number of stimuli not that of the RDMs; a comparison undefined, for the RDMs or for a resample.
    """
    compare_rdms(rdms, method, names)
    n = multiplicity.shape[1]
    if n * (n - 1) // 2 != rdms.shape[1]:
        raise InputError(
            f"resamples of {n} stimuli for RDMs of {rdms.shape[1]} pairs; {n} stimuli have {n * (n - 1) // 2}"
        )
    if method in ("cosine", "corr"):
        similarity = _weighted_similarity(rdms, multiplicity, method == "corr", names or range(len(rdms)))
    else:
        similarity = np.stack([compare_rdms(resampled_rdms(rdms, m), method, names) for m in multiplicity])
    return as_dissimilarity(similarity)


def percentile_interval(draws: np.ndarray, level: float = 0.95) -> Interval:
    """Percentile interval over the first axis of `draws` (resamples, ...).

    Efron & Tibshirani 1993, An Introduction to the Bootstrap, chapter 13.
    """
    low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return Interval(low, high)


def resampled_rdms(rdms: np.ndarray, multiplicity: np.ndarray) -> np.ndarray:
    """RDMs (k, p) of one resample (n,), copies of one stimulus left out of its pairs: (k, p')."""
    n = len(multiplicity)
    drawn = np.repeat(np.arange(n), multiplicity)
    first, second = (drawn[i] for i in np.triu_indices(len(drawn), 1))
    distinct = first != second
    first, second = first[distinct], second[distinct]
    # Where the pair (i, j), i < j, stands in a triangle written row by row.
    return rdms[:, first * n - first * (first + 1) // 2 + second - first - 1]


def _weighted_similarity(rdms: np.ndarray, multiplicity: np.ndarray, centred: bool, names: Sequence) -> np.ndarray:
    """(resamples, k, k): cosine, or Pearson's r, of the RDMs weighted by mᵢmⱼ."""
    weights = multiplicity.astype(np.float64)
    if centred:  # r ignores shifts; small means keep the digits of the variances below
        rdms = rdms - rdms.mean(axis=1, keepdims=True)
    gram = _weighted_products(rdms, weights)
    if centred:
        total = (weights.sum(axis=1) ** 2 - (weights**2).sum(axis=1)) / 2
        sums = _weighted_sums(rdms, weights)
        gram -= sums[:, :, None] * sums[:, None, :] / total[:, None, None]
    squares = np.diagonal(gram, axis1=1, axis2=2)
    undefined = np.flatnonzero((squares <= 1e-12 * (rdms**2).sum(axis=1)).any(axis=0))
    if len(undefined):
        raise InputError(
            f"a resample leaves RDM {names[undefined[0]]!r} constant, its comparison undefined; "
            "leave it out, or use more stimuli or strata"
        )
    lengths = np.sqrt(squares)
    return gram / (lengths[:, :, None] * lengths[:, None, :])


def _weighted_products(rdms: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """(resamples, k, k): Σ over pairs i < j of mᵢmⱼ aᵢⱼbᵢⱼ for all RDMs a, b."""
    k = len(rdms)
    a, b = np.triu_indices(k)
    products = np.zeros((len(weights), len(a)))
    for row, pair_weights in _rows(rdms, weights):
        products += pair_weights @ (row[a] * row[b]).T
    gram = np.empty((len(weights), k, k))
    gram[:, a, b] = gram[:, b, a] = products
    return gram


def _weighted_sums(rdms: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """(resamples, k): Σ over pairs i < j of mᵢmⱼ aᵢⱼ for all RDMs a."""
    return sum(pair_weights @ row.T for row, pair_weights in _rows(rdms, weights))


def _rows(rdms: np.ndarray, weights: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Row by row of the triangle: dissimilarities (k, n-1-i), and the weights of its pairs (resamples, n-1-i)."""
    n = weights.shape[1]
    start = 0
    for i in range(n - 1):
        stop = start + n - 1 - i
        yield rdms[:, start:stop], weights[:, i, None] * weights[:, i + 1 :]
        start = stop
