"""Named arrays in one HDF5 file, with a checksum of all its bytes.

The file holds one data set per array at its root, and JSON text in the root attributes `attributes`
and `provenance`. Its user block, which HDF5 leaves to applications, holds the SHA-256 of all that follows. Readers
check it before HDF5 sees the file: a flipped bit can crash that library.
"""

import hashlib
import io
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import h5py
import numpy as np

from repgeom.errors import InputError, nearest, require_file
from repgeom.store.atomic import atomic_path
from repgeom.store.provenance import NOTEBOOK, Provenance, damaged, of_kind, provenance_in

SEAL_BYTES = 512
"""The smallest user block."""


@dataclass(frozen=True)
class Arrays:
    """The content of an array file: arrays by name, attributes, provenance."""

    arrays: dict[str, np.ndarray]
    attributes: dict = field(default_factory=dict)
    provenance: Provenance = NOTEBOOK
    path: str = ""

    def __getitem__(self, name: str) -> np.ndarray:
        if name not in self.arrays:
            raise InputError(f"{self.path}: no array {name!r}; {nearest(name, self.arrays)}")
        return self.arrays[name]

    def __contains__(self, name: str) -> bool:
        return name in self.arrays


def write_arrays(
    path: str | Path,
    arrays: dict[str, np.ndarray],
    attributes: dict | None = None,
    provenance: Provenance = NOTEBOOK,
) -> None:
    """Write named arrays (numbers, booleans or strings) and JSON-able attributes.

    The file is read back before it takes its place; the same content gives the same bytes.
    """
    texts = {
        "attributes": json.dumps(attributes or {}, sort_keys=True),
        "provenance": provenance.at(path).to_json(),
    }
    write_tree(path, dict(sorted(arrays.items())), texts, read_arrays)


def write_tree(
    path: str | Path,
    arrays: Mapping[str, np.ndarray],
    texts: Mapping[str, str],
    read: Callable[[Path], object],
    groups: Mapping[str, Mapping[str, str]] | None = None,
) -> None:
    """Write an HDF5 file that `read` reads back before it takes its place.

    It is made in memory: HDF5 cannot even be closed any more once a disk is full.

    Parameters
    ----------
    path : file
    arrays : dict
        Numbers, booleans or text, by their path in the file.
    texts : dict
        Root attributes.
    read : callable
        Raises where the file is not whole.
    groups : dict, optional
        Path of a group in the file → its attributes.
    """
    stored = {name: _storable(np.asarray(array)) for name, array in arrays.items()}
    content = io.BytesIO()
    with h5py.File(content, "w", userblock_size=SEAL_BYTES) as file:
        for name, array in stored.items():
            file.create_dataset(name, data=array, track_times=False)
        for name, attributes in (groups or {}).items():
            file.create_group(name).attrs.update(attributes)
        file.attrs.update(texts)
    whole = content.getbuffer()
    whole[:SEAL_BYTES] = _seal(whole)
    with atomic_path(path) as partial:
        partial.write_bytes(whole)
        read(partial)


def read_arrays(path: str | Path) -> Arrays:
    """Read an array file whole and check it against its digest.

    Raises
    ------
    InputError
        The file is missing, truncated, altered, or not one of ours.
    """
    stored, attrs = read_tree(path)
    with of_kind(path, "an array file"):
        return Arrays(
            arrays={name: native(array) for name, array in stored.items()},
            attributes=json.loads(attrs["attributes"]),
            provenance=provenance_in(path, attrs["provenance"]),
            path=str(path),
        )


@contextmanager
def open_arrays(path: str | Path) -> Iterator[Arrays]:
    """Open an array file whose arrays stay on disk, each an `h5py.Dataset`; see `read_arrays` for what is checked.

    Raises
    ------
    InputError
        The file is missing, truncated, altered, or not one of ours.
    """
    with open_checked(path) as file:
        with of_kind(path, "an array file"):
            attributes = json.loads(file.attrs["attributes"])
            provenance = provenance_in(path, file.attrs["provenance"])
        yield Arrays(_whole_arrays(path, file), attributes, provenance, str(path))


@contextmanager
def open_checked(path: str | Path) -> Iterator[h5py.File]:
    """Open an HDF5 file of ours for reading, once its checksum has been verified. Its content stays on disk.

    Raises
    ------
    InputError
        The file is missing, truncated, altered, or not one of ours.
    """
    require_file(path)
    with open(path, "rb") as content:
        seal = content.read(SEAL_BYTES)
        if seal != _seal_of(hashlib.file_digest(content, "sha256").hexdigest()):
            raise damaged(path, "its content does not match its checksum")
        # The open file is the one that was checked, whatever takes its place meanwhile.
        with h5py.File(content, "r") as file:
            yield file


def read_tree(path: str | Path) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """All data sets (by their path in the file) and root attributes of an HDF5 file of ours.

    Raises
    ------
    InputError
        See `open_checked`; or a data set is not wholly in the file: it refers to another file, or declares more than
        is there.
    """
    with open_checked(path) as file:
        return {name: item[()] for name, item in _whole_arrays(path, file).items()}, dict(file.attrs)


def _whole_arrays(path: str | Path, file: h5py.File) -> dict[str, h5py.Dataset]:
    """The data sets of a file by their path in it, none of which needs another file, or more memory than the file."""
    found: dict[str, h5py.Dataset] = {}

    def visit(name: str, item: h5py.Group | h5py.Dataset) -> None:
        if isinstance(item, h5py.Dataset):
            if item.dtype.hasobject or item.is_virtual or item.external or item.id.get_storage_size() < item.nbytes:
                raise damaged(path, f"its array {name!r} is not wholly in the file")
            found[name] = item

    file.visititems(visit)
    return found


def _seal(whole: memoryview) -> bytes:
    """The user block of a file: the checksum of all that follows it."""
    return _seal_of(hashlib.sha256(whole[SEAL_BYTES:]).hexdigest())


def _seal_of(digest: str) -> bytes:
    return f"repgeom sha256 {digest}\n".encode().ljust(SEAL_BYTES, b"\0")


def _storable(array: np.ndarray) -> np.ndarray:
    """Strings in UTF-8, everything else as it is."""
    return array if array.dtype.kind in "biufcS" else np.char.encode(array.astype(np.str_), "utf-8")


def native(array: np.ndarray) -> np.ndarray:
    """Stored bytes as the strings they were."""
    return np.char.decode(array, "utf-8") if array.dtype.kind == "S" else array
