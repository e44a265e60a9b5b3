"""Published weights in place of training: found, verified, read as data, and copied into our own networks."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor, nn

from repgeom.datasets.download import BadCopyError, download
from repgeom.errors import InputError, nearest
from repgeom.models.checkpoint import read_checkpoint


class Checksum(NamedTuple):
    """What a true copy of a file hashes to: `algorithm` is md5 or sha256, `digest` hexadecimal."""

    algorithm: str
    digest: str

    def check(self, content: bytes, name: object) -> None:
        """Raise `InputError`, naming the file, unless `content` has this checksum."""
        found = hashlib.new(self.algorithm, content, usedforsecurity=False).hexdigest()
        if found != self.digest.lower():
            raise InputError(
                f"{name}: its {self.algorithm} is {found}, not {self.digest}; it is another file or a damaged "
                "copy. It was not read; get it again, or correct the checksum in the configuration"
            )


class KnownFile(NamedTuple):
    """Weights that someone published; `md5` is None where none was stated with them."""

    url: str
    md5: str | None
    architecture: str


# Neuromatch NeuroAI, W1D3 (the first three: whole modules of class `__main__.Net`), and the networks of
# Thorat, Aldegheri & Kietzmann 2021 (state dicts).
KNOWN_FILES = {
    "standard_model.pth": KnownFile("https://osf.io/s5rt6/download", "2e63c2cd77bc9f1fa67673d956ec910d", "lenet"),
    "adversarial_model.pth": KnownFile("https://osf.io/qv5eb/download", "25fb34497377921b54368317f68a7aa7", "lenet"),
    "recurrent_model.pth": KnownFile("https://osf.io/6hnwk/download", "ee5cea3baa264cb78300102fa6ed66e8", "recurrent"),
    "thorat2021_wxmkv": KnownFile("https://osf.io/wxmkv/download", None, "rcnn"),
    "thorat2021_98tgk": KnownFile("https://osf.io/98tgk/download", None, "rcnn"),
}


def load_published(network: nn.Module, path: str | Path, checksum: Checksum) -> None:
    """Verify a file of published weights, read it as data, and copy the weights into `network`.

    Raises
    ------
    InputError
        The file is missing, is not the one meant, is no plain checkpoint (see `read_checkpoint`), or its
        tensors are not those of the network.
    """
    if not Path(path).is_file():
        raise InputError(f"{path}: no such file of published weights (looked for in {Path.cwd()})")
    content = Path(path).read_bytes()
    checksum.check(content, path)
    load_into(network, read_checkpoint(content, path), path)


def fetch_published(url: str, target: str | Path, checksum: Checksum) -> None:
    """Download `url` to `target`, which only ever holds a copy that has the checksum."""

    def check(partial: Path, source: str) -> None:
        try:
            checksum.check(partial.read_bytes(), source)
        except InputError as error:
            raise BadCopyError(str(error)) from error

    download([url], target, check)


def load_into(network: nn.Module, tensors: Mapping[str, Tensor], source: str | Path) -> None:
    """Copy named tensors into the parameters and buffers of `network`: all of them, or none.

    Parameters
    ----------
    network
        Defines the names, shapes and types; the copied values take its types and device.
    tensors
        One for each entry of the network's state dict.
    source
        Names where the tensors come from in errors.

    Raises
    ------
    InputError
        A name is missing or unknown, or a shape or kind of number differs.
    """
    expected = network.state_dict()
    for name in tensors:
        if name not in expected:
            raise InputError(f"{source}: {name!r} is no weight of {_kind(network)}; {nearest(name, expected)}")
    for name, ours in expected.items():
        if name not in tensors:
            raise InputError(f"{source}: the weight {name!r} of {_kind(network)} is missing; it holds {list(tensors)}")
        _check_alike(tensors[name], ours, f"{source}: {name!r}", _kind(network))
    with torch.no_grad():
        for name, ours in expected.items():
            ours.copy_(tensors[name])


def _check_alike(theirs: Tensor, ours: Tensor, where: str, kind: str) -> None:
    if theirs.shape != ours.shape:
        raise InputError(
            f"{where} has shape {tuple(theirs.shape)}, {kind} needs {tuple(ours.shape)}; "
            "check `architecture` and `options` of this model"
        )
    if theirs.is_floating_point() != ours.is_floating_point():
        raise InputError(f"{where} holds {theirs.dtype}, {kind} needs {ours.dtype}")
    if not torch.isfinite(theirs.to(ours.dtype)).all():
        raise InputError(f"{where} holds a value that is not finite as {ours.dtype}")


def _kind(network: nn.Module) -> str:
    return type(network).__name__
