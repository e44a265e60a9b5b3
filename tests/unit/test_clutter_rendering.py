import os
from dataclasses import replace
from pathlib import Path

import clutter_examples
import numba
import numpy as np
import pytest
import torch
from clutter_reference import reference_canvas
from scipy import ndimage

from repgeom.datasets.idx import FASHION_MNIST, MNIST, load_idx
from repgeom.stimuli.clutter.batched import render_batch
from repgeom.stimuli.clutter.parameters import clean, draw
from repgeom.stimuli.clutter.rendering import render
from repgeom.stimuli.clutter.sources import Sources
from repgeom.stimuli.clutter.spec import ClutterSpec
from repgeom.stimuli.clutter.splines import MARGIN_AFTER, MARGIN_BEFORE, coefficient_operator
from repgeom.stimuli.clutter.swaps import swap
from repgeom.stimuli.clutter.versions import SWAP_DEFINITIONS, SWAPS

TOLERANCE = 1e-5  # ten times closer than required
SOURCES = clutter_examples.sources()
BACKENDS = pytest.mark.parametrize("draw_canvases", [render, render_batch])
SPECS = {
    "published": ClutterSpec(),
    "without noise": ClutterSpec(noise=False),
    "small canvas, objects cut off": ClutterSpec(canvas_size=50, positions=(10.0, 40.0)),
    "centres on the edge": ClutterSpec(canvas_size=61, positions=(0.0, 61.0), position_jitter=9.0),
    "two cells a side": ClutterSpec(grid=2, n_objects=3, n_candidates=2),
    "four cells a side": ClutterSpec(grid=4, scales=(0.5, 1.2), scale_jitter=0.3),
    "right angles": ClutterSpec(angles=(0.0, 90.0), angle_jitter=0.0),
    "any angle": ClutterSpec(angles=(-200.0, 200.0), angle_jitter=190.0),
    "one object": ClutterSpec(n_objects=1, n_candidates=1),
    "original size": ClutterSpec(scales=(1.0, 2.0), scale_jitter=0.0),
}


def reference(parameters, sources):
    return np.stack([reference_canvas(parameters, sources, row) for row in range(len(parameters))])


@BACKENDS
@pytest.mark.parametrize("name", SPECS)
def test_canvases_follow_the_definition(name, draw_canvases):
    parameters = draw(SPECS[name], SOURCES, seed=7, ids=np.arange(6))
    canvases = draw_canvases(parameters, SOURCES)
    assert canvases.dtype == torch.float32
    np.testing.assert_allclose(canvases, reference(parameters, SOURCES), atol=TOLERANCE, rtol=0)


@BACKENDS
@pytest.mark.parametrize("definition", SWAP_DEFINITIONS)
@pytest.mark.parametrize("which", SWAPS)
def test_swapped_canvases_follow_the_definition(which, definition, draw_canvases):
    parameters = draw(ClutterSpec(noise=False), SOURCES, seed=8, ids=np.arange(4))
    swapped = swap(parameters, SOURCES, which, definition)
    np.testing.assert_allclose(draw_canvases(swapped, SOURCES), reference(swapped, SOURCES), atol=TOLERANCE, rtol=0)


@BACKENDS
def test_clean_canvases_follow_the_definition(draw_canvases):
    parameters = clean(draw(ClutterSpec(), SOURCES, seed=9, ids=np.arange(6)))
    assert parameters.source.shape == (6, 1)
    np.testing.assert_allclose(
        draw_canvases(parameters, SOURCES), reference(parameters, SOURCES), atol=TOLERANCE, rtol=0
    )


@BACKENDS
@pytest.mark.parametrize("as_floats", [False, True])
def test_sources_may_be_bytes_or_floats_of_another_size(as_floats, draw_canvases):
    sources = clutter_examples.sources(size=17, as_floats=as_floats)
    parameters = draw(ClutterSpec(canvas_size=60, object_size=17, positions=(15, 45)), sources, 1, np.arange(4))
    np.testing.assert_allclose(
        draw_canvases(parameters, sources), reference(parameters, sources), atol=TOLERANCE, rtol=0
    )


