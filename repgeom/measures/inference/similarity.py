"""Similarity of model RDMs to the RDMs of subjects, of all stimuli or of a resample of them.

Names and numbers are those of `rsatoolbox.rdm.compare`. A resample is told by how often each stimulus comes up, mᵢ
(`repgeom.measures.bootstrap`): the pair (i, j) then counts mᵢmⱼ times, and copies of one stimulus are no pair. A pair
that a subject lacks (NaN) does not count for that subject, whose similarities are those of the other pairs.

All measures but τ-a are inner products of embedded RDMs: centred, ranked or whitened, and of length one. What belongs
to one RDM, its embedding or its ranking, is done once for each (`Measure.half`).

The whitened ones (`cosine_cov`, `corr_cov`) account for what dissimilarities that share a stimulus have in common. With
stimuli measured independently and equally well they equal the cosine after double centring, −½ HDH, where diagonals
count too: linear CKA (Diedrichsen et al. 2021, arXiv:2007.02789). Where pairs are missing, rows of the centred matrix
sum to zero over the pairs that there are.

References
----------
Nili et al. 2014, PLoS Comput. Biol. 10(4):e1003553; Schütt et al. 2023, eLife 12:e82566.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from repgeom.errors import InputError, nearest
from repgeom.measures.comparison import ROUND_OFF, Ranking, concordance, rank, ranks_of_levels


@dataclass(frozen=True)
class Pairs:
    """Pairs of stimuli, and how often each counts.

    Attributes
    ----------
    i, j : (p,) int
        The stimuli of each pair.
    multiplicity : (n,)
        How often each stimulus comes up.
    columns : (p,) int
        Where each pair stands in an upper triangle of all n stimuli.
    """

    i: np.ndarray
    j: np.ndarray
    multiplicity: np.ndarray
    columns: np.ndarray

    @classmethod
    def of(cls, multiplicity: np.ndarray) -> "Pairs":
        """All pairs that a resample (n,) holds."""
        i, j = np.triu_indices(len(multiplicity), 1)
        columns = np.flatnonzero(multiplicity[i] * multiplicity[j])
        return cls(i[columns], j[columns], np.asarray(multiplicity, dtype=float), columns)

    @cached_property
    def weights(self) -> np.ndarray:
        """(p,): mᵢmⱼ."""
        return self.multiplicity[self.i] * self.multiplicity[self.j]

    def only(self, chosen: np.ndarray) -> "Pairs":
        """Some of the pairs, (p,) bool."""
        if chosen.all():
            return self
        return Pairs(self.i[chosen], self.j[chosen], self.multiplicity, self.columns[chosen])


class Vectors(NamedTuple):
    """RDMs as vectors (k, q) whose inner products are the similarities."""

    rows: np.ndarray

    def some(self, chosen: np.ndarray) -> "Vectors":
        """Those of some of the RDMs."""
        return Vectors(self.rows[chosen])

    def between(self, other: "Vectors") -> np.ndarray:
        """(k, l): of every RDM with every other one."""
        return self.rows @ other.rows.T

    def matched(self, other: "Vectors") -> np.ndarray:
        """(k,): of every RDM with the one at the same place."""
        return np.einsum("ij,ij->i", self.rows, other.rows)


class Rankings(NamedTuple):
    """RDMs as k rankings, whose similarity is Kendall's τ-a, with the weights (p,) of pairs of stimuli."""

    rankings: list[Ranking]
    weights: np.ndarray

    def some(self, chosen: np.ndarray) -> "Rankings":
        """Those of some of the RDMs."""
        return Rankings([self.rankings[i] for i in chosen], self.weights)

    def between(self, other: "Rankings") -> np.ndarray:
        """(k, l): of every RDM with every other one."""
        return np.array([[self._tau(x, y) for y in other.rankings] for x in self.rankings])

    def matched(self, other: "Rankings") -> np.ndarray:
        """(k,): of every RDM with the one at the same place."""
        return np.array([self._tau(x, y) for x, y in zip(self.rankings, other.rankings, strict=True)])

    def _tau(self, x: Ranking, y: Ranking) -> float:
        if len(x.ends) == 1 or len(y.ends) == 1:
            return np.nan
        p = self.weights.sum()
        return concordance(x, y, self.weights) / (p * (p - 1) / 2)


