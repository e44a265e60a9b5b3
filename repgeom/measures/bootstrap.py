"""Resampling over stimuli: how sure a number of a geometry is, given these images and no others.

A resample is told by how often each stimulus comes up, mᵢ: drawn with replacement (`resample`, the bootstrap)
or all but one (`leave_one_out`, the jackknife). The dissimilarity of stimuli i and j then has the weight mᵢmⱼ, and
copies of one stimulus, at distance zero from each other, are left out.

Within classes that alone is biased. Where every class keeps its n stimuli, the mean of mᵢmⱼ over resamples is 1
between classes and (n − 1)/n within, because copies take the place of pairs; with five images per class a
fifth of the within-class pairs would be missing in every resample and never in the RDM itself. `pair_weights`
therefore gives every class, and every two classes, the total weight that their pairs have in the RDM (a factor
of n/(n − 1) within, on average). Without classes that factor would be common to all pairs and is left out.

Which interval to report
------------------------
`over_images` and `jackknife_interval`: Student's t on the jackknife's standard error, classes as strata. On Gaussian
clouds of known population values (ten classes, twenty dimensions) 95 % cover 93–97 % at 5, 20 and 50 images per class,
for separation, correlations with labels and between networks, distances to labels, their differences and path
lengths. Percentiles of the bootstrap, pairs weighted alike, cover 88–95 %: they lack the factor √(n/(n − 1)) and t
quantiles. What remains: where classes hardly differ, intervals of separation and label correlation are too wide (99 %
at 5 per class); where outlying images carry the RDM (squared distances in six dimensions, spreads that differ twofold)
those of cosines are too narrow (92–93 %). Three images per class give wide intervals (95–99 %). Two are not enough, for
the one distance within a class has no spread of its own: the interval then says that it is too narrow.

References
----------
Efron & Tibshirani 1993, An Introduction to the Bootstrap; Arvesen 1969, Ann. Math. Stat. 40:2076 (jackknife of
U-statistics); Satterthwaite 1946, Biometrics Bull. 2:110 (degrees of freedom of a sum of variances).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement
from typing import NamedTuple

import numpy as np

from repgeom.errors import InputError
from repgeom.measures.comparison import Ranking, as_dissimilarity, compare_rdms, concordance, rank
from repgeom.measures.uncertainty import LEVEL, Estimate, fisher_ends, t_quantile

Statistic = Callable[[np.ndarray], np.ndarray]
BATCH = 100
"""Resamples whose pair weights are in memory at once."""


class Interval(NamedTuple):
    """Ends of an interval, each of the shape of one draw."""

    low: np.ndarray
    high: np.ndarray

    def excludes(self, value: float) -> np.ndarray:
        """Whether `value` lies outside."""
        return (np.asarray(self.low) > value) | (np.asarray(self.high) < value)


def resample(n: int, resamples: int, seed: int | np.random.Generator, strata: Sequence | None = None) -> np.ndarray:
    """How often each of n stimuli comes up in each bootstrap resample.

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
    strata = _checked_strata(n, strata)
    rng = np.random.default_rng(seed)
    multiplicity = np.zeros((resamples, n), dtype=np.int64)
    for members in _members(strata):
        even = np.full(len(members), 1 / len(members))
        multiplicity[:, members] = rng.multinomial(len(members), even, size=resamples)
    return multiplicity


def leave_one_out(n: int, strata: Sequence | None = None) -> np.ndarray:
    """The jackknife's resamples: stimulus i is left out of row i, unless it is the only one of its class.

    Parameters
    ----------
    n : int
    strata : (n,), optional
        Class of each stimulus.

    Returns
    -------
    (n, n) int64
    """
    alone = np.zeros(n, dtype=np.int64)
    for members in _members(_checked_strata(n, strata)):
        alone[members] = len(members) == 1
    return np.ones((n, n), dtype=np.int64) - np.diag(1 - alone)


