"""Which nodes are held in which pass over the stimuli, so that all of them fit into memory one after the other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from repgeom.errors import InputError
from repgeom.store.zarr import block_columns, chunk_columns


@dataclass(frozen=True)
class Found:
    """What a node turned out to compute.

    Attributes
    ----------
    shape : tuple of int
        Of one stimulus.
    dtype : numpy.dtype
    seconds : float
        From the beginning of the network until the node is computed, per stimulus.
    """

    shape: tuple[int, ...]
    dtype: np.dtype
    seconds: float = 0.0

    @property
    def n_features(self) -> int:
        """How many values it has for one stimulus."""
        return int(np.prod(self.shape))

    @property
    def bytes(self) -> int:
        """What one stimulus takes."""
        return self.n_features * self.dtype.itemsize

    def block(self, n: int, batch_size: int) -> int:
        """Features that are reduced at once for n stimuli: as when they come from an activations file."""
        return block_columns(n, self.dtype.itemsize, chunk_columns((n, self.n_features), batch_size))


@dataclass(frozen=True)
class Piece:
    """Features `start` … `stop` of a node, of all stimuli."""

    node: str
    start: int
    stop: int


Pass = list[Piece]
"""What is held while the network runs over all stimuli once; it ends at the node of the last piece."""


def plan_passes(found: Mapping[str, Found], n: int, batch_size: int, budget: int) -> list[Pass]:
    """Fill one pass after the other with what fits, in execution order.

    Whatever the order, k passes hold at most k budgets, so that none of them can end earlier than it does here. Pieces
    begin and end where blocks do.

    Parameters
    ----------
    found : node → what it computes, in execution order
    n, batch_size : int
        How many stimuli there are, and are shown at once.
    budget : int
        Bytes that a pass may hold.

    Raises
    ------
    InputError
        Not even one block of features fits.
    """
    passes, left = [[]], budget
    for node, kind in found.items():
        for start, stop in pairwise(_edges(kind, n, batch_size)):
            size = n * (stop - start) * kind.dtype.itemsize
            if size > budget:
                raise InputError(
                    f"{size / 1e6:.0f} MB are needed to hold some features of {n} stimuli at node {node!r}, and "
                    f"{max(budget, 0) / 1e6:.0f} MB are left of the job's memory; give it more "
                    "(--set-resources coordinates:mem_mb=8000) or show it fewer stimuli"
                )
            if size > left:
                passes.append([])
                left = budget
            left -= size
            _extend(passes[-1], Piece(node, start, stop))
    return [pieces for pieces in passes if pieces]


def describe_passes(passes: Sequence[Pass], found: Mapping[str, Found], n: int) -> str:
    """In words: how many there are, and what the largest holds."""
    sizes = [held_bytes(pieces, found, n) for pieces in passes]
    count = "one pass" if len(passes) == 1 else f"{len(passes)} passes"
    return f"{len(found)} nodes of {n} stimuli in {count}, which hold at most {max(sizes, default=0) / 1e6:.0f} MB"


def held_bytes(pieces: Pass, found: Mapping[str, Found], n: int) -> int:
    """What a pass holds."""
    return sum(n * (piece.stop - piece.start) * found[piece.node].dtype.itemsize for piece in pieces)


def seconds_of_passes(passes: Sequence[Pass], found: Mapping[str, Found], n: int) -> float:
    """How long the network runs over all passes."""
    return n * sum(found[pieces[-1].node].seconds for pieces in passes)


def _edges(kind: Found, n: int, batch_size: int) -> list[int]:
    return [*range(0, kind.n_features, kind.block(n, batch_size)), kind.n_features]


def _extend(pieces: Pass, piece: Piece) -> None:
    if pieces and pieces[-1].node == piece.node:
        piece = Piece(piece.node, pieces.pop().start, piece.stop)
    pieces.append(piece)
