from collections import Counter
from dataclasses import fields
from itertools import permutations as all_permutations

import clutter_examples
import numpy as np
import pytest
from scipy import stats

from repgeom.errors import InputError
from repgeom.stimuli.clutter.counter import integers, permutations, splitmix64, uniforms
from repgeom.stimuli.clutter.parameters import clean, draw, target_labels
from repgeom.stimuli.clutter.sources import Sources
from repgeom.stimuli.clutter.spec import ClutterSpec

SOURCES = clutter_examples.sources()
N = 4000
SURE = 1e-4  # chance of a false alarm; seeds are fixed, so a passing test keeps passing


@pytest.fixture(scope="module")
def drawn():
    return draw(ClutterSpec(), SOURCES, seed=2021, ids=np.arange(N))


def is_uniform(values, n_values):
    return stats.chisquare(np.bincount(values.ravel(), minlength=n_values)).pvalue > SURE


def arrays(parameters):
    return {f.name: getattr(parameters, f.name) for f in fields(parameters) if f.name not in ("spec", "seed")}


def test_splitmix64_gives_the_known_sequences():
    """First outputs for seeds 0 and 1234567, as printed by the reference implementation."""
    zero = splitmix64(np.zeros(1, np.uint64), np.arange(3, dtype=np.uint64))
    assert zero.tolist() == [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F]
    other = splitmix64(np.array([1234567], np.uint64), np.arange(3, dtype=np.uint64))
    assert other.tolist() == [6457827717110365317, 3203168211198807973, 9817491932198370423]


def test_uniforms_are_uniform_and_uncorrelated_between_images_draws_and_seeds():
    numbers = uniforms(0, np.arange(500), np.arange(80))
    assert stats.kstest(numbers.ravel(), "uniform").pvalue > SURE
    others = uniforms(1, np.arange(500), np.arange(80))
    for left, right in ((numbers[1:], numbers[:-1]), (numbers[:, 1:], numbers[:, :-1]), (numbers, others)):
        assert abs(np.corrcoef(left.ravel(), right.ravel())[0, 1]) < 4 / np.sqrt(left.size)


def test_integers_reach_both_ends():
    assert integers(np.array([0.0, 1 - 2.0**-53]), 10).tolist() == [0, 9]


def test_permutations_come_in_lexicographic_order():
    np.testing.assert_array_equal(permutations(np.arange(24), 4), list(all_permutations(range(4))))


def test_an_image_is_the_same_in_any_batch(drawn):
    ids = np.array([3999, 5, 17])
    few = draw(ClutterSpec(), SOURCES, seed=2021, ids=ids)
    for name, array in arrays(few).items():
        np.testing.assert_array_equal(array, arrays(drawn[ids])[name])
    assert few.stimulus_ids.tolist() == ["clutter-2021-3999", "clutter-2021-5", "clutter-2021-17"]


def test_seeds_and_images_differ(drawn):
    other = draw(ClutterSpec(), SOURCES, seed=2022, ids=np.arange(N))
    assert (other.source != drawn.source).mean() > 0.99
    assert (drawn.source[1:] != drawn.source[:-1]).mean() > 0.99


def test_first_objects_do_not_depend_on_how_many_follow(drawn):
    more = draw(ClutterSpec(n_objects=12), SOURCES, seed=2021, ids=np.arange(N))
    np.testing.assert_array_equal(more.source[:, :8], drawn.source)
    np.testing.assert_array_equal(more.permutation[:, :8], drawn.permutation)


def test_levels_targets_and_labels_are_uniform(drawn):
    labels = target_labels(drawn, SOURCES)
    assert set(np.unique(drawn.target)) == {4, 5, 6, 7}
    assert is_uniform(drawn.target - 4, 4)
    for level in (labels.x, labels.y, labels.scale, labels.orientation, labels.domain):
        assert is_uniform(level, 2)
    assert is_uniform(labels.category, 20)
    assert is_uniform(drawn.scale_level, 2)
    assert is_uniform(drawn.angle_level, 2)
    assert is_uniform(SOURCES.domain_of(drawn.source), 2)


def test_labels_are_independent_of_each_other_and_of_drawing_order(drawn):
    labels = target_labels(drawn, SOURCES)
    table = np.stack([labels.x, labels.y, labels.scale, labels.orientation, labels.domain, drawn.target])
    correlations = np.corrcoef(table)[np.triu_indices(len(table), 1)]
    assert np.abs(correlations).max() < 4 / np.sqrt(N)


