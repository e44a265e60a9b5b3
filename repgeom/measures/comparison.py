"""How alike RDMs are: cosine, Pearson, Spearman, Kendall τ-a and ρ-a between all pairs of a stack.

Names and numbers are those of `rsatoolbox.rdm.compare`. The half of a comparison that belongs to one
RDM (its length, its centring, its ranking) is done once for each; what belongs to a pair is an inner
product, or for τ-a one pass over the pair's ranks.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import combinations_with_replacement
from typing import NamedTuple

import numpy as np

from repgeom.errors import InputError, nearest

ROUND_OFF = 1e-12
"""Dissimilarities that differ by less than this fraction of an RDM's largest one are equal."""


def compare_rdms(
    rdms: np.ndarray, method: str = "cosine", names: Sequence[str] | None = None, threads: int = 1
) -> np.ndarray:
    """Similarity between all pairs of RDMs.

    Parameters
    ----------
    rdms : (k, n(n-1)/2)
        RDMs of the same n stimuli as upper triangles, row by row.
    method : {"cosine", "corr", "spearman", "tau-a", "rho-a"}
        As in rsatoolbox; `corr` is Pearson's.
    names : k names, optional
        What error messages call the RDMs; their index otherwise.
    threads : int
        Threads over the pairs of τ-a. (The other methods are matrix products.)

    Returns
    -------
    (k, k) float64
        Symmetric. With ties, an RDM's τ-a and ρ-a with itself is less than 1, as it should be.

    Raises
    ------
    InputError
        An RDM has a value that is not finite, is constant (zero, for the cosine), or the method is unknown.

    Notes
    -----
    Before ranking, dissimilarities are rounded to 1e-12 of the RDM's largest, so that the round-off
    of distances that are equal (of zeros above all) is not ranked.

    References
    ----------
    Kriegeskorte, Mur & Bandettini 2008, Front. Syst. Neurosci. 2:4; Nili et al. 2014, PLoS Comput. Biol.
    10(4):e1003553 (τ-a); Schütt et al. 2023, eLife 12:e82566 (ρ-a).
    """
    if method not in METHODS:
        raise InputError(f"unknown RDM comparison {method!r}; {nearest(method, METHODS)}")
    stack = _checked(rdms, names)
    _check_defined(stack, method, names)
    return METHODS[method](stack, threads)


def compare_rdms_as_dissimilarity(
    rdms: np.ndarray, method: str = "cosine", names: Sequence[str] | None = None, threads: int = 1
) -> np.ndarray:
    """1 − similarity of all pairs of RDMs, (k, k), with zeros on the diagonal; see `compare_rdms`."""
    return as_dissimilarity(compare_rdms(rdms, method, names, threads))


def as_dissimilarity(similarity: np.ndarray) -> np.ndarray:
    """1 − similarity for (..., k, k), not below 0 by round-off; an RDM is at 0 from itself by definition."""
    dissimilarity = np.maximum(1 - similarity, 0)
    diagonal = np.arange(dissimilarity.shape[-1])
    dissimilarity[..., diagonal, diagonal] = 0
    return dissimilarity


def is_defined(rdms: np.ndarray, method: str) -> np.ndarray:
    """Whether each RDM of a stack (k, p) compares with others: not a constant one, for the cosine not one of zeros."""
    largest = np.abs(rdms).max(axis=1)
    spread = largest if method == "cosine" else np.ptp(rdms, axis=1)
    return spread > ROUND_OFF * largest


def check_same_ids(first: Sequence, second: Sequence, what: str = "the two arrays") -> None:
    """Raise InputError unless both list the same stimulus ids in the same order."""
    first, second = np.asarray(first), np.asarray(second)
    if first.shape != second.shape:
        raise InputError(f"{what} hold {len(first)} and {len(second)} stimuli; give both the same ones")
    different = np.flatnonzero(first != second)
    if len(different):
        i = different[0]
        raise InputError(
            f"{what} hold different stimuli: at position {i}, {first[i]!s} and {second[i]!s}; "
            "give both the same stimuli in the same order"
        )


class Ranking(NamedTuple):
    """An RDM's pairs of stimuli sorted by dissimilarity, ties together.

    Attributes
    ----------
    order : (p,) intp
        Positions from the smallest dissimilarity to the largest.
    level : (p,) int32
        Which of the distinct values, from 0, each position holds.
    ends : (levels,) int64
        How many positions are at or below each level.
    """

    order: np.ndarray
    level: np.ndarray
    ends: np.ndarray

    @property
    def mean_ranks(self) -> np.ndarray:
        """(p,): ranks from 1, ties sharing the mean of theirs."""
        return self._between(self.ends)

    def weighted_ranks(self, weights: np.ndarray) -> np.ndarray:
        """(p,): ranks from 1 where position i stands for wᵢ ties, all ties sharing the mean of their ranks."""
        return self._between(np.cumsum(weights[self.order])[self.ends - 1])

    def _between(self, ends: np.ndarray) -> np.ndarray:
        return _mean_ranks_of(ends)[self.level]


