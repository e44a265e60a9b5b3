"""What networks return: a tensor, or several of them in one container or the other."""

from collections.abc import Callable, Iterator, Mapping

from torch import Tensor, nn

LOGITS = ("logits", "out")
"""Names under which networks return their logits, beside other tensors."""
MOST_DEPTH = 4
"""So many containers may lie in each other."""


def logits_method(network: nn.Module) -> Callable[[Tensor], object] | None:
    """What a network computes logits with beside what it returns; a layer that is called so is none."""
    return network.logits if callable(getattr(type(network), "logits", None)) else None


def first_tensor(output: object) -> Tensor | None:
    """The tensor that a module returns: itself, what is called `logits` or `out` inside, or else the first inside."""
    return answer_in(output)[1]


def answer_in(output: object) -> tuple[tuple[str, ...], Tensor | None]:
    """The same, and the names that lead to it; what is called as logits are counts at any depth, outermost first."""
    inside = list(_tensors(output))
    called = [
        (names.index(name), rank, names, tensor)
        for names, tensor in inside
        for rank, name in enumerate(LOGITS)
        if name in names
    ]
    if called:
        return min(called, key=lambda found: found[:2])[2:]
    return inside[0] if inside else ((), None)


def _tensors(output: object, names: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Tensor]]:
    """All tensors in containers, each with the names, or places, that lead to it."""
    if isinstance(output, Tensor):
        yield names, output
    elif len(names) <= MOST_DEPTH:
        parts = named_parts(output) or (enumerate(output) if isinstance(output, tuple | list) else {})
        for name, part in parts.items() if isinstance(parts, dict) else parts:
            yield from _tensors(part, (*names, str(name)))


def named_parts(output: object) -> dict[str, object]:
    """What a dictionary, named tuple, dataclass or other object holds, by name; nothing where parts have no names."""
    if isinstance(output, Mapping):
        return dict(output)
    if hasattr(output, "_asdict"):
        return output._asdict()
    return {} if isinstance(output, tuple | list | nn.Module) else dict(getattr(output, "__dict__", {}))
