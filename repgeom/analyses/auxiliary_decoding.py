"""Decoding of what a target is beside its category, averaged over the layers and over the steps of a network."""

import pandas as pd

from repgeom.analyses.intervals import MEAN_COLUMNS, proportions, with_intervals
from repgeom.analyses.networks import NETWORK_COLUMNS
from repgeom.analyses.recurrent_nodes import STATE
from repgeom.errors import InputError

AUXILIARY = ("location", "scale", "orientation")
MEAN = "auxiliary"
"""The mean of all auxiliary variables, as a variable."""
OVER_LAYERS, OVER_TIME = "auxiliary decoding, mean over layers", "auxiliary decoding, mean over time"

AUXILIARY_COLUMNS = (
    NETWORK_COLUMNS
    | MEAN_COLUMNS
    | {
        "measure": "what was averaged over",
        "layer": "of the network; empty for a mean over layers",
        "timestep": "counted from 1; empty for a mean over time",
        "variable": "property of the target; auxiliary is the mean of location, scale and orientation",
        "chance": "accuracy of guessing",
    }
)


def auxiliary_summary(table: pd.DataFrame) -> pd.DataFrame:
    """Decoding of auxiliary variables over time (mean of layers) and over layers (mean of time).

    The variable `auxiliary` is the mean of location, scale and orientation; each of them stands beside it.

    Parameters
    ----------
    table : DataFrame
        Tables of all networks, with the columns `repgeom.analyses.decoding.DECODING_COLUMNS`.

    Raises
    ------
    InputError
        One of the variables was not decoded.
    """
    single = table[table["variable"].isin(AUXILIARY) & (table["kind"] == STATE)]
    _check_variables(table, single)
    both = pd.concat([single, single.assign(variable=MEAN)])
    averages = [_averages(both, "timestep").assign(measure=OVER_LAYERS, layer="")]
    averages += [_averages(both, "layer").assign(measure=OVER_TIME)]
    summary = pd.concat(averages, ignore_index=True)
    return summary.assign(chance=summary["variable"].map(both.groupby("variable")["chance"].mean()))


def _averages(table: pd.DataFrame, along: str) -> pd.DataFrame:
    return with_intervals(table, ["model", "stimuli", along, "variable"], proportions("accuracy", "n_test"))


def _check_variables(table: pd.DataFrame, found: pd.DataFrame) -> None:
    for variable in AUXILIARY:
        if variable not in set(found["variable"]):
            decoded = ", ".join(dict.fromkeys(table["variable"]))
            raise InputError(
                f"auxiliary decoding: {variable!r} is not decoded from any layer, only {decoded}; show canvases, and "
                "choose nodes that are layers and the variables x, y, scale and orientation"
            )
