"""Maps of the input layer over time: which they are, and that the figure shows them."""

import numpy as np
import pytest

from repgeom.analyses.input_maps import input_maps, map_table
from repgeom.errors import InputError
from repgeom.figures.clutter import MapRow, maps_over_time
from repgeom.models.architectures import build_network


def nodes_of_network(**options):
    network = build_network("rcnn", {"canvas": (36, 36), "features": (2, 3, 4), "n_steps": 2} | options, 0)
    return {n.name: {"module": n.module, "timestep": n.timestep} for n in network.nodes}


def test_input_maps_show_gain_as_a_factor():
    nodes = nodes_of_network(bias=True)
    for node in nodes.values():
        node["shape"] = [1, 2, 2]
    maps = input_maps(nodes, lambda name: np.full((3, 4), 0.25))
    assert set(maps) == {("activation", None), ("1 + gain", 1.0), ("bias", 0.0)}
    assert list(maps["activation", None]) == [1, 2] and list(maps["1 + gain", 1.0]) == [2]
    assert maps["1 + gain", 1.0][2].shape == (3, 2, 2) and maps["1 + gain", 1.0][2][0, 0, 0] == 1.25
    assert {row["mean"] for row in map_table(maps) if row["quantity"] == "bias"} == {0.25}
    figure = maps_over_time(np.zeros((3, 2, 2)), [MapRow(t, m, c) for (t, c), m in maps.items()])
    assert [a.get_title() for a in figure.axes[:3]] == ["canvas", "t = 1", "t = 2"]


def test_input_maps_of_other_networks():
    nodes = {
        n: {"module": n.removesuffix("_t2"), "timestep": 2, "shape": [1, 2, 2]} for n in ("input_divisor_flow_t2",)
    }
    assert list(input_maps(nodes, lambda _: np.ones((3, 4)))) == [("divisor", 0.0)]
    nodes["input_t2"] = {"module": "input", "timestep": 2, "shape": [64]}
    with pytest.raises(InputError, match=r"node input_t2: shape \[64\]; the layer 'input' must be an image"):
        input_maps(nodes, lambda _: np.ones((3, 4)))


def test_networks_whose_input_is_not_recorded_are_refused():
    nodes = {"conv1_t1": {"module": "conv1", "timestep": 1, "shape": [2, 2, 2]}}
    with pytest.raises(InputError, match="no node is of a layer 'input', only: conv1_t1"):
        input_maps(nodes, lambda _: np.ones((3, 8)))


def test_maps_have_a_row_per_canvas_and_a_scale_per_quantity():
    rng = np.random.default_rng(0)
    images = rng.random((3, 6, 6))
    rows = [
        MapRow("activation", {t: rng.random((3, 6, 6)) for t in (1, 2)}),
        MapRow("1 + gain", {2: 0.9 + rng.random((3, 6, 6))}, 1.0),
        MapRow("bias", {2: rng.random((3, 6, 6)) - 0.2}, 0.0),
    ]
    figure = maps_over_time(images, rows)
    *pictures, activation, gain, bias = figure.axes
    shown = np.array([axes.images[0].get_array() for axes in pictures]).reshape(3, 5, 6, 6)
    for column, values in enumerate([images, rows[0].maps[1], rows[0].maps[2], rows[1].maps[2], rows[2].maps[2]]):
        np.testing.assert_allclose(shown[:, column], values)
    assert [axes.get_title() for axes in pictures[:5]] == ["canvas", "t = 1", "t = 2", "t = 2", "t = 2"]
    assert [axes.get_xlabel() for axes in (activation, gain, bias)] == ["activation", "1 + gain", "bias"]
    assert np.mean(gain.get_xlim()) == pytest.approx(1) and np.mean(bias.get_xlim()) == pytest.approx(0)


def test_colour_bars_of_maps_lie_below_their_pictures_and_apart():
    rows = [MapRow("activation", {1: np.zeros((2, 4, 4))}), MapRow("bias", {1: np.ones((2, 4, 4))}, 0.0)]
    figure = maps_over_time(np.zeros((2, 4, 4)), rows)
    figure.draw_without_rendering()
    *pictures, left, right = (axes.get_tightbbox() for axes in figure.axes)
    assert left.x1 < right.x0 and max(left.y1, right.y1) < min(box.y0 for box in pictures)
