"""Recording what every node of a network computes, functional operations included.

Nodes are named by their place in the network as torchvision's feature extraction names them: module
path, or module path and operation, with `_1`, `_2` … when one occurs again.
"""

import inspect
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import ModuleType

import torch
from torch import Tensor, fx, nn
from torch.utils._python_dispatch import TorchDispatchMode

from repgeom.activations.runs import Emit, FreshRun, GraphRun, Node, Run, RunOfOne, plain
from repgeom.activations.selections import selections_of
from repgeom.errors import InputError, first_line
from repgeom.models.nodes import chosen_nodes
from repgeom.models.outputs import first_tensor

INPUT, OUTPUT = "input", "output"
Watch = Callable[[], Emit]
"""Begins a look at what the nodes compute of an example; whatever was seen before does not count."""


OPAQUE = (
    nn.TransformerEncoder,
    nn.TransformerDecoder,
    nn.TransformerEncoderLayer,
    nn.TransformerDecoderLayer,
    nn.Transformer,
)
"""Modules of torch that torch.fx does not look into, though there are others inside."""
QUANTISED_DYNAMICALLY = ("torch.ao.nn.quantized.dynamic", "torch.ao.nn.intrinsic.quantized.dynamic")
"""Where torch keeps modules whose inputs are rounded to steps that all that is given at once decides."""
ROUNDING = 1e-3
"""Of the largest value: answers that differ by no more are the same."""
ATOMS = (nn.MultiheadAttention,)
"""Modules of torch with parts that they never call."""


class _PathTracer(fx.Tracer):
    """Notes for every traced node the path of the module it belongs to.

    Importing torchvision's own tracer would take longer than most recordings; the tests hold the names against it.
    """

    def __init__(self):
        super().__init__()
        self.names: dict[str, str] = {}
        self._path = ""
        self._seen: Counter[str] = Counter({INPUT: 1})  # what the network is given

    def is_leaf_module(self, m, module_qualified_name):
        return not isinstance(m, nn.DataParallel) and super().is_leaf_module(m, module_qualified_name)

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
    """Records all tensor-valued nodes of a network that torch.fx can trace.

    What the network is given is called `input`, whatever its `forward` calls it; further arguments of `forward` are
    what it says they are where nothing is given.

    Attributes
    ----------
    one_by_one : bool
        What is computed of an image depends on the images beside it, so that each is shown alone.
    selections : dict
        Node → how it selects from the node before it, where it does.
    weights : dict
        Node → names of the parameters that no node before it has read.
    """

    def __init__(self, network: nn.Module, one_by_one: bool = False):
        self.one_by_one = one_by_one
        tracer = _PathTracer()
        with as_it_was(network):
            graph = tracer.trace(network, _defaults(network) or None)
            self._module = fx.GraphModule(network, graph)
        names = _with_input(graph, tracer.names)
        self._nodes = dict(zip(names, _with_timesteps(graph, names), strict=True))
        self.selections = selections_of(self._module, names)
        self.weights = _first_read(self._module, names)

    @property
    def nodes(self) -> list[Node]:
        """All nodes in execution order (some may turn out not to be tensors)."""
        return list(self._nodes.values())

    def record(self, images: Tensor, emit: Emit) -> object:
        """Run the network on `images`, hand every node's value to `emit`, in execution order; what it returns."""
        return self.begin(images).to(None, emit)

    def begin(self, images: Tensor) -> GraphRun:
        """Images on their way through the network."""
        return GraphRun(self._module, self._nodes, images)


class CallRecorder:
    """Records every call of every module inside a network: for networks that torch.fx cannot trace, or not look into.

    Of a module that returns several tensors the first is recorded; one that only passes on what a module inside it
    has returned is left out. What the network itself returns is called `output` where no module has returned it.

    Attributes
    ----------
    one_by_one : bool
        Which modules are called depends on the images' values, or what is computed of an image on the images beside
        it: only one image at a time goes its own way.
    """

    @torch.no_grad()
    def __init__(self, network: nn.Module, example: Tensor, one_by_one: bool = False, watch: Watch | None = None):
        self._network, self.one_by_one = network, one_by_one
        calls: list[str] = []
        self._run(example.clone(), lambda module, _: calls.append(module))
        self._repeated = {module for module, count in Counter(calls).items() if count > 1}
        self.nodes: list[Node] = []
        emit = watch() if watch else _ignore

        def note(node: Node, value: Tensor) -> None:
            self.nodes.append(node)
            emit(node, value)

        self.record(example.clone(), note)

    def record(self, images: Tensor, emit: Emit) -> object:
        """Run the network on `images`, hand what every module returns to `emit`, call by call; what it returns."""
        emit(Node(INPUT, INPUT, 0), images)
        calls: Counter[str] = Counter()

        def emit_call(module: str, value: Tensor) -> None:
            named = calls[module] + (module == INPUT)  # what the network is given has this name already
            suffix = f"_{named}" if named else ""
            calls[module] += 1
            emit(self._with_timestep(Node(module + suffix, module, calls[module])), value)

        return self._run(images, emit_call)

    def _with_timestep(self, node: Node) -> Node:
        repeated = node.timestep > 1 or node.module in self._repeated
        return replace(node, timestep=node.timestep if repeated else 0)

    def _run(self, images: Tensor, on_call: Callable[[str, Tensor], None]) -> object:
        last: list[Tensor | None] = [None]

        def returned(name: str, output: object, is_leaf: bool) -> None:
            value = first_tensor(output)
            if value is not None and (is_leaf or value is not last[0]):
                last[0] = value
                on_call(name, plain(value))

        hooks = [
            module.register_forward_hook(lambda m, _args, out, name=name: returned(name, out, _is_leaf(m)))
            for name, module in self._network.named_modules()
            if name and not _in_an_atom(self._network, name)
        ]
        try:
            output = self._network(images)
            returned(OUTPUT, output, is_leaf=False)
            return output
        finally:
            for handle in hooks:
                handle.remove()


