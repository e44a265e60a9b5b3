"""What networks return: a tensor, or several of them in one container or the other."""

from collections.abc import Mapping

from torch import Tensor, nn

LOGITS = ("logits", "out")
"""Names under which networks return their logits, beside other tensors."""
MOST_DEPTH = 4
"""So many containers may lie in each other."""


def first_tensor(output: object, depth: int = 0) -> Tensor | None:
    """The tensor that a module returns: itself, what is called `logits` or `out` inside, or the first inside."""
    if isinstance(output, Tensor):
        return output
    if depth > MOST_DEPTH:
        return None
    named = named_parts(output)
    parts = list(output) if isinstance(output, tuple | list) else list(named.values())
    found = (first_tensor(part, depth + 1) for part in [*(named[name] for name in LOGITS if name in named), *parts])
    return next((tensor for tensor in found if tensor is not None), None)


def named_parts(output: object) -> dict[str, object]:
    """What a dictionary, named tuple, dataclass or other object holds, by name; nothing where parts have no names."""
    if isinstance(output, Mapping):
        return dict(output)
    if hasattr(output, "_asdict"):
        return output._asdict()
    return {} if isinstance(output, tuple | list | nn.Module) else dict(getattr(output, "__dict__", {}))
