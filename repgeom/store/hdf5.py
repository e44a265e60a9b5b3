"""Named arrays in one HDF5 file, with a checksum over all of them.

The file holds one data set per array at its root, JSON text in the root attributes `attributes`
and `provenance`, and in `sha256` a digest of everything, which every reader checks.
"""

import hashlib
import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import h5py
import numpy as np

from repgeom.errors import InputError, nearest
from repgeom.store.atomic import atomic_path
from repgeom.store.provenance import NOTEBOOK, Provenance

UNREADABLE = (OSError, KeyError, RuntimeError, ValueError)
"""What h5py raises on damaged files."""


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
    """Write named arrays (numbers, booleans or ASCII strings) and JSON-able attributes.

    The file is read back before it takes its place; the same content gives the same bytes.
    """
    stored = {name: _storable(name, np.asarray(array)) for name, array in sorted(arrays.items())}
    texts = {
        "attributes": json.dumps(attributes or {}, sort_keys=True),
        "provenance": provenance.to_json(),
    }

    def fill(file: h5py.File) -> None:
        for name, array in stored.items():
            file.create_dataset(name, data=array, track_times=False)
        file.attrs.update(texts)
        file.attrs["sha256"] = content_digest(stored, texts)

    write_file(path, fill, read_arrays)


def write_file(path: str | Path, fill: Callable[[h5py.File], None], read: Callable[[Path], object]) -> None:
    """Write an HDF5 file that `fill` fills and `read` reads back before it takes its place.

    It is made in memory: HDF5 cannot even be closed any more once a disk is full.
    """
    content = io.BytesIO()
    with h5py.File(content, "w") as file:
        fill(file)
    with atomic_path(path) as partial:
        partial.write_bytes(content.getbuffer())
        read(partial)


def read_arrays(path: str | Path) -> Arrays:
    """Read an array file whole and check it against its digest.

    Raises
    ------
    InputError
        The file is missing, truncated, altered, or not one of ours.
    """
    stored, attrs = read_checked(path, h5py_tree)
    return Arrays(
        arrays={name: _native(array) for name, array in stored.items()},
        attributes=json.loads(attrs["attributes"]),
        provenance=Provenance.from_json(attrs["provenance"]),
        path=str(path),
    )


def read_checked(path: str | Path, tree) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """Read `(arrays, attributes)` of an HDF5 file through `tree` and check the digest in it."""
    if not Path(path).is_file():
        raise InputError(f"{path}: no such file")
    try:
        with h5py.File(path, "r") as file:
            stored, attrs = tree(file)
            digest = attrs.pop("sha256")
    except UNREADABLE as error:
        raise damaged(path, error) from error
    if content_digest(stored, attrs) != digest:
        raise damaged(path, "its content does not match its checksum")
    return stored, attrs


def h5py_tree(file: h5py.File) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """All data sets (by their path in the file) and root attributes of an open HDF5 file."""
    stored: dict[str, np.ndarray] = {}

    def visit(name: str, item: h5py.Group | h5py.Dataset) -> None:
        if isinstance(item, h5py.Dataset):
            stored[name] = item[()]

    file.visititems(visit)
    return stored, dict(file.attrs)


def damaged(path: str | Path, why: object) -> InputError:
    """The error for a file that cannot be trusted any more."""
    link = Path(path)
    also = f" and {link.resolve()}, a shared cache's copy to which it leads" if link.is_symlink() else ""
    return InputError(f"{path}: damaged ({why}); delete it{also}, and the next run of snakemake makes it again")


def content_digest(arrays: dict[str, np.ndarray], texts: dict[str, str]) -> str:
    """SHA-256 over names, types, shapes and bytes of arrays and over texts, in name order."""
    digest = hashlib.sha256()
    for name, array in sorted(arrays.items()):
        array = np.ascontiguousarray(array)
        digest.update(f"{name}|{array.dtype.str}|{array.shape}|".encode())
        digest.update(array.tobytes() if array.dtype.kind == "S" else array.data)
    for name, text in sorted(texts.items()):
        digest.update(f"{name}|{text}|".encode())
    return digest.hexdigest()


def _storable(name: str, array: np.ndarray) -> np.ndarray:
    """Strings as fixed-length ASCII, everything else as it is."""
    if array.dtype.kind in "biufcS":
        return array
    try:
        return array.astype("S")
    except UnicodeEncodeError:
        raise InputError(f"array {name!r} holds text that is not ASCII; use ASCII ids") from None


def _native(array: np.ndarray) -> np.ndarray:
    return array.astype(str) if array.dtype.kind == "S" else array
