"""Operations that keep a value or put a constant in its place, number by number, without rounding.

What such a node computes need not be held beside what it is given: it is made of that, to the last bit.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, fx, nn
from torch.nn import functional as F

InPlace = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Selection:
    """A node that selects from another.

    Attributes
    ----------
    of : str
        The node it is given, computed right before it.
    apply : callable
        Turns the values of that node into its own, in place.
    """

    of: str
    apply: InPlace


def _keep(values: Tensor) -> Tensor:
    return values


def _keep_up_to_six(values: Tensor) -> Tensor:
    return F.hardtanh_(values, 0.0, 6.0)


DROPOUTS = (nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d, nn.AlphaDropout, nn.FeatureAlphaDropout)
MODULES: dict[type, InPlace] = {
    nn.ReLU: torch.relu_,
    nn.ReLU6: _keep_up_to_six,
    nn.Identity: _keep,
    **dict.fromkeys(DROPOUTS, _keep),
}
FUNCTIONS: dict[object, InPlace] = {function: torch.relu_ for function in (F.relu, F.relu_, torch.relu, torch.relu_)}
METHODS: dict[str, InPlace] = {"relu": torch.relu_, "relu_": torch.relu_}


def selections_of(module: fx.GraphModule, names: dict[str, str]) -> dict[str, Selection]:
    """Which nodes select from the node before them.

    Parameters
    ----------
    module
        What torch.fx has traced.
    names : name in the trace → name of the node
    """
    found = {}
    for node in module.graph.nodes:
        apply = _in_place(node, module)
        if apply and node.args[:1] == (node.prev,) and {node.name, node.prev.name} <= names.keys():
            found[names[node.name]] = Selection(names[node.prev.name], apply)
    return found


def _in_place(node: fx.Node, module: fx.GraphModule) -> InPlace | None:
    if node.op == "call_module":
        return _of_module(module.get_submodule(node.target))
    table = {"call_function": FUNCTIONS, "call_method": METHODS}.get(node.op, {})
    return table.get(node.target)


def _of_module(module: nn.Module) -> InPlace | None:
    """None for dropout that drops, and for modules whose hooks may do something else."""
    does_more = module._forward_hooks or module._forward_pre_hooks or (isinstance(module, DROPOUTS) and module.training)
    return None if does_more else MODULES.get(type(module))
