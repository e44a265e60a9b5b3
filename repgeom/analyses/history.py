"""Training histories of networks, below each other."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from repgeom.analyses.intervals import MEAN_COLUMNS, over_seeds
from repgeom.analyses.networks import NETWORK_COLUMNS
from repgeom.store.tables import read_table
from repgeom.training import history_columns

HISTORY_COLUMNS = {name: NETWORK_COLUMNS[name] for name in ("model", "seed")} | history_columns.HISTORY_COLUMNS
POINT_COLUMNS = {
    "model": HISTORY_COLUMNS["model"],
    "epoch": HISTORY_COLUMNS["epoch"],
    "quantity": "a column of the histories",
    **MEAN_COLUMNS,
}
LIMITS = {"loss": {"lowest": 0}, "accuracy": {"lowest": 0, "highest": 1}}


def history_table(networks: Sequence[Mapping], paths: Sequence[str | Path]) -> pd.DataFrame:
    """The histories of all networks (`model`, `seed`), in their order: `HISTORY_COLUMNS`."""
    tables = [
        read_table(path).assign(model=network["model"], seed=network["seed"])
        for network, path in zip(networks, paths, strict=True)
    ]
    table = pd.concat(tables, ignore_index=True)
    return table[["model", "seed", *table.columns.drop(["model", "seed"])]]


def history_means(table: pd.DataFrame) -> pd.DataFrame:
    """Means over the seeds of each model, epoch by epoch: `POINT_COLUMNS`; nothing for what was not measured."""
    parts = []
    for kind, limits in LIMITS.items():
        columns = [f"{split}_{kind}" for split in ("train", "test")]
        long = table.melt(["model", "seed", "epoch"], columns, "quantity").dropna(subset="value")
        parts.append(over_seeds(long, ["model", "epoch", "quantity"], **limits))
    return pd.concat(parts, ignore_index=True)
