from dataclasses import fields, replace

import clutter_examples
import numpy as np
import pytest
from scipy import stats

from repgeom.errors import InputError
from repgeom.stimuli.clutter.geometry import locate
from repgeom.stimuli.clutter.parameters import clean, draw, target_labels
from repgeom.stimuli.clutter.rendering import render
from repgeom.stimuli.clutter.sources import Sources
from repgeom.stimuli.clutter.spec import ClutterSpec
from repgeom.stimuli.clutter.swaps import swap
from repgeom.stimuli.clutter.versions import SWAP_DEFINITIONS, SWAPS

SOURCES = clutter_examples.sources()
N = 2000
ROWS = np.arange(N)
WITH_NOISE = draw(ClutterSpec(), SOURCES, seed=5, ids=ROWS)
EXACT = draw(ClutterSpec(noise=False), SOURCES, seed=6, ids=ROWS)
LABELS_CHANGED = {
    "x": {"x"},
    "y": {"y"},
    "orientation": {"orientation"},
    "scale": {"scale"},
    "category_within": {"category"},
    "category_across": {"category", "domain"},
}
PARAMETERS_CHANGED = {
    "x": {"x_level"},
    "y": {"y_level"},
    "orientation": {"angle_level"},
    "scale": {"scale_level"},
    "category_within": {"source"},
    "category_across": {"source"},
}


def changed_fields(before, after, skip=()):
    """Names of the fields in which anything differs, and where."""
    names = [f.name for f in fields(before) if f.name not in skip]
    differs = {name: getattr(before, name) != getattr(after, name) for name in names}
    return {name: where for name, where in differs.items() if where.any()}


def of_target(parameters, name):
    return getattr(parameters, name)[ROWS, parameters.target]


@pytest.mark.parametrize("parameters", [WITH_NOISE, EXACT], ids=["noise", "no noise"])
@pytest.mark.parametrize("which", SWAPS)
def test_exactly_one_property_changes_on_every_canvas(which, parameters):
    swapped = swap(parameters, SOURCES, which)
    labels = changed_fields(target_labels(parameters, SOURCES), target_labels(swapped, SOURCES))
    assert labels.keys() == LABELS_CHANGED[which]
    assert all(where.all() for where in labels.values())
    changes = changed_fields(parameters, swapped, skip=("spec", "seed"))
    assert changes.keys() == PARAMETERS_CHANGED[which]
    assert all(where[ROWS, parameters.target].all() for where in changes.values())


@pytest.mark.parametrize("which", ["orientation", "scale", "category_within", "category_across"])
def test_no_distractor_changes(which):
    changes = changed_fields(WITH_NOISE, swap(WITH_NOISE, SOURCES, which), skip=("spec", "seed"))
    assert all((where == WITH_NOISE.is_target).all() for where in changes.values())


@pytest.mark.parametrize("axis", ["x", "y"])
def test_the_target_changes_places_with_the_object_on_top_there(axis):
    swapped = swap(WITH_NOISE, SOURCES, axis)
    quadrant_before = 2 * WITH_NOISE.y_level + WITH_NOISE.x_level
    quadrant_after = 2 * swapped.y_level + swapped.x_level
    np.testing.assert_array_equal(quadrant_after[:, :4], quadrant_before[:, :4])
    assert (np.sort(quadrant_after[:, 4:]) == np.arange(4)).all()
    assert ((quadrant_after != quadrant_before).sum(1) == 2).all()


@pytest.mark.parametrize("which", ["x", "y", "orientation", "scale"])
def test_swapping_twice_restores_the_canvas(which):
    twice = swap(swap(WITH_NOISE, SOURCES, which), SOURCES, which)
    assert not changed_fields(WITH_NOISE, twice, skip=("spec", "seed"))


@pytest.mark.parametrize("definition", SWAP_DEFINITIONS)
@pytest.mark.parametrize("which", SWAPS)
def test_the_clean_version_of_a_swap_is_the_swap_of_the_clean_version(which, definition):
    one = clean(swap(EXACT, SOURCES, which, definition))
    other = swap(clean(EXACT), SOURCES, which, definition)
    assert not changed_fields(one, other, skip=("spec", "seed"))


def test_without_noise_levels_are_exchanged_exactly():
    np.testing.assert_allclose(of_target(EXACT, "scale") + of_target(swap(EXACT, SOURCES, "scale"), "scale"), 0.8 + 1.6)
    np.testing.assert_allclose(of_target(swap(EXACT, SOURCES, "orientation"), "angle"), -of_target(EXACT, "angle"))


