import numpy as np
import pytest
from scipy import stats

from repgeom.errors import InputError
from repgeom.measures.functional_importance import (
    functional_importance,
    over_networks,
    paired_difference,
    summarise,
)
from repgeom.stimuli.clutter.versions import SWAPS


def correctness(*shares, n=100):
    return np.stack([np.arange(n) < share * n for share in shares])


def test_importance_is_the_loss_beyond_the_control_relative_to_the_original_accuracy():
    original = correctness(0.8)[0]
    importance = functional_importance(original, correctness(0.2, 0.5, 0.7), correctness(0.6, 0.5, 0.3))
    np.testing.assert_allclose(importance, [0.5, 0.0, -0.5])


def test_keeps_the_axes_before_the_images():
    original = np.ones(10, bool)
    assert functional_importance(original, np.ones((6, 4, 3, 10), bool), np.ones((6, 4, 3, 10), bool)).shape == (
        6,
        4,
        3,
    )


def test_refuses_other_images_and_a_network_that_recognises_nothing():
    with pytest.raises(InputError, match="same images"):
        functional_importance(np.ones(9, bool), np.ones((2, 10), bool), np.ones((2, 10), bool))
    with pytest.raises(InputError, match="no image was recognised"):
        functional_importance(np.zeros(10, bool), np.ones((2, 10), bool), np.ones((2, 10), bool))


def test_summaries_average_the_swaps_of_one_property():
    importance = {name: np.array([float(2**k)]) for k, name in enumerate(SWAPS)}
    summary = summarise(importance)
    assert {name: value.item() for name, value in summary.items()} == {
        "location": 1.5,
        "orientation": 4.0,
        "scale": 8.0,
        "category": 24.0,
        "category_across_minus_within": 16.0,
    }


def test_a_property_without_all_its_swaps_has_no_summary():
    assert set(summarise({"x": np.zeros(1), "scale": np.zeros(1)})) == {"scale"}


def test_interval_over_networks_is_student_s():
    values = np.random.default_rng(0).normal(size=(5, 3, 2))
    estimate = over_networks(values)
    expected = stats.t.interval(0.95, 4, values.mean(axis=0), stats.sem(values, axis=0))
    np.testing.assert_allclose(estimate.mean, values.mean(axis=0))
    np.testing.assert_allclose([estimate.low, estimate.high], expected)


def test_differences_are_matched_by_network():
    # Networks differ much from each other, the two quantities always by the same amount.
    values = np.array([[0.0], [10.0], [20.0]])
    estimate = paired_difference(values + 1, values)
    np.testing.assert_allclose(np.concatenate(estimate), [1, 1, 1])
    with pytest.raises(InputError, match="cannot be matched"):
        paired_difference(values, values[:2])
