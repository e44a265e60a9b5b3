"""The user's own images, from a folder: with or without splits and classes, or with a table that tells of each image.

The folder says itself how it is meant:

- ``train`` and ``test``, or only ``test``: splits, each with a folder for every class, or with images;
- folders, none of them called so: classes, all in the test split;
- images: no classes, all in the test split.
"""

import csv
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageOps

from repgeom.datasets.columns import as_descriptor
from repgeom.datasets.images import SPLITS, UNLABELLED, LabelledImages, blanks
from repgeom.datasets.layout import class_folders, is_passed_over, split_folders
from repgeom.datasets.pictures import open_picture
from repgeom.errors import InputError, nearest

MODES = {"grey": "L", "rgb": "RGB"}  # our names and Pillow's
EIGHT_BIT = ("1", "L", "P", "RGB", "LA", "RGBA", "CMYK", "YCbCr")
"""Pillow's modes that convert to bytes without loss of range."""
SIXTEEN_BIT = ";16"
"""Is in what Pillow calls pixels, in the file, of which its mode keeps the upper 8 of 16 bits."""
BESIDE_THE_FIRST = ("MPO",)
"""Formats in which what follows the first picture belongs to it: phones add depths and brightness to their JPEGs."""
ON_ITS_SIDE = range(5, 9)
"""Values of EXIF's orientation where height and width are exchanged."""
UNREADABLE = (OSError, SyntaxError, Image.DecompressionBombError)  # what Pillow raises on damaged files
FILE, SPLIT = "file", "split"
"""Columns of a table of images that mean something."""

Size = tuple[int, int] | None


def load_folder(
    root: str | Path,
    mode: Literal["grey", "rgb"] = "grey",
    size: Size = None,
    labels: str | Path | None = None,
    class_column: str | None = None,
) -> dict[str, LabelledImages]:
    """Return the images under `root`, uint8: ``(n, height, width)`` in grey, ``(n, 3, height, width)`` in RGB.

    Classes are the folders' names in alphabetical order. Images come in turns, the first of every class
    (by file name), then the second of every class, and so on, so that any beginning of the dataset is balanced.
    The id of an image is its path under `root`, percent-encoded where it is not plain ASCII.

    Parameters
    ----------
    root
        Holds splits, classes or images (see above), and nothing else (hidden files are passed over).
    mode
        Images in colour become grey by ITU-R 601 luma; grey ones become RGB with three equal channels.
    size
        ``(height, width)`` in pixels: images are scaled to cover it and their middle is kept. Without it, all
        must have the same size already.
    labels
        A CSV file that names the images in its column `file` (their path under `root`), in place of folders, and tells
        their `split` if there are two; all other columns become descriptors.
    class_column
        Of `labels`: its values, in alphabetical order, are the classes. Images have no classes without it.

    Raises
    ------
    InputError
        If a folder is missing or empty, the splits have different classes, or an image cannot be read, has
        transparent pixels or more than 8 bits, is one of several in its file (frames, pages), or has another size than
        the rest. Names the file.
    """
    if mode not in MODES:
        raise InputError(f"mode is {mode!r}: it must be one of {', '.join(MODES)}")
    if size is not None and min(size) < 1:
        raise InputError(f"size is {size}: height and width must be at least 1 pixel")
    listed = list_images(root, labels, class_column)
    dataset = {split: _read(Path(root), images, split, mode, size) for split, images in listed.items()}
    shapes = {split: part.images.shape[1:] for split, part in dataset.items()}
    if len(set(shapes.values())) > 1:
        raise InputError(
            f"{root}: image shapes differ, {shapes['train']} in train and {shapes['test']} in test: set a size"
        )
    return dataset


@dataclass(frozen=True)
class Listed:
    """The images of one split, before any of them is read.

    Attributes
    ----------
    files, labels : (n,)
        Where each lies, and its class.
    class_names : tuple of str
    told : dict
        What else a table tells of each, by name: (n,).
    """

    files: list[Path]
    labels: np.ndarray
    class_names: tuple[str, ...]
    told: dict[str, np.ndarray] = field(default_factory=dict)


def list_images(
    root: str | Path, labels: str | Path | None = None, class_column: str | None = None
) -> dict[str, Listed]:
    """Split → its images, in the order in which `load_folder` reads them.

    Raises
    ------
    InputError
        Of what `load_folder` refuses all that shows without opening an image.
    """
    root = Path(root)
    return _from_table(root, labels, class_column) if labels else _from_folders(root)


