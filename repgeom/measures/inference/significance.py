"""Tests of similarities to measured RDMs, and their correction where there are many.

t-tests on standard errors of the dual bootstrap (Schütt et al. 2023, eLife 12:e82566).
"""

import numpy as np
from scipy import stats

SMALLEST = np.finfo(float).eps
"""Variances below this are taken for it, as in rsatoolbox."""


def above(difference: np.ndarray, variance: np.ndarray, degrees: int) -> np.ndarray:
    """One-sided p-values of differences that may be above zero: a similarity against chance."""
    return stats.t.sf(difference / np.sqrt(np.maximum(variance, SMALLEST)), degrees)


def different(difference: np.ndarray, variance: np.ndarray, degrees: int) -> np.ndarray:
    """Two-sided p-values of differences: from the noise ceiling, between models."""
    return 2 * stats.t.sf(np.abs(difference) / np.sqrt(np.maximum(variance, SMALLEST)), degrees)


def holm(p: np.ndarray) -> np.ndarray:
    """p-values (k,) corrected so that the chance of any false positive stays at its level.

    Holm 1979, Scand. J. Stat. 6:65. NaN, where nothing could be tested, stays NaN and does not count.
    """
    return _step(p, lambda ordered, k: np.maximum.accumulate(ordered * np.arange(k, 0, -1)))


def false_discovery_rate(p: np.ndarray) -> np.ndarray:
    """p-values (k,) corrected so that the expected share of false among all positives stays at its level.

    Benjamini & Hochberg 1995, J. R. Stat. Soc. B 57:289. NaN stays NaN and does not count.
    """
    return _step(p, lambda ordered, k: np.minimum.accumulate((ordered * k / np.arange(1, k + 1))[::-1])[::-1])


def _step(p: np.ndarray, correct) -> np.ndarray:
    p = np.asarray(p, dtype=float)
    tested = np.flatnonzero(np.isfinite(p))
    order = tested[np.argsort(p[tested])]
    corrected = np.full(len(p), np.nan)
    corrected[order] = np.minimum(correct(p[order], len(order)), 1)
    return corrected


CORRECTIONS = {"holm": holm, "fdr": false_discovery_rate}
