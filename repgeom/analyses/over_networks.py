"""Means over the networks of a model, with their intervals.

Intervals are over networks where there are at least three (repetitions of a network are averaged first), and over
images where there are fewer.
"""

from collections.abc import Callable

import pandas as pd

from repgeom.measures.uncertainty import mean_interval, wilson_interval

ENOUGH_NETWORKS = 3
INTERVAL_COLUMNS = {
    "mean": "over networks and repetitions",
    "low": "lower end of the 95 % interval",
    "high": "upper end of the 95 % interval",
    "n": "how many networks or images the interval is over",
    "over": "what the interval is over: networks (Student's t) or images",
}

Interval = tuple[float, float, int]
"""Lower end, upper end, and how many things it is over."""


def with_intervals(
    table: pd.DataFrame, by: list[str], value: str, over_images: Callable[[pd.DataFrame], Interval]
) -> pd.DataFrame:
    """Mean and 95 % interval of `value` for each combination of the columns `by`.

    Parameters
    ----------
    table : DataFrame
        Columns `seed`, those of `by`, and `value`.
    over_images : callable
        Rows of one combination → interval over images.

    Returns
    -------
    DataFrame
        Columns of `by`, `mean`, `low`, `high`, `n`, `over`.
    """
    rows = []
    for key, part in table.groupby(by, sort=False, dropna=False):
        networks = part.groupby("seed")[value].mean()
        enough = len(networks) >= ENOUGH_NETWORKS
        mean, *ends = mean_interval(networks)
        low, high, n = (*ends, len(networks)) if enough else over_images(part)
        interval = {"mean": mean, "low": low, "high": high, "n": n, "over": "networks" if enough else "images"}
        rows.append(dict(zip(by, key, strict=True)) | interval)
    return pd.DataFrame(rows)


def proportion(value: str, n: str) -> Callable[[pd.DataFrame], Interval]:
    """Interval of proportions `value` of `n` images in each row, all of them different (Wilson)."""

    def interval(part: pd.DataFrame) -> Interval:
        total = int(part[n].sum())
        return *wilson_interval(round(float((part[value] * part[n]).sum())), total), total

    return interval
