"""Intervals cover the truth as often as they say, on simulated data whose truth is known.

The default runs take seconds and allow for their own chance; REPGEOM_COVERAGE=20 repeats twenty times as many
experiments, after which the allowance is small.
"""

import os

import numpy as np
import pytest
from scipy import stats
from scipy.special import expit

from repgeom.measures.bootstrap import bootstrap_dissimilarities, jackknife_interval, leave_one_out, over_images
from repgeom.measures.rdm import label_rdm
from repgeom.measures.separation import rdm_correlation, separation
from repgeom.measures.uncertainty import (
    accuracy_of_networks,
    mean_interval,
    mean_of_proportions,
    normal_interval,
    wilson_interval,
)

EFFORT = int(os.environ.get("REPGEOM_COVERAGE", 1))
CLASSES, DIMENSIONS = 10, 20


def assert_covers(covered, low=0.93, high=0.97):
    """Within the range, give or take what chance does to so many experiments."""
    share, chance = np.mean(covered), 2.5 * np.sqrt(0.05 * 0.95 / len(covered))
    assert low - chance <= share <= high + chance, f"{share:.3f} of {len(covered)}"


class Clouds:
    """Ten Gaussian clouds of n images, and two networks that see them: one linear, one noisy and saturating.

    Everything follows from sums over pairs of a, b, a², b² and ab (a and b the networks' squared distances), within
    and between classes. Leaving an image out takes its row from them; what remains of its class is scaled up.
    """

    def __init__(self, n, spread=1.0):
        rng = np.random.default_rng(0)
        self.n, self.spread = n, spread
        self.centres = rng.normal(size=(CLASSES, DIMENSIONS))
        self.readout = rng.normal(size=(DIMENSIONS, DIMENSIONS)) / np.sqrt(DIMENSIONS)
        self.labels = np.repeat(np.arange(CLASSES), n)
        self.same = self.labels[:, None] == self.labels

    def networks(self, rng):
        x = self.centres[self.labels] + self.spread * rng.normal(size=(len(self.labels), DIMENSIONS))
        return x, np.tanh(x @ self.readout + 0.5 * rng.normal(size=x.shape))

    def sums(self, rng):
        """(images, 5) sums of rows within classes and between."""
        a, b = (squared_distances(x) for x in self.networks(rng))
        products = np.stack([a, b, a * a, b * b, a * b])
        within = (products * self.same).sum(axis=2).T
        return within, products.sum(axis=2).T - within

    def left_out(self, within, between):
        n = self.n
        of_class = within.reshape(CLASSES, n, -1).sum(axis=1).repeat(n, axis=0) / 2
        to_others = between.reshape(CLASSES, n, -1).sum(axis=1).repeat(n, axis=0)
        return (
            within.sum(axis=0) / 2 + 2 / (n - 2) * of_class - n / (n - 2) * within,
            between.sum(axis=0) / 2 + to_others / (n - 1) - n / (n - 1) * between,
        )

    def numbers(self, within, between):
        """The project's numbers of an RDM from its sums (..., 5)."""
        pairs_within, pairs_between = CLASSES * self.n * (self.n - 1) / 2, 45 * self.n**2
        pairs, level = pairs_within + pairs_between, 2 / CLASSES
        a, b, aa, bb, ab = np.moveaxis(within + between, -1, 0)
        la, lb, ll, label = (
            level * between[..., 0],
            level * between[..., 1],
            level**2 * pairs_between,
            level * pairs_between,
        )

        def correlation(xy, x, y, xx, yy):
            covariance, x, y = (
                xy / pairs - x * y / pairs**2,
                xx / pairs - (x / pairs) ** 2,
                yy / pairs - (y / pairs) ** 2,
            )
            return covariance / np.sqrt(x * y)

        to_labels, other = la / np.sqrt(aa * ll), lb / np.sqrt(bb * ll)
        return {
            "separation": between[..., 0] / pairs_between - within[..., 0] / pairs_within,
            "label_correlation": correlation(la, a, label, aa, ll),
            "model_correlation": correlation(ab, a, b, aa, bb),
            "distance_to_labels": 1 - to_labels,
            "distance_between_models": 1 - ab / np.sqrt(aa * bb),
            "difference_of_distances": other - to_labels,
            "path_length": 2 - ab / np.sqrt(aa * bb) - other,
        }


ENDS = {
    "separation": "real",
    "label_correlation": "correlation",
    "model_correlation": "correlation",
    "distance_to_labels": "dissimilarity",
    "distance_between_models": "dissimilarity",
    "difference_of_distances": "real",
    "path_length": "length",
}


def squared_distances(x):
    squared = (x**2).sum(axis=1)
    distances = squared[:, None] + squared - 2 * x @ x.T
    np.fill_diagonal(distances, 0)
    return distances / x.shape[1]


