"""Which nodes of a network cannot be recorded, found by showing it batches of different size."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from repgeom.activations.recorder import is_one_by_one, recorder_for, remembers
from repgeom.activations.runs import Emit, Node

LOOKED_AT = 1000
"""So many values of each image are compared between batches."""
STEADY = 1e-3
"""Mean difference between batches, in units of the mean magnitude, that rounding stays below."""
STEADY_IN_HALF = 1e-2
"""The same, once a node has computed in half precision."""
HALF = (torch.float16, torch.bfloat16)


@dataclass(frozen=True)
class _Look:
    """What a node computed: its shape, what kind of values is not allowed, and some of them (n, ≤ LOOKED_AT)."""

    shape: tuple[int, ...]
    fault: str
    some: Tensor


class Looks(dict[str, _Look]):
    """What the nodes compute of one batch, node by node."""

    def watch(self) -> Emit:
        """Begin anew; returns what is to be told of each node."""
        self.clear()
        return self.note

    def note(self, node: Node, value: Tensor) -> None:
        """Look at what a node has computed."""
        rows = value.reshape(len(value), -1) if value.ndim and value.numel() else value.reshape(1, -1)
        some = rows[:, :: max(1, rows.shape[1] // LOOKED_AT)].detach().clone()
        self[node.name] = _Look(tuple(value.shape), _fault(value), some)


def look_at(network: nn.Module, images: Tensor, warn: Callable[[str], None] = lambda _: None):
    """How a network can be recorded, and what of it cannot: see `recorder_for` and `odd_nodes`.

    Where torch.fx can trace it, the network runs twice by itself on two images, once on three, traced on these, and
    traced on two.

    Parameters
    ----------
    network
    images : (n, c, h, w)
        What the network is given; the first and the last are looked at, and the first once more, half as bright.
    warn : callable
        Is told what else is worth knowing.

    Returns
    -------
    recorder, odd
    """
    images, seen = _three_of(images), Looks()
    if remembers(network, images[:2]):
        warn(
            "the network answers otherwise when it is shown the same images again: it remembers what it saw before, so "
            "that its activations depend on the order of the images; let forward begin anew"
        )
    recorder = recorder_for(network, images, warn, seen.watch)
    return recorder, _odd_nodes(recorder, images, warn, seen)


def odd_nodes(recorder, images: Tensor, warn: Callable[[str], None] = lambda _: None) -> dict[str, str]:
    """Nodes whose values do not begin with the stimuli, are complex or not finite.

    Parameters
    ----------
    recorder
        From `recorder_for`.
    images : (n, c, h, w)
        What the network is given; the first and the last are run with the first at half its brightness, and that one
        twice by itself.
    warn : callable
        Is told where the values of an image change with the images beside it, or from run to run.

    Returns
    -------
    dict
        Node → why it cannot be recorded: relative position tables, hidden states with layers first, time-first
        layouts, scalars, Fourier transforms, masks of -inf.
    """
    return _odd_nodes(recorder, _three_of(images), warn, Looks())


@torch.no_grad()
def _odd_nodes(recorder, images: Tensor, warn: Callable[[str], None], seen: Looks) -> dict[str, str]:
    """As `odd_nodes`, of three images of which `seen` may hold what the nodes compute."""
    counts = (1,) if is_one_by_one(recorder) else (3, 2)
    looks = {n: seen if seen and n == len(images) else _look(recorder, images[-1:].repeat(n, 1, 1, 1)) for n in counts}
    names = dict.fromkeys(name for look in looks.values() for name in look)
    found = {name: _oddity({n: look.get(name) for n, look in looks.items()}) for name in names}
    even = [name for name, why in found.items() if not why]
    if unsteady := list(_unsteady(even, list(looks.values()))):
        others = f" and {len(unsteady) - 1} nodes after it" if len(unsteady) > 1 else ""
        warn(f"values of {unsteady[0]!r}{others} depend on which images are shown together, or on chance")
    return {name: why for name, why in found.items() if why}


def _three_of(images: Tensor) -> Tensor:
    """The first, the last and a darker one, whose largest value is not that of the others."""
    return torch.cat([images[:1], images[-1:], images[:1] / 2])


def _look(recorder, images: Tensor) -> Looks:
    looks = Looks()
    recorder.record(images.clone(), looks.note)  # which the network may change
    return looks


def _fault(value: Tensor) -> str:
    if not value.numel():
        return "it is empty"
    if value.is_complex():
        return "its values are complex numbers"
    if value.is_floating_point() and not _is_finite(value):
        return "it holds values that are not finite"
    return ""


def _is_finite(value: Tensor) -> bool:
    """Whether all values are; a sum that is finite says so sooner, and one that is not may only be too large."""
    return bool(torch.isfinite(value.sum()) or torch.isfinite(value).all())


def _oddity(looks: Mapping[int, _Look | None]) -> str:
    if None in looks.values():
        return "it is computed for some numbers of stimuli only"
    shapes = {count: look.shape for count, look in looks.items()}
    if any(not shape or shape[0] != count for count, shape in shapes.items()):
        return f"its shape {list(next(iter(shapes.values())))} does not begin with the stimuli"
    if len({shape[1:] for shape in shapes.values()}) > 1:
        return f"its shape depends on the number of stimuli, {[list(s) for s in shapes.values()]}"
    return next((look.fault for look in looks.values() if look.fault), "")


def _unsteady(names: list[str], looks: list[Looks]) -> Iterator[str]:
    """Nodes, in execution order, of which what an image gives differs between batches by more than rounding."""
    steady = STEADY
    for name in names:
        first, *others = (look[name].some[-1] for look in looks)
        steady = STEADY_IN_HALF if first.dtype in HALF else steady
        first = first.double()
        if any((first - other.double()).abs().mean() > steady * first.abs().mean() for other in others):
            yield name
