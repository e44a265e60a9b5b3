"""Checkpoint files of `torch.save`, read into named tensors without executing anything in them.

Two containers: the zip archive (PyTorch ≥ 1.6) and the stream of pickles before it. Two contents: a state
dict, or a whole pickled module, whose class need not exist here; alone, or under a name beside what else a
training loop keeps (`{"state_dict": …, "epoch": …}`, checkpoints of Lightning). Formats: `torch.serialization`.
"""

import io
import math
import re
import struct
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import torch
from torch import Tensor

from repgeom.errors import InputError
from repgeom.models.inert_pickle import Holder, InertUnpickler, RefusedPickleError, StorageRef, TensorRef

LEGACY_MAGIC = 0x1950A86A20F9469CFC6C
LEGACY_PROTOCOL = 1001
CONTAINERS = ("state_dict", "model_state_dict", "model", "network", "net")
"""Under which names training loops keep weights, beside what else they keep, moving averages among it."""
MAX_DEPTH = 64
MAX_MODULES = 10_000
MAX_NAMES = 100_000
"""Parameters, buffers and children of all modules together."""
MAX_NAME = 1000
MAX_EXPANSION = 8
# What zipfile raises for an archive that is damaged in one place or another.
ZIP_ERRORS = (zipfile.BadZipFile, EOFError, ValueError, OverflowError, RuntimeError, struct.error)

Storages = Callable[[StorageRef], bytes]


def read_checkpoint(content: bytes, source: str | Path) -> dict[str, Tensor]:
    """Named tensors of a checkpoint, on the CPU; nothing in it is imported or called.

    Parameters
    ----------
    content
        The bytes of the file, so that what was verified is what is read.
    source
        Names the file in errors.

    Raises
    ------
    InputError
        The file is no checkpoint, is damaged, asks for anything beyond weights, declares sizes that it does
        not have, or holds a value that is not finite; names the file and, where there is one, the tensor.
    """
    try:
        root, storages = _read_zip(content) if content[:4] == b"PK\x03\x04" else _read_legacy(content)
        references = dict(_named_tensors(root))
        _check_total(references, len(content))
        first = {ref.storage: name for name, ref in reversed(references.items())}
        flat = {storage: _flat(name, storage, storages) for storage, name in first.items()}
        return {name: _materialise(name, ref, flat[ref.storage]) for name, ref in references.items()}
    except RefusedPickleError as error:
        raise InputError(
            f"{source}: {error}; nothing in it was executed. Expected a file of torch.save holding a state dict "
            "or a module; get it again from its authors, or save torch.save(model.state_dict(), …) where the "
            "model runs"
        ) from error


# -- the zip container


def _read_zip(content: bytes) -> tuple[object, Storages]:
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except ZIP_ERRORS as error:
        raise RefusedPickleError(f"a damaged zip archive ({error})") from error
    folder = _checkpoint_folder(archive, len(content))
    if "byteorder" in _names(archive, folder) and _member(archive, f"{folder}/byteorder") != b"little":
        raise RefusedPickleError("numbers in an unknown byte order")
    stream = io.BytesIO(_member(archive, f"{folder}/data.pkl"))
    root = InertUnpickler(stream).load()
    if stream.read(1):
        raise RefusedPickleError("something follows its pickle")
    return root, lambda storage: _member(archive, f"{folder}/data/{storage.key}")


def _checkpoint_folder(archive: zipfile.ZipFile, n_bytes: int) -> str:
    """The one folder in the archive, after checking every member of it."""
    members = archive.infolist()
    if sum(member.file_size for member in members) > n_bytes:
        raise RefusedPickleError("an archive that declares more bytes than the file has")
    for member in members:
        _check_member(member)
    names = [member.filename for member in members]
    folders = {name.split("/")[0] for name in names}
    if len(folders) != 1 or len(set(names)) != len(names) or f"{min(folders)}/data.pkl" not in names:
        raise RefusedPickleError("not PyTorch's archive: it should hold one folder with one data.pkl")
    return folders.pop()


def _check_member(member: zipfile.ZipInfo) -> None:
    name = member.filename
    if not re.fullmatch(r"[^/\\]+(/[^/\\]+)+", name) or ".." in name.split("/"):
        raise RefusedPickleError(f"an archive with the path {name[:80]!r} in it")
    if member.compress_type != zipfile.ZIP_STORED or member.flag_bits & 1:
        raise RefusedPickleError(f"an archive whose member {name[:80]!r} is compressed or encrypted")


def _names(archive: zipfile.ZipFile, folder: str) -> set[str]:
    return {name.removeprefix(f"{folder}/") for name in archive.namelist()}


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    try:
        return archive.read(name)
    except KeyError as error:
        raise RefusedPickleError(f"its archive lacks {name!r}") from error
    except ZIP_ERRORS as error:
        raise RefusedPickleError(f"{name!r} in its archive is damaged ({error})") from error


# -- the stream of pickles


def _read_legacy(content: bytes) -> tuple[object, Storages]:
    """Magic number, version, system, object, keys of the storages; then each storage's size and bytes."""
    if content[:1] != b"\x80":
        raise RefusedPickleError(f"neither a zip archive nor a pickle: it begins with {content[:20]!r}")
    stream = io.BytesIO(content)
    if (InertUnpickler(stream).load(), InertUnpickler(stream).load()) != (LEGACY_MAGIC, LEGACY_PROTOCOL):
        raise RefusedPickleError("a pickle, but not one that torch.save wrote")
    system = InertUnpickler(stream).load()
    if not isinstance(system, dict) or system.get("little_endian") is not True:
        raise RefusedPickleError("numbers in an unknown byte order")
    unpickler = InertUnpickler(stream)
    root = unpickler.load()
    keys = InertUnpickler(stream).load()
    found = {key: _legacy_storage(stream, key, unpickler.storages) for key in _keys(keys, unpickler.storages)}
    if stream.read(1):
        raise RefusedPickleError("something follows its last storage")
    return root, lambda storage: found[storage.key]