@pytest.mark.parametrize("n", [3, 5])
def test_library_leaves_out_what_the_sums_leave_out(n):
    """Two ways to the same intervals: weights of pairs, and rows taken from sums."""
    clouds, seed = Clouds(n), np.random.default_rng(3)
    x, y = clouds.networks(np.random.default_rng(3))
    above = np.triu_indices(len(x), 1)
    a, b, labels = squared_distances(x)[above], squared_distances(y)[above], label_rdm(clouds.labels)
    sums = clouds.sums(seed)
    value, replicates = clouds.numbers(*(s.sum(axis=0) / 2 for s in sums)), clouds.numbers(*clouds.left_out(*sums))
    expected = {q: jackknife_interval(value[q], replicates[q], clouds.labels, ends=ENDS[q]) for q in value}

    statistics = {
        "separation": lambda w: separation(a, clouds.labels, w),
        "label_correlation": lambda w: rdm_correlation(a, labels, w),
        "model_correlation": lambda w: rdm_correlation(a, b, w),
    }
    for quantity, statistic in statistics.items():
        found = over_images(statistic, len(x), clouds.labels, ends=ENDS[quantity])
        np.testing.assert_allclose(found[:3], expected[quantity][:3], rtol=1e-9)
    resamples = np.vstack([np.ones((1, len(x))), leave_one_out(len(x), clouds.labels)])
    draws = bootstrap_dissimilarities(np.stack([a, b, labels]), resamples, strata=clouds.labels)
    length = draws[:, 0, 1] + draws[:, 1, 2]
    for quantity, number in {"distance_to_labels": draws[:, 0, 2], "path_length": length}.items():
        found = jackknife_interval(number[0], number[1:], clouds.labels, ends=ENDS[quantity])
        np.testing.assert_allclose(found[:3], expected[quantity][:3], rtol=1e-9)


def covered_by_quantity(clouds, experiments, seed):
    """Quantity → whether each experiment's interval holds the value of all experiments' pairs together."""
    rng = np.random.default_rng(seed)
    data = [clouds.sums(rng) for _ in range(experiments)]
    totals = [np.mean([sums[part].sum(axis=0) / 2 for sums in data], axis=0) for part in (0, 1)]
    truth, covered = clouds.numbers(*totals), {q: [] for q in ENDS}
    for sums in data:
        value, replicates = clouds.numbers(*(s.sum(axis=0) / 2 for s in sums)), clouds.numbers(*clouds.left_out(*sums))
        for q in ENDS:
            found = jackknife_interval(value[q], replicates[q], clouds.labels, ends=ENDS[q])
            assert found.low <= value[q] <= found.high
            covered[q].append(not found.excludes(truth[q]))
    return covered


@pytest.mark.parametrize(("n", "experiments"), [(5, 800), (20, 400), (50, 150)])
def test_intervals_over_images_cover_the_population_value(n, experiments):
    for covered in covered_by_quantity(Clouds(n), experiments * EFFORT, seed=n).values():
        assert_covers(covered)


@pytest.mark.parametrize("k", [3, 5, 10])
@pytest.mark.parametrize(("accuracy", "n"), [(0.9, 50), (0.95, 200), (0.98, 1000)])
def test_mean_of_proportions_covers_that_of_further_networks(k, accuracy, n):
    """Networks of differing ability on the same images, some of which are hard for all of them."""
    rng, experiments = np.random.default_rng(k), 600 * EFFORT
    hardness = 1.5 * stats.norm.ppf((np.arange(n) + 0.5) / n)
    ability = np.log(accuracy / (1 - accuracy)) + 0.5 + 0.3 * rng.normal(size=(experiments, k))
    many = np.log(accuracy / (1 - accuracy)) + 0.5 + 0.3 * stats.norm.ppf((np.arange(500) + 0.5) / 500)
    truth = expit(many[:, None] - hardness).mean()
    covered = []
    for able in ability:
        shares = (rng.random((k, n)) < expit(able[:, None] - hardness)).mean(axis=1)
        found = mean_of_proportions(shares, n)
        assert 0 <= found.low <= found.value <= found.high <= 1
        covered.append(not found.excludes(truth))
    # three networks may agree to the image: the interval is then over images, and wide
    assert_covers(covered, high=0.98)


@pytest.mark.parametrize(("k", "n"), [(1, 200), (2, 200), (3, 200), (5, 100), (5, 500), (10, 500)])
def test_accuracy_of_networks_covers_that_of_further_networks_and_images(k, n):
    rng, experiments = np.random.default_rng(n + k), 800 * EFFORT
    able = np.full(k, 1.0) + (0.2 * stats.norm.ppf((np.arange(k) + 0.5) / k) if k < 3 else 0)
    covered, pooled = [], []
    quantiles = stats.norm.ppf((np.arange(400) + 0.5) / 400)
    for _ in range(experiments):
        ability = able if k < 3 else able + 0.3 * rng.normal(size=k)
        correct = rng.random((k, n)) < expit(ability[:, None] - 2 * rng.normal(size=n))
        found = accuracy_of_networks(correct)
        low, high = wilson_interval(correct.sum(), correct.size)
        truth = expit((able if k < 3 else 1 + 0.3 * quantiles)[:, None] - 2 * quantiles).mean()
        covered.append(not found.excludes(truth))
        pooled.append(low <= truth <= high)
    assert_covers(covered, high=0.975)
    if k > 3:
        assert np.mean(pooled) < 0.88  # as if all answers were independent


def test_elementary_intervals_cover():
    rng, experiments = np.random.default_rng(0), 4000
    assert_covers(
        [low <= 0.9 <= high for low, high in (wilson_interval(c, 100) for c in rng.binomial(100, 0.9, experiments))]
    )
    for k in (2, 3, 10):
        ends = [mean_interval(x, lowest=0)[1:] for x in 3 + rng.normal(size=(experiments, k))]
        assert_covers([low <= 3 <= high for low, high in ends])
    ends = [normal_interval(x, 0.5) for x in 1 + 0.5 * rng.normal(size=experiments)]
    assert_covers([low <= 1 <= high for low, high in ends])
