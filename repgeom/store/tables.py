"""Tidy tables as CSV, each with a metadata file beside it (W3C "CSV on the Web" naming)."""

import json
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from repgeom.errors import InputError
from repgeom.store.atomic import atomic_path
from repgeom.store.hdf5 import damaged, of_kind
from repgeom.store.provenance import NOTEBOOK, Provenance, file_sha256, provenance_in

FLOAT_FORMAT = "%.10g"


def metadata_path(path: str | Path) -> Path:
    """Where the metadata of a table lie."""
    return Path(f"{path}-metadata.json")


def write_table(
    path: str | Path,
    table: pd.DataFrame,
    columns: dict[str, str] | None = None,
    provenance: Provenance = NOTEBOOK,
) -> None:
    """Write a table, one row per observation; `columns` describes columns (meaning, unit).

    Numbers are written with ten significant digits. The metadata file holds the SHA-256 of the
    table, by which readers notice an altered one, the descriptions and the provenance.
    """
    with atomic_path(path) as partial:
        table.to_csv(partial, index=False, float_format=FLOAT_FORMAT, lineterminator="\n")
        digest = file_sha256(partial)
        metadata = {
            "@context": "http://www.w3.org/ns/csvw",
            "url": Path(path).name,
            "sha256": digest,
            "tableSchema": {"columns": [_column(name, columns or {}) for name in table.columns]},
            "provenance": json.loads(provenance.at(path).to_json()),
        }
        with atomic_path(metadata_path(path)) as partial_metadata:
            partial_metadata.write_text(json.dumps(metadata, indent=1, sort_keys=True) + "\n")


def read_table(path: str | Path, text: Sequence[str] = ()) -> pd.DataFrame:
    """Read a table that `write_table` wrote and check it against its metadata.

    The columns named in `text` are read as strings, even if they look like numbers.

    Raises
    ------
    InputError
        The table is missing or was altered after it was written.
    """
    if not Path(path).is_file():
        raise InputError(f"{path}: no such file")
    metadata = read_table_metadata(path)
    if file_sha256(path) != metadata["sha256"]:
        raise damaged(path, "its content does not match the checksum beside it")
    with of_kind(path, "a table"):
        provenance_in(path, metadata["provenance"])
        return pd.read_csv(path, keep_default_na=True, dtype=dict.fromkeys(text, str))


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


def _column(name: str, descriptions: dict[str, str]) -> dict[str, str]:
    column = {"name": str(name)}
    if name in descriptions:
        column["dc:description"] = descriptions[name]
    return column
