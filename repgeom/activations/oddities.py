"""Which nodes of a network cannot be recorded, found by showing it batches of different size."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from repgeom.activations.recorder import Node, is_one_by_one

LOOKED_AT = 1000
"""So many values of each image are compared between batches."""
STEADY = 1e-2
"""Mean difference between batches, in units of the mean magnitude, that rounding stays below."""


@dataclass(frozen=True)
class _Look:
    """What a node computed: its shape, what kind of values is not allowed, and some of them (n, ≤ LOOKED_AT)."""

    shape: tuple[int, ...]
    fault: str
    some: Tensor


@torch.inference_mode()
def odd_nodes(recorder, images: Tensor, warn: Callable[[str], None] = lambda _: None) -> dict[str, str]:
    """Nodes whose values do not begin with the stimuli, are complex or not finite.

    Parameters
    ----------
    recorder
        From `recorder_for`.
    images : (n, c, h, w)
        What the network is given; the first three are run, and the first two of these by themselves; repeated where
        there are fewer.
    warn : callable
        Is told where the values of an image change with the images beside it, or from run to run.

    Returns
    -------
    dict
        Node → why it cannot be recorded: relative position tables, hidden states with layers first, time-first
        layouts, scalars, Fourier transforms, masks of -inf.
    """
    images = torch.cat([images] * 3)[:3]
    counts = (1,) if is_one_by_one(recorder) else (3, 2)
    looks = {count: _look(recorder, images[:count]) for count in counts}
    names = dict.fromkeys(name for look in looks.values() for name in look)
    found = {name: _oddity({n: look[name] for n, look in looks.items() if name in look}) for name in names}
    everywhere = [name for name, why in found.items() if not why and all(name in look for look in looks.values())]
    if unsteady := [name for name in everywhere if _changes([look[name] for look in looks.values()])]:
        others = f" and {len(unsteady) - 1} nodes after it" if len(unsteady) > 1 else ""
        warn(f"values of {unsteady[0]!r}{others} depend on which images are shown together, or on chance")
    return {name: why for name, why in found.items() if why}


def _look(recorder, images: Tensor) -> dict[str, _Look]:
    looks: dict[str, _Look] = {}

    def note(node: Node, value: Tensor) -> None:
        rows = value.reshape(len(value), -1) if value.ndim and value.numel() else value.reshape(1, -1)
        step = max(1, rows.shape[1] // LOOKED_AT)
        some = rows[:, ::step].detach().clone()
        looks[node.name] = _Look(tuple(value.shape), _fault(value), some)

    recorder.record(images, note)
    return looks


def _fault(value: Tensor) -> str:
    if not value.numel():
        return "it is empty"
    if value.is_complex():
        return "its values are complex numbers"
    if value.is_floating_point() and not torch.isfinite(value).all():
        return "it holds values that are not finite"
    return ""


def _oddity(looks: Mapping[int, _Look]) -> str:
    shapes = {count: look.shape for count, look in looks.items()}
    if any(not shape or shape[0] != count for count, shape in shapes.items()):
        return f"its shape {list(next(iter(shapes.values())))} does not begin with the stimuli"
    if len({shape[1:] for shape in shapes.values()}) > 1:
        return f"its shape depends on the number of stimuli, {[list(s) for s in shapes.values()]}"
    return next((look.fault for look in looks.values() if look.fault), "")


def _changes(looks: list[_Look]) -> bool:
    """Whether what an image gives differs between batches."""
    first, *others = (look.some[:2].double() for look in looks)
    return any((first - other).abs().mean() > STEADY * first.abs().mean() for other in others)
