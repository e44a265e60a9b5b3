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

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from repgeom.errors import InputError
from repgeom.models.published import load_into
from repgeom.models.recurrent_network import OPERATIONS, Link, RecurrentNetwork, Shape, State

LAYERS = ("input", "conv1", "conv2", "fc")
MODULATIONS = ("bias", "gain")
KERNEL = 5
POOL = 3


class Pathway(NamedTuple):
    """A recurrent connection between two layers, or from a layer to itself."""

    source: str
    target: str

    @property
    def is_lateral(self) -> bool:
        """Whether it stays within a layer; else it is top-down."""
        return self.source == self.target

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


class RCNN(RecurrentNetwork):
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
        super().__init__(LAYERS, n_steps)
        _check_counts(features=min(features), n_categories=n_categories)
        self.map_shapes, self.output_shapes = layer_shapes(canvas, features)
        self._connect_bottom_up(features, n_categories)
        for modulation in (m for m, on in zip(MODULATIONS, (bias, gain), strict=True) if on):
            for pathway in (p for p in PATHWAYS if (lateral if p.is_lateral else top_down)):
                self.connect(*pathway, modulation, self._build_pathway(pathway), pathway.module(modulation))
        self.initialise(generator)
        # Convolutions, their gradients and pooling are up to four times faster this way on a CPU.
        self.to(memory_format=torch.channels_last)

    def _connect_bottom_up(self, features: tuple[int, int, int], n_categories: int) -> None:
        conv1, conv2, fc = features
        n_seen = _size(self.output_shapes["conv2"])
        self.connect("input", "conv1", "drive", _uninitialised(nn.Conv2d, 1, conv1, KERNEL), "conv1")
        self.connect("conv1", "conv2", "drive", _uninitialised(nn.Conv2d, conv1, conv2, KERNEL), "conv2")
        self.connect("conv2", "fc", "drive", _uninitialised(nn.Linear, n_seen, fc), "fc1")
        self.connect("fc", "logits", "drive", _uninitialised(nn.Linear, self.n_steps * fc, n_categories), "fc2")

    def _build_pathway(self, pathway: Pathway) -> nn.Module:
        source, target = self.output_shapes[pathway.source], self.map_shapes[pathway.target]
        if pathway.source == "fc":
            return _uninitialised(nn.Linear, *source, _size(target))
        if pathway.is_lateral:
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

    def readout(self, top: Sequence[Tensor]) -> Tensor:
        """Logits (n, n_categories) from the fc states of the first steps, later ones counted as zero.

        With all T states these are the network's answer; with t < T they are what the trained readout
        makes of the evidence until step t. `t = 1` is the control without recurrence.
        """
        seen = torch.cat(list(top), dim=1)
        return F.linear(seen, self.fc2.weight[:, : seen.shape[1]], self.fc2.bias)

    def flow(self, layer: str, modulation: str, state: State) -> Tensor:
        """The summed flow into one layer, (n, *shape of the layer before pooling)."""
        parts = (self.carry(link, state) for link in self.links_into(layer, modulation))
        # The first part is a fresh tensor wherever there are several (linear maps, whose result is
        # reshaped, come last): adding in place saves a pass over the largest arrays of the network.
        total = next(parts)
        for part in parts:
            total = total.add_(part)
        return total

    def carry(self, link: Link, state: State) -> Tensor:
        """What a pathway brings: lateral ones see a layer before pooling, the others after it."""
        seen = (state.maps if link.kind == "lateral" else state.outputs)[link.source]
        carried = self.get_submodule(link.module)(seen)
        return carried.unflatten(1, self.map_shapes[link.target]) if link.source == "fc" else carried

    def respond(
        self, layer: str, images: Tensor, outputs: Mapping[str, Tensor], flow: Mapping[str, Tensor]
    ) -> tuple[Tensor, Tensor]:
        """Activity of a layer before and after pooling."""
        if layer == "input":
            activity = _clip(images, **flow)
        elif layer == "fc":
            activity = _rectify(self.fc1(outputs["conv2"].flatten(1)), **flow)
        else:
            drive = self.conv1(outputs["input"]) if layer == "conv1" else self.conv2(outputs["conv1"])
            activity = _rectify(drive, **flow)
            return activity, F.max_pool2d(activity, POOL)
        return activity, activity

    def shape_of(self, target: str) -> Shape:
        """Shape of a layer before pooling, or of the logits."""
        return self.map_shapes.get(target, (self.fc2.out_features,))

    def shape_seen(self, link: Link) -> Shape:
        """Lateral pathways see a layer before pooling, the others after it."""
        return (self.map_shapes if link.kind == "lateral" else self.output_shapes)[link.source]

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


OPERATIONS[OverlapAdd] = OPERATIONS[nn.ConvTranspose2d]


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


def _uninitialised(kind: type[nn.Module], *args, **kwargs) -> nn.Module:
    """A module whose weights are not drawn: PyTorch would take them from its global generator."""
    return nn.utils.skip_init(kind, *args, **kwargs)


def _size(shape: Shape) -> int:
    return torch.Size(shape).numel()


def _check_counts(**counts: int) -> None:
    for name, count in counts.items():
        if count < 1:
            raise InputError(f"{name} is {count}; it must be at least 1")
