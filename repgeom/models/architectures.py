"""Building a network by name: a built-in architecture, one of a library, or one in a user's own file."""

import importlib
import inspect
from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from repgeom.errors import InputError, nearest
from repgeom.models.nodes import library_networks, library_of
from repgeom.models.outputs import first_tensor, logits_method
from repgeom.models.preprocessing import Preprocessing
from repgeom.models.user_files import load_module
from repgeom.models.wrappers import taking_images, unwrapped

BUILT_IN = {
    "lenet": "repgeom.models.lenet:LeNet",
    "rcnn": "repgeom.models.rcnn:RCNN",
    "recurrent": "repgeom.models.recurrent:Recurrent",
    "single_conv": "repgeom.models.single_conv:SingleConv",
}

EXTRA = "_extra_state"
"""The name that torch gives to what `get_extra_state` returns."""


class PixelModel(nn.Module):
    """A network that is given pixels in [0, 1]: prepares them, returns logits.

    Parameters
    ----------
    network : nn.Module
        Takes prepared images. Its method `logits` is called where it has one, else the network itself. Of several
        tensors that it returns, `logits` or `out` counts where one is called so, else the first.
    normalise : (mean, std) or None
        Subtracted from and divided into the pixels, one number each or one per channel; None leaves them as they are.
    preprocessing : Preprocessing or None
        In place of `normalise` where images are also resized or cropped.
    """

    def __init__(
        self,
        network: nn.Module,
        normalise: tuple[Any, Any] | None = None,
        preprocessing: Preprocessing | None = None,
    ):
        super().__init__()
        self.network = network
        self.preprocessing = preprocessing or Preprocessing(*(normalise or ()))

    def normalise(self, images: Tensor) -> Tensor:
        """Pixels in [0, 1] → what the network is shown (its node `input`), in the precision of its weights."""
        held = chain(self.network.parameters(), self.network.buffers())
        weights = (tensor.dtype for tensor in held if tensor.is_floating_point())
        return self.preprocessing(images).to(next(weights, images.dtype))

    def forward(self, images: Tensor) -> Tensor:
        """Pixels (n, c, h, w) in [0, 1] → logits (n, classes)."""
        answer, alone = logits_method(self.network) or self.network, len(images) == 1 and not self.training
        shown = self.normalise(images)
        # One image is shown twice: an axis of one image may be squeezed away, and statistics may ask for several.
        found = first_tensor(answer(torch.cat([shown] * 2) if alone else shown))
        if found is None:
            raise InputError(f"the network {type(self.network).__name__} returned no tensor; return its logits")
        return found[:1] if alone and found.ndim else found


def build_model(network: Mapping[str, Any], seed: int) -> PixelModel:
    """A model of the configuration with seeded initial weights, and what prepares its images.

    Parameters
    ----------
    network : dict
        `architecture`, `options` and `normalise`; optionally `resize`, `crop` and `pretrained`, the name of published
        weights, whose shape and preprocessing it takes over where nothing else is said.
    seed : int
    """
    pretrained = network.get("pretrained")
    built = build_network(network["architecture"], network["options"], seed, pretrained)
    return PixelModel(built, preprocessing=_preprocessing(network, pretrained))


def build_network(architecture: str, options: dict, seed: int, pretrained: str | None = None) -> nn.Module:
    """Build a network with seeded initial weights.

    Parameters
    ----------
    architecture : str
        A built-in name (`lenet`, `rcnn`, `recurrent`, `single_conv`), `torchvision:` or `timm:` and the name of a
        network there, or `path/to/file.py:name` of a class or function.
    options : dict
        Keyword arguments of its constructor.
    seed : int
        Seeds torch's global generator, from which layers draw their initial weights.
    pretrained : str, optional
        Published weights of the library whose shape it takes.

    Raises
    ------
    InputError
        Unknown name, missing file or class, or options that the constructor refuses.
    """
    constructor = find_constructor(architecture, pretrained)
    torch.manual_seed(seed)
    try:
        network = constructor(**options)
    except InputError as error:
        raise InputError(f"architecture {architecture!r} with options {options}: {error}") from error
    except (Exception, SystemExit) as error:  # whatever the user's own code raises
        kind = "" if isinstance(error, TypeError | ValueError) else f"{type(error).__name__}: "
        raise InputError(f"architecture {architecture!r} with options {options}: {kind}{error}") from error
    if not isinstance(network, nn.Module):
        raise InputError(f"architecture {architecture!r} gives a {type(network).__name__}, no torch.nn.Module")
    network = unwrapped(network)
    for fault in _faults(network):
        raise InputError(f"architecture {architecture!r} {fault}")
    return taking_images(network)