def check_folder(
    root: str | Path, size: Size = None, labels: str | Path | None = None, class_column: str | None = None
) -> None:
    """Look at every image under `root` as far as needed to tell whether `load_folder` will take it.

    Pixels are looked at where there may be transparent ones; elsewhere damage to them goes unseen.

    Raises
    ------
    InputError
        As `load_folder`, of the first image that it would refuse.
    """
    first = None
    for images in list_images(root, labels, class_column).values():
        for path in images.files:
            shape = _shape_as_shown(path)
            first = first or (path, shape)
            if size is None and shape != first[1]:
                raise InputError(f"{path} has {shape} pixels, {first[0]} {first[1]}: set a size")


def list_labelled(
    root: str | Path, labels: str | Path | None = None, class_column: str | None = None
) -> dict[str, LabelledImages]:
    """As `load_folder`, but none is opened: a black pixel stands for every image."""
    return {
        split: _labelled(Path(root), images, split, blanks(len(images.files)))
        for split, images in list_images(root, labels, class_column).items()
    }


def _read(root: Path, images: Listed, split: str, mode: str, size: Size) -> LabelledImages:
    pixels = _stack(images.files, [load_image(path, MODES[mode], size) for path in images.files])
    return _labelled(root, images, split, pixels)


def _labelled(root: Path, images: Listed, split: str, pixels: NDArray[np.uint8]) -> LabelledImages:
    ids = np.array([quote(os.fsencode(path.relative_to(root))) for path in images.files], dtype=np.str_)
    return LabelledImages(pixels, images.labels, ids, images.class_names, split, images.told)


# -- folders of classes, or of images


def _from_folders(root: Path) -> dict[str, Listed]:
    folders = split_folders(root)
    classes = {split: _classes(folder) for split, folder in folders.items()}
    for split in classes:
        if lone := sorted(set(classes[split]) ^ set(classes["test"])):
            raise InputError(f"{root}: class {lone[0]!r} is in one of train and test only: both need the same classes")
    return {split: _of_split(folder, classes[split]) for split, folder in folders.items()}


def _classes(folder: Path) -> dict[str, Path]:
    found = _entries(folder)
    classes = class_folders(folder)
    if classes and len(classes) < len(found):
        lone = next(path for path in found if not path.is_dir())
        raise InputError(f"{lone} is out of place: expected only class folders here, or only images")
    return classes


def _entries(folder: Path, images: bool = False) -> list[Path]:
    """Return what is in `folder`, sorted, hidden files left out, after checking that it holds something to read."""
    if not folder.is_dir():
        raise InputError(f"{folder} is not a folder: expected images, or a folder of them for every class")
    found = sorted(path for path in folder.iterdir() if not is_passed_over(path))
    if not found:
        what = "images; add some, or remove it" if images else "images, or a folder for every class"
        raise InputError(f"{folder} is empty: expected {what}")
    for path in found if images else []:
        if path.is_dir():
            raise InputError(
                f"{path} is out of place: expected only images here; name images that lie deeper in a table, labels"
            )
    return found


def _of_split(folder: Path, classes: dict[str, Path]) -> Listed:
    by_class = [_entries(inside, images=True) for inside in classes.values()] or [_entries(folder, images=True)]
    files, labels = zip(*_in_turns(by_class), strict=True)
    return Listed(list(files), np.array(labels, dtype=np.int64), tuple(classes) or UNLABELLED)


def _in_turns(by_class: list[list[Path]]) -> Iterator[tuple[Path, int]]:
    for turn in range(max(len(paths) for paths in by_class)):
        for label, paths in enumerate(by_class):
            if turn < len(paths):
                yield paths[turn], label


# -- a table that tells of each image


def _from_table(root: Path, table: str | Path, class_column: str | None) -> dict[str, Listed]:
    rows = read_table_of_images(Path(table), class_column)
    for i, row in enumerate(rows):
        if not Path(os.path.normpath(root / row[FILE])).is_relative_to(os.path.normpath(root)):
            raise InputError(f"{table}, line {i + 2}: {row[FILE]!r} is not under {root}; put the image there")
    names = tuple(sorted({row[class_column] for row in rows})) if class_column else UNLABELLED
    by_split: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        by_split.setdefault(row.get(SPLIT) or "test", []).append(row)
    if unknown := sorted(set(by_split) - set(SPLITS)):
        raise InputError(f"{table}: {unknown[0]!r} in the column {SPLIT}: write train or test")
    return {split: _of_rows(root, part, names, class_column) for split, part in by_split.items()}


