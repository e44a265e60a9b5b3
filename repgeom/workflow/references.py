"""Published numbers, as rules hand them to scripts."""

import csv
from pathlib import Path


def read_references(root: str | Path, name: str) -> list[dict]:
    """The rows of `resources/reference_{name}.csv`: `quantity, dataset, reference, source`."""
    with open(Path(root) / "resources" / f"reference_{name}.csv", newline="", encoding="utf-8") as file:
        return [row | {"reference": float(row["reference"])} for row in csv.DictReader(file)]
