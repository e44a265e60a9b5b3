"""Node names of the built-in architectures, in execution order, and what the names of architectures begin with.

Known without importing torch, so that a configuration can be checked at once. The tests hold
them against what is recorded.
"""

import importlib
from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase
from types import ModuleType

from repgeom.errors import InputError, nearest

LIBRARIES = ("torchvision", "timm")
"""Before a colon, these begin the architectures that are networks of a library."""

LENET = ("input conv1 relu conv2 relu_1 max_pool2d dropout1 flatten fc1 relu_2 dropout2 fc2 softmax").split()
SINGLE_CONV = "input conv relu flatten fc softmax".split()
READOUT = "readout.dropout readout.avgpool readout.flatten readout.linear softmax".split()


def recurrent_nodes(steps: int = 5) -> list[str]:
    """Nodes of the small recurrent network: conv2, add and relu once per step."""
    suffixes = ["", *(f"_{t}" for t in range(1, steps))]
    return ["input", "conv1", *(f"{op}{s}" for s in suffixes for op in ("conv2", "add", "relu")), *READOUT]


def rcnn_nodes(options: dict) -> list[str]:
    """Nodes of the recurrent convolutional network: at every step flows and states from the lowest layer up."""
    modulations = [m for m, default in (("bias", False), ("gain", True)) if options.get(m, default)]
    lateral, top_down = (options.get(kind, True) for kind in ("lateral", "top_down"))
    receives = {"input": top_down, "conv1": lateral or top_down, "conv2": lateral or top_down, "fc": lateral}
    names = []
    for t in range(1, options.get("n_steps", 4) + 1):
        for layer, is_modulated in receives.items():
            if t > 1 and is_modulated:
                names += [f"{layer}_{m}_flow_t{t}" for m in modulations]
            names.append(f"{layer}_t{t}")
        names.append(f"logits_t{t}")
    return names


ARCHITECTURES: dict[str, Callable[[dict], list[str]]] = {
    "lenet": lambda _: LENET,
    "single_conv": lambda _: SINGLE_CONV,
    "recurrent": lambda options: recurrent_nodes(options.get("steps", 5)),
    "rcnn": rcnn_nodes,
}


def node_names(architecture: str, options: dict) -> list[str] | None:
    """Node names of an architecture with these constructor options; None for a user's own."""
    known = ARCHITECTURES.get(architecture)
    return list(known(options)) if known else None


def library_of(architecture: str) -> tuple[str, str] | None:
    """The library that a network is of, and its name there; None for our own and users' networks."""
    library, _, name = architecture.partition(":")
    return (library, name) if library in LIBRARIES else None


def library_networks(library: str) -> ModuleType:
    """Our module for a library: imported, and known to the fingerprint of the code, only where a model asks for it."""
    return importlib.import_module("repgeom.models." + f"{library}_networks")


def chosen_nodes(wanted: Iterable[str] | None, available: Iterable[str], where: str) -> list[str]:
    """The nodes that are named or matched by patterns, in execution order; all of them where `wanted` is None.

    Parameters
    ----------
    wanted : names and patterns such as `layer?`, or None
    available : names
        In execution order.
    where : str
        Begins the message: which file or model has these nodes.

    Raises
    ------
    InputError
        A name or pattern matches no node.
    """
    available = list(available)
    if wanted is None:
        return available
    found: set[str] = set()
    for name in wanted:
        matches = [name] if name in available else [node for node in available if fnmatchcase(node, name)]
        if not matches:
            raise InputError(f"{where} has no node {name!r}; {nearest(name, available)}")
        found.update(matches)
    return [node for node in available if node in found]