def recorder_for(network: nn.Module, example: Tensor, warn: Callable[[str], None] = print, watch: Watch | None = None):
    """The recorder that fits a network.

    A network that knows its own nodes (has `nodes` and `record`) records itself; one that torch.fx can trace, and that
    answers the same when it is run from that trace, is recorded node by node; any other by the calls of the modules
    inside, of which `warn` tells. Where all nodes are computed of `example` on the way, `watch` is shown them.

    Raises
    ------
    InputError
        The network is TorchScript, into which nothing can look.
    """
    if _records_itself(network):
        return network
    if isinstance(network, torch.jit.ScriptModule):
        raise InputError("a network in TorchScript cannot be recorded; give the torch.nn.Module that it was made of")
    alone = bool(dynamic := [name for name, module in network.named_modules() if is_quantised_by_batch(module)])
    if alone:
        warn(
            f"{dynamic[0]!r} is quantised dynamically, by all that it is given at once, so that an image would answer "
            "otherwise beside others; each image is shown by itself"
        )
    opaque = [name for name, module in network.named_modules() if isinstance(module, OPAQUE)]
    if opaque:
        warn(f"torch.fx does not look into {opaque[0]!r}; recording the calls of modules instead, {_LOST}")
        return CallRecorder(network, example, alone, watch)
    try:
        recorder = GraphRecorder(network, alone)
        if not _answers_otherwise(recorder, network, example, watch() if watch else _ignore):
            return recorder
        why = "this network answers otherwise than what torch.fx traces of it"
    except Exception as error:  # torch.fx raises whatever the network's own code raises
        why = f"torch.fx cannot trace this network ({first_line(error)})"
    chooses = not alone and _asks_for_values(network, example.clone())
    how = f"recording the calls of its modules instead, {_LOST}"
    how += "; each image by itself, since what is done depends on its values" if chooses else ""
    warn(f"{why}; {how}")
    return CallRecorder(network, example, alone or chooses, watch)


def _records_itself(network: nn.Module) -> bool:
    """Whether a network has `nodes` and `record`, and means by them what is meant here."""
    if not callable(getattr(type(network), "record", None)):
        return False
    nodes = getattr(network, "nodes", None)
    return isinstance(nodes, list | tuple) and all(hasattr(node, "timestep") for node in nodes)


def is_quantised_by_batch(module: nn.Module) -> bool:
    """Whether a module rounds what it is given to steps that depend on the largest value of a whole batch."""
    return type(module).__module__.startswith(QUANTISED_DYNAMICALLY)


def _ignore(node: Node, value: Tensor) -> None:
    """Look at nothing."""


_LOST = "without functional operations"


def _defaults(network: nn.Module) -> dict[str, object]:
    """Arguments of `forward` after the first that need not be given, and what they are then."""
    _, *others = inspect.signature(network.forward).parameters.values()
    return {argument.name: argument.default for argument in others if argument.default is not argument.empty}


@contextmanager
def as_it_was(network: nn.Module) -> Iterator[None]:
    """Undo what running the network's code does to it: what it counts, keeps for the next time or puts into lists."""
    modules = [(module.__dict__, dict(module.__dict__)) for module in network.modules()]
    held = [found for _, before in modules for value in before.values() if (found := _held_in(value)) is not None]
    contents = [(value, value.copy()) for value in held]
    buffers = [(buffer, buffer.detach().clone()) for buffer in network.buffers()]
    try:
        yield
    finally:
        for now, before in [*modules, *((value, kept) for value, kept in contents if isinstance(value, dict))]:
            now.clear()
            now.update(before)
        for value, kept in contents:
            if isinstance(value, list):
                value[:] = kept
        with torch.no_grad():
            for buffer, kept in buffers:
                buffer.copy_(kept)


def _held_in(value: object) -> dict | list | None:
    """What a module keeps in an attribute: a list or dictionary itself, what the attributes of an object are."""
    if isinstance(value, dict | list):
        return value
    is_other = isinstance(value, nn.Module | Tensor | ModuleType) or callable(value)
    return None if is_other else getattr(value, "__dict__", None)