def test_jitter_stays_as_it_was():
    swapped = swap(WITH_NOISE, SOURCES, "scale")
    np.testing.assert_allclose(np.abs(of_target(swapped, "scale") - of_target(WITH_NOISE, "scale")), 0.6)


def target_sizes(parameters):
    return locate(parameters).size[ROWS, parameters.target]


def test_a_scale_swap_leads_to_the_size_of_the_other_level():
    small, large = EXACT.scale_level[ROWS, EXACT.target] == 0, EXACT.scale_level[ROWS, EXACT.target] == 1
    sizes = target_sizes(swap(EXACT, SOURCES, "scale"))
    assert set(sizes[small]) == {45}
    assert set(sizes[large]) == {22}


def test_a_published_scale_swap_zooms_twice_to_about_1_28():
    """round(22 · 1.6) = 35 and round(45 · 0.8) = 36, both near 1.28 · 28 = 35.84."""
    small, large = EXACT.scale_level[ROWS, EXACT.target] == 0, EXACT.scale_level[ROWS, EXACT.target] == 1
    sizes = target_sizes(swap(EXACT, SOURCES, "scale", "as_published"))
    assert set(sizes[small]) == {35}
    assert set(sizes[large]) == {36}


def test_a_published_orientation_swap_rotates_back_to_upright():
    """A blob that is blank at its corners is then as if never rotated, up to what two interpolations lose."""
    blob = np.outer(np.hanning(28), np.hanning(28) * np.linspace(0, 1, 28)).astype(np.float32)
    images = clutter_examples.domain(1, as_floats=True)
    blobs = replace(images, images=np.broadcast_to(blob / blob.max(), images.images.shape).copy())
    sources = Sources.from_domains(blobs, blobs)
    turned = clean(draw(ClutterSpec(noise=False), sources, seed=1, ids=np.arange(8)))
    upright = render(replace(turned, angle_offset=-turned.angle), sources)
    turned_back = render(swap(turned, sources, "orientation", "as_published"), sources)
    np.testing.assert_allclose(turned_back, upright, atol=0.02)
    assert ((render(turned, sources) - upright).abs().amax((1, 2)) > 0.2).all()


def test_as_published_differs_for_orientation_and_scale_only():
    for which in SWAPS:
        corrected, published = swap(EXACT, SOURCES, which), swap(EXACT, SOURCES, which, "as_published")
        assert bool(changed_fields(corrected, published, skip=("spec", "seed"))) == (which in ("orientation", "scale"))


def test_other_categories_are_uniform_within_the_domain_and_images_are_reached():
    before = target_labels(WITH_NOISE, SOURCES)
    after = target_labels(swap(WITH_NOISE, SOURCES, "category_within"), SOURCES)
    distance = (after.category - before.category) % 10
    counts = np.bincount(distance, minlength=10)
    assert counts[0] == 0
    assert stats.chisquare(counts[1:]).pvalue > 1e-4
    assert (before.domain == after.domain).all()


def test_categories_across_are_uniform_in_the_other_domain():
    before = target_labels(WITH_NOISE, SOURCES)
    after = target_labels(swap(WITH_NOISE, SOURCES, "category_across"), SOURCES)
    assert (before.domain != after.domain).all()
    assert stats.chisquare(np.bincount(after.category, minlength=20)).pvalue > 1e-4


def test_swaps_do_not_depend_on_the_batch():
    few = np.array([1999, 3])
    for which in SWAPS:
        alone = swap(draw(ClutterSpec(), SOURCES, seed=5, ids=few), SOURCES, which)
        assert not changed_fields(alone, swap(WITH_NOISE, SOURCES, which)[few], skip=("spec", "seed"))


@pytest.mark.parametrize("which", SWAPS)
def test_a_swapped_canvas_looks_different(which):
    few = EXACT[:20]
    difference = (render(swap(few, SOURCES, which), SOURCES) - render(few, SOURCES)).abs()
    assert (difference.amax((1, 2)) > 0.1).all()


def test_unknown_swaps_are_refused():
    with pytest.raises(InputError, match="no swap is called 'colour'; choose one of x, y, orientation"):
        swap(EXACT, SOURCES, "colour")
    with pytest.raises(InputError, match="no definition of swaps is called 'old'; choose one of corrected"):
        swap(EXACT, SOURCES, "scale", "old")


def test_a_domain_of_one_category_has_none_to_swap_with():
    lonely = Sources.from_domains(clutter_examples.domain(1, classes=("a",)), clutter_examples.domain(2))
    parameters = draw(ClutterSpec(), lonely, seed=0, ids=np.arange(20))
    with pytest.raises(InputError, match="domain 0 has one category only"):
        swap(parameters, lonely, "category_within")
