"""Capacity of several networks as lines of a figure, seeds pooled where there are enough."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from repgeom.analyses.capacity import CAPACITY_COLUMNS, PLACE
from repgeom.analyses.intervals import MEAN_COLUMNS
from repgeom.analyses.limits import CAPACITY
from repgeom.analyses.naming import row_labels
from repgeom.analyses.networks import NETWORK_COLUMNS
from repgeom.errors import InputError
from repgeom.measures.uncertainty import ENOUGH_NETWORKS, Estimate, mean_estimate

QUANTITIES = tuple(CAPACITY)

OVER_SEEDS, STANDARD_ERROR = "95 % t over seeds", "± 1 standard error"

LINE_COLUMNS = CAPACITY_COLUMNS | {
    "interval": "what bars of the figure are: around the mean over seeds of a model where it has three or more, "
    "around each network by itself otherwise",
}


POINT_COLUMNS = {
    "line": "the line of the figure: a model, or one of its networks where there are few",
    **{name: NETWORK_COLUMNS[name] for name in ("model", "epoch")},
    **{name: CAPACITY_COLUMNS[name] for name in ("node", *PLACE)},
    "quantity": "what was measured",
    **MEAN_COLUMNS,
    "median": "over classes; empty where it says nothing",
}


def check_timesteps(table: pd.DataFrame) -> None:
    """Raise `InputError` for a node that has no place in time."""
    once = list(dict.fromkeys(table.loc[table["timestep"] == 0, "node"]))
    if once:
        raise InputError(
            f"capacity over time: {table['model'].iloc[0]!r} computes {', '.join(map(repr, once))} only once; "
            "name nodes that it computes at every step"
        )


def what_bars_say(table: pd.DataFrame) -> pd.Series:
    """Column `interval` of the table of an analysis: `OVER_SEEDS` for models with enough of them."""
    seeds = table.groupby(["model", "stimuli", "epoch"], dropna=False)["seed"].transform("nunique")
    return seeds.ge(ENOUGH_NETWORKS).map({True: OVER_SEEDS, False: STANDARD_ERROR})


def capacity_points(table: pd.DataFrame, names: Mapping[str, Mapping]) -> pd.DataFrame:
    """What figures show: quantities in rows, seeds pooled where `interval` says so.

    Parameters
    ----------
    table : DataFrame
        `CAPACITY_COLUMNS` of all networks of an analysis.
    names : dict
        Labels and colours of models, labels of stimuli, as `repgeom.workflow.plan.Plan.names` gives them.

    Returns
    -------
    DataFrame
        `POINT_COLUMNS`, in which `line` is the label of the network or networks.
    """
    pooled = table["interval"] == OVER_SEEDS
    shown = table.assign(seed=table["seed"].mask(pooled), repetition=table["repetition"].mask(pooled))
    table = table.assign(line=row_labels(shown, names))
    by = ["line", "model", "epoch", "node", *PLACE]
    points = [
        dict(zip(by, key, strict=True)) | _point(part, quantity)
        for quantity in QUANTITIES
        for key, part in table.groupby(by, sort=False, dropna=False)
    ]
    return pd.DataFrame(points)[list(POINT_COLUMNS)]


def _point(part: pd.DataFrame, quantity: str) -> dict:
    """The one point of a line at a node: of all seeds, or of its only network."""
    limits = CAPACITY[quantity]
    if part["interval"].iloc[0] == OVER_SEEDS:
        estimate = mean_estimate(part.groupby("seed")[quantity].mean(), **limits)
    else:
        estimate = within_standard_error(part[quantity].iloc[0], part[f"{quantity}_se"].iloc[0], **limits)
    median = part[name].mean() if (name := f"{quantity}_median") in part else np.nan
    found = dict(zip(("mean", "low", "high", "interval"), estimate, strict=True))
    return {"quantity": quantity} | found | {"n": part["seed"].nunique(), "median": median}


def within_standard_error(value: float, error: float, lowest: float = -np.inf, highest: float = np.inf) -> Estimate:
    """A value ± its standard error, as far as this is possible."""
    return Estimate(value, max(value - error, lowest), min(value + error, highest), STANDARD_ERROR)
