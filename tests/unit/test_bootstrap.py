import numpy as np
import pytest
from scipy import stats
from scipy.spatial.distance import pdist, squareform

from repgeom.errors import InputError
from repgeom.measures.bootstrap import (
    bootstrap_dissimilarities,
    jackknife_interval,
    leave_one_out,
    over_images,
    pair_weights,
    percentile_interval,
    resample,
)
from repgeom.measures.comparison import METHODS, compare_rdms, compare_rdms_as_dissimilarity
from repgeom.measures.path import path_length
from repgeom.measures.separation import rdm_correlation, separation


@pytest.fixture
def rdms():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(25, 4))
    return np.stack([pdist(x + s * rng.normal(size=x.shape), "sqeuclidean") + 3 for s in (0.1, 0.5, 1, 2)])


def resampled_by_hand(rdms, multiplicity):
    """Square RDMs of the drawn stimuli, pairs of copies of one stimulus dropped one by one."""
    drawn = [i for i, m in enumerate(multiplicity) for _ in range(m)]
    squares = [squareform(rdm) for rdm in rdms]
    pairs = [(drawn[a], drawn[b]) for a in range(len(drawn)) for b in range(a) if drawn[a] != drawn[b]]
    return np.array([[square[pair] for pair in pairs] for square in squares])


