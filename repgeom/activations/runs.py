"""Images on their way through a network, which may stop at a node and go on from there."""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, fx
from torch.utils._pytree import tree_leaves

from repgeom.models.outputs import first_tensor


@dataclass(frozen=True)
class Node:
    """A place in a network.

    Attributes
    ----------
    name : str
        Unique, in the manner of torchvision.
    module : str
        The module or operation that computes it, the same at every timestep.
    timestep : int
        1, 2 … for what a module computes at its first, second … call; 0 where it is called once.
    inputs : tuple of str
        Names of the nodes it is computed from, where they are known.
    """

    name: str
    module: str
    timestep: int
    inputs: tuple[str, ...] = ()


Emit = Callable[[Node, Tensor], None]


class GraphRun(fx.Interpreter):
    """Images on their way through a network, which can stop at a node and go on from there.

    What the network still needs of what it has computed is kept as it is, so that operations in place change
    afterwards what they would have changed.
    """

    def __init__(self, module: fx.GraphModule, known: dict[str, Node], images: Tensor):
        super().__init__(module)
        self.args_iter = _handed_over(deque(self.graph.process_inputs(images)))
        self._known, self._ahead = known, iter(list(self.graph.nodes))
        self._stopped_at: tuple[Node, Tensor] | None = None

    @property
    def kept_bytes(self) -> int:
        """What the values take that are kept, memory that several share counted once."""
        tensors = [leaf for leaf in tree_leaves(list(self.env.values())) if isinstance(leaf, Tensor)]
        memory = [tensor.untyped_storage() for tensor in tensors if tensor.layout is torch.strided]
        return sum({part.data_ptr(): part.nbytes() for part in memory}.values())

    def to(self, last: str | None, emit: Emit) -> object:
        """Hand what nodes compute to `emit`, up to node `last`, or to the end: then, what the network returns.

        A run that goes on begins with the node at which it has stopped, once more.
        """
        if self._stopped_at:
            emit(*self._stopped_at)
            if self._stopped_at[0].name == last:
                return None
            self._stopped_at = None
        for n in self._ahead:
            value = self._computed(n)
            if n.op == "output":
                return self.graph.process_outputs(value)
            if n.name in self._known and isinstance(value, Tensor) and n.op != "get_attr":
                node, value = self._known[n.name], plain(value)
                if node.name == last:
                    self._stopped_at = (node, value)
                # Emitted before the next node runs: a later in-place operation cannot change it.
                emit(node, value)
                if self._stopped_at:
                    return None
        return None

    def _computed(self, n: fx.Node) -> object:
        value = self.env[n] = self.run_node(n)
        for used_up in self.user_to_last_uses.get(n, []):
            del self.env[used_up]
        return value


def _handed_over(values: deque) -> Iterator[object]:
    """One after the other; none is kept."""
    while values:
        yield values.popleft()


class _LastNode(BaseException):
    """What the network would compute from here on is not needed."""


class FreshRun:
    """The same for networks that cannot stop on the way: each time they begin anew."""

    def __init__(self, recorder, images: Tensor):
        self._recorder, self._images = recorder, images

    def to(self, last: str | None, emit: Emit) -> object:
        """Hand what nodes compute to `emit`, up to node `last`, or to the end: then, what the network returns."""

        def emit_to_last(node: Node, value: Tensor) -> None:
            emit(node, value)
            if node.name == last:
                raise _LastNode

        try:
            return self._recorder.record(self._images, emit_to_last)
        except _LastNode:
            return None


class RunOfOne:
    """The same for one image, shown twice and counted once: layers may squeeze its axis away, or ask for several."""

    def __init__(self, run: GraphRun | FreshRun):
        self._run = run

    def to(self, last: str | None, emit: Emit) -> object:
        """Hand what nodes compute to `emit`, up to node `last`, or to the end: then, what the network answers."""

        def emit_first(node: Node, value: Tensor) -> None:
            emit(node, value[:1] if value.ndim else value)

        answer = first_tensor(self._run.to(last, emit_first))
        return answer if answer is None or not answer.ndim else answer[:1]


Run = GraphRun | FreshRun | RunOfOne


def plain(value: Tensor) -> Tensor:
    """A tensor that holds every value, as a number: sparse, nested and quantised ones do not."""
    value = torch.func.debug_unwrap(value, recurse=True)  # inside torch.vmap and torch.func.grad
    value = value.to_padded_tensor(0.0) if value.is_nested else value
    value = value.dequantize() if value.is_quantized else value
    return value if value.layout is torch.strided else value.to_dense()
