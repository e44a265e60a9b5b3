"""Networks, weights and images as people have them: each is a row of the table in docs/supported.md, and a test.

python tests/unit/supported.py    writes the table anew
"""

import struct
import sys
import warnings
import zlib
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np
import torch
from PIL import ExifTags, Image
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm, weight_norm
from torch.utils.checkpoint import checkpoint

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/supported.md"
SIDE = 8


class Case(NamedTuple):
    """A network, and what is to be expected of it.

    Attributes
    ----------
    build : callable
        The network, for grey images of 8 × 8 pixels.
    how : str
        `node by node`, `call by call` or `image by image`.
    left_out : str
        What cannot be recorded.
    """

    build: Callable[[], nn.Module]
    how: str = "node by node"
    left_out: str = "nothing"


class Reads(nn.Module):
    """Reads the rows of an image one after the other."""

    def __init__(self, kind, time_first=False):
        super().__init__()
        self.time_first = time_first
        self.rnn, self.fc = kind(SIDE, 6, batch_first=not time_first), nn.Linear(6, 3)

    def forward(self, images):
        rows = images[:, 0]
        states, _ = self.rnn(rows.transpose(0, 1) if self.time_first else rows)
        return self.fc(states[-1] if self.time_first else states[:, -1])


class Attends(nn.Module):
    """A Transformer encoder over the rows of an image."""

    def __init__(self):
        super().__init__()
        layer = nn.TransformerEncoderLayer(SIDE, nhead=2, dim_feedforward=12, batch_first=True)
        self.encoder, self.fc = nn.TransformerEncoder(layer, num_layers=2), nn.Linear(SIDE, 3)

    def forward(self, images):
        return self.fc(self.encoder(images[:, 0]).mean(dim=1))


class Chooses(nn.Module):
    """Sends each image through one of two layers."""

    def __init__(self):
        super().__init__()
        self.trunk, self.bright, self.dark, self.fc = (nn.Linear(SIDE**2, 9), *(nn.Linear(9, 9) for _ in "ab"), nn.Linear(9, 3))  # fmt: skip

    def forward(self, images):
        x = self.trunk(images.flatten(1))
        return self.fc(self.bright(x) if images.mean() > 0.5 else self.dark(x))


class Returns(nn.Module):
    """Wraps its logits in some container."""

    def __init__(self, wrap):
        super().__init__()
        self.hidden, self.fc, self.wrap = nn.Linear(SIDE**2, 9), nn.Linear(9, 3), wrap

    def forward(self, images):
        return self.wrap(self.fc(torch.tanh(self.hidden(images.flatten(1)))))


class Asks(nn.Module):
    """Takes more than images, where it is given more."""

    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(SIDE**2, 3)

    def forward(self, images, condition=None, *, scale=2.0):
        x = self.fc(images.flatten(1)) * scale
        return x if condition is None else x + condition


class Keeps(nn.Module):
    """Makes its weights of places when it first runs."""

    def __init__(self):
        super().__init__()
        self.fc, self.places = nn.Linear(SIDE, 3), None

    def forward(self, images):
        if self.places is None or len(self.places) < images.shape[2]:
            self.places = torch.linspace(0, 1, images.shape[2])
        return self.fc(images[:, 0] @ self.places)


class Rounds(nn.Module):
    """Computes in bfloat16 what it is given in float32."""

    def __init__(self):
        super().__init__()
        self.hidden, self.fc = nn.Linear(SIDE**2, 9), nn.Linear(9, 3)

    def forward(self, images):
        with torch.autocast("cpu", dtype=torch.bfloat16):
            return self.fc(torch.tanh(self.hidden(images.flatten(1)))).float()


class Sparse(nn.Module):
    """Passes on what is above zero, as a sparse matrix."""

    def __init__(self):
        super().__init__()
        self.hidden, self.fc = nn.Linear(SIDE**2, 9), nn.Linear(9, 3)

    def forward(self, images):
        return self.fc(torch.relu(self.hidden(images.flatten(1))).to_sparse().to_dense())


