"""Labelled images: the one form in which every image dataset reaches the rest of the library."""

from dataclasses import dataclass, field
from typing import Self
from urllib.parse import quote

import numpy as np
from numpy.typing import ArrayLike, NDArray

from repgeom.datasets.layout import SPLITS
from repgeom.errors import InputError
from repgeom.labels import label_fault

UNLABELLED = ("unlabelled",)
"""Class names of images without classes."""


@dataclass(frozen=True, eq=False)
class LabelledImages:
    """One split of an image dataset.

    Parameters
    ----------
    images
        ``(n, height, width)`` or ``(n, channels, height, width)``; uint8 in 0–255 or float32 in [0, 1].
    labels
        ``(n,)`` int64, indices into `class_names`.
    ids
        ``(n,)`` unique, non-empty ASCII strings: an image keeps its id in everything derived from it.
    class_names
        One name per class.
    split
        ``"train"`` or ``"test"``.
    descriptors
        Whatever else is known of each image, by name: ``(n,)`` numbers or text.

    Raises
    ------
    InputError
        If a shape, type, length or value contradicts the above; the message names the first culprit.
    """

    images: NDArray[np.uint8] | NDArray[np.float32]
    labels: NDArray[np.int64]
    ids: NDArray[np.str_]
    class_names: tuple[str, ...]
    split: str
    descriptors: dict[str, np.ndarray] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.split not in SPLITS:
            raise InputError(f"split is {self.split!r}: it must be one of {', '.join(SPLITS)}")
        _check_pixels(self.images, self.split)
        _check_lengths(self)
        _check_labels(self.labels, len(self.class_names), self.split)
        _check_ids(self.ids, self.split)
        _check_class_names(self.class_names)

    def __len__(self) -> int:
        return len(self.images)

    def to_float(self) -> NDArray[np.float32]:
        """Return the images as float32 in [0, 1]; bytes are divided by 255, floats are returned as they are."""
        if self.images.dtype == np.uint8:
            return self.images.astype(np.float32) / np.float32(255)
        return self.images

    def take(self, indices: ArrayLike) -> Self:
        """Return the images at `indices` (integers or a boolean mask), in that order."""
        chosen = np.asarray(indices)
        return type(self)(
            self.images[chosen],
            self.labels[chosen],
            self.ids[chosen],
            self.class_names,
            self.split,
            {name: values[chosen] for name, values in self.descriptors.items()},
        )


def blanks(n: int) -> NDArray[np.uint8]:
    """Stand for `n` images of which the pixels do not matter."""
    return np.zeros((n, 1, 1), np.uint8)


def numbered_ids(dataset: str, split: str, n: int) -> NDArray[np.str_]:
    """Return the ids ``{dataset}-{split}-00000`` … of a dataset whose images are known by their index."""
    return np.array([f"{quote(dataset)}-{split}-{index:05d}" for index in range(n)], dtype=np.str_)


def _check_pixels(images: np.ndarray, split: str) -> None:
    if images.ndim not in (3, 4):
        raise InputError(
            f"{split} images have shape {images.shape}: expected (n, height, width) or (n, channels, height, width)"
        )
    if images.dtype == np.uint8:
        return
    if images.dtype != np.float32:
        raise InputError(f"{split} images are {images.dtype}: expected uint8 (0–255) or float32 (0–1)")
    outside = ~((images >= 0) & (images <= 1))  # true for NaN as well
    if outside.any():
        where = tuple(int(i) for i in np.argwhere(outside)[0])
        raise InputError(
            f"{split} images hold {images[where]} at index {where}: float pixels must lie in [0, 1]; "
            "divide bytes by 255"
        )


def _check_lengths(dataset: LabelledImages) -> None:
    for name, values in {"labels": dataset.labels, "ids": dataset.ids, **dataset.descriptors}.items():
        shape = values.shape
        if shape != (len(dataset.images),):
            raise InputError(
                f"{dataset.split} {name} have shape {shape}, but there are {len(dataset.images)} images: "
                "give exactly one per image"
            )


def _check_labels(labels: np.ndarray, n_classes: int, split: str) -> None:
    if labels.dtype != np.int64:
        raise InputError(f"{split} labels are {labels.dtype}: expected int64 class indices")
    outside = np.flatnonzero((labels < 0) | (labels >= n_classes))
    if outside.size:
        raise InputError(
            f"{split} label {labels[outside[0]]} at index {outside[0]} is outside 0–{n_classes - 1}: "
            f"there are {n_classes} class names"
        )


def _check_class_names(names: tuple[str, ...]) -> None:
    for name in names:  # folders may have names that are not UTF-8
        if fault := label_fault(name) if name else "empty":
            raise InputError(f"the name {name!r} of a class: {fault}. Rename its folder, or what stands for it")


def _check_ids(ids: np.ndarray, split: str) -> None:
    if ids.dtype.kind != "U":
        raise InputError(f"{split} ids are {ids.dtype}: expected strings")
    for name in ids:
        # rsatoolbox's HDF5 files hold ASCII only, so anything else would fail long after it entered.
        if not name or not name.isascii():
            raise InputError(f"{split} id {str(name)!r} is empty or not ASCII: use ASCII ids")
    values, counts = np.unique(ids, return_counts=True)
    if (counts > 1).any():
        raise InputError(f"{split} id {str(values[counts > 1][0])!r} occurs more than once: ids must be unique")
