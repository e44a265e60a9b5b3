"""Means over the networks of a model, each with an interval that says what it is.

Intervals are over networks where there are at least three (repetitions of a network are averaged first), and over
stimuli where there are fewer.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd

from repgeom.measures.uncertainty import ENOUGH_NETWORKS, Estimate, mean_estimate, mean_of_proportions

INTERVAL_COLUMNS = {
    "low": "lower end of the interval",
    "high": "upper end of the interval",
    "interval": "what the interval is: level, method, and what varies; empty where there is none",
}
MEAN_COLUMNS = {"mean": "over networks and repetitions", **INTERVAL_COLUMNS, "n": "how many networks"}


def over_seeds(table: pd.DataFrame, by: list[str], value: str = "value", **limits: float) -> pd.DataFrame:
    """Mean over seeds with its t-interval; of a single row the interval in it, if there is one.

    Parameters
    ----------
    table : DataFrame
        Columns of `by`, `seed`, `value`, and for single rows `low, high, interval`.
    by : names
    value : str
    **limits
        `lowest` and `highest`, between which the mean is known to lie.
    """

    def estimate(part: pd.DataFrame) -> Estimate:
        if len(part) == 1 and "interval" in part:
            return Estimate(*part[[value, *INTERVAL_COLUMNS]].iloc[0])
        return mean_estimate(part.groupby("seed")[value].mean(), **limits)

    return with_intervals(table, by, estimate)


def with_intervals(table: pd.DataFrame, by: list[str], estimate: Callable[[pd.DataFrame], Estimate]) -> pd.DataFrame:
    """Columns of `by` and `MEAN_COLUMNS`: the estimate of the rows of each combination of `by`."""
    rows = []
    for key, part in table.groupby(by, sort=False, dropna=False):
        mean, low, high, interval = estimate(part)
        numbers = {"mean": mean, "low": low, "high": high, "interval": interval, "n": part["seed"].nunique()}
        rows.append(dict(zip(by, key, strict=True)) | numbers)
    return pd.DataFrame(rows)


def proportions(value: str, n: str, draw: str = "repetition") -> Callable[[pd.DataFrame], Estimate]:
    """Mean over networks of proportions `value` of `n` stimuli in each row, which all networks saw.

    Stimuli of different `draw`s are different ones; those of one draw count once, however many rows are about them.
    """

    def estimate(part: pd.DataFrame) -> Estimate:
        networks = part.groupby("seed")[value].mean()
        return mean_of_proportions(networks, int(part.drop_duplicates(draw)[n].sum()))

    return estimate


def with_standard_errors(value: str, error: str, draw: str) -> Callable[[pd.DataFrame], Estimate]:
    """Mean over networks of values with a standard error over stimuli, which all networks saw.

    With fewer than three networks the interval is over stimuli: those of different `draw`s are independent, errors of
    networks that saw the same ones are taken as one.
    """

    def estimate(part: pd.DataFrame) -> Estimate:
        networks = part.groupby("seed")[value].mean()
        if len(networks) >= ENOUGH_NETWORKS:
            return mean_estimate(networks, over="networks")
        errors = part.groupby(draw)[error].mean()
        half = 1.96 * float(np.sqrt((errors**2).sum())) / len(errors)
        mean = float(networks.mean())
        return Estimate(mean, mean - half, mean + half, "95 % normal over images")

    return estimate