def pair_weights(multiplicity: np.ndarray, strata: Sequence | None = None) -> np.ndarray:
    """Weights of all pairs of stimuli in every resample.

    Parameters
    ----------
    multiplicity : (resamples, n)
    strata : (n,), optional
        Class of each stimulus. The pairs of a class, and those of two classes, then keep their total weight; a
        class of which a resample holds copies of one stimulus only has no pairs in it.

    Returns
    -------
    (resamples, n(n-1)/2) float64
        Upper triangles, row by row; mᵢmⱼ without strata.
    """
    pairs = _Pairs.of(multiplicity, strata)
    return np.concatenate([pairs.row(i) for i in range(multiplicity.shape[1] - 1)], axis=1)


def bootstrap_dissimilarities(
    rdms: np.ndarray,
    multiplicity: np.ndarray,
    method: str = "cosine",
    strata: Sequence | None = None,
    names: Sequence[str] | None = None,
) -> np.ndarray:
    """1 − similarity of all pairs of RDMs in every resample.

    Cosine and Pearson are sums over pairs of stimuli with the weights of `pair_weights`, and all resamples are
    matrix products. Rank correlations rank every resample anew: a pair of weight w counts as w pairs of equal
    dissimilarity, which for whole numbers is what ranking the resampled RDM gives.

    Parameters
    ----------
    rdms : (k, n(n-1)/2)
        Upper triangles, row by row.
    multiplicity : (resamples, n)
        From `resample` or `leave_one_out`; a row of ones gives the dissimilarities themselves.
    method : str
        As in `repgeom.measures.comparison.compare_rdms`.
    strata : (n,), optional
        The classes within which the resamples were drawn.
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
        pairs = _Pairs.of(multiplicity, strata)
        similarity = _weighted_similarity(rdms, pairs, method == "corr", names or range(len(rdms)))
    else:
        rankings = [rank(rdm) for rdm in np.asarray(rdms, dtype=np.float64)]
        rows = (pair_weights(m[None], strata)[0] for m in multiplicity)
        similarity = np.stack([_RANK_SIMILARITIES[method](rankings, w) for w in rows])
    return as_dissimilarity(similarity)


def percentile_interval(draws: np.ndarray, level: float = LEVEL) -> Interval:
    """Percentile interval over the first axis of bootstrap `draws` (resamples, ...).

    Efron & Tibshirani 1993, chapter 13. Too narrow for few stimuli; see the module's text.
    """
    low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return Interval(low, high)


def jackknife_interval(
    value: np.ndarray | float,
    replicates: np.ndarray,
    strata: Sequence | None = None,
    ends: str = "real",
    level: float = LEVEL,
) -> Estimate:
    """Interval over stimuli by Student's t, from what the statistic is without each of them.

    Parameters
    ----------
    value : (...)
        The statistic of all stimuli.
    replicates : (n, ...)
        The statistic in the resamples of `leave_one_out`.
    strata : (n,), optional
        The same that were given there. Deviations are taken from the mean of each class; a class of one stimulus
        is taken as given.
    ends : {"real", "correlation", "dissimilarity", "length"}
        Where the truth can lie: anywhere; in [−1, 1], with the interval taken on Fisher's z; the same of 1 − value;
        at 0 or above.
    level : float

    Returns
    -------
    Estimate
        Contains the value always.

    Raises
    ------
    InputError
        No class has two stimuli.
    """
    value, replicates = np.asarray(value, dtype=float), np.asarray(replicates, dtype=float)
    classes = [m for m in _members(_checked_strata(len(replicates), strata)) if len(m) > 1]
    if not classes:
        raise InputError("no class has two stimuli, so none can be left out; give classes with more, or no classes")
    variances = np.stack([_jackknife_variance(replicates[members]) for members in classes])
    degrees = _satterthwaite(variances, np.array([len(members) - 1 for members in classes]))
    half = t_quantile(level, degrees) * np.sqrt(variances.sum(axis=0))
    kind = _kind(level, strata is not None, min(map(len, classes)))
    return Estimate(value[()], *_ENDS[ends](value, half), kind)


def over_images(
    statistic: Statistic, n: int, strata: Sequence | None = None, ends: str = "real", level: float = LEVEL
) -> Estimate:
    """A statistic of an RDM's pairs, with its jackknife interval over stimuli.

    Parameters
    ----------
    statistic : callable
        Weights of pairs (b, n(n-1)/2) → values (b,), such as `repgeom.measures.separation` computes them.
    n : int
        Number of stimuli.
    strata : (n,), optional
        Class of each stimulus.
    ends, level
        As in `jackknife_interval`.
    """
    resamples = leave_one_out(n, strata)
    batches = np.split(resamples, range(BATCH, n, BATCH))
    replicates = np.concatenate([statistic(pair_weights(batch, strata)) for batch in batches])
    return jackknife_interval(statistic(np.ones((1, n * (n - 1) // 2)))[0], replicates, strata, ends=ends, level=level)


@dataclass(frozen=True)
class _Pairs:
    """Weights of pairs, made row by row of the triangle.

    Attributes
    ----------
    weights : (resamples, n)
        mᵢ, scaled so that every class keeps the sum of its weights.
    within : (resamples, n)
        Factor of the pairs of stimulus i with others of its class.
    strata : (n,), optional
    """

    weights: np.ndarray
    within: np.ndarray
    strata: np.ndarray | None

    @classmethod
    def of(cls, multiplicity: np.ndarray, strata: Sequence | None) -> "_Pairs":
        weights = np.array(multiplicity, dtype=np.float64)
        within = np.ones_like(weights)
        if strata is None:
            return cls(weights, within, None)
        strata = _checked_strata(weights.shape[1], strata)
        for members in _members(strata):
            m, n = weights[:, members], len(members)
            m *= n / m.sum(axis=1, keepdims=True)
            weights[:, members] = m
            pairs = n**2 - (m**2).sum(axis=1)
            # A resample of copies of one stimulus leaves round-off of n² − n².
            within[:, members] = np.divide(n * (n - 1), pairs, out=np.zeros_like(pairs), where=pairs > 1e-9)[:, None]
        return cls(weights, within, strata)

    def __len__(self) -> int:
        return len(self.weights)

    def row(self, i: int) -> np.ndarray:
        """(resamples, n-1-i): weights of the pairs (i, j) for all j > i."""
        row = self.weights[:, i, None] * self.weights[:, i + 1 :]
        if self.strata is not None:
            row[:, self.strata[i + 1 :] == self.strata[i]] *= self.within[:, i, None]
        return row

    def rows(self, rdms: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Row by row of the triangle: dissimilarities (k, n-1-i), and the weights of their pairs."""
        n, start = self.weights.shape[1], 0
        for i in range(n - 1):
            stop = start + n - 1 - i
            yield rdms[:, start:stop], self.row(i)
            start = stop


