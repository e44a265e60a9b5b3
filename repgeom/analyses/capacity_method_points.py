"""Capacity by several methods as points of a figure, seeds pooled where there are enough."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from repgeom.analyses.capacity_lines import OVER_SEEDS, what_bars_say, within_standard_error
from repgeom.analyses.capacity_methods import METHOD_COLUMNS
from repgeom.analyses.intervals import MEAN_COLUMNS
from repgeom.analyses.naming import row_labels
from repgeom.measures.uncertainty import mean_estimate

METHODS = {"capacity": "mean-field", "conic_capacity": "conic", "simulated_capacity": "simulated"}
"""Columns with a capacity, and how figures call the method."""

POINT_COLUMNS = {
    "line": "label of a network, or of all seeds of a model where there are at least three",
    "node": METHOD_COLUMNS["node"],
    "method": "how capacity was estimated",
    **MEAN_COLUMNS,
    "bound": "where a simulated capacity is empty: the number that it lies below (of several networks, the largest)",
}


def method_points(table: pd.DataFrame, names: Mapping[str, Mapping]) -> pd.DataFrame:
    """What a figure shows: capacities in rows, seeds of a model pooled where there are enough; `POINT_COLUMNS`.

    Parameters
    ----------
    table : DataFrame
        Of `beside_mean_field`.
    names : dict
        Labels of models and stimuli, as `repgeom.workflow.plan.Plan.names` gives them.
    """
    table = table.assign(interval=what_bars_say(table))
    pooled = table["interval"] == OVER_SEEDS
    shown = table.assign(seed=table["seed"].mask(pooled), repetition=table["repetition"].mask(pooled))
    table = table.assign(line=row_labels(shown, names))
    rows = [
        {"line": line, "node": node, "method": label} | _point(part, method)
        for (line, node), part in table.groupby(["line", "node"], sort=False)
        for method, label in METHODS.items()
    ]
    return pd.DataFrame(rows, columns=list(POINT_COLUMNS))


def _point(part: pd.DataFrame, method: str) -> dict:
    found = {"n": part["seed"].nunique()}
    if part[method].isna().any():
        return found | {"mean": np.nan, "interval": "none (below the bound)", "bound": part["bound"].max()}
    if part["interval"].iloc[0] == OVER_SEEDS:
        estimate = mean_estimate(part.groupby("seed")[method].mean(), lowest=0)
    else:
        estimate = within_standard_error(part[method].iloc[0], part[f"{method}_se"].iloc[0], lowest=0)
    return found | dict(zip(("mean", "low", "high", "interval"), estimate, strict=True))