def _keys(keys: object, storages: dict[str, StorageRef]) -> list[str]:
    if not isinstance(keys, list) or not all(isinstance(k, str) for k in keys) or sorted(keys) != sorted(storages):
        raise RefusedPickleError("its list of storages is not the storages that its tensors refer to")
    return keys


def _legacy_storage(stream: io.BytesIO, key: str, storages: dict[str, StorageRef]) -> bytes:
    header = stream.read(8)
    if len(header) < 8 or struct.unpack("<q", header) != (storages[key].numel,):
        raise RefusedPickleError(f"storage {key} does not have the {storages[key].numel} numbers it declares")
    return stream.read(min(_n_bytes(storages[key]), len(stream.getbuffer())))


# -- from the unpickled object to tensors


def _named_tensors(root: object) -> Iterator[tuple[str, TensorRef]]:
    """(name, tensor) as in the `state_dict` of what was saved."""
    root = _contained(root)
    if isinstance(root, Holder):
        found = list(_module_tensors(root))
    elif isinstance(root, dict):
        found = list(root.items())
    else:
        raise RefusedPickleError("neither a state dict nor a module")
    for name, value in found:
        if not isinstance(name, str) or len(name) > MAX_NAME or not isinstance(value, TensorRef):
            raise RefusedPickleError(
                f"its entry {str(name)[:80]!r} is not a tensor, so this is no state dict, nor is there one inside, "
                f"alone or called {' or '.join(CONTAINERS)}"
            )
    if not found:
        raise RefusedPickleError("no weights in it")
    yield from found


def _contained(root: object) -> object:
    """The weights among what else a training loop has saved with them: called as usual, or alone of their kind."""
    if not isinstance(root, dict) or _are_weights(root):
        return root
    called = [root[name] for name in CONTAINERS if isinstance(root.get(name), dict | Holder)]
    alone = [value for value in root.values() if _are_weights(value)]
    if called:
        return next(filter(_are_weights, called), called[0])
    return alone[0] if len(alone) == 1 else root


def _are_weights(value: object) -> bool:
    """Whether this is a state dict, or a module."""
    if isinstance(value, Holder):
        return "_modules" in value.attributes
    return isinstance(value, dict) and bool(value) and all(isinstance(part, TensorRef) for part in value.values())


def _module_tensors(root: Holder) -> Iterator[tuple[str, object]]:
    """Parameters and persistent buffers of a module and, in order, of its children, with dotted names."""
    waiting, seen, names = [("", root)], 0, 0
    while waiting:
        prefix, module = waiting.pop()
        seen, names = seen + 1, names + sum(len(_table(module, name)) for name in TABLES)
        if seen > MAX_MODULES or prefix.count(".") > MAX_DEPTH or len(prefix) > MAX_NAME or names > MAX_NAMES:
            raise RefusedPickleError("modules nested without end")
        transient = _transient(module)
        buffers = {k: v for k, v in _table(module, "_buffers").items() if k not in transient}
        for name, value in (_table(module, "_parameters") | buffers).items():
            if value is not None:
                yield f"{prefix}{name}", value
        children = [(f"{prefix}{name}.", child) for name, child in _table(module, "_modules").items()]
        waiting += reversed([(name, child) for name, child in children if isinstance(child, Holder)])


TABLES = ("_parameters", "_buffers", "_modules")


def _transient(module: Holder) -> set[str]:
    """Names of the buffers that are not saved."""
    names = module.attributes.get("_non_persistent_buffers_set", [])
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise RefusedPickleError(f"damaged: _non_persistent_buffers_set of {module.of} is not a set of names")
    return set(names)


def _table(module: Holder, name: str) -> dict:
    table = module.attributes.get(name, {})
    if not isinstance(table, dict):
        raise RefusedPickleError(f"damaged: {name} of {module.of} is not a dictionary")
    return table


def _check_total(references: dict[str, TensorRef], n_bytes: int) -> None:
    """Tensors may share a storage (tied weights), but not so often that a small file fills the memory."""
    total = sum(math.prod(ref.size) * _dtype(ref.storage).itemsize for ref in references.values())
    if total > MAX_EXPANSION * n_bytes:
        raise RefusedPickleError(f"tensors of {total} bytes in a file of {n_bytes}")


def _flat(name: str, storage: StorageRef, storages: Storages) -> Tensor:
    """All numbers of a storage; read once, however many tensors are views of it."""
    content = storages(storage)
    if len(content) != _n_bytes(storage):
        raise RefusedPickleError(
            f"tensor {name!r}: its storage declares {storage.numel} numbers ({_n_bytes(storage)} bytes) "
            f"and has {len(content)} bytes"
        )
    return torch.frombuffer(bytearray(content), dtype=_dtype(storage)) if content else _empty(storage)


def _materialise(name: str, ref: TensorRef, flat: Tensor) -> Tensor:
    tensor = flat.as_strided(ref.size, ref.stride, ref.offset).clone(memory_format=torch.contiguous_format)
    if not torch.isfinite(tensor).all():
        raise RefusedPickleError(f"tensor {name!r} holds a value that is not finite")
    return tensor


def _empty(storage: StorageRef) -> Tensor:
    return torch.empty(0, dtype=_dtype(storage))


def _dtype(storage: StorageRef) -> torch.dtype:
    return getattr(torch, storage.dtype)


def _n_bytes(storage: StorageRef) -> int:
    return storage.numel * _dtype(storage).itemsize
