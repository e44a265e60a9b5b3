import numpy as np
import pytest
from scipy.spatial.distance import pdist, squareform

from repgeom.errors import InputError
from repgeom.measures.bootstrap import bootstrap_dissimilarities, percentile_interval, resample
from repgeom.measures.comparison import METHODS, compare_rdms, compare_rdms_as_dissimilarity
from repgeom.measures.path import path_length


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
    with pytest.raises(InputError, match="leaves an RDM constant"):
        bootstrap_dissimilarities(rdms, two_stimuli, "corr")
    rdms[1] = 0
    with pytest.raises(InputError, match="RDM 1 is zero everywhere"):
        bootstrap_dissimilarities(rdms, np.ones((1, 25), dtype=int))


def test_bootstrap_of_the_whole_set_brackets_the_estimate(rdms):
    draws = bootstrap_dissimilarities(rdms, resample(25, 300, seed=0))
    low, high = percentile_interval(draws[:, 0, 3])
    assert low < 1 - compare_rdms(rdms)[0, 3] < high
