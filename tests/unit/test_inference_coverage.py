"""Intervals of the dual bootstrap cover the truth for new subjects and new stimuli, and its tests keep their level.

REPGEOM_COVERAGE=20 repeats twenty times as many experiments, after which the allowance for chance is small.
"""

import os

import numpy as np
import pytest
from scipy import stats
from scipy.spatial.distance import pdist

from repgeom.measures.inference.dual_bootstrap import bootstrap_samples, draw, variances
from repgeom.measures.inference.significance import different
from repgeom.measures.inference.similarity import measured_similarity

EXPERIMENTS = 60 * int(os.environ.get("REPGEOM_COVERAGE", 1))
SUBJECTS, STIMULI, SAMPLES = 12, 40, 200


def experiment(rng):
    """RDMs of two models, each of which sees half of the dimensions, and of subjects who weigh all at random.

    Neither half is favoured, so that the models are equally similar to subjects and stimuli that are still to come.
    """
    stimuli = rng.normal(size=(STIMULI, 12))
    models = np.array([pdist(half) ** 2 for half in np.split(stimuli, 2, axis=1)])
    weights = np.exp(0.4 * rng.normal(size=(SUBJECTS, 1, 12)))
    noise = 1.5 * rng.normal(size=(SUBJECTS, STIMULI, 12))
    return models, np.array([pdist(x) ** 2 for x in stimuli * weights + noise])


@pytest.fixture(scope="module")
def experiments():
    """Values (e, 2), standard errors (e, 2), difference (e,) and its variance (e,) of many experiments."""
    found = []
    for i in range(EXPERIMENTS):
        models, data = experiment(np.random.default_rng([5, i]))
        samples = bootstrap_samples(models, data, "corr", draw(SUBJECTS, STIMULI, SAMPLES, seed=i))
        value = measured_similarity(models, data, "corr").mean(axis=1)
        both = np.concatenate([samples.scores, samples.scores[..., :1] - samples.scores[..., 1:]], axis=-1)
        variance = variances(both, SUBJECTS, STIMULI)
        found.append([*value, *np.sqrt(variance[:2]), value[0] - value[1], variance[2]])
    values = np.array(found)
    return values[:, :2], values[:, 2:4], values[:, 4], values[:, 5]


def allowance(share):
    """What chance does to the share of so many experiments."""
    return 2 * np.sqrt(share * (1 - share) / EXPERIMENTS)


@pytest.mark.slow
def test_intervals_cover_new_subjects_and_new_stimuli(experiments):
    value, error, _, _ = experiments
    truth = value.mean()  # both models are alike
    half = stats.t.ppf(0.975, SUBJECTS - 1) * error
    covered = np.mean(np.abs(value - truth) <= half)
    print(f"coverage {covered:.3f}")
    assert 0.93 - allowance(0.95) <= covered <= 0.97 + allowance(0.95)


@pytest.mark.slow
def test_equal_models_are_rarely_told_apart(experiments):
    _, _, difference, variance = experiments
    false = np.mean(different(difference, variance, SUBJECTS - 1) < 0.05)
    print(f"false positives {false:.3f}")
    assert false <= 0.06 + allowance(0.05)
