"""What lies in a folder of images, for Snakemake, which does not look into folders."""

import hashlib
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from repgeom.datasets.layout import is_passed_over_in, split_folders
from repgeom.store.provenance import file_sha256


@cache
def folder_digest(root: str | Path, labels: str | Path | None = None) -> str:
    """SHA-256 over names and contents of the images under `root`, and of a table of them; hidden files do not count.

    An absent folder has the digest of an empty one: the job that reads it says what is wrong.
    """
    digest = hashlib.sha256()
    for file in sorted(_files(Path(root), everything=labels is not None)):
        if not is_passed_over_in(Path(root), file):
            name = file.relative_to(root).as_posix()
            digest.update(os.fsencode(f"{name}|{file_sha256(file)}|"))
    if labels and Path(labels).is_file():
        digest.update(file_sha256(labels).encode())
    return digest.hexdigest()


def _files(root: Path, everything: bool) -> Iterator[Path]:
    """Files in the places where images may lie: in the folders of splits and classes, or anywhere."""
    folders = split_folders(root).values()
    patterns = ("**/*",) if everything else ("*", "*/*")
    for folder in [root] if everything else folders:
        for pattern in patterns:
            yield from (file for file in folder.glob(pattern) if file.is_file())
