"""How a folder of images is meant: which splits and classes it holds. Known without reading an image."""

from functools import cache
from pathlib import Path

SPLITS = ("train", "test")
LEFT_BY_WINDOWS = ("Thumbs.db", "desktop.ini")


def is_hidden(path: Path) -> bool:
    """Whether a file is one that people do not see, and so do not mean."""
    return path.name.startswith(".") or path.name in LEFT_BY_WINDOWS


def split_folders(root: str | Path) -> dict[str, Path]:
    """Split → the folder that holds it: `root` itself is the test split where it holds no splits."""
    root = Path(root)
    found = {split: root / split for split in SPLITS if (root / split).is_dir()}
    return found | {"test": root / "test"} if found else {"test": root}


def class_folders(folder: Path) -> list[str]:
    """The names of the classes in the folder of a split, in alphabetical order; none where images lie in it."""
    return sorted(f.name for f in folder.iterdir() if f.is_dir() and not is_hidden(f))


@cache
def fewest_images(folder: Path) -> int | None:
    """The fewest files in any folder of a class, hidden ones left out; None where there are no classes."""
    counts = [sum(not is_hidden(f) for f in (folder / name).iterdir()) for name in class_folders(folder)]
    return min(counts, default=None)
