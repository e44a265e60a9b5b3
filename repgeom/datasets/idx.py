"""MNIST and Fashion-MNIST: IDX files found in a folder or downloaded, and verified either way.

MNIST: Y. LeCun, C. Cortes, C. J. C. Burges, "The MNIST database of handwritten digits" (1998), where the IDX
format is described as well. Fashion-MNIST: H. Xiao, K. Rasul, R. Vollgraf, arXiv 1708.07747 (2017).
"""

import gzip
import hashlib
import math
import struct
import zlib
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from repgeom.datasets.download import MAX_BYTES, BadCopyError, download
from repgeom.datasets.images import LabelledImages, numbered_ids
from repgeom.errors import InputError

FILES = {
    "train": ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
    "test": ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"),
}
GZIP_MAGIC = b"\x1f\x8b"
UNSIGNED_BYTE = 0x08  # IDX's code for the one type of value that these datasets use


@dataclass(frozen=True)
class IdxSource:
    """A dataset published as four IDX files: where it is found and how a true copy is known."""

    name: str
    class_names: tuple[str, ...]
    sha256: dict[str, str]
    """of each file's decompressed content, so that a recompressed copy passes"""
    mirrors: tuple[str, ...]
    """folders that hold the files, gzipped; none where they come with the project"""

    @property
    def remedy(self) -> str:
        """What a user can do about a file that is no true copy."""
        if self.mirrors:
            return f"Replace it, or remove it to have {self.name} downloaded"
        return "It comes with the project: fetch it from there again, for instance with git checkout"


MNIST = IdxSource(
    name="mnist",
    class_names=tuple("0123456789"),
    sha256={
        "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    },
    mirrors=(
        "https://ossci-datasets.s3.amazonaws.com/mnist",
        "https://storage.googleapis.com/cvdf-datasets/mnist",
    ),
)

FASHION_MNIST = IdxSource(
    name="fashion-mnist",
    class_names=(
        "T-shirt/top",
        "Trouser",
        "Pullover",
        "Dress",
        "Coat",
        "Sandal",
        "Shirt",
        "Sneaker",
        "Bag",
        "Ankle boot",
    ),
    sha256={
        "train-images-idx3-ubyte": "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
        "train-labels-idx1-ubyte": "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
        "t10k-images-idx3-ubyte": "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
        "t10k-labels-idx1-ubyte": "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
    },
    mirrors=(
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com",
        "https://storage.googleapis.com/tensorflow/tf-keras-datasets",
        "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion",
    ),
)

SOURCES = {source.name: source for source in (MNIST, FASHION_MNIST)}


def load_idx(source: IdxSource, data_dir: str | Path) -> dict[str, LabelledImages]:
    """Return a dataset's training and test images, uint8, in the order of its files.

    Each file is looked up in ``{data_dir}/{source.name}/``, raw or with the ending ``.gz``, and downloaded to
    that folder if it is not there.

    Raises
    ------
    InputError
        If a file that is there is not a true copy (it is named, and left alone), if one that is missing
        cannot be downloaded, or if the files contradict each other.
    """
    return {split: _load_split(source, split, Path(data_dir)) for split in FILES}


def find_file(source: IdxSource, name: str, data_dir: str | Path) -> Path:
    """Return where the file `name` is in the user's folder, after downloading it if it is in neither form there.

    A file that was found is not verified yet; `read_verified` does that.
    """
    folder = Path(data_dir, source.name)
    zipped = folder / f"{name}.gz"
    for path in (folder / name, zipped):
        if path.is_file():
            return path
    if not source.mirrors:
        raise InputError(f"{source.name}: there is no file {zipped}. {source.remedy}")
    urls = [f"{mirror}/{name}.gz" for mirror in source.mirrors]
    try:
        download(urls, zipped, partial(read_verified, source.sha256[name]))
    except InputError as error:
        raise InputError(
            f"{source.name}: {error}\nConnect to the network, or put {name} or {name}.gz into {folder} yourself"
        ) from error
    return zipped


def read_verified(sha256: str, path: Path, called: str | None = None) -> bytes:
    """Return the content of a raw or gzipped file, decompressed, if it has the given SHA-256.

    Raises
    ------
    BadCopyError
        If the file cannot be read, is damaged or holds something else. The message speaks of it as `called`
        (by default, its path).
    """
    called = called or str(path)
    content = _read(path, called)
    found = hashlib.sha256(content).hexdigest()
    if found == sha256:
        return content
    if content[:64].lstrip()[:1] == b"<":
        raise BadCopyError(f"{called} is a web page, not data")
    raise BadCopyError(
        f"{called} is not the published file: its {len(content)} bytes have the SHA-256 {found[:12]}…, "
        f"not {sha256[:12]}…"
    )


def parse_idx(content: bytes, called: str) -> NDArray[np.uint8]:
    """Return the array in the content of an IDX file of unsigned bytes.

    The format: two zero bytes, a type code, the number of dimensions; each dimension as a big-endian
    32-bit number; then the values in row-major order.

    Raises
    ------
    InputError
        If the header is not one, or the length contradicts it.
    """
    if len(content) < 4 or content[:3] != bytes([0, 0, UNSIGNED_BYTE]):
        raise InputError(f"{called} is not an IDX file of unsigned bytes: it begins with 0x{content[:4].hex()}")
    start = 4 + 4 * content[3]
    if len(content) < start:
        raise InputError(f"{called} ends within its header of {start} bytes")
    shape = struct.unpack(f">{content[3]}I", content[4:start])
    if len(content) - start != math.prod(shape):
        raise InputError(
            f"{called} holds {len(content) - start} values, but its header announces {math.prod(shape)}, shape {shape}"
        )
    return np.frombuffer(content, dtype=np.uint8, offset=start).reshape(shape)


def _load_split(source: IdxSource, split: str, data_dir: Path) -> LabelledImages:
    images, labels = (_load_array(source, name, data_dir) for name in FILES[split])
    if images.ndim != 3 or labels.shape != images.shape[:1]:
        raise InputError(
            f"{source.name}: {FILES[split][0]} has shape {images.shape} and {FILES[split][1]} {labels.shape}: "
            "expected (n, height, width) and (n,)"
        )
    ids = numbered_ids(source.name, split, len(images))
    return LabelledImages(images, labels.astype(np.int64), ids, source.class_names, split)


def _load_array(source: IdxSource, name: str, data_dir: Path) -> NDArray[np.uint8]:
    path = find_file(source, name, data_dir)
    try:
        content = read_verified(source.sha256[name], path)
    except BadCopyError as error:
        raise InputError(f"{error}. {source.remedy}") from error
    return parse_idx(content, str(path))


def _read(path: Path, called: str) -> bytes:
    """Return at most `MAX_BYTES` of content. Its first bytes say whether it is gzipped; names are often wrong."""
    try:
        with open(path, "rb") as file:
            zipped = file.read(len(GZIP_MAGIC)) == GZIP_MAGIC
        with gzip.open(path) if zipped else open(path, "rb") as file:
            return file.read(MAX_BYTES)
    except EOFError as error:
        raise BadCopyError(f"{called} is truncated: its gzip stream ends early") from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise BadCopyError(f"{called} is damaged: {error}") from error
    except OSError as error:
        raise BadCopyError(f"{called} cannot be read: {error.strerror}") from error