def rank(rdm: np.ndarray) -> Ranking:
    """Rank the values of one RDM (p,), those within `ROUND_OFF` of each other as ties; unsigned ones as they are."""
    whole = rdm.dtype.kind == "u"
    values = _sortable(rdm) if whole else _rounded(rdm)
    order = np.argsort(values, kind="stable" if whole else None)
    ordered = values[order]
    is_last = np.append(ordered[1:] != ordered[:-1], True)
    level = np.empty(len(rdm), dtype=np.int32)
    level[order] = np.cumsum(np.append(0, is_last[:-1]))
    return Ranking(order, level, np.flatnonzero(is_last) + 1)


def ranks_of_levels(levels: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Ranks (p,) from 1 of levels (p,) from 0, the one at position i standing for wᵢ ties; needs no sorting."""
    return _mean_ranks_of(np.cumsum(np.bincount(levels, weights)))[levels]


def concordance(x: Ranking, y: Ranking, weights: np.ndarray) -> float:
    """Concordant minus discordant pairs of positions, each counted as the product of their weights (p,)."""
    from repgeom.measures.concordance import concordant_minus_discordant  # imports numba, which other methods need not

    return concordant_minus_discordant(x.order, y.level, len(y.ends), x.ends, weights)


def _concordance_once(x: Ranking, y: Ranking) -> int:
    """Concordant minus discordant pairs of positions."""
    from repgeom.measures.concordance import concordant_without_ties  # imports numba, which other methods need not

    p = len(x.order)
    if x is y:
        tied = np.diff(x.ends, prepend=0)
        return (p * (p - 1) - int((tied * (tied - 1)).sum())) // 2
    if len(x.ends) == len(y.ends) == p:
        return concordant_without_ties(y.level[x.order])
    return concordance(x, y, np.ones(p, dtype=np.int32))


def _cosine(rdms: np.ndarray, threads: int) -> np.ndarray:
    unit = rdms / np.linalg.norm(rdms, axis=1, keepdims=True)
    return np.clip(unit @ unit.T, -1, 1)


def _pearson(rdms: np.ndarray, threads: int) -> np.ndarray:
    return _cosine(rdms - rdms.mean(axis=1, keepdims=True), threads)


def _spearman(rdms: np.ndarray, threads: int) -> np.ndarray:
    return _pearson(_mean_ranks(rdms), threads)


def _rho_a(rdms: np.ndarray, threads: int) -> np.ndarray:
    """Spearman's ρ expected when ties are broken at random: the denominator knows no ties."""
    p = rdms.shape[1]
    centred = _mean_ranks(rdms) - (p + 1) / 2
    return centred @ centred.T * (12 / (p**3 - p))


def _tau_a(rdms: np.ndarray, threads: int) -> np.ndarray:
    k, p = rdms.shape
    tau = np.empty((k, k))

    def fill(pair: tuple[int, int]) -> None:
        x, y = (rankings[i] for i in pair)
        tau[pair] = tau[pair[::-1]] = _concordance_once(x, y) / (p * (p - 1) / 2)

    with ThreadPoolExecutor(threads) as pool:
        rankings = list(pool.map(rank, rdms))
        list(pool.map(fill, combinations_with_replacement(range(k), 2)))
    return tau


METHODS: dict[str, Callable[[np.ndarray, int], np.ndarray]] = {
    "cosine": _cosine,
    "corr": _pearson,
    "spearman": _spearman,
    "tau-a": _tau_a,
    "rho-a": _rho_a,
}


def _mean_ranks(rdms: np.ndarray) -> np.ndarray:
    return np.stack([rank(rdm).mean_ranks for rdm in rdms])


def _mean_ranks_of(ends: np.ndarray) -> np.ndarray:
    """The rank from 1 that ties share, of groups of ties that end at so many positions, (levels,)."""
    return (np.concatenate([[0], ends[:-1]]) + ends + 1) / 2


def _sortable(levels: np.ndarray) -> np.ndarray:
    """Levels in two bytes where they fit: these are sorted by their digits, in linear time."""
    return levels.astype(np.uint16) if levels.max() < 2**16 else levels


def _rounded(rdm: np.ndarray) -> np.ndarray:
    largest = np.abs(rdm).max()
    return np.rint(rdm / (largest * ROUND_OFF)) if largest else rdm


def _checked(rdms: np.ndarray, names: Sequence[str] | None) -> np.ndarray:
    stack = np.asarray(rdms, dtype=np.float64)
    if stack.ndim != 2 or stack.shape[1] < 2:
        raise InputError(
            f"RDMs of shape {stack.shape} are not a stack of upper triangles (RDMs, pairs of stimuli) "
            "of at least 3 stimuli"
        )
    if names is not None and len(names) != len(stack):
        raise InputError(f"{len(names)} names for {len(stack)} RDMs; give one name for each RDM")
    bad = np.flatnonzero(~np.isfinite(stack).all(axis=1))
    if len(bad):
        raise InputError(f"{_name(bad[0], names)} has a value that is not finite (NaN or infinity); leave it out")
    return stack


def _check_defined(stack: np.ndarray, method: str, names: Sequence[str] | None) -> None:
    undefined = np.flatnonzero(~is_defined(stack, method))
    if len(undefined):
        kind = "zero everywhere" if method == "cosine" else "constant"
        raise InputError(
            f"{_name(undefined[0], names)} is {kind}, which leaves its {method} with other RDMs undefined; leave it out"
        )


def _name(index: int, names: Sequence[str] | None) -> str:
    return f"RDM {index}" if names is None else f"RDM {names[index]!r}"
