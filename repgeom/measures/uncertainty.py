"""Numbers with an interval that says what it is: over what, by which method, and within the possible range.

Every function that ends in `_estimate`, and those of proportions, returns an `Estimate`, whose `interval` is a text
for tables and captions, such as "95 % t over networks". The functions that end in `_interval` return bare ends.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy import special

LEVEL = 0.95
ENOUGH_NETWORKS = 3
"""With fewer, their spread says too little: one or no degree of freedom. Images are then what varies."""


INFINITESIMAL = "t, infinitesimal jackknife over images"
"""The interval whose variance is the sum of squares of how much a value changes with the weight of each image."""


class Estimate(NamedTuple):
    """A value, or an array of them, and an interval.

    Attributes
    ----------
    value, low, high : float or array
        `low` and `high` are NaN where the data allow no interval.
    interval : str
        What the interval is: level, method, and what varies.
    """

    value: np.ndarray | float
    low: np.ndarray | float
    high: np.ndarray | float
    interval: str

    def excludes(self, value: float) -> np.ndarray:
        """Whether `value` lies outside."""
        return (np.asarray(self.low) > value) | (np.asarray(self.high) < value)


def wilson_interval(correct: float, n: int, level: float = LEVEL) -> tuple[float, float]:
    """Interval of a proportion (Wilson 1927): `correct` out of `n`, with parts where one of the n is a mean itself."""
    return _wilson(float(correct / n), int(n), level)


def t_quantile(level: float, degrees: np.ndarray | float) -> np.ndarray | float:
    """Where the central `level` of Student's t distribution ends; of the normal one for infinite degrees of freedom.

    (`scipy.stats` has this too, and takes a second to import.)
    """
    upper = (1 + level) / 2
    return np.where(np.isinf(degrees), special.ndtri(upper), special.stdtrit(degrees, upper))[()]


def mean_interval(
    values: Sequence[float], level: float = LEVEL, lowest: float = -np.inf, highest: float = np.inf
) -> tuple[float, float, float]:
    """Mean of independent values and its interval by Student's t; (mean, nan, nan) for a single value.

    Ends stop at `lowest` and `highest`, between which the truth is known to lie; that costs no coverage. They never
    exclude the mean, though rounding may carry it past its range. For proportions use `mean_of_proportions`, whose
    interval does not pile up at the end of the range.
    """
    x = np.asarray(values, dtype=float)
    mean = float(x.mean())
    if len(x) < 2:
        return mean, float("nan"), float("nan")
    half = float(t_quantile(level, len(x) - 1) * x.std(ddof=1) / np.sqrt(len(x)))
    return mean, *_within(mean, half, lowest, highest)


def normal_interval(value: float, standard_error: float, level: float = LEVEL) -> tuple[float, float]:
    """Interval of an estimate that is about normal, from its standard error."""
    half = float(special.ndtri((1 + level) / 2)) * standard_error
    return value - half, value + half


def wilson_estimate(correct: float, n: int, level: float = LEVEL, over: str = "images") -> Estimate:
    """A proportion, `correct` out of `n` images that were drawn independently, with Wilson's interval."""
    return Estimate(correct / n, *wilson_interval(correct, n, level), f"{_percent(level)} Wilson over {over}")


def mean_estimate(
    values: Sequence[float],
    over: str = "seeds",
    level: float = LEVEL,
    lowest: float = -np.inf,
    highest: float = np.inf,
) -> Estimate:
    """`mean_interval` that says what it is; for a single value no interval, and the text says so."""
    single = len(np.atleast_1d(values)) < 2
    kind = f"none (one of the {over})" if single else f"{_percent(level)} t over {over}"
    return Estimate(*mean_interval(values, level, lowest, highest), kind)


def standard_error_estimate(
    value: float,
    standard_error: float,
    what: str = "Monte-Carlo (normal)",
    level: float = LEVEL,
    degrees: float = np.inf,
    lowest: float = -np.inf,
    highest: float = np.inf,
) -> Estimate:
    """A value with a standard error, by Student's t with so many `degrees` of freedom (normal by default).

    Parameters
    ----------
    value, standard_error : float
    what : str
        Where the standard error comes from, such as "jackknife over classes" (with degrees = classes − 1).
    level, degrees : float
    lowest, highest : float
        Between which the truth is known to lie.
    """
    half = float(t_quantile(level, degrees)) * standard_error
    return Estimate(value, *_within(value, half, lowest, highest), f"{_percent(level)} {what}")


