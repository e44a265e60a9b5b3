"""Weights whose file name ends in the beginning of their SHA-256, as PyTorch's libraries publish them."""

from pathlib import Path

import torch

from repgeom.datasets.download import BadCopyError, download
from repgeom.store.provenance import file_sha256

MAX_BYTES = 8 << 30
"""More than any weights that libraries publish."""


def hashed_here(url: str, folder: str | Path) -> Path | None:
    """The file, in `folder` or where PyTorch keeps downloads, verified by its name; None where it is in neither."""
    name = url.rpartition("/")[2]
    for file in (Path(folder) / "weights" / name, Path(torch.hub.get_dir()) / "checkpoints" / name):
        if file.is_file():
            _check(file, file)
            return file
    return None


def find_hashed(url: str, folder: str | Path) -> Path:
    """The same, downloaded into `folder` where it is in neither."""
    target = Path(folder) / "weights" / url.rpartition("/")[2]
    if found := hashed_here(url, folder):
        return found
    download([url], target, _check, max_bytes=MAX_BYTES)
    return target


def _check(file: Path, source: object) -> None:
    name = str(source).rpartition("/")[2]
    beginning = name.rpartition("-")[2].partition(".")[0]
    found = file_sha256(file)
    if not found.startswith(beginning):
        raise BadCopyError(f"{source}: its sha256 begins with {found[:8]}, not {beginning}; delete this copy")