class Table(nn.Module):
    """Adds a table of positions, and a scalar."""

    def __init__(self):
        super().__init__()
        self.positions, self.fc = nn.Parameter(torch.randn(3, SIDE**2)), nn.Linear(SIDE**2, 3)

    def forward(self, images):
        return self.fc(images.flatten(1) * self.positions.std() + self.positions.tanh().sum(dim=0))


class Dead(nn.Module):
    """One of its layers is zero for every image."""

    def __init__(self):
        super().__init__()
        self.hidden, self.fc = nn.Linear(SIDE**2, 9), nn.Linear(9, 3)

    def forward(self, images):
        x = torch.relu(self.hidden(images.flatten(1)))
        return self.fc(x + torch.relu(-x - 1))


class Masks(nn.Module):
    """Attention among the rows of an image, each of which sees those before it."""

    def __init__(self):
        super().__init__()
        self.register_buffer("later", torch.ones(SIDE, SIDE).triu(1).bool())
        self.fc = nn.Linear(SIDE, 3)

    def forward(self, images):
        rows = images[:, 0]
        scores = (rows @ rows.transpose(1, 2)).masked_fill(self.later, -torch.inf)
        return self.fc((scores.softmax(-1) @ rows).mean(dim=1))


class Repeats(nn.Module):
    """Goes through a layer as often as an image is bright."""

    def __init__(self):
        super().__init__()
        self.trunk, self.layer, self.fc = nn.Linear(SIDE**2, 9), nn.Linear(9, 9), nn.Linear(9, 3)

    def forward(self, images):
        x = self.trunk(images.flatten(1))
        for _ in range(int(3 * images.mean()) + 1):
            x = torch.tanh(self.layer(x))
        return self.fc(x)


