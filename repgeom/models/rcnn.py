"""The recurrent convolutional network of Thorat, Aldegheri & Kietzmann (2021), arXiv 2111.07898.

Four layers, *input*, *conv1*, *conv2* and *fc*, are unrolled for T steps. Within a step activity climbs
through all of them (bottom-up); between steps, lateral pathways bring every layer its own previous
state and top-down pathways the previous states of the layers above it. What they bring is summed, per
layer, into a *bias* flow and a *gain* flow that modulate the layer::

    state = ReLU(drive + bias) · (1 + gain)          conv1, conv2, fc
    state = clip((image + bias) · (1 + gain), 0, 1)  input

A linear readout sees the fc states of all steps side by side. Lateral pathways carry a convolutional
layer's state before max-pooling; everything else (bottom-up, top-down, analyses) sees it after.

Module names and parameter shapes are those of the weights published with the paper
(github.com/KietzmannLab/svrhm21_RNN_explain, osf.io/pf4u5), so that these load: `c2c1g`, for instance,
carries *conv2* to *conv1* as a *gain*.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from repgeom.errors import InputError, nearest
from repgeom.models.published import load_into

LAYERS = ("input", "conv1", "conv2", "fc")
MODULATIONS = ("bias", "gain")
KERNEL = 5
POOL = 3

Shape = tuple[int, ...]
Flows = dict[str, dict[str, Tensor]]
"""Summed recurrent flow: layer → modulation (`bias`, `gain`) → (n, *shape of the layer before pooling)."""


class Pathway(NamedTuple):
    """A recurrent connection between two layers, or from a layer to itself."""

    source: str
    target: str

    @property
    def kind(self) -> str:
        """`lateral` or `top-down`."""
        return "lateral" if self.source == self.target else "top-down"

    def module(self, modulation: str) -> str:
        """Name of the module that carries this pathway as a `bias` or a `gain`."""
        abbreviation = {"input": "x", "conv1": "c1", "conv2": "c2", "fc": "fc1"}
        return abbreviation[self.source] + abbreviation[self.target] + modulation[0]


# Sources of one target in the order in which they are summed; fc last, see `RCNN.flow`.
PATHWAYS = (
    Pathway("conv1", "input"),
    Pathway("conv2", "input"),
    Pathway("fc", "input"),
    Pathway("conv1", "conv1"),
    Pathway("conv2", "conv1"),
    Pathway("fc", "conv1"),
    Pathway("conv2", "conv2"),
    Pathway("fc", "conv2"),
    Pathway("fc", "fc"),
)


class Node(NamedTuple):
    """Something that can be recorded.

    `name` is `{module}_t{timestep}`, timesteps count from 1, `inputs` are the nodes it is computed from.
    """

    name: str
    module: str
    timestep: int
    inputs: tuple[str, ...]


class Connection(NamedTuple):
    """One line of the connection inventory; kernel and stride are empty for linear maps."""

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


@dataclass(frozen=True)
class State:
    """Activity of every layer at one step, by layer name, (n, *shape).

    `maps` holds it before pooling, `outputs` after it; they are the same for input and fc.
    """

    maps: Mapping[str, Tensor]
    outputs: Mapping[str, Tensor]


@dataclass(frozen=True)
class Step:
    """One step of the unrolled network: the flows that came in (none at t = 1), and the state they led to."""

    flows: Flows
    state: State


class RCNN(nn.Module):
    """Recurrent convolutional network with additive and multiplicative recurrence.

    Parameters
    ----------
    canvas
        Height and width of the images in pixels. The transposed convolutions adapt to it.
    features
        Channels of conv1 and conv2, units of fc.
    n_steps
        Number of steps T ≥ 1.
    n_categories
        Number of output categories.
    bias, gain
        Which modulations the recurrent pathways exert.
    lateral, top_down
        Which pathways exist. A pathway that does not exist has no parameters and takes no time; a
        network without pathways, or without modulations, is feed-forward.
    generator
        Source of the initial weights, PyTorch's global one if None: Xavier-uniform, biases zero. (The
        published training code leaves the transposed convolutions at PyTorch's default, of about the
        same spread.)

    Raises
    ------
    InputError
        A canvas too small for two rounds of convolution and pooling, a count below one.
    """

    def __init__(
        self,
        *,
        canvas: tuple[int, int] = (100, 100),
        features: tuple[int, int, int] = (8, 16, 128),
        n_steps: int = 4,
        n_categories: int = 20,
        bias: bool = False,
        gain: bool = True,
        lateral: bool = True,
        top_down: bool = True,
        generator: torch.Generator | None = None,
    ):
        super().__init__()
        _check_counts(features=min(features), n_steps=n_steps, n_categories=n_categories)
        self.n_steps = n_steps
        self.map_shapes, self.output_shapes = layer_shapes(canvas, features)
        self.modulations = tuple(m for m, on in zip(MODULATIONS, (bias, gain), strict=True) if on)
        kinds = {kind for kind, on in (("lateral", lateral), ("top-down", top_down)) if on}
        self.pathways = tuple(p for p in PATHWAYS if p.kind in kinds) if self.modulations else ()
        self._build_bottom_up(features, n_categories)
        for modulation in self.modulations:
            for pathway in self.pathways:
                self.add_module(pathway.module(modulation), self._build_pathway(pathway))
        self.initialise(generator)
        # Convolutions, their gradients and pooling are up to four times faster this way on a CPU.
        self.to(memory_format=torch.channels_last)

    def _build_bottom_up(self, features: tuple[int, int, int], n_categories: int) -> None:
        conv1, conv2, fc = features
        self.conv1 = _uninitialised(nn.Conv2d, 1, conv1, KERNEL)
        self.conv2 = _uninitialised(nn.Conv2d, conv1, conv2, KERNEL)
        self.fc1 = _uninitialised(nn.Linear, _size(self.output_shapes["conv2"]), fc)
        self.fc2 = _uninitialised(nn.Linear, self.n_steps * fc, n_categories)

    def _build_pathway(self, pathway: Pathway) -> nn.Module:
        source, target = self.output_shapes[pathway.source], self.map_shapes[pathway.target]
        if pathway.source == "fc":
            return _uninitialised(nn.Linear, *source, _size(target))
        if pathway.kind == "lateral":
            return _uninitialised(nn.Conv2d, target[0], target[0], KERNEL, padding=KERNEL // 2)
        fits = [transposed_fit(*sides) for sides in zip(source[1:], target[1:], strict=True)]
        kernel, stride = zip(*fits, strict=True)
        # oneDNN takes several times as long for the large strides into a single channel.
        kind = OverlapAdd if pathway == ("conv2", "input") else nn.ConvTranspose2d
        return _uninitialised(kind, source[0], target[0], kernel, stride)

    def initialise(self, generator: torch.Generator | None = None) -> None:
        """Draw all weights anew: Xavier-uniform, biases zero."""
        for name, parameter in self.named_parameters():
            if name.endswith("weight"):
                nn.init.xavier_uniform_(parameter, generator=generator)
            else:
                nn.init.zeros_(parameter)

    # Running

    def forward(self, images: Tensor) -> Tensor:
        """Logits (n, n_categories) after the last step, for images (n, h, w) or (n, 1, h, w)."""
        return self.readout([step.state.outputs["fc"] for step in self.unroll(images)])

    def readout(self, fc_states: Sequence[Tensor]) -> Tensor:
        """Logits (n, n_categories) from the fc states of the first steps, later ones counted as zero.

        With all T states these are the network's answer; with t < T they are what the trained readout
        makes of the evidence until step t. `t = 1` is the control without recurrence.
        """
        seen = torch.cat(list(fc_states), dim=1)
        return F.linear(seen, self.fc2.weight[:, : seen.shape[1]], self.fc2.bias)

    def unroll(self, images: Tensor) -> Iterator[Step]:
        """The steps t = 1, 2, … T, each computed when it is asked for.

        Raises
        ------
        InputError
            Images that do not have the canvas's size.
        """
        images = self.checked(images)
        state = self.advance(images, {})
        yield Step({}, state)
        yield from self.resume(images, state, self.n_steps - 1)

    def resume(self, images: Tensor, state: State, n_steps: int) -> Iterator[Step]:
        """The next `n_steps` steps after `state`, for images (n, 1, h, w)."""
        for _ in range(n_steps):
            flows = self.flows(state)
            if flows:  # a feed-forward network stays as it is, and so does all below the first flow
                state = self.advance(images, flows, first=self.modulated_layers[0], below=state)
            yield Step(flows, state)

    @property
    def modulated_layers(self) -> tuple[str, ...]:
        """Layers that receive recurrent flow, from the lowest up."""
        return tuple(layer for layer in LAYERS if any(p.target == layer for p in self.pathways))

    def flows(self, state: State) -> Flows:
        """The summed recurrent flows that `state` sends into the next step, for all modulated layers."""
        return {layer: {m: self.flow(layer, m, state) for m in self.modulations} for layer in self.modulated_layers}

    def flow(self, layer: str, modulation: str, state: State) -> Tensor:
        """The summed flow into one layer, (n, *shape of the layer before pooling)."""
        parts = (self._carry(p, modulation, state) for p in self.pathways if p.target == layer)
        # The first part is a fresh tensor wherever there are several (linear maps, whose result is
        # reshaped, come last): adding in place saves a pass over the largest arrays of the network.
        total = next(parts)
        for part in parts:
            total = total.add_(part)
        return total

    def _carry(self, pathway: Pathway, modulation: str, state: State) -> Tensor:
        seen = (state.maps if pathway.kind == "lateral" else state.outputs)[pathway.source]
        carried = self.get_submodule(pathway.module(modulation))(seen)
        return carried.unflatten(1, self.map_shapes[pathway.target]) if pathway.source == "fc" else carried

    def advance(
        self,
        images: Tensor,
        flows: Mapping[str, Mapping[str, Tensor]],
        first: str = "input",
        below: State | None = None,
    ) -> State:
        """The state of the step into which `flows` come.

        Layers before `first` are taken from `below`, a state in which they are known already.
        """
        maps, outputs = {}, {}
        for layer in LAYERS[: LAYERS.index(first)]:
            maps[layer], outputs[layer] = below.maps[layer], below.outputs[layer]
        for layer in LAYERS[LAYERS.index(first) :]:
            flow = flows.get(layer, {})
            maps[layer] = _clip(images, **flow) if layer == "input" else _rectify(self._drive(layer, outputs), **flow)
            outputs[layer] = F.max_pool2d(maps[layer], POOL) if layer.startswith("conv") else maps[layer]
        return State(maps, outputs)

    def _drive(self, layer: str, outputs: Mapping[str, Tensor]) -> Tensor:
        """Bottom-up input to a layer, a fresh tensor."""
        if layer == "fc":
            return self.fc1(outputs["conv2"].flatten(1))
        return self.conv1(outputs["input"]) if layer == "conv1" else self.conv2(outputs["conv1"])

    # Recording

    @property
    def nodes(self) -> list[Node]:
        """Everything that can be recorded, in execution order.

        At every step: the summed flows into a layer (`conv1_gain_flow_t2`, from t = 2), the layer's
        state after pooling (`conv1_t2`), and at the end `logits_t2`, see `readout`.
        """
        return [node for t in range(1, self.n_steps + 1) for node in self._nodes_at(t)]

    def _nodes_at(self, t: int) -> Iterator[Node]:
        below = ()
        for layer in LAYERS:
            sources = tuple(f"{p.source}_t{t - 1}" for p in self.pathways if p.target == layer and t > 1)
            flows = [_node(f"{layer}_{m}_flow", t, sources) for m in self.modulations if sources]
            yield from flows
            yield _node(layer, t, (*below, *(flow.name for flow in flows)))
            below = (f"{layer}_t{t}",)
        yield _node("logits", t, tuple(f"fc_t{seen}" for seen in range(1, t + 1)))

    def record(
        self, images: Tensor, emit: Callable[[Node, Tensor], None], names: Collection[str] | None = None
    ) -> None:
        """Run on `images` and hand each node's value, (n, *shape), to `emit`, in execution order.

        With `names`, only these nodes, and nothing is computed after the last step that they need.

        Raises
        ------
        InputError
            A name that is no node of this network.
        """
        nodes = self._chosen(names)
        last = max((node.timestep for node in nodes), default=0)
        fc_states: list[Tensor] = []
        for t, step in enumerate(islice(self.unroll(images), last), start=1):
            fc_states.append(step.state.outputs["fc"])
            for node in (node for node in nodes if node.timestep == t):
                emit(node, self._value(node.module, step, fc_states))

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

    def _value(self, module: str, step: Step, fc_states: Sequence[Tensor]) -> Tensor:
        if module == "logits":
            return self.readout(fc_states)
        if module in LAYERS:
            return step.state.outputs[module]
        layer, modulation, _ = module.split("_")
        return step.flows[layer][modulation]

    # Description

    def connections(self) -> list[Connection]:
        """The connection inventory: bottom-up, recurrent and readout connections, in that order."""
        bottom_up = [("conv1", "input", "conv1"), ("conv2", "conv1", "conv2"), ("fc1", "conv2", "fc")]
        found = [self._connection(name, s, t, "bottom-up", "drive") for name, s, t in bottom_up]
        for m in self.modulations:
            found += [self._connection(p.module(m), p.source, p.target, p.kind, m) for p in self.pathways]
        return [*found, self._connection("fc2", "fc", "logits", "readout", "drive")]

    def _connection(self, name: str, source: str, target: str, kind: str, modulation: str) -> Connection:
        module = self.get_submodule(name)
        return Connection(
            module=name,
            source=source,
            target=target,
            kind=kind,
            modulation=modulation,
            operation=OPERATIONS[type(module)],
            kernel=getattr(module, "kernel_size", ()),
            stride=getattr(module, "stride", ()),
            source_shape=(self.map_shapes if kind == "lateral" else self.output_shapes)[source],
            target_shape=self.map_shapes.get(target, (self.fc2.out_features,)),
            n_parameters=sum(p.numel() for p in module.parameters()),
        )

    @property
    def n_parameters(self) -> int:
        """Number of trainable parameters."""
        return sum(p.numel() for p in self.parameters())

    def load_published(self, weights: Mapping[str, Tensor], source: str = "published weights") -> None:
        """Load weights published with the paper, whose files hold the modules of every pathway.

        Raises
        ------
        InputError
            An entry that the published network does not have, one that is missing, or one of another
            shape; names `source`.
        """
        absent = {p.module(m) for p in PATHWAYS for m in MODULATIONS} - {name for name, _ in self.named_children()}
        present = {name: value for name, value in weights.items() if name.split(".")[0] not in absent}
        load_into(self, present, source)

    def checked(self, images: Tensor) -> Tensor:
        """Images (n, h, w) or (n, 1, h, w) as (n, 1, h, w).

        Raises
        ------
        InputError
            They have another shape.
        """
        expected = self.map_shapes["input"]
        if images.ndim == 3:
            images = images.unsqueeze(1)
        if tuple(images.shape[1:]) != expected:
            raise InputError(
                f"images have shape {tuple(images.shape)}, the network expects (n, *{expected[1:]}) or "
                f"(n, *{expected}); render them for this canvas"
            )
        return images


class OverlapAdd(nn.ConvTranspose2d):
    """A transposed convolution without padding, as one matrix product whose overlapping patches are added."""

    def forward(self, source: Tensor) -> Tensor:
        """(n, in_channels, h, w) → (n, out_channels, (h − 1)·stride + kernel, likewise for w)."""
        sides = zip(source.shape[2:], self.stride, self.kernel_size, strict=True)
        size = [(side - 1) * stride + kernel for side, stride, kernel in sides]
        patches = self.weight.flatten(1).t() @ source.flatten(2)
        return F.fold(patches, size, self.kernel_size, stride=self.stride) + self.bias[:, None, None]


OPERATIONS = {
    nn.Conv2d: "convolution",
    nn.ConvTranspose2d: "transposed convolution",
    OverlapAdd: "transposed convolution",
    nn.Linear: "linear",
}


def layer_shapes(canvas: tuple[int, int], features: tuple[int, int, int]) -> tuple[dict[str, Shape], dict[str, Shape]]:
    """Shapes of all layers before and after pooling, without the batch axis.

    Raises
    ------
    InputError
        A canvas of which nothing is left after convolution and pooling.
    """
    maps: dict[str, Shape] = {"input": (1, *canvas), "fc": (features[2],)}
    outputs = dict(maps)
    sides = canvas
    for layer, channels in zip(("conv1", "conv2"), features, strict=False):
        sides = tuple(side - KERNEL + 1 for side in sides)
        maps[layer] = (channels, *sides)
        sides = tuple(side // POOL for side in sides)
        outputs[layer] = (channels, *sides)
    if min(sides) < 1:
        smallest = (POOL + KERNEL - 1) * POOL + KERNEL - 1
        raise InputError(f"canvas {tuple(canvas)} is too small: each side needs at least {smallest} pixels")
    return maps, outputs


def transposed_fit(source: int, target: int) -> tuple[int, int]:
    """Kernel and stride with which a transposed convolution maps `source` pixels onto `target`, exactly.

    The stride is the largest that leaves a kernel of at least one and a half strides, so that
    neighbours overlap. On the published canvas that gives the published 32 → 100: (7, 3),
    9 → 100: (20, 10) and 9 → 96: (16, 10).
    """
    stride = 2 * target // (2 * source + 1)
    return target - (source - 1) * stride, stride


def _rectify(drive: Tensor, bias: Tensor | None = None, gain: Tensor | None = None) -> Tensor:
    """ReLU(drive + bias) · (1 + gain); overwrites `drive`."""
    state = (drive if bias is None else drive.add_(bias)).relu_()
    return state if gain is None else state * (1 + gain)


def _clip(image: Tensor, bias: Tensor | None = None, gain: Tensor | None = None) -> Tensor:
    """(image + bias) · (1 + gain), clipped to [0, 1]."""
    state = image if bias is None else image + bias
    return (state if gain is None else state * (1 + gain)).clamp(0, 1)


def _node(module: str, timestep: int, inputs: tuple[str, ...]) -> Node:
    return Node(f"{module}_t{timestep}", module, timestep, inputs)


def _uninitialised(kind: type[nn.Module], *args, **kwargs) -> nn.Module:
    """A module whose weights are not drawn: PyTorch would take them from its global generator."""
    return nn.utils.skip_init(kind, *args, **kwargs)


def _size(shape: Shape) -> int:
    return torch.Size(shape).numel()


def _check_counts(**counts: int) -> None:
    for name, count in counts.items():
        if count < 1:
            raise InputError(f"{name} is {count}; it must be at least 1")