def fisher_ends(value: np.ndarray, half: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Ends on Fisher's z, where a standard error is that of the correlation ÷ (1 − r²); the value where `half` is 0."""
    inside = np.clip(value, -1 + 1e-15, 1 - 1e-15)
    z, half_z = np.arctanh(inside), half / (1 - inside**2)
    low, high = np.tanh(z - half_z), np.tanh(z + half_z)
    return np.minimum(np.where(half > 0, low, value), value), np.maximum(np.where(half > 0, high, value), value)


def fisher_estimate(
    value: np.ndarray | float, standard_error: np.ndarray | float, degrees: float, what: str, level: float = LEVEL
) -> Estimate:
    """A correlation, or an array of them, with a standard error, by Student's t on Fisher's z."""
    ends = fisher_ends(np.asarray(value), t_quantile(level, degrees) * np.asarray(standard_error))
    return Estimate(value, *(end[()] for end in ends), f"{_percent(level)} {what}")


def draws_estimate(draws: Sequence[float], over: str = "draws", level: float = LEVEL) -> Estimate:
    """Median of some draws and the range that holds the central ones: their spread, no interval of the median."""
    low, middle, high = np.quantile(draws, [(1 - level) / 2, 0.5, (1 + level) / 2])
    return Estimate(float(middle), float(low), float(high), f"central {_percent(level)} of {over}")


def mean_of_proportions(
    values: Sequence[float], n: int | None = None, level: float = LEVEL, over: str = "networks"
) -> Estimate:
    """Mean of the proportions of k networks that saw the same n images, for further networks and these images.

    Student's t over the networks, taken on the logit of the mean (a standard error there is that of the mean
    ÷ p(1 − p), delta method), so that both ends lie in [0, 1]. Simulated coverage of 95 %: .94–.97 for k = 3, 5, 10 and
    n = 50 to 1000, true means from .58 to .98; .99 where three networks often get all of 50 images right, and .91 for
    ten networks that differ widely (odds by a factor e and more). A t-interval of the proportions themselves leaves
    [0, 1] and covers .84–.88 in the last case.

    Networks that agree to the image say nothing of their spread, nor do one or two. Where n is given the interval is
    then over images instead (Wilson, n images once, not n for every network): wider, and said in its text.

    Parameters
    ----------
    values : (k,)
        Proportions in [0, 1].
    n : int, optional
        Number of images that each is of.
    level : float
    over : str
        What the values are of.
    """
    p = np.asarray(values, dtype=float)
    value = float(p.mean())
    error = p.std(ddof=1) / np.sqrt(len(p)) if len(p) > 1 else 0.0
    if len(p) < ENOUGH_NETWORKS or error == 0:
        return _proportion_of_few(value, error, len(p), n, level, over)
    smooth = (value * len(p) * n + 0.5) / (len(p) * n + 1) if n else value
    return Estimate(value, *_logit_ends(value, smooth, error, len(p) - 1, level), f"{_percent(level)} t over {over}")


def accuracy_of_networks(correct: np.ndarray, level: float = LEVEL) -> Estimate:
    """Accuracy of k networks on the same n images, for further networks and further images.

    The networks' answers to one image are alike, so k·n answers are fewer than k·n independent ones. The variance
    of the accuracy is the sum of what networks and what images contribute, less what both count (two-way analysis of
    variance; Cameron, Gelbach & Miller 2011, J. Bus. Econ. Stat. 29:238), with Satterthwaite's degrees of
    freedom, on the logit scale. With one or two networks, images are the unit and the networks are taken as given.

    Parameters
    ----------
    correct : (k, n) bool
        Which network answered which image correctly.
    level : float
    """
    x = np.asarray(correct, dtype=float)
    k, n = x.shape
    value = float(x.mean())
    of_images, of_networks, of_both = _two_way_variances(x)
    if of_images == 0 or k == 1:
        return Estimate(value, *_wilson(value, n, level), f"{_percent(level)} Wilson over images")
    smooth = (value * n + 0.5) / (n + 1)
    if k < ENOUGH_NETWORKS:
        ends = _logit_ends(value, smooth, np.sqrt(of_images), n - 1, level)
        return Estimate(value, *ends, f"{_percent(level)} t over images (these {k} networks)")
    variance = max(of_images + of_networks - of_both, of_images, of_networks)
    degrees = variance**2 / (of_images**2 / (n - 1) + of_networks**2 / (k - 1))
    ends = _logit_ends(value, smooth, np.sqrt(variance), degrees, level)
    return Estimate(value, *ends, f"{_percent(level)} t over networks and images")


def _proportion_of_few(value: float, error: float, k: int, n: int | None, level: float, over: str) -> Estimate:
    """Mean of proportions of one or two networks, or of networks that agree."""
    if n is not None:
        text = "images" if k == 1 else f"images (these {over})"
        return Estimate(value, *_wilson(value, n, level), f"{_percent(level)} Wilson over {text}")
    if error == 0 or not 0 < value < 1:
        reason = f"one of the {over}" if k == 1 else f"{over} agree"
        return Estimate(value, float("nan"), float("nan"), f"none ({reason})")
    return Estimate(value, *_logit_ends(value, value, error, k - 1, level), f"{_percent(level)} t over {over}")


def _wilson(p: float, n: int, level: float) -> tuple[float, float]:
    """Wilson's interval of a proportion that need not be a whole number of images."""
    z2 = special.ndtri((1 + level) / 2) ** 2
    middle = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = np.sqrt(z2 * (p * (1 - p) / n + z2 / (4 * n**2))) / (1 + z2 / n)
    return float(max(min(middle - half, p), 0)), float(min(max(middle + half, p), 1))


def _within(value: float, half: float, lowest: float, highest: float) -> tuple[float, float]:
    """Ends value ± half that stop at the ends of the possible range, but not before the value."""
    return min(max(value - half, lowest), value), max(min(value + half, highest), value)


def _logit_ends(value: float, smooth: float, error: float, degrees: float, level: float) -> tuple[float, float]:
    """Ends around logit(smooth); `smooth` lies inside (0, 1), and the interval contains `value`."""
    half = t_quantile(level, degrees) * error / (smooth * (1 - smooth))
    low, high = special.expit(special.logit(smooth) + np.array([-half, half]))
    return min(float(low), value), max(float(high), value)


def _two_way_variances(x: np.ndarray) -> tuple[float, float, float]:
    """Variances of the mean of (k, n): between columns, between rows, and what both contain of the residuals."""
    k, n = x.shape
    columns, rows = x.mean(axis=0), x.mean(axis=1)
    residuals = x - columns - rows[:, None] + x.mean()
    both = (residuals**2).sum() / max((k - 1) * (n - 1), 1) / (k * n)
    return columns.var(ddof=1) / n, (rows.var(ddof=1) / k if k > 1 else 0.0), both


def _percent(level: float) -> str:
    return f"{100 * level:g} %"
