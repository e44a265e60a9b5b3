"""What networks return: a tensor, or several of them in one container or the other."""

from collections.abc import Mapping
from dataclasses import is_dataclass

from torch import Tensor


def first_tensor(output: object) -> Tensor | None:
    """The tensor that a module returns: itself, the entry `logits` or `out` of a dictionary, or the first inside."""
    if isinstance(output, Tensor):
        return output
    if isinstance(output, Mapping):
        named = [output[name] for name in ("logits", "out") if name in output]
        return first_tensor([*named, *output.values()])
    if isinstance(output, tuple | list):
        found = (first_tensor(part) for part in output)
        return next((tensor for tensor in found if tensor is not None), None)
    return first_tensor(list(vars(output).values())) if is_dataclass(output) else None