def _checked_strata(n: int, strata: Sequence | None) -> np.ndarray:
    if strata is not None and len(strata) != n:
        raise InputError(f"{len(strata)} strata for {n} stimuli; give the class of every stimulus")
    return np.zeros(n) if strata is None else np.asarray(strata)


def _members(strata: np.ndarray) -> list[np.ndarray]:
    return [np.flatnonzero(strata == stratum) for stratum in np.unique(strata)]


def _jackknife_variance(replicates: np.ndarray) -> np.ndarray:
    """Variance that one class of n stimuli contributes: (n, ...) → (...)."""
    n = len(replicates)
    return (n - 1) / n * ((replicates - replicates.mean(axis=0)) ** 2).sum(axis=0)


def _satterthwaite(variances: np.ndarray, degrees: np.ndarray) -> np.ndarray:
    """Degrees of freedom of a sum of variances (classes, ...) with the given ones each; those of all for a sum of 0."""
    of_squares = np.tensordot(1 / degrees, variances**2, axes=1)
    total = variances.sum(axis=0) ** 2
    return np.divide(total, of_squares, out=np.full_like(total, degrees.sum()), where=of_squares > 0)


def _dissimilarity_ends(value: np.ndarray, half: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    low, high = fisher_ends(1 - value, half)
    return np.minimum(1 - high, value), np.maximum(1 - low, value)


_ENDS: dict[str, Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]] = {
    "real": lambda value, half: (value - half, value + half),
    "correlation": fisher_ends,
    "dissimilarity": _dissimilarity_ends,
    "length": lambda value, half: (np.maximum(value - half, 0), value + half),
}


