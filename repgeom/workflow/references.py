"""Published numbers, as rules hand them to scripts."""

import csv
from pathlib import Path

from repgeom.errors import InputError, nearest
from repgeom.store.names import published_dataset

REFERENCES = "resources/reference_{name}.csv"
COLUMNS = ("quantity", "dataset", "reference", "source")


def read_references(root: str | Path, name: str) -> list[dict]:
    """The rows of `resources/reference_{name}.csv`: `quantity, dataset, reference, source`, and what else is told.

    Raises
    ------
    InputError
        There are none of this name, or the file lacks a column.
    """
    path = Path(root) / REFERENCES.format(name=name)
    if not path.is_file():
        known = [file.stem.removeprefix("reference_") for file in path.parent.glob("reference_*.csv")]
        raise InputError(f"no file {path}; write the published numbers there, or {nearest(name, known)}")
    with path.open(newline="", encoding="utf-8") as file:
        rows = csv.DictReader(file)
        if missing := [column for column in COLUMNS if column not in (rows.fieldnames or ())]:
            raise InputError(f"{path} has no column {missing[0]!r}; it needs {', '.join(COLUMNS)}")
        return [row | {"reference": float(row["reference"])} for row in rows]


def references_of_dataset(root: str | Path, name: str, dataset: str) -> list[dict]:
    """Those of `read_references` that were measured on a dataset, or on all images of which it holds the first."""
    return [row for row in read_references(root, name) if row["dataset"] == published_dataset(dataset)]
