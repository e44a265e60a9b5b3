"""Training histories of networks, below each other."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from repgeom.analyses.networks import NETWORK_COLUMNS
from repgeom.store.tables import read_table
from repgeom.training import history_columns

HISTORY_COLUMNS = {name: NETWORK_COLUMNS[name] for name in ("model", "seed")} | history_columns.HISTORY_COLUMNS


def history_table(networks: Sequence[Mapping], paths: Sequence[str | Path]) -> pd.DataFrame:
    """The histories of all networks (`model`, `seed`), in their order: `HISTORY_COLUMNS`."""
    tables = [
        read_table(path).assign(model=network["model"], seed=network["seed"])
        for network, path in zip(networks, paths, strict=True)
    ]
    table = pd.concat(tables, ignore_index=True)
    return table[["model", "seed", *table.columns.drop(["model", "seed"])]]
