"""Recording what every node of a network computes, functional operations included.

Nodes are named by their place in the network as torchvision's feature extraction names them: module
path, or module path and operation, with `_1`, `_2` … when one occurs again.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, fx, nn

from repgeom.errors import InputError, nearest

Emit = Callable[["Node", Tensor], None]


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


class _PathTracer(fx.Tracer):
    """Notes for every traced node the path of the module it belongs to.

    Importing torchvision's own tracer would take longer than most recordings; the tests hold the names against it.
    """

    def __init__(self):
        super().__init__()
        self.names: dict[str, str] = {}
        self._path = ""
        self._seen: Counter[str] = Counter()

    def call_module(self, m, forward, args, kwargs):
        outer, self._path = self._path, self.path_of_module(m)
        try:
            return super().call_module(m, forward, args, kwargs)
        finally:
            self._path = outer

    def create_proxy(self, kind, target, args, kwargs, *rest, **named):
        proxy = super().create_proxy(kind, target, args, kwargs, *rest, **named)
        operation = re.sub(r"_\d+$", "", proxy.node.name)
        name = self._path if kind == "call_module" else f"{self._path}.{operation}".removeprefix(".")
        count = self._seen[name]
        self._seen[name] += 1
        self.names[proxy.node.name] = f"{name}_{count}" if count else name
        return proxy


class GraphRecorder:
    """Records all tensor-valued nodes of a network that torch.fx can trace."""

    def __init__(self, network: nn.Module):
        tracer = _PathTracer()
        graph = tracer.trace(network)
        self._module = fx.GraphModule(network, graph)
        names = tracer.names
        self._nodes = dict(zip(names, _with_timesteps(graph, names), strict=True))

    @property
    def nodes(self) -> list[Node]:
        """All nodes in execution order (some may turn out not to be tensors)."""
        return list(self._nodes.values())

    def record(self, images: Tensor, emit: Emit) -> None:
        """Run the network on `images` and hand every node's value to `emit`, in execution order."""
        _Emitter(self._module, self._nodes, emit).run(images)


class _Emitter(fx.Interpreter):
    def __init__(self, module: fx.GraphModule, nodes: dict[str, Node], emit: Emit):
        super().__init__(module)
        self._known, self._emit = nodes, emit

    def run_node(self, n: fx.Node):
        value = super().run_node(n)
        if n.name in self._known and isinstance(value, Tensor) and n.op != "get_attr":
            # Emitted before the next node runs: a later in-place operation cannot change it.
            self._emit(self._known[n.name], value)
        return value


class CallRecorder:
    """Records every call of every leaf module: for networks that torch.fx cannot trace."""

    def __init__(self, network: nn.Module, example: Tensor):
        self._network = network
        calls: list[str] = []
        self._run(example, lambda module, _: calls.append(module))
        counts = Counter(calls)
        seen: Counter[str] = Counter()
        self.nodes = [Node("input", "input", 0)]
        for module in calls:
            seen[module] += 1
            timestep = seen[module] if counts[module] > 1 else 0
            suffix = f"_{timestep - 1}" if timestep > 1 else ""
            self.nodes.append(Node(module + suffix, module, timestep))

    def record(self, images: Tensor, emit: Emit) -> None:
        """Run the network on `images` and hand every leaf module's output to `emit`, call by call."""
        nodes = iter(self.nodes)
        emit(next(nodes), images)

        def emit_next(module: str, value: Tensor) -> None:
            node = next(nodes, None)
            if node is None or node.module != module:
                raise InputError(
                    f"the network called {module!r} out of order: its calls depend on the images; record it by parts"
                )
            emit(node, value)

        self._run(images, emit_next)

    def _run(self, images: Tensor, on_call: Callable[[str, Tensor], None]) -> None:
        leaves = [(name, m) for name, m in self._network.named_modules() if name and not any(m.children())]
        hooks = [
            module.register_forward_hook(
                lambda _m, _args, out, name=name: on_call(name, out) if isinstance(out, Tensor) else None
            )
            for name, module in leaves
        ]
        try:
            self._network(images)
        finally:
            for hook in hooks:
                hook.remove()


def recorder_for(network: nn.Module, example: Tensor, warn: Callable[[str], None] = print):
    """The recorder that fits a network.

    A network that knows its own nodes (has `nodes` and `record`) records itself; one that torch.fx
    can trace is recorded node by node; any other by the calls of its leaf modules, of which `warn` tells.
    """
    if hasattr(network, "record") and hasattr(network, "nodes"):
        return network
    try:
        return GraphRecorder(network)
    except Exception as error:  # torch.fx raises whatever the network's own code raises
        warn(
            f"torch.fx cannot trace this network ({error}); recording the calls of its modules instead, "
            "without functional operations"
        )
        return CallRecorder(network, example)


@torch.inference_mode()
def record_batches(recorder, batches: Iterator[Tensor], wanted: list[str] | None, emit: Emit) -> None:
    """Record batch after batch; only the nodes named in `wanted`, or all.

    Raises
    ------
    InputError
        A wanted node does not exist; names the nearest.
    """
    available = [node.name for node in recorder.nodes]
    for name in wanted or []:
        if name not in available:
            raise InputError(f"no node {name!r} in the network; {nearest(name, available)}")

    def emit_wanted(node: Node, value: Tensor) -> None:
        if not wanted or node.name in wanted:
            emit(node, value)

    for batch in batches:
        recorder.record(batch, emit_wanted)


def _with_timesteps(graph: fx.Graph, names: dict[str, str]) -> list[Node]:
    """Give each traced node its module and timestep.

    A module that is called several times counts its calls; functional operations after such a call
    belong to the same timestep, up to the next module that is called only once.
    """
    traced = [node for node in graph.nodes if node.name in names]
    modules = {node.name: _module_of(node, names[node.name]) for node in traced}
    called = Counter(node.target for node in traced if node.op == "call_module")
    repeated = Counter(modules.values())
    seen: Counter[str] = Counter()
    nodes, now = [], 0
    for node in traced:
        module = modules[node.name]
        if node.op == "call_module":
            seen[module] += 1
            now = seen[module] if called[node.target] > 1 else 0
        inputs = tuple(names[i.name] for i in node.all_input_nodes if i.name in names)
        nodes.append(Node(names[node.name], module, now if repeated[module] > 1 else 0, inputs))
    return nodes


def _module_of(node: fx.Node, name: str) -> str:
    if node.op == "call_module":
        return str(node.target)
    base, _, suffix = name.rpartition("_")
    return base if suffix.isdigit() and base else name