def _faults(network: nn.Module) -> Iterator[str]:
    """Why a network cannot be given images alone, or its weights not be kept."""
    for name, weight in network.named_parameters():
        if is_lazy(weight):
            yield (
                f"leaves the size of {name!r} open; say it, or show the network an image of zeros at the end of its "
                "constructor"
            )
    if not _arguments(network):
        yield "has a forward that takes nothing; let it take images"
    if wanted := _wanted_besides_images(network):
        yield (
            f"asks for {', '.join(wanted)} besides images; give what `forward` is to take a default, or name a "
            "function that returns a network with one"
        )
    for name, weight in network.state_dict().items():
        if name.rpartition(".")[2] == EXTRA and not isinstance(weight, Tensor):
            yield (
                f"returns a {type(weight).__name__} as {name!r} of its state dict (get_extra_state), which cannot be "
                "kept as weights are; return a tensor, or leave it out"
            )
        elif not isinstance(weight, Tensor) or weight.is_quantized or weight.layout is not torch.strided:
            yield (
                f"has no plain numbers in {name!r} of its state dict (layers that are quantised by torch.ao pack their "
                "weights), so that it cannot be kept; give the network as it was before"
            )


def _wanted_besides_images(network: nn.Module) -> list[str]:
    """Arguments of `forward` after the first that must be given."""
    others = _arguments(network)[1:]
    return [a.name for a in others if a.default is a.empty and a.kind not in (a.VAR_POSITIONAL, a.VAR_KEYWORD)]


def _arguments(network: nn.Module) -> list[inspect.Parameter]:
    """What `forward` takes; of TorchScript, which does not say, images."""
    if isinstance(network, torch.jit.ScriptModule):
        return [inspect.Parameter("images", inspect.Parameter.POSITIONAL_ONLY)]
    return list(inspect.signature(network.forward).parameters.values())


def find_constructor(architecture: str, pretrained: str | None = None) -> Callable[..., nn.Module]:
    """What makes a network of this name: a class, or a function."""
    if of_library := library_of(architecture):
        library, name = of_library
        return lambda **options: library_networks(library).build(name, options, pretrained)
    if ":" not in architecture:
        if architecture not in BUILT_IN:
            raise InputError(
                f"unknown architecture {architecture!r}; {nearest(architecture, BUILT_IN)}; "
                "your own is written path/to/file.py:ClassName"
            )
        architecture = BUILT_IN[architecture]
        module_name, class_name = architecture.split(":")
        return getattr(importlib.import_module(module_name), class_name)
    file, name = architecture.rsplit(":", 1)
    return _in_file(Path(file), name)


def _in_file(file: Path, name: str) -> Callable[..., nn.Module]:
    module = load_module(file)
    found = getattr(module, name, None)
    if isinstance(found, type) and issubclass(found, nn.Module):
        return found
    if callable(found) and not isinstance(found, type):
        return found
    own = [n for n, v in vars(module).items() if _makes_network(v, module)]
    raise InputError(f"{file}: no torch.nn.Module called {name!r}, nor a function that makes one; {nearest(name, own)}")


def _makes_network(value: object, module: ModuleType) -> bool:
    is_class = isinstance(value, type)
    is_own = getattr(value, "__module__", None) == module.__name__
    return is_own and (issubclass(value, nn.Module) if is_class else callable(value))


def _preprocessing(network: Mapping[str, Any], pretrained: str | None) -> Preprocessing:
    """What is said of a model's preprocessing, over that of its published weights."""
    library, name = library_of(network["architecture"]) or ("", "")
    of_weights = vars(library_networks(library).preprocessing(name, pretrained)) if pretrained else {}
    said = {name: network[name] for name in ("resize", "crop") if network.get(name)}
    if network["normalise"]:
        said |= dict(zip(("mean", "std"), network["normalise"], strict=True))
    return Preprocessing(**of_weights | said)


def parameter_count(network: nn.Module) -> int:
    """Number of trainable parameters."""
    return sum(p.numel() for p in network.parameters() if p.requires_grad)
