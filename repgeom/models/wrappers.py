"""Networks as they are handed over, made such that they take images alone and can be looked into."""

import inspect
from inspect import Parameter

import torch
from torch import nn

WRAPPERS = {"DataParallel": "module", "DistributedDataParallel": "module", "OptimizedModule": "_orig_mod"}
"""What torch wraps networks into, and where these are then; importing the last one would take seconds."""


def unwrapped(network: nn.Module) -> nn.Module:
    """The network itself, where it was compiled or spread over devices; parts that were are run as they are written.

    Parts keep their wrapper, and so the names of their weights.
    """
    while inside := _inside(network):
        network = inside
    for module in list(network.modules()):
        if inside := _inside(module):
            module.__dict__["forward"] = inside.__call__
    return network


def _inside(module: nn.Module) -> nn.Module | None:
    return getattr(module, WRAPPERS[type(module).__name__]) if type(module).__name__ in WRAPPERS else None


def taking_images(network: nn.Module) -> nn.Module:
    """The network, made to take images as its first argument where its `forward` takes `*images` or `*, images` only.

    What torch.fx traces of such a network would begin with a tuple, and called with images alone it would fail.
    """
    if isinstance(network, torch.jit.ScriptModule) or "forward" in vars(network):
        return network
    kind, first = type(network), next(iter(inspect.signature(network.forward).parameters.values()))
    if first.kind not in (Parameter.VAR_POSITIONAL, Parameter.KEYWORD_ONLY):
        return network

    def forward(self, images):
        return (
            kind.forward(self, **{first.name: images})
            if first.kind is Parameter.KEYWORD_ONLY
            else kind.forward(self, images)
        )

    network.__class__ = type(kind.__name__, (kind,), {"forward": forward, "__module__": kind.__module__})
    return network
