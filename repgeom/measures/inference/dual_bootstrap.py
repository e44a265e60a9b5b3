"""How sure similarities to measured RDMs are, for other subjects and other stimuli at once.

Subjects and stimuli are resampled together, and with the same draws each alone. The first variance counts
what subjects and stimuli have in common twice; from the three follows a variance that is about right (Schütt et al.
2023, eLife 12:e82566, equations 7–9): for R subjects and P stimuli

    σ² = R/(R−1) σ²_r + P/(P−1) σ²_p − RP/((R−1)(P−1)) (σ²_rp − σ²_r − σ²_p),

raised to the larger of the first two terms and then capped at σ²_rp. Numbers are those of
`rsatoolbox.inference.eval_dual_bootstrap`. Of one subject, stimuli alone are resampled.

Student's t needs degrees of freedom. The smaller of R and P, less one, is what the paper and rsatoolbox take: with few
subjects and variance that is mostly due to stimuli its intervals are too wide (they cover 98–99 % for five subjects,
30 stimuli). Those of a sum of two variances that have R − 1 and P − 1 (Satterthwaite 1946, Biometrics Bull. 2:110) are
somewhat too many, as the variances that they follow from are estimates. Halfway between, by the geometric mean,
intervals cover 94.5 to 97 % in simulations: the effective ones, which analyses take unless told otherwise.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from repgeom.errors import InputError
from repgeom.measures.bootstrap import resample
from repgeom.measures.inference.ceilings import prepared_ceiling
from repgeom.measures.inference.similarity import Pairs, measure_named, measured_similarity

FEWEST_STIMULI = 3
"""Distinct ones in a resample; with fewer an RDM has one pair."""

BOTH, SUBJECTS, STIMULI = range(3)
"""What is resampled: the first axis of samples."""


class Draws(NamedTuple):
    """How often each subject (b, s) and each stimulus (b, n) comes up in each resample."""

    subjects: np.ndarray
    stimuli: np.ndarray


class Uncertainty(NamedTuple):
    """Variance of statistics, (...), and degrees of freedom of their t-tests, (...)."""

    variance: np.ndarray
    degrees: np.ndarray


@dataclass(frozen=True)
class Samples:
    """Mean similarity of each model over subjects in every resample.

    Attributes
    ----------
    scores : (c, 3, b, k)
        Of k models; subjects and stimuli resampled, subjects alone, stimuli alone; c = 2 with other folds where models
        are cross-validated, else 1.
    ceilings : (c, 3, b, 2)
        Lower and upper noise ceiling; NaN where a resample holds one subject.
    n_subjects, n_stimuli : int
    """

    scores: np.ndarray
    ceilings: np.ndarray
    n_subjects: int
    n_stimuli: int

    def variance(self, statistic: np.ndarray) -> np.ndarray:
        """Variance (...) of what was computed of scores and ceilings in every resample, (c, 3, b, ...)."""
        return variances(statistic, self.n_subjects, self.n_stimuli)

    @property
    def degrees(self) -> int:
        """The smallest degrees of freedom that t-tests may have, rsatoolbox's."""
        return (self.n_stimuli if self.n_subjects == 1 else min(self.n_subjects, self.n_stimuli)) - 1

    def uncertainty(self, statistic: np.ndarray, degrees: str = "effective") -> Uncertainty:
        """The same with degrees of freedom: `effective` or `smallest`."""
        of_each = components(statistic, self.n_subjects)
        variance = corrected(of_each, self.n_subjects, self.n_stimuli)
        if degrees == "smallest" or self.n_subjects == 1:
            return Uncertainty(variance, np.full_like(variance, self.degrees))
        return Uncertainty(variance, effective_degrees(of_each, self.n_subjects, self.n_stimuli))


def draw(n_subjects: int, n_stimuli: int, samples: int, seed: int) -> Draws:
    """Resamples of subjects and stimuli; the same for the same numbers and seed.

    Those with fewer than three distinct stimuli are drawn again.

    Raises
    ------
    InputError
        Fewer than three stimuli.
    """
    if n_stimuli < FEWEST_STIMULI:
        raise InputError(f"{n_stimuli} stimuli cannot be resampled; give at least {FEWEST_STIMULI}")
    rng = np.random.default_rng(seed)
    stimuli = resample(n_stimuli, samples, rng)
    while len(few := np.flatnonzero((stimuli > 0).sum(axis=1) < FEWEST_STIMULI)):
        stimuli[few] = resample(n_stimuli, len(few), rng)
    return Draws(resample(n_subjects, samples, rng), stimuli)


