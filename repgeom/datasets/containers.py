"""Arrays by name from files that may come from anybody: HDF5 (netCDF-4, too), netCDF-3 and NumPy's npz and npy.

Nothing in them is unpickled, no other file is opened for them, and what they declare is bounded before it is read.
"""

import io
import zipfile
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import h5py
import numpy as np
import scipy.io
from numpy.lib.format import MAGIC_PREFIX, read_array_header_1_0, read_array_header_2_0, read_magic

from repgeom.errors import InputError, require_file

ALWAYS_READ = 1 << 30
"""Bytes that the arrays of any file may take."""
MOST_GROWTH = 100
"""Times the bytes of the file that its arrays may take beyond that, compressed as they may be."""
Decoding = Callable[[np.ndarray, Mapping], np.ndarray]
"""Takes an array as it is stored, and its attributes."""
ONLY = "images"
"""The name of the array in a .npy file."""


def _as_stored(values: np.ndarray, attributes: Mapping) -> np.ndarray:
    return values


def numpy_arrays(path: str | Path, unread: Collection[str | None] = ()) -> dict[str, np.ndarray]:
    """All arrays of an npz file, or the one of an npy file.

    Parameters
    ----------
    path
    unread : names
        Arrays of which only shape and type are read; zeros stand for their values.

    Raises
    ------
    InputError
        The file cannot be read, or declares more than a file of its size may hold.
    """
    with _named(path):
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                _bound(path, sum(entry.file_size for entry in archive.infolist()))
        with open(path, "rb") as content:
            if ONLY in unread and content.read(len(MAGIC_PREFIX)) == MAGIC_PREFIX:
                content.seek(0)
                return {ONLY: _zeros(path, content)}
            content.seek(0)
            loaded = np.load(content, allow_pickle=False)
            if isinstance(loaded, np.ndarray):
                return {ONLY: loaded}
            return {name: _zeros_in(path, loaded, name) if name in unread else loaded[name] for name in loaded.files}


def _zeros_in(path: str | Path, loaded: np.lib.npyio.NpzFile, name: str) -> np.ndarray:
    with loaded.zip.open(f"{name}.npy") as member:
        return _zeros(path, member)


def _zeros(path: str | Path, content: IO[bytes]) -> np.ndarray:
    """An array of zeros that takes no room, of the shape and type that a file says."""
    read = read_array_header_1_0 if read_magic(content) == (1, 0) else read_array_header_2_0
    shape, _, dtype = read(content)
    zeros = np.broadcast_to(np.zeros((), dtype), shape)
    _bound(path, zeros.nbytes)
    return zeros


def classic_netcdf_arrays(path: str | Path, decoded: Decoding = _as_stored) -> dict[str, np.ndarray]:
    """All arrays of a netCDF-3 file, `decoded` with their attributes.

    Raises
    ------
    InputError
        The file cannot be read, or its arrays lie so over each other that they take more than a file of its size may.
    """
    with _named(path), _Counted(Path(path).read_bytes(), path) as content:
        file = scipy.io.netcdf_file(content, mmap=False)
        return {name: decoded(variable[:], vars(variable)) for name, variable in file.variables.items()}


class _Counted(io.BytesIO):
    """A file in memory, of which no more is read, again and again, than a file of its size may hold."""

    def __init__(self, content: bytes, path: str | Path):
        super().__init__(content)
        self._path, self._read = path, 0

    def read(self, size: int | None = -1) -> bytes:
        found = super().read(size)
        self._read += len(found)
        _bound(self._path, self._read)
        return found


def hdf5_arrays(
    path: str | Path, decoded: Decoding = _as_stored, unread: Collection[str | None] = ()
) -> dict[str, np.ndarray]:
    """All arrays of an HDF5 file, those in groups by their path, `decoded` with their attributes; see `open_hdf5`.

    Of those called as in `unread` only shape and type are read; zeros stand for their values.
    """
    found: dict[str, np.ndarray] = {}

    def visit(name: str, item: object) -> None:
        if isinstance(item, h5py.Dataset):
            values = np.broadcast_to(np.zeros((), item.dtype), item.shape) if name in unread else item[()]
            found[name] = decoded(values, item.attrs)

    with open_hdf5(path) as file:
        file.visititems(visit)
        return found


@contextmanager
def open_hdf5(path: str | Path) -> Iterator[h5py.File]:
    """Open an HDF5 file of somebody's for the block, once it has been looked through.

    Raises
    ------
    InputError
        The file cannot be read (also when the block finds out), leads to other files, or declares more than a file of
        its size may hold.
    """
    with _named(path), h5py.File(path, "r") as file:
        _bound(path, sum(item.nbytes for item in _datasets(path, file, set())))
        yield file


def _datasets(path: str | Path, group: h5py.Group, seen: set[int]) -> Iterator[h5py.Dataset]:
    """Everything that holds values, each once; a group may hold itself."""
    for name in group:
        if isinstance(group.get(name, getlink=True), h5py.ExternalLink):
            raise InputError(f"{path}: {name!r} leads to another file; copy what is there into this one")
        item = group[name]
        address = h5py.h5o.get_info(item.id).addr
        if address in seen:
            continue
        seen.add(address)
        if isinstance(item, h5py.Group):
            yield from _datasets(path, item, seen)
        elif isinstance(item, h5py.Dataset):
            if item.external or item.is_virtual:
                raise InputError(f"{path}: the values of {name!r} are in another file; copy them into this one")
            yield item


def _bound(path: str | Path, declared: int) -> None:
    size = Path(path).stat().st_size
    if declared > max(ALWAYS_READ, MOST_GROWTH * size):
        raise InputError(
            f"{path}: its arrays take {declared} bytes, of a file of {size}; at most {ALWAYS_READ}, or "
            f"{MOST_GROWTH} times the file. Save it with less compression"
        )


@contextmanager
def _named(path: str | Path) -> Iterator[None]:
    require_file(path)
    try:
        yield
    except InputError:
        raise
    except Exception as error:  # of any type, where a file was made to break h5py or NumPy
        why = " ".join(f"{error}".split())[:200] or type(error).__name__
        raise InputError(f"{path}: cannot be read ({why})") from error
