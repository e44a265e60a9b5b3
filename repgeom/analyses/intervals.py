"""Summaries over seeds, with their intervals."""

import pandas as pd

from repgeom.measures.uncertainty import mean_interval


def over_seeds(table: pd.DataFrame, by: list[str], value: str = "value") -> pd.DataFrame:
    """Mean over seeds with its 95 % interval; for a single seed the interval over stimuli, where there is one."""
    rows = []
    for key, part in table.groupby(by, sort=False, dropna=False):
        mean, low, high = mean_interval(part[value])
        if len(part) == 1 and "low" in part:
            low, high = part["low"].iloc[0], part["high"].iloc[0]
        rows.append(dict(zip(by, key, strict=True)) | {"mean": mean, "low": low, "high": high, "n_seeds": len(part)})
    return pd.DataFrame(rows)
