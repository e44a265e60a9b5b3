"""From a network and a stimulus set straight to coordinates, with no activations file in between.

The network runs over the stimuli in as many passes as memory asks for. Each holds some nodes, or some features of a
node, of all stimuli; reduces them; and ends at the last node that it holds. The next one goes on from there where what
the network needs for that could be kept, and else begins anew.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from repgeom.activations.batches import to_array
from repgeom.activations.memory import (
    Room,
    Shares,
    give_back_freed,
    give_back_libraries,
    give_back_weights,
    resident_bytes,
    share_out,
)
from repgeom.activations.passes import (
    Found,
    Pass,
    Piece,
    chains,
    describe_passes,
    held_bytes,
    kept_bytes,
    plan_passes,
    seconds_of_passes,
)
from repgeom.activations.recorder import begin_run
from repgeom.activations.runs import Node, Run
from repgeom.activations.selections import InPlace
from repgeom.activations.stimuli import Answers, Showing, Warn, described, show
from repgeom.activations.survey import Survey, not_for_all, other_shape, take_survey
from repgeom.coordinates.projection import Projection, stated
from repgeom.coordinates.reduction import (
    Frame,
    NotFiniteError,
    Reduction,
    load_compiled,
    reduce_activations,
    seconds_per_feature,
)
from repgeom.models.architectures import PixelModel
from repgeom.models.outputs import first_tensor
from repgeom.store.activations import warn_of_left_out
from repgeom.store.coordinates import CoordinateWriter, coordinate_writer
from repgeom.store.projected import PROJECTION
from repgeom.store.provenance import NOTEBOOK, Provenance
from repgeom.store.stimuli import StimulusSet

EIGENDECOMPOSITION = 10
"""How many n × n × n products it takes as long as."""


def record_coordinates(
    path: str | Path,
    model: PixelModel,
    stimuli: StimulusSet,
    attributes: dict,
    batch_size: int,
    memory_mb: float,
    nodes: list[str] | None = None,
    projection: Projection | None = None,
    provenance: Provenance = NOTEBOOK,
    warn: Warn = print,
    tell: Warn = print,
    track: Callable[[list[Pass]], Iterable[Pass]] = iter,
) -> None:
    """Show the stimuli to the network and write the coordinates of what its nodes compute to `path`.

    They equal those that `reduce_activations` makes of an activations file, to the last bit where as many stimuli are
    shown at once: the same blocks of features are summed in the same order.

    Parameters
    ----------
    path, model, stimuli, attributes, batch_size, nodes, provenance, warn
        As of `record_stimuli`. Fewer stimuli are shown at once where a batch would take too much of the memory.
    memory_mb : float
        What this process may take in all. It decides how many passes there are, and no number.
    projection : Projection, optional
        Of nodes with more features than it has dimensions.
    tell : callable
        Is told the plan: how many passes, and how long they will take.
    track : callable
        Yields the passes, and so can tell how far the work is.

    Raises
    ------
    InputError
        The memory does not suffice for a single block of features, no node is left, or a value is not finite.
    """
    shown = show(model, stimuli, batch_size, warn)
    load_compiled()  # before memory is shared out, of which it takes its part
    give_back_libraries()
    survey = take_survey(shown, nodes)
    survey.note_weights(shown.recorder, give_back_weights(model.network))
    shares, passes = share_out_and_plan(survey, shown.n, shown.batch_size, memory_mb * 1e6, projection)
    work = _Work(shown, survey, shares, passes, projection)
    tell(plan_in_words(passes, survey, shown.n, shares.batch, projection))
    table = {name: described(survey.nodes[name]) | {"shape": list(f.shape)} for name, f in survey.found.items()}
    attributes = attributes | {PROJECTION: stated(projection, shown.n)}
    with coordinate_writer(path, shown.info, table, attributes, provenance) as writer:
        for one in track(passes):
            work.run(one, writer, is_last=one is passes[-1])
        for one in work.second_passes():
            work.run(one, writer)
        work.check(writer)
        writer.describe(work.answers.descriptors(warn, shares.batch))
    warn_of_left_out(shown.odd | survey.left_out, warn)


def share_out_and_plan(
    survey: Survey, n: int, batch_size: int, memory: float, projection: Projection | None = None
) -> tuple[Shares, list[Pass]]:
    """How a process that may take so many bytes uses them, and its passes over n stimuli.

    Raises
    ------
    InputError
        Not even one block of features fits.
    """
    shares = share_out(memory, survey.largest, n, batch_size, projection.dimensions if projection else n)
    return shares, plan_passes(survey.found, n, batch_size, shares.held)


def plan_in_words(passes: list[Pass], survey: Survey, n: int, batch: int, projection: Projection | None = None) -> str:
    """How many passes over n stimuli there are, what they hold and keep, and how long they take."""
    found, decomposed = survey.found, 0 if projection else EIGENDECOMPOSITION * n
    per_feature = seconds_per_feature(n, projection and projection.frame("measured"))
    reduced = per_feature * sum(kind.n_features + decomposed for kind in found.values())
    to_the_end = n * (survey.whole - found[passes[-1].last].seconds)  # for the answers
    minutes = (seconds_of_passes(passes, found, n) + to_the_end + reduced) / 60
    return f"{describe_passes(passes, found, n)}, {batch} stimuli at once; about {minutes:.1f} min"


@dataclass
class _Held:
    """Features of one node, of the stimuli that were shown so far."""

    piece: Piece
    shape: tuple[int, ...]
    values: np.ndarray
    made_of_it: list[str]
    filled: int = 0
    fault: str = ""

    def take(self, value: Tensor) -> None:
        if tuple(value.shape[1:]) != self.shape:
            self.fault = other_shape(self.shape, tuple(value.shape[1:]))
            return
        rows = value.reshape(len(value), -1)[:, self.piece.start : self.piece.stop]
        self.values[self.filled : self.filled + len(rows)] = to_array(rows)
        self.filled += len(rows)

    def becomes(self, apply: InPlace) -> None:
        """Make another node's values of these."""
        apply(torch.from_numpy(self.values))

    def blocks(self, width: int) -> list[np.ndarray]:
        return [self.values[:, start : start + width] for start in range(0, self.values.shape[1], width)]


