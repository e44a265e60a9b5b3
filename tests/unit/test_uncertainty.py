"""Intervals name themselves, stay in the possible range and hold their value. (Coverage: test_coverage.py.)"""

import numpy as np
import pytest
from scipy import stats

from repgeom.measures.uncertainty import (
    Estimate,
    accuracy_of_networks,
    draws_estimate,
    mean_estimate,
    mean_interval,
    mean_of_proportions,
    normal_interval,
    standard_error_estimate,
    wilson_estimate,
    wilson_interval,
)


def test_mean_interval_is_student_s():
    values = [1.0, 2.0, 4.0]
    low, high = stats.t.interval(0.9, 2, np.mean(values), stats.sem(values))
    assert mean_interval(values, 0.9) == pytest.approx((np.mean(values), low, high))
    assert mean_interval(values, 0.9, lowest=0.9)[1] == 0.9 > low
    np.testing.assert_equal(mean_interval([3.0]), (3.0, np.nan, np.nan))


@pytest.mark.parametrize(
    ("found", "interval"),
    [
        (mean_estimate([1.0, 2.0]), "95 % t over seeds"),
        (mean_estimate([1.0]), "none (one of the seeds)"),
        (wilson_estimate(3, 4, level=0.9), "90 % Wilson over images"),
        (standard_error_estimate(0.1, 0.01), "95 % Monte-Carlo (normal)"),
        (standard_error_estimate(0.1, 0.01, "jackknife over classes", degrees=9), "95 % jackknife over classes"),
        (draws_estimate([1.0, 2.0, 3.0]), "central 95 % of draws"),
        (mean_of_proportions([0.5, 0.6, 0.7]), "95 % t over networks"),
        (mean_of_proportions([0.5, 0.6]), "95 % t over networks"),
        (mean_of_proportions([0.5, 0.6], n=10), "95 % Wilson over images (these networks)"),
        (mean_of_proportions([0.5], n=10), "95 % Wilson over images"),
        (mean_of_proportions([0.5]), "none (one of the networks)"),
        (mean_of_proportions([1.0, 1.0, 1.0], n=50), "95 % Wilson over images (these networks)"),
        (mean_of_proportions([1.0, 1.0, 1.0]), "none (networks agree)"),
        (accuracy_of_networks(np.tri(4) > 0), "95 % t over networks and images"),
        (accuracy_of_networks(np.eye(2, 5) > 0), "95 % t over images (these 2 networks)"),
        (accuracy_of_networks(np.ones((3, 8))), "95 % Wilson over images"),
    ],
)
def test_intervals_say_what_they_are(found, interval):
    assert found.interval == interval


def test_ends_stay_in_the_range_where_plain_intervals_leave_it():
    values = [0.9, 0.98, 1.0]
    assert mean_interval(values)[2] > 1
    found = mean_of_proportions(values, n=50)
    assert found.value == pytest.approx(0.96)
    assert 0.4 < found.low < found.value < found.high < 1
    assert mean_estimate([1e-6, 1e-9, 3e-6], lowest=0).low == 0 > mean_interval([1e-6, 1e-9, 3e-6])[1]


def test_no_end_excludes_a_value_that_rounding_carried_past_its_range():
    below, above = [-1 - 1e-12, -1 - 1e-12], [1 + 1e-12, 1 + 1e-12]
    for values in (below, above):
        mean, low, high = mean_interval(values, lowest=-1, highest=1)
        assert low <= mean <= high
    found = standard_error_estimate(-1e-12, 1e-13, lowest=0)
    assert found.low <= found.value <= found.high


def test_proportions_far_from_the_ends_have_the_plain_interval():
    values = 0.5 + 0.001 * np.arange(5)
    np.testing.assert_allclose(mean_of_proportions(values, n=10**6)[:3], mean_interval(values), atol=1e-6)


def test_networks_that_agree_have_one_network_s_interval():
    found = mean_of_proportions([0.98, 0.98, 0.98], n=50)
    np.testing.assert_allclose(found[1:3], wilson_interval(49, 50))
    np.testing.assert_allclose(accuracy_of_networks(np.ones((3, 50)))[1:3], wilson_interval(50, 50), atol=1e-12)


def test_accuracy_of_copies_is_as_uncertain_as_that_of_one():
    """Networks that give the same answers add nothing; networks that answer at random add all of theirs."""
    rng = np.random.default_rng(0)
    one = rng.random((1, 400)) < 0.7
    copies = accuracy_of_networks(np.repeat(one, 8, axis=0))
    np.testing.assert_allclose(copies[1:3], wilson_interval(one.sum(), 400), atol=0.005)
    independent = accuracy_of_networks(rng.random((8, 400)) < 0.7)
    low, high = wilson_interval(0.7 * 3200, 3200)
    assert independent.high - independent.low == pytest.approx(high - low, rel=0.5)


def test_standard_errors_by_normal_and_by_t():
    assert standard_error_estimate(2.0, 0.5)[1:3] == pytest.approx(normal_interval(2.0, 0.5))
    by_t = standard_error_estimate(2.0, 0.5, "jackknife over classes", degrees=9)
    assert by_t.high - 2 == pytest.approx(0.5 * stats.t.ppf(0.975, 9))
    assert standard_error_estimate(0.1, 0.5, lowest=0).low == 0


def test_range_of_draws_and_what_an_estimate_excludes():
    found = draws_estimate(np.arange(201.0))
    assert found[:3] == pytest.approx((100, 5, 195))
    assert found.excludes(196)
    assert not found.excludes(100)
    np.testing.assert_array_equal(Estimate(0, np.array([-1, 1]), np.array([1, 2]), "").excludes(0), [False, True])
