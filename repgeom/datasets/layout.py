"""How a folder of images is meant: which splits and classes it holds. Known without reading an image."""

import os
import re
import unicodedata
from functools import cache
from pathlib import Path

from repgeom.errors import InputError

SPLITS = ("train", "test")
LEFT_BY_SYSTEMS = ("Thumbs.db", "desktop.ini", "__MACOSX")
ABOUT_IMAGES = re.compile(r"(readme|licen[cs]e)\.(md|rst|txt)", re.IGNORECASE)


def is_passed_over(path: Path) -> bool:
    """Whether a file is none of the images: one that people do not see, or that tells about the others."""
    name = path.name
    return name.startswith(".") or name in LEFT_BY_SYSTEMS or ABOUT_IMAGES.fullmatch(name) is not None


def is_passed_over_in(root: Path, path: Path) -> bool:
    """Whether a file under `root`, or a folder that it lies in there, is passed over."""
    inside = path.relative_to(root)
    return any(map(is_passed_over, (inside, *inside.parents)))


def split_folders(root: str | Path) -> dict[str, Path]:
    """Split → the folder that holds it: `root` itself is the test split where it holds no splits."""
    root = Path(root)
    found = {split: root / split for split in SPLITS if (root / split).is_dir()}
    return found | {"test": root / "test"} if found else {"test": root}


def class_folders(folder: Path) -> dict[str, Path]:
    """Class → its folder, in the folder of a split, in alphabetical order; none where images lie in it.

    Letters with accents are written as one sign (NFC), whatever the system that named the folder took them for.

    Raises
    ------
    InputError
        Two folders have names that look the same.
    """
    found: dict[str, Path] = {}
    for path in sorted(f for f in folder.iterdir() if f.is_dir() and not is_passed_over(f)):
        name = unicodedata.normalize("NFC", path.name)
        if name in found:
            raise InputError(f"{folder}: two folders are called {name!r}, written in two ways; rename one of them")
        found[name] = path
    return dict(sorted(found.items()))


@cache
def fewest_images(folder: Path, classes: tuple[str, ...] = ()) -> int | None:
    """The fewest files in any folder of a class, or of some classes; None where there are no classes or no files.

    Files that are passed over do not count.
    """
    folders = [inside for name, inside in class_folders(folder).items() if not classes or name in classes]
    return min(map(_n_images, folders), default=None) or None  # what holds none is told once images are listed


def _n_images(folder: Path) -> int:
    """How many files there are; none where they lie deeper."""
    with os.scandir(folder) as entries:
        found = [entry for entry in entries if not is_passed_over(Path(entry.path))]
    return 0 if any(entry.is_dir() for entry in found) else len(found)
