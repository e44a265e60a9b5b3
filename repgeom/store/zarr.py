"""Arrays too large for memory: Zarr v3 in a zip file, streamed in and streamed out.

One file per artifact, so that it can be cached, renamed in one step and counted as one file by a
cluster's quota. Zip keeps a CRC-32 of every chunk, which is checked whenever one is read. Entries
carry a fixed date: the same content gives the same bytes.
"""

import hashlib
import json
import re
import shutil
import struct
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from math import prod
from pathlib import Path

import numpy as np
import zarr
from zarr.codecs import BytesCodec
from zarr.storage import LocalStore, ZipStore

from repgeom.errors import InputError, nearest, require_file
from repgeom.store.atomic import atomic_path
from repgeom.store.provenance import NOTEBOOK, Provenance, damaged, provenance_in

FIXED_DATE = (1980, 1, 1, 0, 0, 0)
CHUNK_VALUES = 1 << 19
BLOCK_BYTES = 1 << 26
FRAME = "_frame"
"""The group of what is no stimulus."""
TAKEN = (FRAME, "zarr.json", ".", "..")
"""Names that mean something else in a file."""
UTF8 = 0x800
"""A zip entry's flag that its name is not plain ASCII, which is set when the listing is written, and with the name."""


@contextmanager
def new_group(path: str | Path, attributes: dict, provenance: Provenance = NOTEBOOK) -> Iterator[zarr.Group]:
    """Yield an empty Zarr group to fill; on success it becomes the zip file `path`.

    `attributes` must be JSON-able. They may also be changed on the group while it is open.
    """
    with atomic_path(path) as partial:
        folder = Path(tempfile.mkdtemp(prefix=f".{Path(path).name}.", suffix=".partial", dir=partial.parent))
        try:
            group = zarr.create_group(LocalStore(folder), attributes=attributes)
            yield group
            group.attrs["provenance"] = json.loads(provenance.at(path).to_json())
            _pack(folder, partial)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def create_array(
    group: zarr.Group, name: str, shape: tuple[int, int], dtype: str, rows: int, attributes: dict | None = None
) -> zarr.Array:
    """A two-dimensional array in chunks of `rows` rows and as many columns as make about 2 MB.

    A writer that fills blocks of `rows` rows touches each chunk once; a reader of a block of
    columns reads only the chunks that hold them.
    """
    chunks = (max(1, min(rows, shape[0])), chunk_columns(shape, rows))
    return group.create_array(name, shape=shape, chunks=chunks, dtype=dtype, compressors=None, attributes=attributes)


