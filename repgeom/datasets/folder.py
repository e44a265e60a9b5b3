"""The user's own images, from a folder of folders: ``train/<class>/*.png`` and ``test/<class>/*.png``."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal
from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from repgeom.datasets.images import SPLITS, LabelledImages
from repgeom.datasets.pictures import open_picture
from repgeom.errors import InputError

MODES = {"grey": "L", "rgb": "RGB"}  # our names and Pillow's
EIGHT_BIT = ("1", "L", "P", "RGB", "LA", "RGBA")  # Pillow's modes that convert to bytes without loss of range
UNREADABLE = (OSError, SyntaxError, Image.DecompressionBombError)  # what Pillow raises on damaged files


def load_folder(
    root: str | Path, mode: Literal["grey", "rgb"] = "grey", size: tuple[int, int] | None = None
) -> dict[str, LabelledImages]:
    """Return the images under `root`, uint8: ``(n, height, width)`` in grey, ``(n, 3, height, width)`` in RGB.

    Classes are the folders' names in alphabetical order. Images come in turns, the first of every class
    (by file name), then the second of every class, and so on, so that any beginning of the dataset is balanced.
    The id of an image is its path under `root`, percent-encoded where it is not plain ASCII.

    Parameters
    ----------
    root
        Holds ``train`` and ``test``, with the same class folders in both, which hold images and nothing else
        (hidden files are passed over).
    mode
        Images in colour become grey by ITU-R 601 luma; grey ones become RGB with three equal channels.
    size
        ``(height, width)`` in pixels: images are scaled to cover it and their middle is kept. Without it, all
        must have the same size already.

    Raises
    ------
    InputError
        If a folder is missing or empty, the splits have different classes, or an image cannot be read, has
        transparent pixels or more than 8 bits, or has another size than the rest. Names the file.
    """
    if mode not in MODES:
        raise InputError(f"mode is {mode!r}: it must be one of {', '.join(MODES)}")
    if size is not None and min(size) < 1:
        raise InputError(f"size is {size}: height and width must be at least 1 pixel")
    classes = _class_names(Path(root))
    dataset = {split: _load_split(Path(root), split, classes, mode, size) for split in SPLITS}
    shapes = {split: part.images.shape[1:] for split, part in dataset.items()}
    if shapes["train"] != shapes["test"]:
        raise InputError(
            f"{root}: image shapes differ, {shapes['train']} in train and {shapes['test']} in test: set a size"
        )
    return dataset


def _class_names(root: Path) -> tuple[str, ...]:
    train, test = ({folder.name for folder in _entries(root / split, folders=True)} for split in SPLITS)
    if lone := sorted(train ^ test):
        raise InputError(f"{root}: class {lone[0]!r} is in one of train and test only: both need the same classes")
    return tuple(sorted(train))


def _entries(folder: Path, folders: bool) -> list[Path]:
    """Return what is in `folder`, sorted, after checking that it is folders only, or files only."""
    if not folder.is_dir():
        raise InputError(f"{folder} is not a folder: expected train/<class>/ and test/<class>/ with images")
    found = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    if not found:
        raise InputError(f"{folder} is empty: expected {'a folder for every class' if folders else 'images'}")
    for path in found:
        if path.is_dir() != folders:
            raise InputError(
                f"{path} is out of place: expected {'only class folders' if folders else 'only images'} here"
            )
    return found


def _load_split(
    root: Path, split: str, classes: tuple[str, ...], mode: str, size: tuple[int, int] | None
) -> LabelledImages:
    by_class = [_entries(root / split / name, folders=False) for name in classes]
    paths, labels = zip(*_in_turns(by_class), strict=True)
    images = _stack(paths, [_load_image(path, MODES[mode], size) for path in paths])
    ids = np.array([quote(os.fsencode(path.relative_to(root))) for path in paths], dtype=np.str_)
    return LabelledImages(images, np.array(labels, dtype=np.int64), ids, classes, split)


def _in_turns(by_class: list[list[Path]]) -> Iterator[tuple[Path, int]]:
    for turn in range(max(len(paths) for paths in by_class)):
        for label, paths in enumerate(by_class):
            if turn < len(paths):
                yield paths[turn], label


def _load_image(path: Path, mode: str, size: tuple[int, int] | None) -> NDArray[np.uint8]:
    """Return one image, upright, as ``(height, width)`` or ``(3, height, width)``."""
    try:
        with open_picture(path) as opened:
            picture = ImageOps.exif_transpose(opened)
            _check_plain(picture, path)
            picture = picture.convert(mode)
    except UNREADABLE as error:
        raise InputError(f"{path} cannot be read as an image ({error}): replace or remove it") from error
    if size is not None:
        height, width = size
        picture = ImageOps.fit(picture, (width, height), Image.Resampling.BICUBIC)
    pixels = np.asarray(picture)
    return pixels if pixels.ndim == 2 else np.moveaxis(pixels, 2, 0)


def _check_plain(picture: Image.Image, path: Path) -> None:
    if picture.mode not in EIGHT_BIT:
        raise InputError(f"{path} has Pillow mode {picture.mode}: save it as 8-bit grey or RGB")
    if picture.has_transparency_data and picture.convert("RGBA").getextrema()[3][0] < 255:
        raise InputError(f"{path} has transparent pixels: save it on an opaque background")


def _stack(paths: Iterable[Path], images: list[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    shape = images[0].shape
    for path, image in zip(paths, images, strict=True):
        if image.shape != shape:
            raise InputError(f"{path} has {image.shape[-2:]} pixels, the images before it {shape[-2:]}: set a size")
    return np.stack(images)
