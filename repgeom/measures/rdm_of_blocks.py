"""RDMs of so many stimuli that exact coordinates would be too large: from blocks of features straight to distances.

Distances are made of inner products of stimuli that are centred on their mean, as on coordinates, and of each one's own
length and sum: no eigendecomposition, and half a matrix of inner products, in as many passes as memory asks for.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.linalg.blas import dgemm

from repgeom.coordinates.reduction import GRAM_DYNAMIC_RANGE, centre_tile, tile_columns
from repgeom.errors import InputError, nearest

PANEL_ROWS = 512
"""Rows of the matrix of inner products that are summed together."""
ROWS_AT_ONCE = 64
"""Rows that become distances together."""
BLOCKS_AT_ONCE = 3
"""What reading a block of features takes, counted in blocks."""
UNDEFINED_BELOW = 1e-14
"""A pattern has no direction whose squared length is below this fraction of what it is a difference of."""
MEASURES = ("correlation", "euclidean", "cosine")


def memory_for_products(free: float, n: int, nodes: int, block: int, dtype: str) -> float:
    """What inner products may take of `free` bytes, beside the RDMs of all nodes and blocks of `block` bytes.

    Raises
    ------
    InputError
        Nothing is left.
    """
    rdms = nodes * n * (n - 1) / 2 * np.dtype(dtype).itemsize
    left = free - rdms - BLOCKS_AT_ONCE * block - 4 * 8 * n * tile_columns(n)
    if left < 8 * PANEL_ROWS * n:
        raise InputError(
            f"RDMs of {n} stimuli at {nodes} nodes take {rdms / 1e6:.0f} MB, beside which too little of the job's "
            "memory is left; give it more (--set-resources rdms:mem_mb=8000), record fewer nodes, or choose "
            "rdm_precision: float32"
        )
    return left


def rdm_of_blocks(
    blocks: Iterable[np.ndarray],
    measure: str,
    memory: float = 1e9,
    dtype: type | str = np.float32,
    where: str = "activations",
) -> np.ndarray:
    """The RDM of n stimuli whose features come in blocks.

    Parameters
    ----------
    blocks : iterable of (n, b) arrays, which can be iterated more than once
        Consecutive blocks of features of the same n stimuli.
    measure : {"correlation", "euclidean", "cosine"}
        As in `repgeom.measures.rdm`.
    memory : float
        Bytes that inner products may take. They are 4 n² in all; where fewer are held, blocks are read several times.
    dtype : type or str
        Of the result: float32 rounds each distance by at most 6e-8 of it.
    where : str
        What the features are, for error messages.

    Returns
    -------
    (n(n-1)/2,)
        The upper triangle, row by row.

    Raises
    ------
    InputError
        A stimulus whose distance to others is undefined; lengths that differ more than 1000-fold, where distances that
        depend on directions would lose digits (coordinates keep them). `NotFiniteError` for a value that is not finite.
    """
    if measure not in MEASURES:
        raise InputError(f"unknown RDM measure {measure!r}; {nearest(measure, MEASURES)}")
    n = len(next(iter(blocks), ()))
    if n < 2:
        raise InputError(f"{where}: {n} stimuli to compare; give at least two")
    rdm = np.empty(n * (n - 1) // 2, dtype)
    for rows in _passes(n, memory):
        sums, panels = _sum(blocks, rows, where)
        lengths = _lengths(sums, measure, where)
        for (start, _), panel in zip(pairwise(rows), panels, strict=True):
            _fill(rdm, start, panel, sums, lengths, measure)
    return rdm


@dataclass
class _Sums:
    """Of each of n stimuli, summed over features.

    Attributes
    ----------
    raw_squares, squares : (n,)
        Its squared length, and that of what is left of it without the mean over stimuli.
    totals : (n,)
        The sum of its features.
    d : int
        Features so far.
    """

    raw_squares: np.ndarray
    squares: np.ndarray
    totals: np.ndarray
    d: int = 0

    def add(self, raw_squares: np.ndarray, centred: np.ndarray, mean: np.ndarray) -> None:
        self.raw_squares += raw_squares
        self.squares += np.einsum("ij,ij->i", centred, centred)
        self.totals += centred.sum(axis=1) + mean.sum()
        self.d += len(mean)


def _passes(n: int, memory: float) -> Iterator[list[int]]:
    """Edges of the panels (rows from one edge to the next, columns from the first of them to the last) of each pass."""
    edges, held = [0], 0
    for start, stop in pairwise([*range(0, n, PANEL_ROWS), n]):
        size = 8 * (stop - start) * (n - start)
        if held and held + size > memory:
            yield edges
            edges, held = [start], 0
        edges.append(stop)
        held += size
    yield edges


def _sum(blocks: Iterable[np.ndarray], rows: Sequence[int], where: str) -> tuple[_Sums, list[np.ndarray]]:
    """Sums of all stimuli, and inner products of those between edges with all from there on."""
    sums, panels = None, []
    for block in blocks:
        if sums is None:
            n = len(block)
            sums = _Sums(*np.zeros((3, n)))
            panels = [np.zeros((stop - start, n - start)) for start, stop in pairwise(rows)]
            width = tile_columns(n)
            room = np.empty((n + 1) * width)
        for start in range(0, block.shape[1], width):
            tile = block[:, start : start + width]
            filled = room[: (n + 1) * tile.shape[1]].reshape(n + 1, -1)
            centred, mean = filled[:-1], filled[-1]
            sums.add(centre_tile(tile, centred, mean, where), centred, mean)
            for (first, last), panel in zip(pairwise(rows), panels, strict=True):
                dgemm(
                    1.0, centred[first:].T, centred[first:last].T, beta=1.0, c=panel.T, trans_a=True, overwrite_c=True
                )
    return sums, panels


def _lengths(sums: _Sums, measure: str, where: str) -> np.ndarray:
    """(n,): lengths of what is compared by direction; nothing that counts for the euclidean distance."""
    if measure == "euclidean":
        return np.ones(len(sums.squares))
    raw = sums.raw_squares
    squares = raw - sums.totals**2 / sums.d if measure == "correlation" else raw
    scale = raw if measure == "correlation" else raw.max()
    undefined = np.flatnonzero(squares <= UNDEFINED_BELOW * scale)
    if len(undefined):
        what = "constant" if measure == "correlation" else "zero"
        raise InputError(
            f"{where}: the pattern of stimulus {undefined[0]} is {what}, its distance to others is undefined; "
            "leave the stimulus out or use the euclidean measure"
        )
    if raw.max() > GRAM_DYNAMIC_RANGE**2 * raw.min():
        raise InputError(
            f"{where}: the longest pattern is more than {GRAM_DYNAMIC_RANGE:.0f} times as long as the shortest, which "
            "inner products are not precise enough for; use rdms_from: coordinates"
        )
    return np.sqrt(squares)


def _fill(rdm: np.ndarray, first: int, panel: np.ndarray, sums: _Sums, lengths: np.ndarray, measure: str) -> None:
    """Write the distances of the stimuli of a panel, the first of which is `first`, to all that come after them."""
    n = len(lengths)
    for start in range(0, len(panel), ROWS_AT_ONCE):
        inner = panel[start : start + ROWS_AT_ONCE]
        rows = np.arange(first + start, first + start + len(inner))
        distances = _distances(inner, rows[:, None], np.arange(first, n), sums, lengths, measure)
        for i, row in zip(rows, distances, strict=True):
            at = i * n - i * (i + 1) // 2
            rdm[at : at + n - i - 1] = row[i + 1 - first :]


def _distances(
    inner: np.ndarray, i: np.ndarray, j: np.ndarray, sums: _Sums, lengths: np.ndarray, measure: str
) -> np.ndarray:
    squared = sums.squares[i] + sums.squares[j] - 2 * inner
    if measure == "euclidean":
        return np.maximum(squared, 0) / sums.d
    if measure == "correlation":
        squared -= (sums.totals[i] - sums.totals[j]) ** 2 / sums.d
    # |u − v|² = (|u| − |v|)² + 2|u||v|(1 − cos): nearly parallel patterns keep the digits that 1 − cos would lose.
    squared -= (lengths[i] - lengths[j]) ** 2
    return np.clip(squared / (2 * lengths[i] * lengths[j]), 0, 2)