def bootstrap_samples(models: np.ndarray, data: np.ndarray, method: str, draws: Draws) -> Samples:
    """Similarities and noise ceilings in every resample.

    Parameters
    ----------
    models : (k, n(n-1)/2)
    data : (s, n(n-1)/2)
        NaN where a subject lacks a pair.
    method : str
        A name in `repgeom.measures.inference.similarity.MEASURES`.
    draws : Draws
    """
    models, data = (measure_named(method).prepared(rdms) for rdms in (models, data))
    whole = measured_similarity(models, data, method)
    once = np.ones(len(data), dtype=int)
    ceiling_of_all = prepared_ceiling(data, method, Pairs.of(np.ones(draws.stimuli.shape[1], dtype=int)))
    scores, ceilings = np.empty((3, len(draws.stimuli), len(models))), np.empty((3, len(draws.stimuli), 2))
    for b, (subjects, stimuli) in enumerate(zip(*draws, strict=True)):
        pairs = Pairs.of(stimuli)
        found = measured_similarity(models, data, method, pairs)
        scores[:, b] = mean_over(found, subjects), mean_over(whole, subjects), mean_over(found, once)
        ceiling = prepared_ceiling(data, method, pairs)
        ceilings[:, b] = ceiling(subjects), ceiling_of_all(subjects), ceiling(once)
    return Samples(scores[None], ceilings[None], len(data), draws.stimuli.shape[1])


def mean_over(similarity: np.ndarray, subjects: np.ndarray) -> np.ndarray:
    """(k,): mean of (k, s) over subjects that come up so often; those that lack a similarity do not count."""
    defined = np.isfinite(similarity)
    with np.errstate(invalid="ignore"):
        return np.where(defined, similarity, 0) @ subjects / (defined @ subjects)


def variances(samples: np.ndarray, n_subjects: int, n_stimuli: int) -> np.ndarray:
    """Variance of statistics for new subjects and new stimuli from their resamples (c, 3, b, ...), (...).

    See `components` and `corrected`.
    """
    return corrected(components(samples, n_subjects), n_subjects, n_stimuli)


def components(samples: np.ndarray, n_subjects: int) -> np.ndarray:
    """Variances over the resamples (c, 3, b, ...) of each kind, (3, ...); of one subject over stimuli alone, (1, ...).

    Resamples in which anything is undefined are left out. Where each was cross-validated c > 1 times, the variance of
    the mean V_mean and the mean variance V_1 tell that without the chance in folds, (c V_mean − V_1) / (c − 1), or 0.

    Raises
    ------
    InputError
        A statistic is defined in fewer than two resamples.
    """
    x = samples[:, STIMULI:] if n_subjects == 1 else samples
    defined = np.isfinite(x).all(axis=(0, 1))
    n = defined.sum(axis=0)
    if (n < 2).any():
        raise InputError("hardly any resample of the stimuli leaves the similarities defined; give more stimuli")
    of_mean = _spread(x.mean(axis=0), defined, n)
    if len(x) > 1:
        of_each = np.mean([_spread(one, defined, n) for one in x], axis=0)
        of_mean = np.maximum(len(x) * of_mean - of_each, 0) / (len(x) - 1)
    return of_mean


def effective_degrees(variance: np.ndarray, n_subjects: int, n_stimuli: int) -> np.ndarray:
    """Degrees of freedom (...) of variances (3, ...): halfway between the smallest ones and Satterthwaite's."""
    r, p = n_subjects - 1, n_stimuli - 1
    of_subjects, of_stimuli = (n_subjects / r) * variance[SUBJECTS], (n_stimuli / p) * variance[STIMULI]
    of_squares = of_subjects**2 / r + of_stimuli**2 / p
    least = np.full_like(of_squares, min(r, p))
    satterthwaite = np.divide((of_subjects + of_stimuli) ** 2, of_squares, out=least, where=of_squares > 0)
    return np.sqrt(min(r, p) * satterthwaite)


def _spread(x: np.ndarray, defined: np.ndarray, n: np.ndarray) -> np.ndarray:
    """Variance (kinds, ...) over resamples (kinds, b, ...) in which all is defined, (b, ...)."""
    mean = np.where(defined, x, 0).sum(axis=1, keepdims=True) / n
    return (np.where(defined, x - mean, 0) ** 2).sum(axis=1) / (n - 1)


def corrected(variance: np.ndarray, n_subjects: int, n_stimuli: int) -> np.ndarray:
    """The variance for new subjects and new stimuli from those of the bootstraps, (3, ...) or (1, ...) → (...)."""
    p = n_stimuli / (n_stimuli - 1)
    if n_subjects == 1:
        return p * variance[0]
    both, of_subjects, of_stimuli = variance
    r = n_subjects / (n_subjects - 1)
    estimate = r * of_subjects + p * of_stimuli - r * p * (both - of_subjects - of_stimuli)
    return np.minimum(np.maximum(estimate, np.maximum(r * of_subjects, p * of_stimuli)), both)
