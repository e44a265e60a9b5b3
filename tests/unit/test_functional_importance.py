import numpy as np
import pytest

from repgeom.errors import InputError
from repgeom.measures.functional_importance import functional_importance, importance_standard_error, with_properties
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


def test_properties_are_means_of_swaps_on_the_same_images():
    rng = np.random.default_rng(0)
    swaps = {name: tuple(rng.random((2, 3, 50)) < 0.5) for name in SWAPS}
    original = rng.random(50) < 0.7
    found = {n: functional_importance(original, p, c) for n, (p, c) in with_properties(swaps).items()}
    np.testing.assert_allclose(found["location"], (found["x"] + found["y"]) / 2)
    np.testing.assert_allclose(found["category"], (found["category_within"] + found["category_across"]) / 2)
    np.testing.assert_allclose(
        found["category_across_minus_within"], found["category_across"] - found["category_within"]
    )
    assert set(found) == {*SWAPS, "location", "category", "category_across_minus_within"}
    assert set(with_properties({"x": swaps["x"], "scale": swaps["scale"]})) == {"x", "scale"}


def test_standard_error_is_that_of_resampled_images():
    rng = np.random.default_rng(1)
    original, perturbed, control = rng.random((3, 400)) < np.array([[0.8], [0.3], [0.6]])
    draws = rng.integers(0, 400, (4000, 400))
    resampled = [functional_importance(original[d], perturbed[d], control[d]) for d in draws]
    assert importance_standard_error(original, perturbed, control) == pytest.approx(np.std(resampled), rel=0.05)


def test_the_original_itself_has_no_error():
    original = np.arange(10) < 6
    assert importance_standard_error(original, original, original) == 0
