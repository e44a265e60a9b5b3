"""Metamers: images made so that a node of a network responds to them as to given originals.

After Feather, Durango, Gonzalez & McDermott 2019. All originals and starts are synthesised as one batch.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from repgeom.activations.recorder import CallRecorder, GraphRecorder, recorder_for
from repgeom.errors import InputError, nearest
from repgeom.models.architectures import PixelModel


@dataclass(frozen=True)
class Synthesis:
    """Metamers of n images.

    Attributes
    ----------
    best : (n, c, h, w)
        The image with the lowest loss of each run. Its pixels may leave [0, 1]: an image that is clipped
        afterwards no longer responds as the original.
    loss : (steps + 1, n)
        Mean squared difference of the node's activations, before every step and at the end.
    snapshots : dict of (n, c, h, w)
        Step → images.
    """

    best: Tensor
    loss: Tensor
    snapshots: dict[int, Tensor]


def synthesise(
    model: PixelModel,
    node: str,
    originals: Tensor,
    steps: int,
    learning_rate: float,
    seed: int,
    snapshots: Collection[int] = (),
    on_step: Callable[[int], None] = lambda _: None,
) -> Synthesis:
    """Synthesise metamers by Adam on the pixels, from uniform noise. Pixels are free, as in the source.

    Parameters
    ----------
    model : PixelModel
        In evaluation mode.
    node : str
        Any node of its network.
    originals : (n, c, h, w) in [0, 1]
    steps : int
    learning_rate : float
        Of Adam, in pixel units.
    seed : int
        Of the noise, U(0, 1); image i starts from the same noise whatever the batch.
    snapshots : ints
        Steps at which the images are kept.
    on_step : callable
        Told of every step.

    Raises
    ------
    InputError
        The network has no such node.
    """
    respond = node_function(model, node, originals[:1])
    with torch.no_grad():
        target = respond(originals)
    pixels = noise(originals.shape, seed).to(originals.device).requires_grad_(True)
    optimiser = torch.optim.Adam([pixels], lr=learning_rate)
    best, lowest = pixels.detach().clone(), torch.full((len(originals),), torch.inf, device=originals.device)
    losses, kept = [], {}
    for step in range(steps + 1):
        loss = (respond(pixels) - target).flatten(1).square().mean(dim=1)
        losses.append(loss.detach())
        better = loss.detach() < lowest
        best[better], lowest = pixels.detach()[better], torch.minimum(lowest, loss.detach())
        if step in snapshots:
            kept[step] = pixels.detach().clone()
        if step < steps:
            (pixels.grad,) = torch.autograd.grad(loss.sum(), pixels)
            optimiser.step()
            on_step(step)
    return Synthesis(best, torch.stack(losses), kept)


def node_response(model: PixelModel, node: str, images: Tensor) -> Tensor:
    """What a node of the network computes for images, with gradients; raises `InputError` if there is none."""
    return node_function(model, node, images[:1])(images)


def node_function(model: PixelModel, node: str, example: Tensor) -> Callable[[Tensor], Tensor]:
    """What a node of a network computes, as a function of images; `example` (n, c, h, w) shows their shape."""
    recorder = _recorder(model, example)
    names = [n.name for n in recorder.nodes]
    if node not in names:
        raise InputError(f"no node {node!r} in the network; {nearest(node, names)}")

    def respond(images: Tensor) -> Tensor:
        found: list[Tensor] = []
        recorder.record(model.normalise(images), lambda n, value: found.append(value) if n.name == node else None)
        return found[0]

    return respond


def nodes_of(model: PixelModel, example: Tensor) -> list[str]:
    """The nodes of a network in execution order; `example` (n, c, h, w) shows the shape of its images."""
    return [node.name for node in _recorder(model, example).nodes]


def noise(shape: Sequence[int], seed: int) -> Tensor:
    """Uniform noise (n, c, h, w); row i depends on seed and i alone."""
    rows = [torch.rand(shape[1:], generator=torch.Generator().manual_seed(seed * 100_003 + i)) for i in range(shape[0])]
    return torch.stack(rows)


def _recorder(model: PixelModel, example: Tensor) -> GraphRecorder | CallRecorder:
    with torch.no_grad():
        return recorder_for(model.network, model.normalise(example), warn=lambda _: None)