def _of_rows(root: Path, rows: list[dict[str, str]], names: tuple[str, ...], class_column: str | None) -> Listed:
    labels = np.array([names.index(row[class_column]) if class_column else 0 for row in rows], dtype=np.int64)
    told = [name for name in rows[0] if name not in (FILE, SPLIT, class_column)]
    columns = {name: as_descriptor([row[name] for row in rows]) for name in told}
    return Listed([root / row[FILE] for row in rows], labels, names, columns)


def read_table_of_images(path: Path, class_column: str | None = None) -> list[dict[str, str]]:
    """The rows of a table that names images, column by column.

    Raises
    ------
    InputError
        It is no CSV file, lacks a column or a value, or names no images.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            delimiter = _delimiter(file.readline())
            file.seek(0)
            reader = csv.DictReader(file, strict=True, delimiter=delimiter, skipinitialspace=True)
            rows, columns = list(reader), reader.fieldnames or []
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path}: cannot be read as CSV ({error})") from error
    for name in filter(None, (FILE, class_column)):
        if name not in columns:
            raise InputError(f"{path}: has no column {name!r}; {nearest(name, columns)}")
    for i, row in enumerate(rows):
        if None in row or None in row.values():
            raise InputError(f"{path}, line {i + 2}: has not the {len(columns)} values that the first line names")
        for name in filter(None, (FILE, class_column)):
            if not row[name]:
                raise InputError(
                    f"{path}, line {i + 2}: has no value in the column {name!r}; fill it, or leave the line out"
                )
    if not rows:
        raise InputError(f"{path}: names no images")
    return [_with_points(row) for row in rows] if delimiter == ";" else rows


def _delimiter(header: str) -> str:
    """What separates columns: spreadsheets write semicolons where the comma is the decimal sign, and tabs."""
    return next((sign for sign in ",;\t" if FILE in (name.strip('" \r\n') for name in header.split(sign))), ",")


def _with_points(row: dict[str, str]) -> dict[str, str]:
    """Numbers with a decimal point."""
    return {name: re.sub(r"^([-+]?\d+),(\d+)$", r"\1.\2", value) for name, value in row.items()}


# -- one image


def load_image(path: Path, mode: str, size: Size) -> NDArray[np.uint8]:
    """Return one image, upright, as ``(height, width)`` or ``(3, height, width)``."""
    with _plain_picture(path) as opened:
        picture = ImageOps.exif_transpose(opened).convert(mode)
    if size is not None:
        height, width = size
        picture = ImageOps.fit(picture, (width, height), Image.Resampling.BICUBIC)
    pixels = np.asarray(picture)
    return pixels if pixels.ndim == 2 else np.moveaxis(pixels, 2, 0)


def _shape_as_shown(path: Path) -> tuple[int, int]:
    """Height and width of an image that can be read, once it is turned upright; its pixels need not be looked at."""
    with _plain_picture(path) as picture:
        # Pillow has seen to that of a TIFF already, and decodes a PNG to look for it.
        has_no_turn = picture.format == "TIFF" or (picture.format == "PNG" and "exif" not in picture.info)
        is_turned = not has_no_turn and picture.getexif().get(ExifTags.Base.Orientation) in ON_ITS_SIDE
        return picture.size if is_turned else picture.size[::-1]


@contextmanager
def _plain_picture(path: Path) -> Iterator[Image.Image]:
    try:
        with open_picture(path) as picture:
            _check_plain(picture, path)
            yield picture
    except UNREADABLE as error:
        raise InputError(f"{path} cannot be read as an image ({error}): replace or remove it") from error


def _check_plain(picture: Image.Image, path: Path) -> None:
    if getattr(picture, "is_animated", False) and picture.format not in BESIDE_THE_FIRST:
        raise InputError(f"{path} holds several pictures (frames or pages): save the one that is meant in its place")
    if picture.mode not in EIGHT_BIT:
        raise InputError(f"{path} has Pillow mode {picture.mode}: save it as 8-bit grey or RGB")
    if any(SIXTEEN_BIT in str(tile.args) for tile in picture.tile):
        raise InputError(f"{path} has 16 bits for each channel: save it as 8-bit grey or RGB")
    if picture.has_transparency_data and picture.convert("RGBA").getextrema()[3][0] < 255:
        raise InputError(f"{path} has transparent pixels: save it on an opaque background")


def _stack(paths: Iterable[Path], images: list[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    shape = images[0].shape
    for path, image in zip(paths, images, strict=True):
        if image.shape != shape:
            raise InputError(f"{path} has {image.shape[-2:]} pixels, the images before it {shape[-2:]}: set a size")
    return np.stack(images)
