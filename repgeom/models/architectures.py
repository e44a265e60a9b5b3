"""Building a network by name: a built-in architecture, or a class in a user's own file."""

import importlib
import importlib.util
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor, nn

from repgeom.errors import InputError, nearest
from repgeom.models.outputs import first_tensor

BUILT_IN = {
    "lenet": "repgeom.models.lenet:LeNet",
    "rcnn": "repgeom.models.rcnn:RCNN",
    "recurrent": "repgeom.models.recurrent:Recurrent",
    "single_conv": "repgeom.models.single_conv:SingleConv",
}


class PixelModel(nn.Module):
    """A network that is given pixels in [0, 1]: normalises them, returns logits.

    Parameters
    ----------
    network : nn.Module
        Takes normalised images. Its method `logits` is called where it has one, else the network itself. Of a
        dictionary that it returns, the entry `logits` or `out` counts, of several tensors the first.
    normalise : (mean, std) or None
        Subtracted from and divided into the pixels; None leaves them as they are.
    """

    def __init__(self, network: nn.Module, normalise: tuple[float, float] | None = None):
        super().__init__()
        self.network = network
        self.mean, self.std = normalise or (0.0, 1.0)

    def normalise(self, images: Tensor) -> Tensor:
        """Pixels in [0, 1] → what the network is shown (its node `input`)."""
        return (images - self.mean) / self.std

    def forward(self, images: Tensor) -> Tensor:
        """Pixels (n, c, h, w) in [0, 1] → logits (n, classes)."""
        logits: Callable[[Tensor], object] = getattr(self.network, "logits", self.network)
        found = first_tensor(logits(self.normalise(images)))
        if found is None:
            raise InputError(f"the network {type(self.network).__name__} returned no tensor; return its logits")
        return found


def build_network(architecture: str, options: dict, seed: int) -> nn.Module:
    """Build a network with seeded initial weights.

    Parameters
    ----------
    architecture : str
        A built-in name (`lenet`, `rcnn`, `recurrent`, `single_conv`) or `path/to/file.py:ClassName`.
    options : dict
        Keyword arguments of its constructor.
    seed : int
        Seeds torch's global generator, from which layers draw their initial weights.

    Raises
    ------
    InputError
        Unknown name, missing file or class, or options that the constructor refuses.
    """
    network_class = find_class(architecture)
    torch.manual_seed(seed)
    try:
        return network_class(**options)
    except TypeError as error:
        raise InputError(f"architecture {architecture!r} with options {options}: {error}") from error


def find_class(architecture: str) -> type[nn.Module]:
    """The class behind an architecture's name."""
    if ":" not in architecture:
        if architecture not in BUILT_IN:
            raise InputError(
                f"unknown architecture {architecture!r}; {nearest(architecture, BUILT_IN)}; "
                "your own is written path/to/file.py:ClassName"
            )
        architecture = BUILT_IN[architecture]
        module_name, class_name = architecture.split(":")
        return getattr(importlib.import_module(module_name), class_name)
    file, class_name = architecture.rsplit(":", 1)
    return _class_in_file(Path(file), class_name)


def _class_in_file(file: Path, class_name: str) -> type[nn.Module]:
    if not file.is_file():
        raise InputError(f"architecture: no such file {file} (looked for in {Path.cwd()})")
    spec = importlib.util.spec_from_file_location(f"repgeom_user_{file.stem}", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found = getattr(module, class_name, None)
    if not (isinstance(found, type) and issubclass(found, nn.Module)):
        classes = [n for n, v in vars(module).items() if isinstance(v, type) and issubclass(v, nn.Module)]
        raise InputError(f"{file}: no torch.nn.Module called {class_name!r}; {nearest(class_name, classes)}")
    return found


def parameter_count(network: nn.Module) -> int:
    """Number of trainable parameters."""
    return sum(p.numel() for p in network.parameters() if p.requires_grad)