@pytest.mark.parametrize("size", range(4, 60))
def test_one_matrix_holds_zoom_and_prefilter(size):
    image = np.random.default_rng(size).random((28, 28))
    operator = coefficient_operator((28, 28, size))
    coefficients = (operator @ image @ operator.T)[MARGIN_BEFORE:-MARGIN_AFTER, MARGIN_BEFORE:-MARGIN_AFTER]
    expected = ndimage.spline_filter(ndimage.zoom(image, size / 28, order=3), order=3, mode="mirror")
    np.testing.assert_allclose(coefficients, expected, atol=1e-12)


@BACKENDS
def test_an_image_does_not_depend_on_its_batch(draw_canvases):
    together = draw_canvases(draw(ClutterSpec(), SOURCES, seed=3, ids=np.arange(40)), SOURCES)
    for number in (0, 17, 39):
        alone = draw_canvases(draw(ClutterSpec(), SOURCES, seed=3, ids=np.array([number])), SOURCES)
        assert torch.equal(alone[0], together[number])


def test_compiled_canvases_do_not_depend_on_threads():
    parameters = draw(ClutterSpec(), SOURCES, seed=3, ids=np.arange(16))
    usual, canvases = numba.get_num_threads(), render(parameters, SOURCES)
    numba.set_num_threads(1)
    try:
        assert torch.equal(render(parameters, SOURCES), canvases)
    finally:
        numba.set_num_threads(usual)


def test_batched_canvases_do_not_depend_on_reduced_precision_of_training():
    parameters = draw(ClutterSpec(), SOURCES, seed=3, ids=np.arange(4))
    canvases, precision = render_batch(parameters, SOURCES), torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("medium")
    try:
        with torch.autocast("cpu", dtype=torch.bfloat16):
            assert torch.equal(render_batch(parameters, SOURCES), canvases)
    finally:
        torch.set_float32_matmul_precision(precision)


@BACKENDS
def test_canvases_span_zero_to_one(draw_canvases):
    canvases = draw_canvases(draw(ClutterSpec(), SOURCES, seed=5, ids=np.arange(30)), SOURCES)
    assert (canvases.amin((1, 2)) == 0).all()
    np.testing.assert_allclose(canvases.amax((1, 2)), 1, atol=1e-6)
    assert canvases.max() <= 1


@BACKENDS
def test_blank_objects_leave_blank_canvases(draw_canvases):
    blank = replace(SOURCES, images=torch.zeros_like(SOURCES.images))
    canvases = draw_canvases(draw(ClutterSpec(), blank, seed=5, ids=np.arange(2)), blank)
    assert torch.equal(canvases, torch.zeros(2, 100, 100))


@BACKENDS
def test_no_canvases(draw_canvases):
    assert draw_canvases(draw(ClutterSpec(), SOURCES, 0, np.arange(0)), SOURCES).shape == (0, 100, 100)


@BACKENDS
def test_a_distractor_beside_the_canvas_changes_nothing(draw_canvases):
    """The other objects lie at 200 px and more, the target of a clean canvas at (25, 25)."""
    parameters = draw(ClutterSpec(), SOURCES, seed=2, ids=np.arange(4))
    is_target = parameters.is_target
    far = replace(
        parameters,
        x_level=np.zeros_like(parameters.x_level),
        y_level=np.zeros_like(parameters.y_level),
        x_offset=np.where(is_target, 0.0, 200.0),
        y_offset=np.where(is_target, 0.0, -200.0),
    )
    assert torch.equal(draw_canvases(far, SOURCES), draw_canvases(clean(far), SOURCES))


@pytest.mark.published
@pytest.mark.skipif("REPGEOM_DATA_DIR" not in os.environ, reason="REPGEOM_DATA_DIR is not set")
@BACKENDS
def test_published_canvases_follow_the_definition(draw_canvases):
    folder = Path(os.environ["REPGEOM_DATA_DIR"])
    sources = Sources.from_domains(load_idx(MNIST, folder)["test"], load_idx(FASHION_MNIST, folder)["test"])
    assert len(sources.class_names) == 20
    for spec in (ClutterSpec(), ClutterSpec().without_noise()):
        parameters = draw(spec, sources, seed=11, ids=np.arange(20))
        np.testing.assert_allclose(
            draw_canvases(parameters, sources), reference(parameters, sources), atol=TOLERANCE, rtol=0
        )
