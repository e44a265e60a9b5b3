"""Tidy tables as CSV, each with a metadata file beside it (W3C "CSV on the Web" naming)."""

import json
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from repgeom.store.atomic import atomic_path
from repgeom.store.provenance import NOTEBOOK, Provenance, file_sha256, of_kind
from repgeom.store.table_metadata import check_table, metadata_path

DIGITS, FEW_DIGITS = 10, 5
"""Significant digits of numbers, and of those in the longest tables: pairs of stimuli, and places in an embedding."""


def write_table(
    path: str | Path,
    table: pd.DataFrame,
    columns: dict[str, str] | None = None,
    provenance: Provenance = NOTEBOOK,
    digits: int = DIGITS,
) -> None:
    """Write a table, one row per observation; `columns` describes columns (meaning, unit).

    Numbers are written with `digits` significant digits. The metadata file holds the SHA-256 of the
    table, by which readers notice an altered one, the descriptions and the provenance.
    """
    with atomic_path(path) as partial:
        table.to_csv(partial, index=False, float_format=f"%.{digits}g", lineterminator="\n")
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
    check_table(path)
    with of_kind(path, "a table"):
        return pd.read_csv(path, keep_default_na=True, dtype=dict.fromkeys(text, str))


def _column(name: str, descriptions: dict[str, str]) -> dict[str, str]:
    column = {"name": str(name)}
    if name in descriptions:
        column["dc:description"] = descriptions[name]
    return column