def chunk_columns(shape: tuple[int, int], rows: int) -> int:
    """How many columns a chunk of `rows` rows has."""
    return max(1, min(shape[1], CHUNK_VALUES // max(1, min(rows, shape[0]))))


def block_columns(n: int, itemsize: int, chunk: int) -> int:
    """How many columns of n rows are read at once: whole chunks, about 64 MB."""
    return max(1, BLOCK_BYTES // (n * itemsize * chunk)) * chunk


@contextmanager
def open_group(path: str | Path) -> Iterator[zarr.Group]:
    """Open a Zarr zip file for reading.

    Raises
    ------
    InputError
        The file is missing, truncated or altered.
    """
    require_file(path)
    with ExitStack() as stack:
        with _reading(path):
            _check_listing(path)
            store = stack.enter_context(ZipStore(path, mode="r"))
            group = zarr.open_group(store, mode="r", zarr_format=3)  # of version 2, some codecs unpickle
            provenance_in(path, dict(group.attrs)["provenance"])
        yield group


@contextmanager
def _reading(path: str | Path) -> Iterator[None]:
    """Whatever cannot be read in the block is due to the file; what is done with it is not."""
    try:
        yield
    except InputError:
        raise
    except (zipfile.BadZipFile, OSError, EOFError, LookupError, TypeError, ValueError, RecursionError) as error:
        raise damaged(path, error) from error


@dataclass(frozen=True)
class StoredArray:
    """An array in an open file; whatever cannot be read of it is told with the name of the file."""

    array: zarr.Array
    path: str | Path

    @property
    def shape(self) -> tuple[int, ...]:
        """Rows, columns."""
        return self.array.shape

    @property
    def dtype(self) -> np.dtype:
        """Type of a value."""
        return self.array.dtype

    @property
    def chunks(self) -> tuple[int, ...]:
        """Rows, columns of what is read at once."""
        return self.array.chunks

    @property
    def attrs(self) -> Mapping:
        """What is noted of the array."""
        return self.array.attrs

    def __getitem__(self, key) -> np.ndarray:
        with _reading(self.path):
            return self.array[key]


def key_of(node: str) -> str:
    """What the array of a node is called: as the node, but for signs and names that are paths or files to Zarr."""
    if node in TAKEN:
        return f"%{ord(node[0]):02X}{node[1:]}"
    return re.sub(r"[/\\%]", lambda sign: f"%{ord(sign[0]):02X}", node)


def holds(group: zarr.Group, name: str, path: str | Path) -> bool:
    """Whether there is an array, or a group, of this name in an open group."""
    with _reading(path):
        return name in group


def group_array(group: zarr.Group, name: str, path: str | Path) -> StoredArray:
    """The array of a node in an open group, or an error that names the nearest one."""
    with _reading(path):
        names = list(group.attrs["nodes"])
    if name not in names:
        raise InputError(f"{path}: no node {name!r}; {nearest(name, names)}")
    return plain_array(group, key_of(name), path)


def plain_array(group: zarr.Group, name: str, path: str | Path) -> StoredArray:
    """The array `name` of an open group.

    Raises
    ------
    InputError
        It is not written as ours are, which take no more memory than their file is long.
    """
    with _reading(path):
        array = group[name]
    if not isinstance(array, zarr.Array) or array.ndim != 2:
        raise damaged(path, f"{name!r} is no array of rows and columns")
    chunk_bytes = prod(array.chunks) * array.dtype.itemsize
    if max(array.nbytes, chunk_bytes) > Path(path).stat().st_size:
        raise damaged(path, f"its array {name!r} is not wholly in the file")
    if array.compressors or array.filters or not isinstance(array.serializer, BytesCodec):
        raise damaged(path, f"its array {name!r} is packed in a way that is not ours")
    return StoredArray(array, path)


@dataclass(frozen=True)
class ColumnBlocks:
    """An array in blocks of columns, each whole chunks wide; can be iterated again and again."""

    array: StoredArray

    @property
    def width(self) -> int:
        """Columns of a block."""
        return block_columns(self.array.shape[0], self.array.dtype.itemsize, self.array.chunks[1])

    @property
    def nbytes(self) -> int:
        """What a block takes."""
        n, d = self.array.shape
        return n * min(d, self.width) * self.array.dtype.itemsize

    def __iter__(self) -> Iterator[np.ndarray]:
        for start in range(0, self.array.shape[1], self.width):
            yield self.array[:, start : start + self.width]


def _pack(folder: Path, path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
        for file in sorted(p for p in folder.rglob("*") if p.is_file()):
            info = zipfile.ZipInfo(file.relative_to(folder).as_posix(), FIXED_DATE)
            with file.open("rb") as source, archive.open(info, "w", force_zip64=True) as target:
                shutil.copyfileobj(source, target, 1 << 22)
        archive.comment = _listing_digest(archive)


def _listing_digest(archive: zipfile.ZipFile) -> bytes:
    """Digest of names, sizes, CRCs and how entries are packed: an entry that vanishes would otherwise read as zeros."""
    listing = [
        (i.filename, i.file_size, i.CRC, i.header_offset, i.compress_type, i.flag_bits & ~UTF8)
        for i in archive.infolist()
    ]
    return hashlib.sha256(repr(listing).encode()).hexdigest().encode()


def _check_listing(path: str | Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            is_whole = archive.comment == _listing_digest(archive)
            is_plain = all(entry.compress_type == zipfile.ZIP_STORED for entry in archive.infolist())
    except (NotImplementedError, RuntimeError, struct.error) as error:
        raise zipfile.BadZipFile(f"its list of entries cannot be read: {error}") from error
    if not is_whole:
        raise zipfile.BadZipFile("its list of entries does not match its checksum")
    if not is_plain:
        raise zipfile.BadZipFile("its entries are compressed, as none of ours are")
