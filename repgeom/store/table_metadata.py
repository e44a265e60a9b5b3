"""What stands beside a table: its checksum, its columns and what made it; read without what reads tables."""

import json
from pathlib import Path

from repgeom.errors import require_file
from repgeom.store.provenance import Provenance, damaged, file_sha256, provenance_in

ENDING = "-metadata.json"
"""What the name of a table's metadata ends with."""


def metadata_path(path: str | Path) -> Path:
    """Where the metadata of a table lie."""
    return Path(f"{path}{ENDING}")


def check_table(path: str | Path) -> Provenance:
    """Check a table against its metadata; what made it.

    Raises
    ------
    InputError
        The table is missing or was altered after it was written.
    """
    require_file(path)
    metadata = read_table_metadata(path)
    if file_sha256(path) != metadata["sha256"]:
        raise damaged(path, "its content does not match the checksum beside it")
    return provenance_in(path, metadata["provenance"])


def read_table_metadata(path: str | Path) -> dict:
    """The metadata of a table: `sha256`, `tableSchema`, `provenance`."""
    try:
        metadata = json.loads(metadata_path(path).read_text(encoding="utf-8"))
        missing = {"sha256", "tableSchema", "provenance"} - set(metadata)
    except (OSError, TypeError, ValueError, RecursionError) as error:
        raise damaged(metadata_path(path), error) from error
    if missing:
        raise damaged(metadata_path(path), f"it lacks {', '.join(sorted(missing))}")
    return metadata