Half = Vectors | Rankings


class Measure(NamedTuple):
    """One way of comparing RDMs.

    Attributes
    ----------
    half : callable
        (k, p), Pairs → the half of a comparison that belongs to each RDM; NaN, or one level, where it is constant.
    pooled : callable
        (l, p), weights (p,) → the RDMs as they are averaged for a noise ceiling.
    embed : callable, optional
        (k, p), Pairs → (k, q), linear, whose cosines are the similarities; None where there is no such map.
    """

    half: Callable[[np.ndarray, Pairs], Half]
    pooled: Callable[[np.ndarray, np.ndarray], np.ndarray]
    embed: Callable[[np.ndarray, Pairs], np.ndarray] | None = None

    def prepared(self, rdms: np.ndarray) -> np.ndarray:
        """The RDMs (k, p) as resamples of them are compared fastest: as levels where ranks are all that counts."""
        ranked = self.embed is None and np.isfinite(rdms).all()
        return np.stack([rank(rdm).level for rdm in rdms]).astype(np.uint32) if ranked else rdms


def measured_similarity(models: np.ndarray, data: np.ndarray, method: str, pairs: Pairs | None = None) -> np.ndarray:
    """Similarity of every model RDM to every subject's RDM.

    Parameters
    ----------
    models : (k, n(n-1)/2)
        Upper triangles, row by row; without NaN.
    data : (s, n(n-1)/2)
        NaN where a subject lacks a pair.
    method : str
        A name in `MEASURES`.
    pairs : Pairs, optional
        The resample; all stimuli once by default.

    Returns
    -------
    (k, s) float64
        NaN where a similarity is undefined: a constant RDM (for the cosines one of zeros), fewer than two pairs.

    Raises
    ------
    InputError
        Unknown method.
    """
    measure = measure_named(method)
    pairs = pairs or Pairs.of(np.ones(stimuli_of(data.shape[1]), dtype=int))
    similarity = np.full((len(models), len(data)), np.nan)
    for members, valid in mask_groups(data[:, pairs.columns]):
        some = pairs.only(valid)
        if len(some.columns) > 1:
            subjects = measure.half(data[members][:, some.columns], some)
            similarity[:, members] = measure.half(models[:, some.columns], some).between(subjects)
    return similarity


def measure_named(method: str) -> Measure:
    """The measure of a name.

    Raises
    ------
    InputError
        There is none.
    """
    if method not in MEASURES:
        raise InputError(f"unknown comparison {method!r}; {nearest(method, MEASURES)}")
    return MEASURES[method]


def stimuli_of(n_pairs: int) -> int:
    """How many stimuli have so many pairs."""
    n = round((1 + np.sqrt(1 + 8 * n_pairs)) / 2)
    if n * (n - 1) // 2 != n_pairs:
        raise InputError(f"{n_pairs} dissimilarities are no upper triangle of an RDM")
    return n


