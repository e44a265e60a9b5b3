"""The user's own images, from arrays in a file: .npz, .npy or HDF5."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from repgeom.datasets.columns import as_descriptor
from repgeom.datasets.containers import hdf5_arrays, numpy_arrays
from repgeom.datasets.images import UNLABELLED, LabelledImages, blanks, numbered_ids
from repgeom.errors import InputError, nearest

CHANNELS = (1, 3)
BYTE = 255
HDF5 = (".h5", ".hdf5", ".hdf")
READABLE = (".npz", ".npy", *HDF5)
AsPixels = Callable[[np.ndarray, str], np.ndarray]
"""Takes images as they are stored, and where, for messages; gives them with channels first."""


def load_arrays(
    path: str | Path,
    names: Mapping[str, str | None],
    class_names: Sequence[str] | None = None,
) -> dict[str, LabelledImages]:
    """Images, and what else is known of each, from arrays with one row per image.

    Parameters
    ----------
    path
        `.npz`, `.npy` (images alone) or HDF5.
    names
        What arrays are called in the file: `images` and `labels` are the test split, `train_images` and
        `train_labels` the other; None where there are none. Images are (n, height, width), (n, height, width, 3) or
        (n, 3, height, width), bytes or numbers in [0, 1]; labels are whole numbers or text. All other arrays with one
        value per image describe the images, those that begin with `train_` the training images.
    class_names
        Of the labels 0, 1 …; their values where it is not given.

    Raises
    ------
    InputError
        A file that cannot be read, an array that is not there, or one of another shape than said.
    """
    return _dataset(path, _read(Path(path)), names, class_names, _pixels)


def list_arrays(
    path: str | Path, names: Mapping[str, str | None], class_names: Sequence[str] | None = None
) -> dict[str, LabelledImages]:
    """As `load_arrays`, but pixels are not read: a black one stands for every image."""
    arrays = _read(Path(path), unread=[name for name in (names["images"], names["train_images"]) if name])
    return _dataset(path, arrays, names, class_names, lambda images, where: blanks(len(_channels_first(images, where))))


def _dataset(
    path: str | Path,
    arrays: Mapping[str, np.ndarray],
    names: Mapping[str, str | None],
    class_names: Sequence[str] | None,
    as_pixels: AsPixels,
) -> dict[str, LabelledImages]:
    images = {"test": (names["images"], names["labels"])}
    if names["train_images"]:
        images = {"train": (names["train_images"], names["train_labels"]), **images}
    dataset = {split: _split(path, arrays, *named, class_names, split, as_pixels) for split, named in images.items()}
    if len({part.class_names for part in dataset.values()}) > 1:
        raise InputError(f"{path}: the labels of both splits must have the same values, or give class_names")
    return dataset


def _read(path: Path, unread: Sequence[str] = ()) -> dict[str, np.ndarray]:
    if path.suffix not in READABLE:
        raise InputError(f"{path}: expected a file whose name ends in {', '.join(READABLE)}")
    return hdf5_arrays(path, unread=unread) if path.suffix in HDF5 else numpy_arrays(path, unread)


def _split(
    path: str | Path,
    arrays: Mapping[str, np.ndarray],
    images: str,
    labels: str | None,
    class_names: Sequence[str] | None,
    split: str,
    as_pixels: AsPixels,
) -> LabelledImages:
    pixels = as_pixels(_array(path, arrays, images), f"{path}, array {images!r}")
    codes, names = np.zeros(len(pixels), dtype=np.int64), UNLABELLED
    if labels:
        codes, names = _coded(_array(path, arrays, labels), class_names, f"{path}, array {labels!r}")
    is_train = split == "train"
    told = {
        name.removeprefix("train_"): as_descriptor(values)
        for name, values in arrays.items()
        if values.shape == (len(pixels),) and name not in (images, labels) and name.startswith("train_") == is_train
    }
    return LabelledImages(pixels, codes, numbered_ids(Path(path).stem, split, len(pixels)), names, split, told)


def _array(path: str | Path, arrays: Mapping[str, np.ndarray], name: str) -> np.ndarray:
    if name not in arrays:
        raise InputError(f"{path}: holds no array {name!r}; {nearest(name, arrays)}")
    return arrays[name]


def _pixels(images: np.ndarray, where: str) -> np.ndarray:
    """Images with channels first, bytes or float32."""
    images = _channels_first(images, where)
    are_bytes = images.dtype.kind in "iu" and images.min() >= 0 and 1 < images.max() <= BYTE
    return np.ascontiguousarray(images.astype(np.uint8 if are_bytes or images.dtype == np.uint8 else np.float32))


def _channels_first(images: np.ndarray, where: str) -> np.ndarray:
    """Images as they are stored, grey ones without an axis for it."""
    if images.ndim == 4 and images.shape[1] not in CHANNELS and images.shape[3] in CHANNELS:
        images = np.moveaxis(images, 3, 1)
    if images.ndim == 3 and images.shape[2] in CHANNELS:
        raise InputError(f"{where}: has shape {images.shape}, which is one image; images are (n, height, width, 3)")
    if images.ndim not in (3, 4) or (images.ndim == 4 and images.shape[1] not in CHANNELS) or 0 in images.shape:
        raise InputError(
            f"{where}: has shape {images.shape}; images are (n, height, width), (n, height, width, 3) or "
            "(n, 3, height, width)"
        )
    if images.ndim == 4 and images.shape[1] == 1:
        images = images[:, 0]
    return images


def _coded(labels: np.ndarray, class_names: Sequence[str] | None, where: str) -> tuple[np.ndarray, tuple[str, ...]]:
    """Labels as whole numbers, and what these are called."""
    labels = labels[:, 0] if labels.ndim == 2 and labels.shape[1] == 1 else labels
    values = as_descriptor(labels)
    if values.ndim != 1 or values.dtype.kind not in "biuU":
        raise InputError(f"{where}: labels are one whole number or text per image; these are {values.dtype}")
    if class_names is not None and values.dtype.kind != "U":
        if values.min() < 0 or values.max() >= len(class_names):
            raise InputError(f"{where}: label {values.max()} is beyond the {len(class_names)} class_names")
        return values.astype(np.int64), tuple(class_names)
    known, codes = np.unique(values, return_inverse=True)
    return codes.astype(np.int64), tuple(str(name) for name in known)