class Fourier(nn.Module):
    """Looks at the spectrum of an image."""

    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(SIDE * (SIDE // 2 + 1), 3)

    def forward(self, images):
        return self.fc(torch.fft.rfft2(images).abs().flatten(1))


class UNet(nn.Module):
    """Pools, and puts back where the largest were; returns feature maps beside its logits."""

    def __init__(self):
        super().__init__()
        self.down, self.pool, self.up = (
            nn.Conv2d(1, 3, 3, padding=1),
            nn.MaxPool2d(2, return_indices=True),
            nn.MaxUnpool2d(2),
        )

    def forward(self, images):
        x = torch.relu(self.down(images))
        small, where = self.pool(x)
        back = self.up(small, where) + x
        return {"features": [x, back], "logits": back.mean(dim=(2, 3))}


class Reuses(nn.Module):
    """Goes twice through layers that have two names each."""

    def __init__(self):
        super().__init__()
        self.first, self.block, self.fc = (
            nn.Linear(SIDE**2, 9),
            nn.Sequential(nn.Linear(9, 9), nn.ReLU()),
            nn.Linear(9, 3),
        )
        self.alias = self.block

    def forward(self, images):
        return self.fc(self.alias(self.block(self.first(images.flatten(1)))))


class AttendsToWhatWas(Attends):
    """With masks."""

    def forward(self, images):
        mask = torch.ones(SIDE, SIDE, device=images.device).triu(1).bool()
        return self.fc(self.encoder(images[:, 0], mask=mask).mean(dim=1))


class Without(nn.Module):
    """Computes without gradients."""

    def __init__(self, context):
        super().__init__()
        self.hidden, self.fc, self.context = nn.Linear(SIDE**2, 9), nn.Linear(9, 3), context

    def forward(self, images):
        with self.context():
            x = torch.tanh(self.hidden(images.flatten(1)))
        return self.fc(x)


class Changes(nn.Module):
    """Changes what it is given."""

    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(SIDE**2, 3)

    def forward(self, images):
        images.mul_(2).sub_(1)
        return self.fc(images.flatten(1))


class Fixed(nn.Module):
    """Has no weights but fixed ones, in double precision."""

    def __init__(self):
        super().__init__()
        self.register_buffer("filters", torch.randn(4, 1, 3, 3, dtype=torch.float64))
        self.register_buffer("count", torch.zeros(1, dtype=torch.int64))

    def forward(self, images):
        return torch.relu(nn.functional.conv2d(images, self.filters)).mean(dim=(2, 3))


class Quantised(nn.Module):
    """Rounds what it is given to 256 steps up to the largest value."""

    def __init__(self):
        super().__init__()
        plain = nn.Linear(SIDE**2, 3)
        plain.qconfig = torch.ao.quantization.default_dynamic_qconfig
        with warnings.catch_warnings(action="ignore"):  # torch will do without one day
            self.fc = torch.ao.nn.quantized.dynamic.Linear.from_float(plain)

    def forward(self, images):
        return self.fc(images.flatten(1))


class Named(nn.Module):
    """Names that stand for something else elsewhere."""

    def __init__(self):
        super().__init__()
        self.input, self.logits, self.output = nn.Linear(SIDE**2, 9), nn.Linear(9, 9), nn.Linear(9, 3)
        self.record, self.nodes = nn.Identity(), 9
        self.layers = nn.ModuleDict(
            {"größe": nn.Linear(9, 9), "a": nn.Linear(9, 9), "a/b": nn.Linear(9, 9), "$x$": nn.ReLU()}
        )
        self.layers.update(
            {name: nn.Tanh() for name in ("x y", "[0]", "*", "__a__", "a\\b", "zarr", "a//b", "%2F", "_frame")}
        )

    def forward(self, x):
        x = self.input(x.flatten(1))
        for layer in self.layers.values():
            x = layer(x)
        return self.output(self.logits(self.record(x)))


class Around(nn.Module):
    """Does anything (network, images) → features (n, 9), with further layers or without, before its last layer."""

    def __init__(self, middle, **layers):
        super().__init__()
        self.hidden, self.fc, self.middle = nn.Linear(SIDE**2, 9), nn.Linear(9, 3), middle
        for name, layer in layers.items():
            setattr(self, name, layer)

    def forward(self, images):
        return self.fc(self.middle(self, images))


class TakesAny(Around):
    """Takes any number of things."""

    def forward(self, *images, **_):
        return super().forward(torch.cat([image + 1 for image in images]))


class TakesByName(Around):
    """Takes what is given by name alone, as in Hugging Face's libraries."""

    def forward(self, *, pixel_values=None, labels=None):
        return {"loss": labels, "logits": super().forward(pixel_values)}


class Compares(Around):
    """Compares two images, or one with itself."""

    def forward(self, images, other=None):
        other = images if other is None else other
        return self.fc(hidden(self, images) - 0.5 * hidden(self, other))


class Squeezes(Around):
    """Takes away every axis of length 1, and so that of a single image."""

    def forward(self, images):
        return super().forward(images.squeeze()).squeeze()


class Itself(nn.Module):
    """A function as a module."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


class Symmetric(nn.Module):
    """Makes a matrix symmetric."""

    def forward(self, weight):
        return weight.triu() + weight.triu(1).T


class Steps(torch.autograd.Function):
    """A step, passed by gradients as if it were not there."""

    @staticmethod
    def forward(ctx, x):
        return (x > 0).to(x.dtype)

    @staticmethod
    def backward(ctx, gradient):
        return gradient


def hidden(net: Around, images: torch.Tensor) -> torch.Tensor:
    """What one layer makes of images (n, …, 8, 8)."""
    return torch.tanh(net.hidden(images.flatten(-2).reshape(-1, SIDE**2)))


def downhill(net: Around, images: torch.Tensor) -> torch.Tensor:
    """A step down the gradient of an energy."""
    with torch.enable_grad():
        x = hidden(net, images).detach().requires_grad_()
        (gradient,) = torch.autograd.grad(x.pow(4).sum(), x)
    return x.detach() - 0.1 * gradient


def slope(net: Around, images: torch.Tensor) -> torch.Tensor:
    """Nine values of a gradient."""
    return torch.func.grad(lambda x: torch.tanh(net.hidden(x)).sum())(images.flatten(1))[:, :9]


def spikes(net: Around, images: torch.Tensor) -> torch.Tensor:
    """How often neurons have fired after three steps."""
    current, voltage, fired = net.hidden(images.flatten(1)), 0, 0
    for _ in range(3):
        voltage = 0.9 * voltage + current
        spike = (voltage > 0.1).to(current.dtype)
        voltage, fired = voltage * (1 - spike), fired + spike
    return fired


def patches(net: Around, images: torch.Tensor) -> torch.Tensor:
    """The mean over four patches, which are images of their own in between."""
    n = images.shape[0]
    return net.patch(images.reshape(n * 4, 16)).reshape(n, 4, 9).mean(dim=1)


def rows_first(net: Around, images: torch.Tensor) -> torch.Tensor:
    """Attention among rows, which come before images."""
    rows = images[:, 0].transpose(0, 1)
    return net.widen(net.attend(rows, rows, rows)[0].mean(dim=0))


def hooked() -> nn.Module:
    """A layer that gives something else than it computes."""
    network = plain()
    network[0].register_forward_hook(lambda module, given, returned: returned * 2)
    return network


def scripted() -> nn.Module:
    """A network into which nothing can look."""
    with warnings.catch_warnings(action="ignore"):  # torch will do without one day
        return torch.jit.script(plain())


def parametrised() -> nn.Module:
    """A layer whose weights are made symmetric."""
    net = Around(lambda net, images: net.square(hidden(net, images)), square=nn.Linear(9, 9))
    nn.utils.parametrize.register_parametrization(net.square, "weight", Symmetric())
    return net


def normed() -> nn.Module:
    """Weights that are computed from others."""
    layers = [spectral_norm(nn.Conv2d(1, 4, 3)), nn.ReLU(), weight_norm(nn.Conv2d(4, 4, 3)), nn.Flatten()]
    return nn.Sequential(*layers, nn.Linear(4 * 16, 3))


def plain(*middle: nn.Module) -> nn.Module:
    """A convolutional network with something in the middle."""
    return nn.Sequential(nn.Conv2d(1, 4, 3), *middle, nn.ReLU(), nn.Flatten(), nn.Linear(4 * 36, 3))


CALLS, ALONE = "call by call", "image by image"
NETWORKS = {
    "convolutional": Case(plain),
    "with batch normalisation": Case(lambda: plain(nn.BatchNorm2d(4))),
    "with operations in place": Case(lambda: plain(nn.ReLU(inplace=True))),
    "GRU": Case(lambda: Reads(nn.GRU), left_out="hidden states with layers first"),
    "LSTM": Case(lambda: Reads(nn.LSTM)),
    "LSTM, time first": Case(lambda: Reads(nn.LSTM, True), left_out="sequences with time first"),
    "`nn.TransformerEncoder`": Case(Attends, CALLS),
    "control flow that depends on images": Case(Chooses, ALONE, "layers that not every image passes"),
    "returns a dictionary with `logits` or `out`": Case(lambda: Returns(lambda x: {"aux": 0, "logits": x})),
    "returns a tuple; the first is the logits": Case(lambda: Returns(lambda x: (x, None))),
    "returns feature maps": Case(lambda: nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU())),
    "with tables of positions and scalars": Case(Table, left_out="tables and scalars"),
    "with a node that is zero for all images": Case(Dead, left_out="the node, from the path"),
    "with a number of steps that depends on images": Case(Repeats, ALONE, "steps that not every image takes"),
    "`nn.TransformerEncoder` with a mask": Case(AttendsToWhatWas, CALLS),
    "with masks of -inf": Case(Masks, left_out="masked scores"),
    "with complex numbers inside": Case(Fourier, left_out="complex numbers"),
    "pools with indices; returns lists in a dictionary": Case(UNet),
    "with modules that are used twice, or have two names": Case(Reuses),
    "with `spectral_norm` or `weight_norm`": Case(normed),
    "returns an object with `logits`, after others": Case(
        lambda: Returns(lambda x: SimpleNamespace(hidden=x.unsqueeze(2), logits=x)), CALLS
    ),
    "in double precision": Case(lambda: plain().double()),
    "in bfloat16": Case(lambda: plain().bfloat16()),
    "with modules called `input`, `größe`, `a` and `a/b`, `[0]`, `*` or `logits`": Case(Named),
    "with further arguments that need not be given": Case(Asks),
    "keeps for the next time what it made at first": Case(Keeps, left_out="what it keeps"),
    "chooses its precision inside (`torch.autocast`)": Case(Rounds, CALLS),
    "with sparse matrices inside": Case(Sparse),
    "with `torch.no_grad` inside": Case(lambda: Without(torch.no_grad)),
    "with `torch.inference_mode` inside": Case(lambda: Without(torch.inference_mode)),
    "changes its input in place": Case(Changes),
    "with fixed filters (buffers) alone": Case(Fixed),
    "returns a list of lists": Case(lambda: Returns(lambda x: [[x, x], [x]])),
    "returns a tuple of lists": Case(lambda: Returns(lambda x: ([x, x], [x]))),
    "`forward(self, *images)`": Case(lambda: TakesAny(hidden)),
    "`forward(self, *, pixel_values)`": Case(lambda: TakesByName(hidden)),
    "takes two images, or one": Case(lambda: Compares(hidden)),
    "squeezes its answer, also that to one image": Case(lambda: Squeezes(hidden)),
    "takes gradients inside (`torch.enable_grad`)": Case(lambda: Around(downhill), CALLS),
    "`torch.func.grad` inside": Case(lambda: Around(slope), CALLS),
    "`torch.vmap` over a module": Case(lambda: Around(lambda net, x: torch.vmap(net.hidden)(x.flatten(1))), CALLS),
    "`torch.autograd.Function`": Case(lambda: Around(lambda net, x: Steps.apply(hidden(net, x)))),
    "`torch.utils.checkpoint`": Case(
        lambda: Around(lambda net, x: checkpoint(net.hidden, x.flatten(1), use_reentrant=False))
    ),
    "spiking, step by step": Case(lambda: Around(spikes)),
    "with embedded tokens": Case(
        lambda: Around(lambda net, x: net.embed((x.flatten(1) * 7).long()).mean(dim=1), embed=nn.Embedding(8, 9))
    ),
    "with complex weights": Case(
        lambda: Around(
            lambda net, x: (x.flatten(1).to(torch.cfloat) @ net.w).abs(),
            w=nn.Parameter(torch.randn(SIDE**2, 9, dtype=torch.cfloat)),
        ),
        left_out="complex numbers",
    ),
    "with patches among the images": Case(lambda: Around(patches, patch=nn.Linear(16, 9)), left_out="patches"),
    "attention, time first": Case(
        lambda: Around(rows_first, attend=nn.MultiheadAttention(SIDE, 2), widen=nn.Linear(SIDE, 9)),
        left_out="sequences with time first",
    ),
    "goes through its images one by one": Case(
        lambda: Around(
            lambda net, x: net.widen(torch.stack([net.hidden(i.flatten()) for i in x])), widen=nn.Linear(9, 9)
        ),
        CALLS,
        "layers inside the loop",
    ),
    "with functions as modules": Case(lambda: plain(Itself(lambda x: x.abs()), Itself(torch.tanh))),
    "with lists of layers in lists": Case(
        lambda: Around(
            lambda net, x: net.lists[1][0](net.lists[0][0](x.flatten(1))),
            lists=nn.ModuleList([nn.ModuleList([nn.Linear(SIDE**2, 9)]), nn.ModuleList([nn.Tanh()])]),
        )
    ),
    "with weights made by `torch.nn.utils.parametrize`": Case(parametrised),
    "with hooks that change what layers return": Case(hooked),
    "a part in `nn.DataParallel`": Case(lambda: nn.Sequential(nn.DataParallel(plain()), nn.Linear(3, 3))),
    "a part in TorchScript": Case(lambda: nn.Sequential(scripted(), nn.Linear(3, 3))),
    "quantised dynamically (from Python alone)": Case(Quantised, ALONE),
}


def picture(mode: str = "RGB") -> Image.Image:
    """Six columns of four rows, each column brighter than the one before; a colour where there are colours."""
    grey = Image.fromarray(np.tile(np.arange(6, dtype=np.uint8) * 40, (4, 1)))
    return Image.merge("RGB", [grey, grey, Image.new("L", grey.size, 80)]).convert(mode)


def saved(make: Callable[[], Image.Image], kind: str = "PNG", **options: object) -> Callable[[Path], None]:
    """Writes a picture into a folder."""
    return lambda folder: make().save(folder / "c", kind, **options)


def seen_through(opacity: int) -> Image.Image:
    """A picture with an alpha channel."""
    found = picture("RGBA")
    found.putalpha(opacity)
    return found


def png(bits: int, colour_type: int, rows: np.ndarray) -> Callable[[Path], None]:
    """Writes a PNG as Pillow does not: `rows` of bytes, colour types 0 grey, 2 RGB, 4 grey and alpha, 6 RGB and alpha."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    def write(folder: Path) -> None:
        header = struct.pack(">IIBBBBB", 6, 4, bits, colour_type, 0, 0, 0)
        packed = zlib.compress(b"".join(b"\0" + row.tobytes() for row in rows))
        content = chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")
        (folder / "c").write_bytes(b"\x89PNG\r\n\x1a\n" + content)

    return write


def deep(channels: int) -> np.ndarray:
    """The rows of a picture of 16 bits, opaque where there is an alpha channel."""
    values = np.full((4, 6, channels), 1000, ">u2")
    values[..., -1] = 0xFFFF
    return values


def deep_tiff(folder: Path) -> None:
    """Writes a TIFF of 4 × 6 pixels in colours of 16 bits each, as Pillow does not."""
    tags = {256: 6, 257: 4, 258: 146, 259: 1, 262: 2, 273: 152, 277: 3, 278: 4, 279: 144}  # 258: bits, 273: pixels
    entries = b"".join(struct.pack("<HHII", tag, 3, 3 if tag == 258 else 1, value) for tag, value in tags.items())
    header = struct.pack("<2sHIH", b"II", 42, 8, len(tags)) + entries + struct.pack("<I", 0)
    content = header.ljust(146, b"\0") + struct.pack("<3H", 16, 16, 16) + deep(3).astype("<u2").tobytes()
    (folder / "c").write_bytes(content)


def hide(folder: Path) -> None:
    """What systems and people leave beside images."""
    for name in (
        ".DS_Store",
        "Thumbs.db",
        "../Thumbs.db",
        "../README.md",
        "LICENSE.txt",
        "../__MACOSX/ann/._c.png",
        "__MACOSX/._c.png",
    ):
        (folder / name).parent.mkdir(exist_ok=True, parents=True)
        (folder / name).write_bytes(b"nothing")


TURNED = Image.Exif()
TURNED[ExifTags.Base.Orientation] = 6
AS_IT_IS, PLAIN = "as it is", "refused: save it as 8-bit grey or RGB"
PHOTO = {"quality": 100, "subsampling": 0}
BLACK = [Image.new("RGB", (6, 4))]
PICTURES = {
    "PNG, BMP, TIFF, WebP, PPM or GIF of one picture": (saved(picture), AS_IT_IS),
    "JPEG": (saved(picture, "JPEG", **PHOTO), AS_IT_IS),
    "JPEG turned by EXIF": (saved(lambda: picture().rotate(90, expand=True), "JPEG", exif=TURNED, **PHOTO), "upright"),
    "JPEG in CMYK": (saved(lambda: picture("CMYK"), "JPEG", **PHOTO), "1 minus ink, without its colour profile"),
    "PNG with a palette": (saved(lambda: picture().quantize(16)), AS_IT_IS),
    "grey among colours": (saved(lambda: picture("L")), "three equal channels (in `mode: grey`, colours become luma)"),
    "PNG with an opaque alpha channel": (saved(lambda: seen_through(255)), "without it"),
    "PNG with transparent pixels": (saved(lambda: seen_through(200)), "refused: transparent pixels"),
    "PNG with a transparent colour, or a palette of which one is": (saved(lambda: picture().quantize(16), transparency=0), "refused: transparent pixels"),
    "PNG of 1, 2 or 4 bits, grey": (png(4, 0, np.tile(np.uint8([0x13, 0x57, 0x9B]), (4, 1))), "as it is, white at the most"),
    "PNG of 16 bits, grey": (saved(lambda: Image.fromarray(np.full((4, 6), 40_000, np.uint16))), PLAIN),
    "PNG of 16 bits, RGB": (png(16, 2, deep(3)), PLAIN),
    "PNG of 16 bits with an alpha channel, grey": (png(16, 4, deep(2)), PLAIN),
    "PNG of 16 bits with an alpha channel, RGB": (png(16, 6, deep(4)), PLAIN),
    "TIFF of 16 bits, RGB": (deep_tiff, PLAIN),
    "TIFF of real numbers": (saved(lambda: Image.fromarray(np.ones((4, 6), np.float32)), "TIFF"), PLAIN),
    "GIF, WebP or PNG with several frames": (saved(picture, "GIF", save_all=True, append_images=BLACK), "refused: several pictures"),
    "TIFF of several pages": (saved(picture, "TIFF", save_all=True, append_images=BLACK), "refused: several pictures"),
    "of another size than the others, and no `size`": (saved(lambda: picture().resize((8, 8))), "refused: set a size"),
    "no image": (lambda folder: (folder / "c").write_text("notes"), "refused: cannot be read as an image"),
    "hidden (`.DS_Store`, `Thumbs.db`, `__MACOSX`), or about the images (`README.md`, `LICENSE.txt`)": (hide, "passed over"),
}  # fmt: skip
"""What is in a folder of a class beside a plain picture → how it is written, and what becomes of it."""


def table() -> str:
    """The rows of the page."""
    from test_images_as_people_have_them import LAYOUTS, TABLES
    from test_recorder import FAMILIES
    from test_weights_as_people_have_them import SAVED

    rows = [f"| {name} | {case.how} | {case.left_out} |" for name, case in NETWORKS.items()]
    rows += [f"| torchvision: {', '.join(FAMILIES)} | node by node | what does not begin with the stimuli |"]
    lines = ["| network | recorded | left out |", "|---|---|---|", *rows, ""]
    lines += ["Weights: " + "; ".join(SAVED) + ".", ""]
    lines += ["| image | becomes |", "|---|---|", *(f"| {kind} | {what} |" for kind, (_, what) in PICTURES.items()), ""]
    lines += ["Folders of images: splits with classes; " + "; ".join(LAYOUTS) + "; a table of images.", ""]
    return "\n".join([*lines, "Tables of images: commas; " + "; ".join(TABLES) + "."])


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    text = PAGE.read_text(encoding="utf-8")
    head, _, _ = text.partition("\n| network |")
    PAGE.write_text(f"{head}\n{table()}\n", encoding="utf-8")