@pytest.mark.parametrize("method", METHODS)
def test_equals_comparing_the_resampled_rdms(rdms, method):
    multiplicity = resample(25, 6, seed=1)
    draws = bootstrap_dissimilarities(rdms, multiplicity, method)
    expected = [compare_rdms_as_dissimilarity(resampled_by_hand(rdms, m), method) for m in multiplicity]
    np.testing.assert_allclose(draws, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("method", METHODS)
def test_drawing_every_stimulus_once_changes_nothing(rdms, method):
    once = bootstrap_dissimilarities(rdms, np.ones((1, 25), dtype=int), method)[0]
    np.testing.assert_allclose(once, compare_rdms_as_dissimilarity(rdms, method), rtol=0, atol=1e-12)


def test_pearson_keeps_its_digits_far_from_zero(rdms):
    multiplicity = resample(25, 10, seed=2)
    near, far = (bootstrap_dissimilarities(r, multiplicity, "corr") for r in (rdms, rdms + 1e6))
    np.testing.assert_allclose(far, near, rtol=0, atol=1e-8)


def test_resamples_are_multinomial_seeded_and_stratified():
    classes = np.repeat([0, 1, 2], [5, 10, 15])
    plain, stratified = resample(30, 4000, seed=3), resample(30, 4000, seed=3, strata=classes)
    np.testing.assert_array_equal(plain, resample(30, 4000, seed=3))
    assert (plain.sum(axis=1) == 30).all()
    assert plain[:, :5].sum(axis=1).std() > 1.5
    for k, size in enumerate([5, 10, 15]):
        assert (stratified[:, classes == k].sum(axis=1) == size).all()
    np.testing.assert_allclose(plain.mean(axis=0), 1, atol=0.08)
    assert plain.var() == pytest.approx(1 - 1 / 30, rel=0.03)


def test_interval_covers_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(0)
    covered = []
    for _ in range(400):
        sample = rng.exponential(size=60)
        means = resample(60, 400, rng) @ sample / 60
        low, high = percentile_interval(means, level=0.9)
        covered.append(low < 1 < high)
    assert np.mean(covered) == pytest.approx(0.88, abs=0.05)


def test_difference_of_paths_on_the_same_resamples_is_sharper(rdms):
    """Nearly equal paths differ by little whichever stimuli are drawn."""
    stack = np.vstack([rdms, rdms * (1 + 0.01 * np.random.default_rng(1).normal(size=rdms.shape))])
    draws = bootstrap_dissimilarities(stack, resample(25, 500, seed=0))
    first, second = path_length(draws, [0, 1, 2, 3]), path_length(draws, [4, 5, 6, 7])
    low, high = percentile_interval(first - second)
    apart = percentile_interval(first - np.random.default_rng(0).permutation(second))
    assert high - low < (apart.high - apart.low) / 5


def test_interval_says_what_it_excludes():
    interval = percentile_interval(np.stack([np.linspace(0.1, 1, 50), np.linspace(-1, 1, 50)], axis=1))
    np.testing.assert_array_equal(interval.excludes(0), [True, False])


def test_bad_input_is_named(rdms):
    with pytest.raises(InputError, match="resamples of 20 stimuli for RDMs of 300 pairs"):
        bootstrap_dissimilarities(rdms, np.ones((1, 20), dtype=int))
    with pytest.raises(InputError, match="3 strata for 5 stimuli"):
        resample(5, 2, seed=0, strata=[0, 1, 1])
    two_stimuli = np.zeros((1, 25), dtype=int)
    two_stimuli[0, :2] = 10, 15
    with pytest.raises(InputError, match="leaves RDM 0 constant"):
        bootstrap_dissimilarities(rdms, two_stimuli, "corr")
    rdms[1] = 0
    with pytest.raises(InputError, match="RDM 1 is zero everywhere"):
        bootstrap_dissimilarities(rdms, np.ones((1, 25), dtype=int))


def test_bootstrap_of_the_whole_set_brackets_the_estimate(rdms):
    draws = bootstrap_dissimilarities(rdms, resample(25, 300, seed=0))
    low, high = percentile_interval(draws[:, 0, 3])
    assert low < 1 - compare_rdms(rdms)[0, 3] < high


def test_pairs_within_classes_keep_their_weight():
    """n/(n − 1) on average; in every resample the total of a class, and of two classes, is that of the RDM."""
    classes = np.repeat([0, 1, 2], [1, 4, 6])
    first, second = np.triu_indices(11, 1)
    plain = pair_weights(resample(11, 20_000, seed=0, strata=classes))
    for a, b in [(0, 1), (0, 2), (1, 2), (1, 1), (2, 2)]:
        pairs = (classes[first] == a) & (classes[second] == b)
        n = (classes == a).sum()
        assert plain[:, pairs].mean() == pytest.approx((n - 1) / n if a == b else 1, rel=0.02)
        for multiplicity in (resample(11, 50, seed=1, strata=classes), leave_one_out(11, classes)):
            weights = pair_weights(multiplicity, classes)[:, pairs].sum(axis=1)
            np.testing.assert_allclose(weights[weights > 0], pairs.sum())


def test_copies_of_one_image_have_no_pairs_within_their_class():
    multiplicity = np.array([[3, 0, 0, 1, 1, 1]])
    weights = pair_weights(multiplicity, np.repeat([0, 1], 3))[0]
    first, second = np.triu_indices(6, 1)
    assert (weights[(first < 3) & (second < 3)] == 0).all()
    assert weights.sum() == 3 + 9


def test_leaving_one_out_spares_the_only_image_of_a_class():
    np.testing.assert_array_equal(leave_one_out(3, [7, 7, 8]), [[0, 1, 1], [1, 0, 1], [1, 1, 1]])
    np.testing.assert_array_equal(leave_one_out(3), 1 - np.eye(3))


def test_jackknife_of_a_mean_is_student_s_interval():
    """Without classes, and with classes whose means are averaged: the textbook's standard errors."""
    x = np.random.default_rng(0).normal(size=12)
    found = jackknife_interval(x.mean(), (x.sum() - x) / 11)
    half = stats.t.ppf(0.975, 11) * x.std(ddof=1) / np.sqrt(12)
    np.testing.assert_allclose(found[:3], [x.mean(), x.mean() - half, x.mean() + half])
    assert found.interval == "95 % jackknife t over images"

    classes = np.repeat([0, 1], [4, 8])
    groups = [x[classes == c] for c in (0, 1)]
    means = np.array([[g.mean() for g in groups]] * 12)
    means[np.arange(12), classes] = [
        (groups[c].sum() - v) / (len(groups[c]) - 1) for c, v in zip(classes, x, strict=True)
    ]
    found = jackknife_interval(np.mean(means.mean()), means.mean(axis=1), classes)
    variances = np.array([g.var(ddof=1) / len(g) for g in groups]) / 4
    degrees = variances.sum() ** 2 / (variances**2 / [3, 7]).sum()
    assert found.high - found.low == pytest.approx(2 * stats.t.ppf(0.975, degrees) * np.sqrt(variances.sum()))
    assert found.interval == "95 % jackknife t over images within classes"


@pytest.mark.parametrize("method", METHODS)
def test_weighted_ranks_of_classes_equal_those_of_weighted_copies(rdms, method):
    """Leaving one of five out of class 0 weighs its pairs by 5/4 and 5/3: 60ths of a pair as whole copies."""
    classes = np.repeat([0, 1], [5, 20])
    multiplicity = leave_one_out(25, classes)[:1]
    weights = pair_weights(multiplicity, classes)[0]
    copies = np.rint(12 * weights).astype(int)
    np.testing.assert_allclose(copies, 12 * weights)
    found = bootstrap_dissimilarities(rdms, multiplicity, method, classes)[0]
    expected = compare_rdms_as_dissimilarity(np.repeat(rdms, copies, axis=1), method)
    # twelve copies of each pair tie with each other; τ-a and ρ-a notice by 1 in the number of pairs
    np.testing.assert_allclose(found, expected, atol=1e-12 if method in ("cosine", "corr", "spearman") else 0.005)


@pytest.mark.parametrize("method", METHODS)
def test_jackknife_and_bootstrap_agree_on_the_spread(method):
    """Thirty images per class, where both are right: standard errors within a fifth of each other."""
    rng = np.random.default_rng(0)
    classes = np.repeat([0, 1, 2], 20)
    x = rng.normal(size=(3, 6))[classes] + rng.normal(size=(60, 6))
    stack = np.stack([pdist(x), pdist(x + rng.normal(size=x.shape)), pdist(classes[:, None] != np.arange(3))])
    drawn, left_out = (
        bootstrap_dissimilarities(stack, m, method, classes)
        for m in (resample(60, 300, 0, classes), leave_one_out(60, classes))
    )
    for a, b in [(0, 1), (0, 2)]:
        found = jackknife_interval(0.0, left_out[:, a, b], classes)
        error = found.high / stats.t.ppf(0.975, 40)
        assert error == pytest.approx(drawn[:, a, b].std(), rel=0.2)


def test_intervals_hold_their_value_and_stay_in_the_range():
    rng = np.random.default_rng(0)
    value = rng.uniform(-1, 1, 50) ** 5
    replicates = value + 0.3 * rng.normal(size=(30, 50))
    correlation = jackknife_interval(value, replicates, ends="correlation")
    assert (correlation.low <= value).all() and (correlation.high >= value).all()
    assert correlation.low.min() >= -1 and correlation.high.max() <= 1
    distance = jackknife_interval(1 - value, 1 - replicates, ends="dissimilarity")
    np.testing.assert_allclose([distance.low, distance.high], [1 - correlation.high, 1 - correlation.low])
    assert jackknife_interval(0.1, np.array([0.0, 0.3, 0.9]), ends="length").low == 0
    certain = jackknife_interval(np.array([0.0, 2.0]), np.array([[0.0, 2.0]] * 5), ends="dissimilarity")
    np.testing.assert_array_equal(certain[1:3], [[0, 2], [0, 2]])


def test_two_images_per_class_are_said_to_be_too_few():
    rng = np.random.default_rng(0)
    classes = np.repeat(np.arange(5), 2)
    rdm = pdist(rng.normal(size=(10, 4)))
    found = over_images(lambda w: separation(rdm, classes, w), 10, classes)
    assert found.interval.endswith("too narrow (classes of 2 images)")
    with pytest.raises(InputError, match="no class has two stimuli"):
        over_images(lambda w: rdm_correlation(rdm, rdm + 1, w), 10, np.arange(10))


def test_batches_of_resamples_make_no_difference(monkeypatch):
    rdm, classes = pdist(np.random.default_rng(0).normal(size=(20, 4))), np.repeat([0, 1], 10)
    found = over_images(lambda w: separation(rdm, classes, w), 20, classes)
    monkeypatch.setattr("repgeom.measures.bootstrap.BATCH", 7)
    np.testing.assert_allclose(over_images(lambda w: separation(rdm, classes, w), 20, classes)[:3], found[:3])
