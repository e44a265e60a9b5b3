import numpy as np
import pytest
from clutter_examples import sources

from repgeom.errors import InputError
from repgeom.stimuli.clutter.geometry import is_cut, locate
from repgeom.stimuli.clutter.parameters import draw
from repgeom.stimuli.clutter.spec import ClutterSpec

SMALL = ClutterSpec(
    canvas_size=40, n_objects=4, positions=(10.0, 30.0), position_jitter=1.0, scales=(0.4, 0.66), scale_jitter=0.044
)


def test_sizes_are_those_of_the_published_scales():
    """0.8 · 28 = 22.4 and 1.6 · 28 = 44.8."""
    assert ClutterSpec().sizes == range(22, 46)
    assert ClutterSpec().without_noise().sizes == range(22, 46)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"canvas_size": 0}, "canvas_size must be an integer of at least 1, got 0"),
        ({"canvas_size": 50.0}, "canvas_size must be an integer"),
        ({"object_size": 3}, "object_size must be an integer of at least 4"),
        ({"n_objects": 0}, "n_objects must be an integer of at least 1"),
        ({"n_objects": 3}, "n_candidates = 4 must not exceed n_objects = 3"),
        ({"n_candidates": 5}, "n_candidates = 5 must not exceed"),
        ({"grid": 1}, "grid must be an integer of at least 2"),
        ({"grid": 5}, "grid must be at most 4, got 5"),
        ({"positions": (75.0, 25.0)}, "positions must be two finite numbers, low then high"),
        ({"positions": (25.0, 101.0)}, "outside a canvas of 100 px"),
        ({"positions": (25.0,)}, "positions must be two finite numbers"),
        ({"angles": (30.0, 30.0)}, "angles must be two finite numbers, low then high"),
        ({"scales": (0.5, float("nan"))}, "scales must be two finite numbers"),
        ({"scale_jitter": 0.3}, "scale_jitter = 0.3 must be at least 0 and less than half"),
        ({"angle_jitter": -1.0}, "angle_jitter = -1.0 must be at least 0"),
        ({"position_jitter": float("nan")}, "position_jitter = nan must be"),
        ({"scales": (0.2, 1.5)}, "at scale 0.1 an object of 28 px is 3 px wide"),
    ],
)
def test_impossible_recipes_are_refused(changes, message):
    with pytest.raises(InputError, match=message):
        ClutterSpec(**changes)


@pytest.mark.parametrize(
    ("spec", "share"),
    [
        (ClutterSpec(), 0),
        (ClutterSpec(positions=(20.0, 75.0)), 0.25),
        (SMALL, 0.019),
        (SMALL.without_noise(), 0),
    ],
)
def test_overhang_is_the_most_that_the_edge_cuts(spec, share):
    """Counted pixel by pixel on 40,000 canvases, in which the extremes come up."""
    parameters = draw(spec, sources(), 0, np.arange(40_000))
    geometry = locate(parameters)
    ends = geometry.corner + geometry.size[..., None]
    assert max((-geometry.corner).max(), (ends - spec.canvas_size).max(), 0) == spec.overhang
    assert is_cut(parameters)[parameters.is_target].mean() == pytest.approx(share, abs=0.005)
