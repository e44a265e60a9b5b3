"""What a network does with two images, whatever it is for."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import torch
from torch import nn

from repgeom.activations.oddities import look_at
from repgeom.activations.recorder import as_it_was, is_one_by_one
from repgeom.activations.runs import Node
from repgeom.errors import InputError, first_line
from repgeom.models.architectures import PixelModel
from repgeom.models.outputs import LOGITS, answer_in, logits_method, named_parts

NO_GRADIENT = "does not require grad"
"""What torch says where it is asked for gradients that it has not kept."""
REPEATS = 8
"""How often two images are shown at once, to see how long a batch takes."""


@dataclass(frozen=True)
class Trial:
    """What a network does with two images of one dataset.

    Attributes
    ----------
    nodes : dict
        Node → shape for one image, in execution order.
    left_out : dict
        Node → why it cannot be recorded.
    notes : list of str
        What is worth knowing, such as how it is recorded.
    seconds : float
        For showing one image.
    outputs : tuple of int
        Shape of its answer to one image.
    """

    nodes: dict[str, tuple[int, ...]]
    left_out: dict[str, str]
    outputs: tuple[int, ...]
    seconds: float
    probabilities: bool
    is_complex: bool = False
    notes: list[str] = field(default_factory=list)


def try_network(model: PixelModel, images: torch.Tensor) -> Trial:
    """Show a network two images (2, c, h, w), node by node."""
    notes: list[str] = []
    model.eval()
    shown = model.normalise(images)
    with as_it_was(model.network), torch.no_grad():
        answer = answer_to(model, images)
        notes += [*_unsaid(model.network, shown), *_unseen(model.network)]
    recorder, odd = look_at(model.network, shown, notes.append)
    with torch.no_grad():
        nodes: dict[str, tuple[int, ...]] = {}

        def note(node: Node, value: torch.Tensor) -> None:
            nodes.setdefault(node.name, tuple(value.shape[1:]))

        for batch in (shown[:1], shown[1:]) if is_one_by_one(recorder) else (shown,):
            recorder.record(batch.clone(), note)
        seconds = _seconds(model, images[:1] if is_one_by_one(recorder) else images.repeat(REPEATS, 1, 1, 1))
    return Trial(
        nodes={name: shape for name, shape in nodes.items() if name not in odd},
        left_out=odd,
        outputs=tuple(answer.shape[1:]),
        seconds=seconds,
        probabilities=_are_probabilities(answer),
        is_complex=answer.is_complex(),
        notes=notes,
    )


def answer_to(model: PixelModel, images: torch.Tensor) -> torch.Tensor:
    """What a network answers to images; its failure, whatever it raises, as an `InputError`."""
    try:
        return model(images)
    except InputError:
        raise
    except Exception as error:  # whatever the user's own network raises
        if NO_GRADIENT in str(error):
            raise InputError(
                "the network takes gradients inside forward, and is run without; put `with torch.enable_grad():` "
                "around what it differentiates"
            ) from error
        shape = " × ".join(map(str, images.shape[1:]))
        raise InputError(
            f"the network fails on images of {shape} ({type(error).__name__}: {first_line(error)}); where it "
            "expects others, set the dataset's mode and size, or resize and crop of the model"
        ) from error


def _unsaid(network: nn.Module, shown: torch.Tensor) -> Iterator[str]:
    """Which of several named tensors was taken for the network's answer, where none is called as logits are."""
    answer = network(shown.clone()) if not logits_method(network) else None
    names, _ = answer_in(answer)
    if len(named := named_parts(answer)) > 1 and not set(names) & set(LOGITS):
        yield (
            f"it returns {', '.join(named)}; {'.'.join(names)} is taken for its answer: call the logits "
            f"{' or '.join(LOGITS)}, or give the network a method logits(x)"
        )


def _unseen(network: nn.Module) -> Iterator[str]:
    """Layers in plain lists or dictionaries, whose weights torch does not find."""
    known = set(network.modules())
    for path, module in network.named_modules():
        for name, value in vars(module).items():
            parts = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
            if any(isinstance(part, nn.Module) and part not in known for part in parts):
                held = f"{path}.{name}".removeprefix(".")
                yield (
                    f"torch does not find the layers in {held!r}, so that their weights are neither read, trained nor "
                    "kept, and they are no nodes; make it an nn.ModuleList or nn.ModuleDict"
                )


def _seconds(model: PixelModel, images: torch.Tensor) -> float:
    """How long it takes to show one image, of so many at once; the shorter of two tries."""
    tries = []
    for _ in range(2):
        begin = time.perf_counter()
        model(images)
        tries.append(time.perf_counter() - begin)
    return min(tries) / len(images)


def _are_probabilities(answer: torch.Tensor) -> bool:
    """Whether all rows are between 0 and 1 and add up to 1."""
    if answer.ndim != 2 or answer.shape[1] < 2 or not answer.is_floating_point():
        return False
    return bool((answer >= 0).all() and torch.allclose(answer.sum(dim=1), torch.ones(len(answer)), atol=1e-4))
