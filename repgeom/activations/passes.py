"""Which nodes are held in which pass over the stimuli, so that all of them fit into memory one after the other."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

import numpy as np

from repgeom.errors import InputError
from repgeom.store.zarr import block_columns, chunk_columns

PASS_SECONDS = 1e-3
"""What a pass takes beside the network's own time, about: of plans that take as long, the fewest passes."""
LITTLE = 256_000_000
"""Bytes: to hold less than so much at once saves nothing."""
SLOWER = 1.01
"""What a plan may take that holds less, relative to the quickest one: memory has to be cleared before it is written."""


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
    kept : int or None
        Bytes that one stimulus takes of all that the network needs to go on from here; None where it cannot.
    weights : int
        Bytes of weights that come into memory until the node is computed.
    selects : str or None
        The node that it selects from, of whose values it is made (see `repgeom.activations.selections`).
    """

    shape: tuple[int, ...]
    dtype: np.dtype
    seconds: float = 0.0
    kept: int | None = None
    weights: int = 0
    selects: str | None = None

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


@dataclass(frozen=True)
class Pass:
    """What is held while the network runs over all stimuli once, up to the node of the last piece.

    Attributes
    ----------
    pieces : tuple of Piece
    goes_on : bool
        The network goes on from where the pass before has stopped; else it begins anew.
    stops : bool
        What the network needs to go on is kept.
    """

    pieces: tuple[Piece, ...]
    goes_on: bool = False
    stops: bool = False

    @property
    def last(self) -> str:
        """The node at which it ends."""
        return self.pieces[-1].node


def chains(found: Mapping[str, Found]) -> dict[str, list[str]]:
    """Each node that is held → the nodes that are made of its values, one after the other, in place."""
    held: dict[str, list[str]] = {}
    beginning: dict[str, str] = {}
    for node, kind in found.items():
        first = beginning[node] = beginning.get(kind.selects, node)
        held.setdefault(first, []).extend([node] if first != node else [])
    return held


def plan_passes(found: Mapping[str, Found], n: int, batch_size: int, budget: int) -> list[Pass]:
    """The passes that take the least time and fit into memory, in execution order.

    Where a pass stops, all that the network needs to go on may be kept of every stimulus, so that the next pass need
    not begin anew. What is kept makes room, stimulus by stimulus, for what the next pass holds. Pieces begin and end
    where blocks do. Of plans that take about as long it is one that holds little: memory that a process has not had
    yet, or has given back, costs time.

    Parameters
    ----------
    found : node → what it computes, in execution order
    n, batch_size : int
        How many stimuli there are, and are shown at once.
    budget : int
        Bytes that a pass may hold and keep for the next one, together.

    Raises
    ------
    InputError
        Not even one block of features fits.
    """
    pieces = [
        Piece(node, start, stop)
        for node in chains(found)
        for start, stop in pairwise(_edges(found[node], n, batch_size))
    ]
    if not pieces:
        return []
    way = _Way.of(pieces, found, n)
    for piece, size, weights in zip(pieces, np.diff(way.held), way.weights[1:], strict=True):
        _check_fits(piece, size, budget - weights, n)
    return way.quickest(budget, way.enough(budget))


def _check_fits(piece: Piece, size: int, left: int, n: int) -> None:
    if size > left:
        raise InputError(
            f"{size / 1e6:.0f} MB are needed to hold some features of {n} stimuli at node {piece.node!r}, and "
            f"{max(left, 0) / 1e6:.0f} MB are left of the job's memory; give it more "
            "(--set-resources coordinates:mem_mb=8000) or show it fewer stimuli"
        )


@dataclass(frozen=True)
class _Way:
    """The way through a network, in pieces, with P + 1 places between them at which a pass may stop.

    Attributes
    ----------
    pieces : list of P Piece
    held : (P + 1,)
        Bytes of all pieces before a place.
    kept : (P + 1,)
        Bytes that are kept there; infinite where the network cannot stop.
    weights : (P + 1,)
        Bytes of weights that have come into memory until there.
    seconds : (P + 1,)
        That it runs until there.
    """

    pieces: list[Piece]
    held: np.ndarray
    kept: np.ndarray
    weights: np.ndarray
    seconds: np.ndarray

    @classmethod
    def of(cls, pieces: list[Piece], found: Mapping[str, Found], n: int) -> "_Way":
        kinds = [found[piece.node] for piece in pieces]
        sizes = [n * (p.stop - p.start) * kind.dtype.itemsize for p, kind in zip(pieces, kinds, strict=True)]
        kept = [np.inf, *(np.inf if kind.kept is None else n * kind.kept for kind in kinds)]
        weights = np.array([0, *(kind.weights for kind in kinds)])
        weights[-1] = max(kind.weights for kind in found.values())
        seconds = [0.0, *(n * kind.seconds for kind in kinds)]
        return cls(pieces, np.cumsum([0, *sizes]), np.array(kept), weights, np.maximum.accumulate(seconds))

    def quickest(self, budget: float, most: float) -> list[Pass]:
        """The passes of the least time, of which none takes more than `budget` bytes, or holds more than `most`.

        Any single piece must fit.
        """
        return self._back(self._times(budget, most)[1])

    def enough(self, budget: float) -> float:
        """How many bytes passes need to hold at once for about the least time."""
        most, largest = budget, np.diff(self.held).max()
        limit = SLOWER * self._least_time(budget, most)
        while most / 2 >= max(LITTLE, largest) and self._least_time(budget, most / 2) <= limit:
            most /= 2
        return most

    def _least_time(self, budget: float, most: float) -> float:
        return float(self._times(budget, most)[0][-1].min())

    def _times(self, budget: float, most: float) -> tuple[np.ndarray, np.ndarray]:
        """(P + 1, 2): the least time to a place, where the pass before does not, or does stop; and where it began."""
        places = len(self.held)
        seconds, before = np.full((places, 2), np.inf), np.zeros((places, 2, 2), dtype=int)
        seconds[0, 0] = 0.0
        for i in range(places - 1):
            furthest = int(np.searchsorted(self.held, self.held[i] + most, side="right"))
            ends = np.arange(i + 1, min(furthest, places))
            taken = self.held[ends] - self.held[i] + self.weights[ends]
            for goes_on in (0, 1):
                start = self.seconds[i] if goes_on else 0.0
                reached = seconds[i, goes_on] + self.seconds[ends] - start + PASS_SECONDS
                for stops_there in (0, 1):
                    fits = taken + (self.kept[ends] if stops_there else 0) <= budget
                    better = fits & (reached < seconds[ends, stops_there])
                    seconds[ends[better], stops_there] = reached[better]
                    before[ends[better], stops_there] = (i, goes_on)
        return seconds, before

    def _back(self, before: np.ndarray) -> list[Pass]:
        passes, at, stops = [], len(self.held) - 1, 0
        while at:
            start, goes_on = before[at, stops]
            passes.append(Pass(tuple(_joined(self.pieces[start:at])), bool(goes_on), bool(stops)))
            at, stops = start, goes_on
        return passes[::-1]


def describe_passes(passes: Sequence[Pass], found: Mapping[str, Found], n: int) -> str:
    """In words: how many there are, and what the largest holds."""
    most = max((held_bytes(one, found, n) for one in passes), default=0)
    count = "one pass" if len(passes) == 1 else f"{len(passes)} passes"
    said = f"{len(found)} nodes of {n} stimuli in {count}, which hold at most {most / 1e6:.0f} MB"
    if kept := [kept_bytes(one, found, n) for one in passes if one.stops]:
        said += f"; {len(kept)} of them go on where the one before has stopped, from at most {max(kept) / 1e6:.0f} MB"
    return said


def held_bytes(one: Pass, found: Mapping[str, Found], n: int) -> int:
    """What a pass holds."""
    return sum(n * (piece.stop - piece.start) * found[piece.node].dtype.itemsize for piece in one.pieces)


def kept_bytes(one: Pass, found: Mapping[str, Found], n: int) -> int:
    """What is kept for the pass after it."""
    return n * found[one.last].kept if one.stops else 0


def seconds_of_passes(passes: Sequence[Pass], found: Mapping[str, Found], n: int) -> float:
    """How long the network runs over all passes, each until the last node that it holds."""
    return n * sum(found[one.last].seconds * (1 - one.stops) for one in passes)


def _edges(kind: Found, n: int, batch_size: int) -> list[int]:
    return [*range(0, kind.n_features, kind.block(n, batch_size)), kind.n_features]


def _joined(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """One piece of each node."""
    for node, parts in groupby(pieces, key=lambda piece: piece.node):
        first, *others = parts
        yield Piece(node, first.start, [first, *others][-1].stop)