class _Work:
    """What is under way between one pass and the next."""

    def __init__(
        self, shown: Showing, survey: Survey, shares: Shares, passes: list[Pass], projection: Projection | None
    ):
        self._shown, self._survey, self._shares, self._projection = shown, survey, shares, projection
        self._planned = dict(survey.found)
        self._make_room(passes, self._planned)
        self._begun: dict[str, Reduction] = {}
        self._imprecise: dict[str, Found] = {}
        self._stopped: deque[Run] = deque()
        self.answers = Answers(shown)

    def run(self, one: Pass, writer: CoordinateWriter, is_last: bool = False) -> None:
        """Run the network over all stimuli and reduce what the pass holds."""
        held = {found.piece.node: found for found in self._places(one)}
        self._show(held, one, is_last)
        for found in held.values():
            self._reduce(found.piece, found, writer)
            for node in found.made_of_it:
                found.becomes(self._shown.recorder.selections[node].apply)
                self._reduce(replace(found.piece, node=node), found, writer)

    def second_passes(self) -> list[Pass]:
        """For nodes too large to be held at once, with stimuli whose lengths differ too much for a Gram matrix."""
        left = {name: kind for name, kind in self._imprecise.items() if name in self._survey.found}
        passes = plan_passes(left, self._shown.n, self._shown.batch_size, self._shares.held)
        self._make_room(passes, left)
        return passes

    def check(self, writer: CoordinateWriter) -> None:
        """Leave out what turned out not to be computed for all stimuli alike."""
        for node in self._planned.keys() - self._survey.found.keys():
            writer.leave_out(node, self._survey.left_out[node])

    def _make_room(self, passes: list[Pass], found: Mapping[str, Found]) -> None:
        """Memory for all passes, mapped once: what is freed piece by piece and taken again would leave holes."""
        size = max((held_bytes(one, self._planned, self._shown.n) + 64 * len(one.pieces) for one in passes), default=1)
        self._room, self._chains, self._kept = Room(size), chains(found), 0

    def _places(self, one: Pass) -> Iterator[_Held]:
        """Where to hold what a pass holds; what the one before has kept is still there, and goes as this fills up."""
        before, self._kept = self._kept, kept_bytes(one, self._planned, self._shown.n)
        self._room.give_back_beyond(self._shares.held - max(before, self._kept) - self._planned[one.last].weights)
        start = 0
        for piece in one.pieces:
            kind, width = self._planned[piece.node], piece.stop - piece.start
            size = self._shown.n * width * kind.dtype.itemsize
            values = self._room.bytes[start : start + size].view(kind.dtype).reshape(self._shown.n, width)
            yield _Held(piece, kind.shape, values, self._chains[piece.node])
            start += -(-size // 64) * 64

    @torch.no_grad()
    def _show(self, held: dict[str, _Held], one: Pass, to_the_end: bool) -> None:
        def emit(node: Node, value: Tensor) -> None:
            if node.name in held:
                held[node.name].take(value)

        stopped: deque[Run] = deque()
        for run in self._runs(one):
            answer = run.to(None if to_the_end else one.last, emit)
            if to_the_end:
                self.answers.note(first_tensor(answer))
            if one.stops:
                stopped.append(run)
            if resident_bytes() > self._shares.ceiling:
                give_back_freed()
        self._stopped = stopped

    def _runs(self, one: Pass) -> Iterator[Run]:
        """Of every batch: those that have stopped, each of which is let go here, or new ones."""
        if not one.goes_on:
            yield from (begin_run(self._shown.recorder, batch) for batch in self._shown.batches(self._shares.batch))
        while self._stopped:
            yield self._stopped.popleft()

    def _reduce(self, piece: Piece, held: _Held, writer: CoordinateWriter) -> None:
        node, n = piece.node, self._shown.n
        if node not in self._survey.found:
            return
        if held.fault or held.filled != n:
            self._survey.leave_out(node, held.fault or not_for_all(held.filled, n))
            return
        kind = self._planned[node]
        blocks = held.blocks(kind.block(n, self._shown.batch_size))
        try:
            if (piece.start, piece.stop) == (0, kind.n_features):
                writer.add(node, reduce_activations(blocks, f"node {node!r}", self._frame(node)))
            else:
                self._reduce_part(piece, kind, blocks, writer)
        except NotFiniteError as error:
            self._survey.leave_out(node, str(error))

    def _reduce_part(self, piece: Piece, kind: Found, blocks: list[np.ndarray], writer: CoordinateWriter) -> None:
        """Go on with a node that is held part by part."""
        node = piece.node
        fresh = Reduction(f"node {node!r}", precise=node in self._imprecise, frame=self._frame(node))
        reduction = self._begun.pop(node, fresh)
        for block in blocks:
            reduction.add(block)
        if piece.stop < kind.n_features:
            self._begun[node] = reduction
        elif reduction.is_imprecise():
            self._imprecise[node] = kind
        else:
            writer.add(node, reduction.coordinates())

    def _frame(self, node: str) -> Frame | None:
        return self._projection.frame(f"node {node!r}") if self._projection else None
