"""Intervals that go with a number."""

from collections.abc import Sequence

import numpy as np
from scipy import stats

LEVEL = 0.95


def wilson_interval(correct: int, n: int, level: float = LEVEL) -> tuple[float, float]:
    """Interval of a proportion (Wilson 1927): `correct` out of `n`."""
    interval = stats.binomtest(int(correct), int(n)).proportion_ci(level, method="wilson")
    return float(interval.low), float(interval.high)


def mean_interval(values: Sequence[float], level: float = LEVEL) -> tuple[float, float, float]:
    """Mean of independent values and its interval by Student's t; (mean, nan, nan) for a single value."""
    x = np.asarray(values, dtype=float)
    mean = float(x.mean())
    if len(x) < 2:
        return mean, float("nan"), float("nan")
    half = float(stats.t.ppf((1 + level) / 2, len(x) - 1) * x.std(ddof=1) / np.sqrt(len(x)))
    return mean, mean - half, mean + half


def normal_interval(value: float, standard_error: float, level: float = LEVEL) -> tuple[float, float]:
    """Interval of an estimate that is about normal, from its standard error."""
    half = float(stats.norm.ppf((1 + level) / 2)) * standard_error
    return value - half, value + half
