"""What lies in a folder of images, for Snakemake, which does not look into folders."""

import hashlib
import os
from functools import cache
from pathlib import Path

from repgeom.store.provenance import file_sha256

IMAGES = ("train/*/*", "test/*/*")


@cache
def folder_digest(root: str | Path) -> str:
    """SHA-256 over names and contents of the images under `root`; hidden files do not count.

    An absent folder has the digest of an empty one: the job that reads it says what is wrong.
    """
    digest = hashlib.sha256()
    found = [file for pattern in IMAGES for file in Path(root).glob(pattern) if file.is_file()]
    for file in sorted(found):
        name = file.relative_to(root).as_posix()
        if not any(part.startswith(".") for part in name.split("/")):
            digest.update(os.fsencode(f"{name}|{file_sha256(file)}|"))
    return digest.hexdigest()
