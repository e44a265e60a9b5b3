"""Intervals of the dual bootstrap cover the truth for new subjects and new stimuli, and its tests keep their level.

REPGEOM_COVERAGE=20 repeats twenty times as many experiments, after which the allowance for chance is small; the table in
docs/inference.md is of that many.
"""

import os

import numpy as np
import pytest
from scipy import stats
from scipy.spatial.distance import pdist

from repgeom.measures.inference.dual_bootstrap import Draws, Samples, draw, mean_over
from repgeom.measures.inference.significance import different
from repgeom.measures.inference.similarity import Pairs, measure_named, measured_similarity

EXPERIMENTS = 50 * int(os.environ.get("REPGEOM_COVERAGE", 1))
SAMPLES = 200
SETTINGS = [
    (5, 30, "corr"), (5, 30, "cosine"), (5, 92, "cosine"), (10, 30, "cosine"), (10, 30, "tau-a"), (10, 92, "corr"),
    (20, 30, "corr"), (20, 92, "cosine"), (12, 40, "cosine_cov"), (12, 40, "rho-a"),
]  # fmt: skip


def experiment(rng, subjects, n):
    """RDMs of two models, each of which sees half of the dimensions, and of subjects who weigh all at random.

    Neither half is favoured, so that the models are equally similar to subjects and stimuli that are still to come.
    """
    stimuli = rng.normal(size=(n, 12))
    models = np.array([pdist(half) ** 2 for half in np.split(stimuli, 2, axis=1)])
    weights = np.exp(0.4 * rng.normal(size=(subjects, 1, 12)))
    noise = 1.5 * rng.normal(size=(subjects, n, 12))
    return models, np.array([pdist(x) ** 2 for x in stimuli * weights + noise])


def samples_of(models, data, method, draws: Draws) -> Samples:
    """Similarities in all resamples, without their ceilings, which would take most of the time."""
    models, data = (measure_named(method).prepared(rdms) for rdms in (models, data))
    whole, once = measured_similarity(models, data, method), np.ones(len(data))
    scores = np.empty((3, len(draws.stimuli), len(models)))
    for b, (subjects, stimuli) in enumerate(zip(*draws, strict=True)):
        found = measured_similarity(models, data, method, Pairs.of(stimuli))
        scores[:, b] = mean_over(found, subjects), mean_over(whole, subjects), mean_over(found, once)
    return Samples(scores[None], np.empty(0), len(data), draws.stimuli.shape[1])


def coverage(subjects, n, method):
    """Share of intervals that hold the truth, which is alike for both models, and of equal models told apart."""
    found = []
    for i in range(EXPERIMENTS):
        models, data = experiment(np.random.default_rng([5, i]), subjects, n)
        samples = samples_of(models, data, method, draw(subjects, n, SAMPLES, seed=i))
        value = measured_similarity(models, data, method).mean(axis=1)
        uncertain = samples.uncertainty(samples.scores)
        half = stats.t.ppf(0.975, uncertain.degrees) * np.sqrt(uncertain.variance)
        between = samples.uncertainty(samples.scores[..., 0] - samples.scores[..., 1])
        found.append([*value, *half, different(value[0] - value[1], *between)])
    values, half, p = np.split(np.array(found), [2, 4], axis=1)
    return np.mean(np.abs(values - values.mean()) <= half), np.mean(p < 0.05)


def allowance(share):
    """What chance does to the share of so many experiments."""
    return 2 * np.sqrt(share * (1 - share) / EXPERIMENTS)


@pytest.mark.slow
@pytest.mark.parametrize(("subjects", "n", "method"), SETTINGS)
def test_intervals_cover_and_equal_models_are_rarely_told_apart(subjects, n, method):
    covered, false = coverage(subjects, n, method)
    print(f"{subjects} subjects, {n} stimuli, {method}: coverage {covered:.3f}, false positives {false:.3f}")
    assert 0.93 - allowance(0.95) <= covered <= 0.97 + allowance(0.95)
    assert false <= 0.06 + allowance(0.05)
