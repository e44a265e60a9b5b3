"""What the nodes of a network compute: shapes, types and times, found before any of it is kept."""

import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor

from repgeom.activations.batches import to_array
from repgeom.activations.passes import Found
from repgeom.activations.recorder import GraphRecorder, begin_run, is_one_by_one
from repgeom.activations.runs import GraphRun, Node, Run
from repgeom.activations.stimuli import Showing
from repgeom.errors import InputError
from repgeom.models.nodes import chosen_nodes

LOOKED_AT = 3
"""Stimuli that tell the shapes, where all of them go the same way."""


@dataclass
class Survey:
    """What was found.

    Attributes
    ----------
    nodes, found : dict
        Node → itself, and what it computes; in execution order, only those that are wanted and can be reduced.
    left_out : dict
        Node → why it cannot.
    largest : int
        Bytes per stimulus of the largest node, wanted or not.
    whole : float
        Seconds that the network takes from its beginning to its end, per stimulus.
    """

    nodes: dict[str, Node] = field(default_factory=dict)
    found: dict[str, Found] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    largest: int = 0
    whole: float = 0.0

    def leave_out(self, name: str, why: str) -> None:
        """Note that a node cannot be reduced."""
        self.left_out[name] = why
        self.nodes.pop(name, None)
        self.found.pop(name, None)

    def note_weights(self, recorder, absent: Mapping[str, int]) -> None:
        """Note when weights come into memory that are not there: at the first node that reads them.

        Parameters
        ----------
        recorder
            Of one that does not know who reads what, all of them come at the first node.
        absent : name of a parameter → bytes
        """
        knows = isinstance(recorder, GraphRecorder)
        first_read = recorder.weights if knows else {recorder.nodes[0].name: list(absent)}
        until, total = {}, 0
        for node in recorder.nodes:
            total += sum(absent.get(name, 0) for name in first_read.get(node.name, ()))
            until[node.name] = total
        until[next(reversed(self.found))] = total  # in the last pass the network runs to its end
        for name, kind in self.found.items():
            self.found[name] = replace(kind, weights=until.get(name, total))


@torch.no_grad()
def take_survey(shown: Showing, wanted: list[str] | None) -> Survey:
    """Look at a few stimuli; at all of them where each goes its own way through the network.

    Raises
    ------
    InputError
        A wanted node does not exist, or none is computed for all stimuli.
    """
    names = [node.name for node in shown.recorder.nodes]
    kept = set(chosen_nodes(wanted, names, "the network")) if wanted else None
    survey, counts, looked_at = Survey(), Counter(), 0
    for batch in _looked_at(shown):
        looked_at += len(batch)
        run, start = begin_run(shown.recorder, batch), time.perf_counter()

        def note(node: Node, value: Tensor, run: Run = run, start: float = start, size: int = len(batch)) -> None:
            if node.name not in shown.odd:
                found = _found(value, (time.perf_counter() - start) / size, _kept(shown, run, value, size))
                survey.largest = max(survey.largest, found.bytes)
                if kept is None or node.name in kept:
                    counts[node.name] += len(value)
                    _note(survey, node, found)

        run.to(None, note)
        survey.whole = max(survey.whole, (time.perf_counter() - start) / len(batch))
    for name, count in counts.items():
        if count != looked_at and name not in survey.left_out:
            survey.leave_out(name, not_for_all(count, looked_at))
    _note_selections(survey, shown.recorder)
    if not survey.found:
        raise InputError(f"no node was recorded for all {shown.n} stimuli: {survey.left_out or 'there are none'}")
    return survey


def _note_selections(survey: Survey, recorder) -> None:
    """Which nodes are made of what others hold."""
    selections = recorder.selections if isinstance(recorder, GraphRecorder) else {}
    for name, selection in selections.items():
        kind, given = survey.found.get(name), survey.found.get(selection.of)
        if kind and given and (kind.shape, kind.dtype) == (given.shape, given.dtype):
            survey.found[name] = replace(kind, selects=selection.of)


def not_for_all(count: int, n: int) -> str:
    """Why a node is left out that was not computed for every stimulus."""
    return f"computed for {count} of {n} stimuli"


def other_shape(known: tuple[int, ...], other: tuple[int, ...]) -> str:
    """Why a node is left out whose shape changes."""
    return f"its shape is {list(known)} for some stimuli and {list(other)} for others"


def _looked_at(shown: Showing) -> Iterator[Tensor]:
    if is_one_by_one(shown.recorder):
        yield from shown.batches(1)
    else:
        yield next(shown.batches(min(LOOKED_AT, shown.n)))


def _found(value: Tensor, seconds: float, kept: int | None) -> Found:
    return Found(tuple(value.shape[1:]), to_array(value[:0]).dtype, seconds, kept)


def _kept(shown: Showing, run: Run, value: Tensor, size: int) -> int | None:
    """Bytes per stimulus that a run keeps which stops here; None where it cannot, or keeps them on another device."""
    if not isinstance(run, GraphRun) or is_one_by_one(shown.recorder) or value.device.type != "cpu":
        return None
    return -(-run.kept_bytes // size)


def _note(survey: Survey, node: Node, found: Found) -> None:
    if node.name in survey.left_out:
        return
    known = survey.found.setdefault(node.name, found)
    survey.nodes.setdefault(node.name, node)
    if known.shape != found.shape:
        survey.leave_out(node.name, other_shape(known.shape, found.shape))