def mask_groups(data: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """Subjects (indices) that have the same pairs, and which these are, (p,) bool."""
    valid = np.isfinite(data)
    if valid.all():
        return [(np.arange(len(data)), valid[0])]
    masks, which = np.unique(valid, axis=0, return_inverse=True)
    return [(np.flatnonzero(which.ravel() == g), mask) for g, mask in enumerate(masks)]


Embedding = Callable[[np.ndarray, Pairs], np.ndarray]


def _by_cosine(embed: Embedding) -> Callable[[np.ndarray, Pairs], Vectors]:
    return lambda x, pairs: Vectors(_unit(x, embed(x, pairs), pairs))


def _weighted(x: np.ndarray, pairs: Pairs) -> np.ndarray:
    return x * np.sqrt(pairs.weights)


def _centred_weighted(x: np.ndarray, pairs: Pairs) -> np.ndarray:
    return _weighted(_centred(x, pairs.weights), pairs)


def _whitened(x: np.ndarray, pairs: Pairs) -> np.ndarray:
    """Double centred −½ D with its diagonal; off the diagonal every entry stands for two."""
    inside, diagonal = _double_centred(-x / 2, pairs)
    return np.concatenate([_weighted(inside, pairs) * np.sqrt(2), diagonal * np.sqrt(pairs.multiplicity)], axis=1)


def _centred_whitened(x: np.ndarray, pairs: Pairs) -> np.ndarray:
    return _whitened(_centred(x, pairs.weights), pairs)


def _double_centred(g: np.ndarray, pairs: Pairs) -> tuple[np.ndarray, np.ndarray]:
    """G − ½(cᵢ + cⱼ) for the pairs, (k, p), and −cᵢ for the diagonal, (k, n), so that all rows sum to zero.

    G is zero on the diagonal; copies of one stimulus are no pair.
    """
    i, j, m = pairs.i, pairs.j, pairs.multiplicity
    n = len(m)
    full, present = np.zeros((len(g), n, n)), np.zeros((n, n))
    full[:, i, j] = full[:, j, i] = g
    present[i, j] = present[j, i] = 1
    system = present * m / 2
    system[np.arange(n), np.arange(n)] = 1 + system.sum(axis=1)
    c = np.linalg.solve(system, (full @ m).T).T
    return g - (c[:, i] + c[:, j]) / 2, -c


def _spearman(x: np.ndarray, pairs: Pairs) -> Vectors:
    return _by_cosine(_centred_weighted)(_ranks(x, pairs.weights), pairs)


def _rho_a(x: np.ndarray, pairs: Pairs) -> Vectors:
    """Spearman's ρ expected when ties are broken at random: the denominator knows no ties."""
    p, ranks = pairs.weights.sum(), _ranks(x, pairs.weights)
    defined = np.where(np.ptp(ranks, axis=1, keepdims=True) > 0, ranks, np.nan)
    return Vectors((defined - (p + 1) / 2) * np.sqrt(pairs.weights * 12 / (p**3 - p)))


def _tau_a(x: np.ndarray, pairs: Pairs) -> Rankings:
    return Rankings([rank(rdm) for rdm in x], pairs.weights)


def _ranks(x: np.ndarray, weights: np.ndarray) -> np.ndarray:
    if x.dtype.kind == "u":
        return np.stack([ranks_of_levels(levels, weights) for levels in x])
    return np.stack([rank(rdm).weighted_ranks(weights) for rdm in x])


def _centred(x: np.ndarray, weights: np.ndarray) -> np.ndarray:
    return x - (x @ weights / weights.sum())[:, None]


def _unit(x: np.ndarray, embedded: np.ndarray, pairs: Pairs) -> np.ndarray:
    """Embedded RDMs (k, q) at length one; NaN where one is zero next to the size of its dissimilarities."""
    lengths = np.sqrt(np.einsum("ij,ij->i", embedded, embedded))
    lengths[lengths <= ROUND_OFF * np.abs(x).max(axis=1) * np.sqrt(pairs.weights.sum())] = np.nan
    return embedded / lengths[:, None]


def _by_length(x: np.ndarray, weights: np.ndarray) -> np.ndarray:
    return x / np.sqrt(x**2 @ weights / weights.sum())[:, None]


def _z_scored(x: np.ndarray, weights: np.ndarray) -> np.ndarray:
    return _by_length(_centred(x, weights), weights)


MEASURES: dict[str, Measure] = {
    "cosine": Measure(_by_cosine(_weighted), _by_length, _weighted),
    "corr": Measure(_by_cosine(_centred_weighted), _z_scored, _centred_weighted),
    "spearman": Measure(_spearman, _ranks),
    "rho-a": Measure(_rho_a, _ranks),
    "tau-a": Measure(_tau_a, _ranks),
    "cosine_cov": Measure(_by_cosine(_whitened), _by_length, _whitened),
    "corr_cov": Measure(_by_cosine(_centred_whitened), _z_scored, _centred_whitened),
}
"""rsatoolbox's names; `corr` is Pearson's, those with `_cov` are whitened."""