@torch.no_grad()
def remembers(network: nn.Module, images: Tensor) -> bool:
    """Whether a network, chance aside, answers otherwise when it is shown the same images again."""
    with as_it_was(network), torch.random.fork_rng(devices=[]):
        answers = []
        for _ in range(2):
            torch.manual_seed(0)
            answers.append(first_tensor(network(images.clone())))
    return not _alike(*answers)


@torch.no_grad()
def _answers_otherwise(recorder: GraphRecorder, network: nn.Module, example: Tensor, emit: Emit) -> bool:
    """Whether a trace lacks what the network does, such as a choice of precision; not where chance has a say."""
    with as_it_was(network):
        answer = first_tensor(network(example.clone()))
        traced = first_tensor(recorder.record(example.clone(), emit))
        return not _alike(answer, traced) and _alike(answer, first_tensor(network(example.clone())))


def _alike(a: Tensor | None, b: Tensor | None) -> bool:
    if a is None or b is None or a.shape != b.shape:
        return a is b
    a, b = (plain(tensor).nan_to_num() for tensor in (a, b))
    return not a.numel() or bool((a - b).abs().max() <= ROUNDING * a.abs().max())


@torch.no_grad()
def _asks_for_values(network: nn.Module, example: Tensor) -> bool:
    """Whether the network's own code asks what numbers tensors hold, and may decide by them what to compute."""
    with _ValueQuestions() as questions:
        network(example)
    return questions.asked


class _ValueQuestions(TorchDispatchMode):
    """Notes whether numbers leave tensors: `if x > 0`, `int(x)`, `x.item()`. Shapes are no such question."""

    asked = False

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        self.asked |= func in (torch.ops.aten._local_scalar_dense.default, torch.ops.aten.nonzero.default)
        return func(*args, **kwargs or {})


def begin_run(recorder, images: Tensor) -> Run:
    """Images (n, c, h, w) on their way through a network.

    The run can stop and go on where the network's recorder knows how. One image is shown alone only where each image
    goes its own way.
    """
    if len(images) == 1 and not is_one_by_one(recorder):
        return RunOfOne(begin_run(recorder, torch.cat([images] * 2)))
    return recorder.begin(images) if isinstance(recorder, GraphRecorder) else FreshRun(recorder, images)


def is_one_by_one(recorder) -> bool:
    """Whether a recorder must be given one image at a time."""
    return getattr(recorder, "one_by_one", False)


def record_batch(recorder, images: Tensor, emit: Emit) -> Tensor | None:
    """Show a network images (n, c, h, w), hand what its nodes compute to `emit`; what it answers."""
    return first_tensor(begin_run(recorder, images).to(None, emit))


@torch.no_grad()
def record_batches(
    recorder,
    batches: Iterator[Tensor],
    wanted: list[str] | None,
    emit: Emit,
    answered: Callable[[Tensor | None], None] = lambda _: None,
) -> None:
    """Record batch after batch; only the nodes that `wanted` names or matches, or all that the recorder knows.

    `answered` is told what the network answers to each batch. Nodes that the recorder does not know are those of images
    that go another way, or of batches of other sizes, whose values are not of one stimulus each.

    Raises
    ------
    InputError
        A wanted node does not exist; names the nearest.
    """
    names = [node.name for node in recorder.nodes]
    kept = set(chosen_nodes(wanted, names, "the network") if wanted else names)
    takes_all = not wanted and is_one_by_one(recorder)

    def emit_wanted(node: Node, value: Tensor) -> None:
        if takes_all or node.name in kept:
            emit(node, value)

    for batch in batches:
        answered(record_batch(recorder, batch, emit_wanted))


def _is_leaf(module: nn.Module) -> bool:
    return isinstance(module, ATOMS) or not any(module.children())


def _in_an_atom(network: nn.Module, name: str) -> bool:
    parents = name.split(".")[:-1]
    return any(isinstance(network.get_submodule(".".join(parents[: i + 1])), ATOMS) for i in range(len(parents)))


def _with_input(graph: fx.Graph, names: dict[str, str]) -> dict[str, str]:
    """The names, the first thing that the network is given called `input`."""
    given = next(node.name for node in graph.nodes if node.op == "placeholder")
    return names | {given: INPUT}


def _first_read(module: fx.GraphModule, names: dict[str, str]) -> dict[str, list[str]]:
    """Node → the parameters that it is the first to read."""
    found, seen = {}, set()
    for node in module.graph.nodes:
        if node.name in names:
            found[names[node.name]] = [name for name in _parameters_of(node, module) if name not in seen]
            seen.update(found[names[node.name]])
    return found


def _parameters_of(node: fx.Node, module: fx.GraphModule) -> list[str]:
    if node.op == "call_module":
        return [f"{node.target}.{name}" for name, _ in module.get_submodule(node.target).named_parameters()]
    return [node.target] if node.op == "get_attr" else []


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
