"""Several files in one, to send to somebody."""

import zipfile
from collections.abc import Iterable
from pathlib import Path

from repgeom.store.atomic import atomic_path

EPOCH = (1980, 1, 1, 0, 0, 0)
COMPRESSED = (".png", ".zip", ".pdf")
"""Endings of files that another compression makes no smaller."""


def write_zip(path: str | Path, folder: str | Path, files: Iterable[str | Path]) -> None:
    """Write files, by their paths relative to `folder`, into a zip file; the same files give the same bytes."""
    with atomic_path(path) as partial, zipfile.ZipFile(partial, "w") as archive:
        for file in dict.fromkeys(map(Path, files)):
            entry = zipfile.ZipInfo(file.relative_to(folder).as_posix(), EPOCH)
            entry.compress_type = zipfile.ZIP_STORED if file.suffix in COMPRESSED else zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, file.read_bytes())
