"""Layered networks with recurrent flows: what recording, decoding and perturbing them needs, for any of them.

A network is unrolled for T steps. Within a step activity climbs through its layers (bottom-up); between steps every
recurrent connection brings a layer the previous state of itself (lateral) or of a layer above it (top-down). What they
bring is summed, per layer and *modulation*, into a *flow*. What a flow does to a layer is the network's own affair:
`bias` may be added, `gain` multiplied.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from torch import Tensor, nn

from repgeom.errors import InputError, nearest

INPUT = "input"
DRIVE = "drive"
LOGITS = "logits"

Shape = tuple[int, ...]
Flows = dict[str, dict[str, Tensor]]
"""Summed recurrent flow: layer → modulation → (n, *shape of the layer)."""


class Connection(NamedTuple):
    """One line of the connection inventory.

    `modulation` is `drive` for bottom-up connections and the readout; kernel and stride are empty for linear maps,
    shapes where the network does not tell.
    """

    module: str
    source: str
    target: str
    kind: str
    modulation: str
    operation: str
    kernel: Shape
    stride: Shape
    source_shape: Shape
    target_shape: Shape
    n_parameters: int


class Node(NamedTuple):
    """Something that can be recorded.

    `name` is `{module}_t{timestep}`, timesteps count from 1, `inputs` are the nodes it is computed from.
    """

    name: str
    module: str
    timestep: int
    inputs: tuple[str, ...]


@dataclass(frozen=True)
class Link:
    """A module between two layers, or from a layer to itself."""

    source: str
    target: str
    modulation: str
    module: str
    kind: str


@dataclass(frozen=True)
class State:
    """Activity of every layer at one step, by layer name, (n, *shape).

    `outputs` is what other layers, recordings and the readout see; `maps`, what the layer itself remembers: its
    activity before pooling, for instance.
    """

    maps: Mapping[str, Tensor]
    outputs: Mapping[str, Tensor]


@dataclass(frozen=True)
class Step:
    """One step of the unrolled network: the flows that came in (none at t = 1), and the state they led to."""

    flows: Flows
    state: State


class RecurrentNetwork(nn.Module, ABC):
    """A layered network whose recurrent flows can be recorded, decoded and exchanged.

    To write one, name the layers, connect them, and say how a layer responds and how the network answers::

        class Net(RecurrentNetwork):
            def __init__(self, pixels=1600, units=64, n_categories=20, n_steps=4):
                super().__init__(["input", "hidden"], n_steps)
                self.connect("input", "hidden", "drive", nn.Linear(pixels, units))
                self.connect("hidden", "hidden", "bias", nn.Linear(units, units))
                self.connect("hidden", "logits", "drive", nn.Linear(units, n_categories))

            def respond(self, layer, images, outputs, flow):
                if layer == "input":
                    return images
                return torch.relu(self.input_hidden_drive(outputs["input"].flatten(1)) + flow.get("bias", 0))

            def readout(self, top):
                return self.hidden_logits_drive(top[-1])

    `layers`, `n_steps` and `links` are attributes of the base: call your own ones otherwise.

    Parameters
    ----------
    layers
        Their names from the lowest up: letters and digits. The lowest is called `input` and has the images' shape.
    n_steps
        Number of steps T ≥ 1.

    Raises
    ------
    InputError
        A name that cannot be one, or a count below one.
    """

    def __init__(self, layers: Sequence[str], n_steps: int):
        super().__init__()
        for name in layers:
            if name == LOGITS or not re.fullmatch(r"[A-Za-z][A-Za-z0-9]*", name):
                raise InputError(f"layer {name!r}: use letters and digits, and not the name {LOGITS!r}")
        if not layers or layers[0] != INPUT or len(set(layers)) < len(layers):
            raise InputError(f"layers {tuple(layers)}: the first is the {INPUT!r}, and all are different")
        if n_steps < 1:
            raise InputError(f"n_steps is {n_steps}; it must be at least 1")
        self.layers = tuple(layers)
        self.n_steps = n_steps
        self.links: list[Link] = []

    def connect(self, source: str, target: str, modulation: str, module: nn.Module, name: str | None = None) -> None:
        """Add a module that carries activity from one layer to another.

        Parameters
        ----------
        source, target
            Layers. A recurrent connection comes from the target itself or from a layer above it; the target of the
            readout is `logits`.
        modulation
            What the flow that the module contributes to is to its target, such as `bias` or `gain`; `drive` for
            bottom-up connections and the readout, which `respond` and `readout` apply themselves.
        module
        name
            Of the attribute, and so of its parameters in the weights; `{source}_{target}_{modulation}` by default.

        Raises
        ------
        InputError
            A layer that does not exist, a flow that would come from below, or a modulation that cannot be a name.
        """
        for layer in (source, *(() if target == LOGITS else (target,))):
            if layer not in self.layers:
                raise InputError(f"connect({source!r}, {target!r}): no layer {layer!r}; {nearest(layer, self.layers)}")
        if not re.fullmatch(r"[a-z][a-z0-9]*", modulation):
            raise InputError(f"connect({source!r}, {target!r}): modulation {modulation!r}: use letters and digits")
        kind = self._kind(source, target)
        if (modulation == DRIVE) == (kind in ("lateral", "top-down")):
            raise InputError(
                f"connect({source!r}, {target!r}, {modulation!r}): this connection is {kind}; drive goes up to a "
                "higher layer or to the logits, other modulations to the layer itself or a lower one"
            )
        name = name or f"{source}_{target}_{modulation}"
        self.add_module(name, module)
        self.links.append(Link(source, target, modulation, name, kind))

    def _kind(self, source: str, target: str) -> str:
        if target == LOGITS:
            return "readout"
        climbs = self.layers.index(target) - self.layers.index(source)
        return "bottom-up" if climbs > 0 else "top-down" if climbs < 0 else "lateral"

    # What a network is

    @abstractmethod
    def respond(
        self, layer: str, images: Tensor, outputs: Mapping[str, Tensor], flow: Mapping[str, Tensor]
    ) -> Tensor | tuple[Tensor, Tensor]:
        """Activity of a layer, from nothing but what is given.

        Parameters
        ----------
        layer
        images : (n, channels, h, w)
        outputs
            Of the layers below, at the same step.
        flow
            Modulation → summed flow into this layer; empty at the first step, and if nothing comes.

        Returns
        -------
        (n, *shape), or a pair (map, output) of what the layer remembers and what the others see of it.
        """

    @abstractmethod
    def readout(self, top: Sequence[Tensor]) -> Tensor:
        """Logits (n, n_categories) from the outputs of the highest layer at the steps until now, one or more."""

    def carry(self, link: Link, state: State) -> Tensor:
        """What one recurrent connection brings of the previous state; its module applied to the source's output."""
        return self.get_submodule(link.module)(state.outputs[link.source])

    def checked(self, images: Tensor) -> Tensor:
        """Images (n, h, w) or (n, channels, h, w) as the latter."""
        return images.unsqueeze(1) if images.ndim == 3 else images

    # Running

    def forward(self, images: Tensor) -> Tensor:
        """Logits (n, n_categories) after the last step, for images (n, h, w) or (n, channels, h, w)."""
        return self.readout([self.top(step.state) for step in self.unroll(images)])

    def top(self, state: State) -> Tensor:
        """Output of the highest layer, the one that is read out."""
        return state.outputs[self.layers[-1]]

    def unroll(self, images: Tensor) -> Iterator[Step]:
        """The steps t = 1, 2, … T, each computed when it is asked for."""
        images = self.checked(images)
        state = self.advance(images, {})
        yield Step({}, state)
        yield from self.resume(images, state, self.n_steps - 1)

    def resume(self, images: Tensor, state: State, n_steps: int) -> Iterator[Step]:
        """The next `n_steps` steps after `state`, for images as `checked` returns them."""
        for _ in range(n_steps):
            flows = self.flows(state)
            if flows:  # a feed-forward network stays as it is, and so does all below the first flow
                state = self.advance(images, flows, first=self.modulated_layers[0], below=state)
            yield Step(flows, state)

    @property
    def modulated_layers(self) -> tuple[str, ...]:
        """Layers that receive recurrent flow, from the lowest up."""
        return tuple(layer for layer in self.layers if self.modulations_of(layer))

    def links_into(self, layer: str, modulation: str) -> list[Link]:
        """The connections that one flow is summed over, in the order in which they were made."""
        return [link for link in self.links if (link.target, link.modulation) == (layer, modulation)]

    def modulations_of(self, layer: str) -> tuple[str, ...]:
        """The modulations of the flows into a layer."""
        found = (link.modulation for link in self.links if link.target == layer and link.modulation != DRIVE)
        return tuple(dict.fromkeys(found))

    def flows(self, state: State) -> Flows:
        """The summed recurrent flows that `state` sends into the next step, for all modulated layers."""
        return {
            layer: {m: self.flow(layer, m, state) for m in self.modulations_of(layer)}
            for layer in self.modulated_layers
        }

    def flow(self, layer: str, modulation: str, state: State) -> Tensor:
        """The summed flow into one layer, in the order in which its connections were made."""
        first, *others = self.links_into(layer, modulation)
        total = self.carry(first, state)
        for link in others:
            total = total + self.carry(link, state)
        return total

    def advance(
        self,
        images: Tensor,
        flows: Mapping[str, Mapping[str, Tensor]],
        first: str | None = None,
        below: State | None = None,
    ) -> State:
        """The state of the step into which `flows` come.

        Layers before `first` are taken from `below`, a state in which they are known already.
        """
        start = self.layers.index(first) if first else 0
        maps = {layer: below.maps[layer] for layer in self.layers[:start]}
        outputs = {layer: below.outputs[layer] for layer in self.layers[:start]}
        for layer in self.layers[start:]:
            response = self.respond(layer, images, outputs, flows.get(layer, {}))
            maps[layer], outputs[layer] = response if isinstance(response, tuple) else (response, response)
        return State(maps, outputs)

    # Recording

    @property
    def nodes(self) -> list[Node]:
        """Everything that can be recorded, in execution order.

        At every step: the summed flows into a layer (`conv1_gain_flow_t2`, from t = 2), the layer's
        output (`conv1_t2`), and at the end `logits_t2`, see `readout`.
        """
        return [node for t in range(1, self.n_steps + 1) for node in self._nodes_at(t)]

    def _nodes_at(self, t: int) -> Iterator[Node]:
        below = ()
        for layer in self.layers:
            flows = [self._flow_node(layer, m, t) for m in self.modulations_of(layer)] if t > 1 else []
            yield from flows
            yield _node(layer, t, (*below, *(flow.name for flow in flows)))
            below = (f"{layer}_t{t}",)
        yield _node(LOGITS, t, tuple(f"{self.layers[-1]}_t{seen}" for seen in range(1, t + 1)))

    def _flow_node(self, layer: str, modulation: str, t: int) -> Node:
        sources = (f"{link.source}_t{t - 1}" for link in self.links_into(layer, modulation))
        return _node(f"{layer}_{modulation}_flow", t, tuple(sources))

    def record(
        self, images: Tensor, emit: Callable[[Node, Tensor], None], names: Collection[str] | None = None
    ) -> Tensor | None:
        """Run on `images` and hand each node's value, (n, *shape), to `emit`, in execution order.

        With `names`, only these nodes, and nothing is computed after the last step that they need.

        Returns
        -------
        Tensor or None
            What the network itself returns, where it has been found on the way.

        Raises
        ------
        InputError
            A name that is no node of this network.
        """
        nodes = self._chosen(names)
        last = max((node.timestep for node in nodes), default=0)
        tops: list[Tensor] = []
        value = None
        for t, step in enumerate(islice(self.unroll(images), last), start=1):
            tops.append(self.top(step.state))
            for node in (node for node in nodes if node.timestep == t):
                value = self._value(node.module, step, tops)
                emit(node, value)
        returns_logits = type(self).forward is RecurrentNetwork.forward
        return value if names is None and returns_logits else None

    def activations(self, images: Tensor, names: Collection[str] | None = None) -> dict[str, Tensor]:
        """What `record` finds, by node name."""
        found: dict[str, Tensor] = {}
        self.record(images, lambda node, value: found.update({node.name: value}), names)
        return found

    def _chosen(self, names: Collection[str] | None) -> list[Node]:
        known = {node.name: node for node in self.nodes}
        for name in names or ():
            if name not in known:
                raise InputError(f"the network has no node {name!r}; {nearest(name, known)}")
        return [node for name, node in known.items() if names is None or name in names]

    def _value(self, module: str, step: Step, tops: Sequence[Tensor]) -> Tensor:
        if module == LOGITS:
            return self.readout(tops)
        if module in self.layers:
            return step.state.outputs[module]
        layer, modulation, _ = module.split("_")
        return step.flows[layer][modulation]

    # Description

    def connections(self) -> list[Connection]:
        """The connection inventory: bottom-up, recurrent and readout connections, in that order."""
        order = {"bottom-up": 0, "lateral": 1, "top-down": 1, "readout": 2}
        return [self._connection(link) for link in sorted(self.links, key=lambda link: order[link.kind])]

    def _connection(self, link: Link) -> Connection:
        module = self.get_submodule(link.module)
        return Connection(
            module=link.module,
            source=link.source,
            target=link.target,
            kind=link.kind,
            modulation=link.modulation,
            operation=OPERATIONS.get(type(module), type(module).__name__),
            kernel=getattr(module, "kernel_size", ()),
            stride=getattr(module, "stride", ()),
            source_shape=self.shape_seen(link),
            target_shape=self.shape_of(link.target),
            n_parameters=sum(p.numel() for p in module.parameters()),
        )

    def shape_of(self, target: str) -> Shape:
        """Shape of a layer or of the logits, without the batch axis; empty where it is not told."""
        return ()

    def shape_seen(self, link: Link) -> Shape:
        """Shape of what a connection is applied to."""
        return self.shape_of(link.source)

    @property
    def n_parameters(self) -> int:
        """Number of trainable parameters."""
        return sum(p.numel() for p in self.parameters())


OPERATIONS = {
    nn.Conv2d: "convolution",
    nn.ConvTranspose2d: "transposed convolution",
    nn.Linear: "linear",
}


def _node(module: str, timestep: int, inputs: tuple[str, ...]) -> Node:
    return Node(f"{module}_t{timestep}", module, timestep, inputs)