def test_labels_are_those_of_the_target(drawn):
    labels = target_labels(drawn, SOURCES)
    for row in range(20):
        k = drawn.target[row]
        assert labels.category[row] == SOURCES.categories[drawn.source[row, k]]
        assert labels.domain[row] == (labels.category[row] >= 10)
        assert labels.x[row] == (drawn.x[row, k] > 50)
        assert labels.y[row] == (drawn.y[row, k] > 50)
        assert labels.scale[row] == (drawn.scale[row, k] > 1.2)
        assert labels.orientation[row] == (drawn.angle[row, k] > 0)


def test_objects_cycle_through_the_quadrants(drawn):
    quadrant = 2 * drawn.y_level + drawn.x_level
    np.testing.assert_array_equal(quadrant[:, :4], quadrant[:, 4:])
    assert (np.sort(quadrant[:, 4:]) == np.arange(4)).all()
    assert is_uniform(quadrant[:, 0], 4)


def test_jitter_fills_its_range_and_no_more(drawn):
    for value, level, levels, width in (
        (drawn.x, drawn.x_level, (25, 75), 2.5),
        (drawn.y, drawn.y_level, (25, 75), 2.5),
        (drawn.scale, drawn.scale_level, (0.9, 1.5), 0.1),
        (drawn.angle, drawn.angle_level, (-30, 30), 5),
    ):
        offset = (value - np.take(levels, level)) / width
        assert stats.kstest(offset.ravel(), "uniform", (-1, 2)).pvalue > SURE


def test_without_noise_scales_and_angles_are_extreme_and_centres_exact():
    drawn = draw(ClutterSpec().without_noise(), SOURCES, seed=1, ids=np.arange(100))
    np.testing.assert_allclose(np.unique(drawn.scale), [0.8, 1.6])
    np.testing.assert_allclose(np.unique(drawn.angle), [-35, 35])
    assert set(np.unique(drawn.x)) == set(np.unique(drawn.y)) == {25.0, 75.0}


@pytest.mark.parametrize("grid", [2, 3, 4])
def test_scrambles_are_permutations_but_never_the_identity(grid):
    permutation = draw(ClutterSpec(grid=grid), SOURCES, seed=4, ids=np.arange(N)).permutation
    np.testing.assert_array_equal(np.sort(permutation), np.broadcast_to(np.arange(grid**2), permutation.shape))
    assert (permutation != np.arange(grid**2)).any(-1).all()


def test_scrambles_are_uniform():
    permutation = draw(ClutterSpec(grid=2), SOURCES, seed=4, ids=np.arange(N)).permutation
    counts = Counter(map(tuple, permutation.reshape(-1, 4)))
    assert len(counts) == 23
    assert stats.chisquare(list(counts.values())).pvalue > SURE
    cells = draw(ClutterSpec(), SOURCES, seed=4, ids=np.arange(N)).permutation
    assert all(is_uniform(cells[..., cell], 9) for cell in range(9))


def test_clean_keeps_the_target_alone(drawn):
    alone, rows = clean(drawn), np.arange(N)
    assert alone.x.shape == (N, 1)
    for name in ("x", "y", "scale", "angle", "source"):
        np.testing.assert_array_equal(
            getattr(alone, name)[:, 0], getattr(drawn, name)[rows, drawn.target], err_msg=name
        )
    for field in fields(target_labels(drawn, SOURCES)):
        np.testing.assert_array_equal(
            getattr(target_labels(alone, SOURCES), field.name), getattr(target_labels(drawn, SOURCES), field.name)
        )


@pytest.mark.parametrize("ids", [np.array([-1]), np.array([0.5]), np.zeros((2, 2), int)])
def test_bad_ids_are_refused(ids):
    with pytest.raises(InputError, match="ids must be a vector of non-negative integers"):
        draw(ClutterSpec(), SOURCES, 0, ids)


@pytest.mark.parametrize("seed", [-1, 2**63])
def test_bad_seeds_are_refused(seed):
    with pytest.raises(InputError, match=f"seed must be at least 0 and below 2\\*\\*63, got {seed}"):
        draw(ClutterSpec(), SOURCES, seed, np.arange(2))


def test_sources_of_another_size_are_refused():
    with pytest.raises(InputError, match="set object_size = 17"):
        draw(ClutterSpec(), clutter_examples.sources(size=17), 0, np.arange(2))


def test_domains_of_different_sizes_are_refused():
    with pytest.raises(InputError, match="28 and 17 px wide"):
        Sources.from_domains(clutter_examples.domain(0), clutter_examples.domain(0, size=17))


def test_a_byte_and_a_float_domain_become_floats():
    mixed = Sources.from_domains(clutter_examples.domain(1), clutter_examples.domain(2, as_floats=True))
    assert mixed.images.is_floating_point()
    assert mixed.images.max() == 1