def _kind(level: float, in_classes: bool, fewest: int) -> str:
    kind = f"{100 * level:g} % jackknife t over images" + " within classes" * in_classes
    return kind + (", too narrow (classes of 2 images)" if in_classes and fewest == 2 else "")


def _weighted_similarity(rdms: np.ndarray, pairs: _Pairs, centred: bool, names: Sequence) -> np.ndarray:
    """(resamples, k, k): cosine, or Pearson's r, of the RDMs under the pairs' weights."""
    if centred:  # r ignores shifts; small means keep the digits of the variances below
        rdms = rdms - rdms.mean(axis=1, keepdims=True)
    gram = _weighted_products(rdms, pairs)
    if centred:
        sums, total = _weighted_sums(rdms, pairs), _weighted_sums(np.ones((1, rdms.shape[1])), pairs)
        gram -= sums[:, :, None] * sums[:, None, :] / total[:, :, None]
    squares = np.diagonal(gram, axis1=1, axis2=2)
    undefined = np.flatnonzero((squares <= 1e-12 * (rdms**2).sum(axis=1)).any(axis=0))
    if len(undefined):
        raise InputError(
            f"a resample leaves RDM {names[undefined[0]]!r} constant, its comparison undefined; "
            "leave it out, or use more stimuli or strata"
        )
    lengths = np.sqrt(squares)
    return gram / (lengths[:, :, None] * lengths[:, None, :])


def _weighted_products(rdms: np.ndarray, pairs: _Pairs) -> np.ndarray:
    """(resamples, k, k): Σ over pairs i < j of wᵢⱼ aᵢⱼbᵢⱼ for all RDMs a, b."""
    k = len(rdms)
    a, b = np.triu_indices(k)
    products = np.zeros((len(pairs), len(a)))
    for row, weights in pairs.rows(rdms):
        products += weights @ (row[a] * row[b]).T
    gram = np.empty((len(pairs), k, k))
    gram[:, a, b] = gram[:, b, a] = products
    return gram


def _weighted_sums(rdms: np.ndarray, pairs: _Pairs) -> np.ndarray:
    """(resamples, k): Σ over pairs i < j of wᵢⱼ aᵢⱼ for all RDMs a."""
    return sum(weights @ row.T for row, weights in pairs.rows(rdms))


def _weighted_ranks(rankings: list[Ranking], weights: np.ndarray) -> np.ndarray:
    """(k, p): ranks where position i stands for wᵢ ties."""
    return np.stack([ranking.weighted_ranks(weights) for ranking in rankings])


def _weighted_spearman(rankings: list[Ranking], weights: np.ndarray) -> np.ndarray:
    ranks = _weighted_ranks(rankings, weights)
    centred = ranks - ((ranks @ weights) / weights.sum())[:, None]
    gram = (centred * weights) @ centred.T
    lengths = np.sqrt(np.diagonal(gram))
    return gram / (lengths[:, None] * lengths)


def _weighted_rho_a(rankings: list[Ranking], weights: np.ndarray) -> np.ndarray:
    p = weights.sum()
    centred = _weighted_ranks(rankings, weights) - (p + 1) / 2
    return (centred * weights) @ centred.T * (12 / (p**3 - p))


def _weighted_tau_a(rankings: list[Ranking], weights: np.ndarray) -> np.ndarray:
    p, tau = weights.sum(), np.empty(2 * [len(rankings)])
    for (a, x), (b, y) in combinations_with_replacement(enumerate(rankings), 2):
        tau[a, b] = tau[b, a] = concordance(x, y, weights) / (p * (p - 1) / 2)
    return tau


_RANK_SIMILARITIES = {"spearman": _weighted_spearman, "rho-a": _weighted_rho_a, "tau-a": _weighted_tau_a}
