"""Published weights in place of training: found, verified, read as data, and copied into our own networks."""

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from repgeom.datasets.download import BadCopyError, download
from repgeom.errors import InputError, nearest
from repgeom.models.checkpoint import read_checkpoint
from repgeom.models.known_weights import Checksum

MAX_BYTES = 1 << 30
"""More than any weights that are known."""


def load_published(network: nn.Module, path: str | Path, checksum: Checksum) -> None:
    """Verify a file of published weights, read it as data, and copy the weights into `network`.

    A network with a method `load_published` of its own, because it differs from the published one, chooses itself.

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
    tensors = read_checkpoint(content, path)
    if hasattr(network, "load_published"):
        network.load_published(tensors, str(path))
    else:
        load_into(network, tensors, path)


def find_published(url: str, folder: str | Path, checksum: Checksum) -> Path:
    """The file behind `url` in a folder of verified downloads; fetched if it is not there yet."""
    file = Path(folder) / "weights" / f"{checksum.digest.lower()}.pth"
    if not file.is_file():
        fetch_published(url, file, checksum)
    return file


def fetch_published(url: str, target: str | Path, checksum: Checksum) -> None:
    """Download `url` to `target`, which only ever holds a copy that has the checksum."""

    def check(partial: Path, source: str) -> None:
        try:
            checksum.check(partial.read_bytes(), source)
        except InputError as error:
            raise BadCopyError(str(error)) from error

    download([url], target, check, max_bytes=MAX_BYTES)


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
