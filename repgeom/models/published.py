"""Published weights in place of training: found, verified, read as data, and copied into our own networks."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load
from torch import Tensor, nn

from repgeom.datasets.download import BadCopyError, download
from repgeom.errors import InputError, nearest
from repgeom.models.checkpoint import read_checkpoint
from repgeom.models.known_weights import Checksum
from repgeom.models.nodes import library_networks, library_of

MAX_BYTES = 1 << 30
"""More than any weights that are known."""
OWN_NAME = re.compile(r"\d{4}/")
"""Begins the names of tensors in files of `repgeom.store.weights`."""


def copy_weights(
    network: nn.Module, described: Mapping, source: Mapping, file: str | None, folder: str, tell: Callable[[str], None]
) -> None:
    """Copy weights into `network` from where the configuration says that they are.

    Parameters
    ----------
    network : nn.Module
        With its initial weights.
    described : dict
        What network it is, as `repgeom.models.architectures.build_model` takes it.
    source : dict
        `url` and `checksum`, or `pretrained`; nothing of it where the initial weights stay.
    file : path or None
        Where it lies, if it is a file here.
    folder : path
        Where downloads are kept.
    tell : callable
        Is told what is left out of a file.
    """
    checksum = Checksum(*source["checksum"]) if source["checksum"] else None
    if source.get("pretrained"):
        file = _pretrained(described["architecture"], source["pretrained"], folder)
    elif source["url"]:
        file = find_published(source["url"], folder, checksum)
    if file:
        load_published(network, file, checksum, tell)


def _pretrained(architecture: str, pretrained: str, folder: str) -> Path:
    library, name = library_of(architecture)
    return library_networks(library).find_weights(name, pretrained, folder)


def load_published(
    network: nn.Module, path: str | Path, checksum: Checksum | None = None, tell: Callable[[str], None] = print
) -> None:
    """Verify a file of published weights, read it as data, and copy the weights into `network`.

    A network with a method `load_published` of its own, because it differs from the published one, chooses itself.
    `tell` is told what in the file is not of the network.

    Raises
    ------
    InputError
        The file is missing, is not the one meant, is no plain checkpoint (see `read_tensors`), or its
        tensors are not those of the network.
    """
    if not Path(path).is_file():
        raise InputError(f"{path}: no such file of published weights (looked for in {Path.cwd()})")
    content = Path(path).read_bytes()
    if checksum:
        checksum.check(content, path)
    tensors = read_tensors(content, path)
    if hasattr(network, "load_published"):
        network.load_published(tensors, str(path))
        return
    named, left_out = without_prefix(tensors, network.state_dict(), path)
    if left_out:
        tell(f"{path}: not of this network, and left out: {', '.join(left_out)}")
    load_into(network, named, path)


def read_tensors(content: bytes, source: str | Path) -> dict[str, Tensor]:
    """Named tensors of a file of weights: a checkpoint of torch.save (see `read_checkpoint`) or safetensors.

    Of a file that this project wrote, the weights of the last epoch.

    Raises
    ------
    InputError
        The file is neither, is damaged, or holds more than weights.
    """
    if content[8:9] != b"{":
        return read_checkpoint(content, source)
    try:
        tensors = load(content)
    except (SafetensorError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{source}: neither a checkpoint of torch.save nor safetensors ({error})") from error
    epochs = {name[:5] for name in tensors if OWN_NAME.match(name)}
    if len(epochs) > 0 and all(map(OWN_NAME.match, tensors)):
        last = max(epochs)
        tensors = {name.removeprefix(last): value for name, value in tensors.items() if name.startswith(last)}
    for name, value in tensors.items():
        if value.is_floating_point() and not torch.isfinite(value.float()).all():
            raise InputError(f"{source}: tensor {name!r} holds a value that is not finite")
    return tensors


def without_prefix(
    tensors: Mapping[str, Tensor], expected: Mapping[str, Tensor], source: str | Path
) -> tuple[dict[str, Tensor], list[str]]:
    """Tensors by the names that a network expects, where a wrapper has put the same prefix before each of them.

    Such as `module.` (DataParallel), `model.` (Lightning), `_orig_mod.` (torch.compile), or several of them; or the
    network itself is a wrapper, and the file is not.

    Returns
    -------
    tensors, names
        Where no prefix explains the names, the tensors as they are; names of those that are outside the prefix.

    Raises
    ------
    InputError
        Two parts of the file have the names of the network.
    """
    if not expected or set(expected) <= set(tensors):
        return dict(tensors), []
    found = [prefix for prefix in _prefixes(tensors, expected) if all(prefix + name in tensors for name in expected)]
    if len(found) > 1:
        several = ", ".join(map(repr, sorted(found)))
        raise InputError(f"{source}: holds such weights several times, under {several}; keep one of them")
    if found:
        (prefix,) = found
        inside = {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}
        return inside, [name for name in tensors if not name.startswith(prefix)]
    for prefix in _prefixes(expected, tensors):
        if all(prefix + name in expected for name in tensors):
            return {prefix + name: value for name, value in tensors.items()}, []
    return dict(tensors), []


def _prefixes(longer: Mapping[str, Tensor], shorter: Mapping[str, Tensor]) -> list[str]:
    """What may stand before each of the shorter names."""
    first = next(iter(shorter), "")
    return [name.removesuffix(first) for name in longer if name.endswith(f".{first}")]


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
    if theirs.is_floating_point() != ours.is_floating_point() and not _is_count(theirs, ours):
        raise InputError(f"{where} holds {theirs.dtype}, {kind} needs {ours.dtype}")
    if not torch.isfinite(theirs.to(ours.dtype)).all():
        raise InputError(f"{where} holds a value that is not finite as {ours.dtype}")


def _is_count(theirs: Tensor, ours: Tensor) -> bool:
    """Whether whole numbers stand for whole numbers, once everything was put into half precision."""
    is_whole = ours.dtype == torch.int64 and theirs.is_floating_point()
    return is_whole and bool((torch.isfinite(theirs) & (theirs == theirs.round())).all())


def _kind(network: nn.Module) -> str:
    return type(network).__name__
