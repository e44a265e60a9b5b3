"""Study 5: what its figures draw is what their tables say, and published values only where they belong."""

import itertools

import numpy as np
import pandas as pd
import pytest
from clutter_examples import sources
from matplotlib.patches import FancyArrowPatch

from repgeom.figures import recurrence
from repgeom.figures.canvas_gallery import label_table, swap_rows
from repgeom.figures.clutter import MapRow, Tile, maps_over_time, tile_rows
from repgeom.figures.connections import connections_figure
from repgeom.models.architectures import build_network
from repgeom.stimuli.clutter.canvases import spec_of, version_of
from repgeom.stimuli.clutter.parameters import draw

LAYERS = ("input", "conv1", "conv2", "fc")
IMPORTANCE = "functional importance of gain flow"


def summary(measure, layers, timesteps, variables, stimuli="cluttered"):
    """A summary whose every mean is different."""
    rows = [(measure, stimuli, layer, t, v) for layer in layers for t in timesteps for v in variables]
    table = pd.DataFrame(rows, columns=["measure", "stimuli", "layer", "timestep", "variable"])
    mean = 0.1 + 0.8 * np.arange(len(table)) / len(table)
    return table.assign(mean=mean, low=mean - 0.02, high=mean + 0.03, over="networks", n=5)


def published(*rows):
    return pd.DataFrame(rows, columns=["measure", "layer", "timestep", "variable", "reference", "ci95"])


def importance():
    return summary(IMPORTANCE, LAYERS, (2, 3, 4), ("location", "orientation", "scale", "category", *recurrence.SWAPS))


def drawn(axes):
    """Label → (heights of the points, lower and upper ends of their bars)."""
    found = {}
    for container in axes.containers:
        points, _, (bars,) = container.lines
        ends = np.array([segment[:, 1] for segment in bars.get_segments()])
        found.setdefault(container.get_label(), []).append((np.asarray(points.get_ydata(), dtype=float), ends))
    return found


def test_importance_draws_every_property_with_its_interval():
    table = importance()
    figure = recurrence.functional_importance(table, None)
    for axes, layer in zip(figure.axes[:4], LAYERS, strict=True):
        found = drawn(axes)
        assert list(found) == ["location", "orientation", "scale", "category"]
        expected = table[(table.layer == layer) & (table.variable == "scale")]
        points, ends = found["scale"][0]
        np.testing.assert_allclose(points, expected["mean"])
        np.testing.assert_allclose(ends, expected[["low", "high"]])
    assert figure.axes[0].get_ylabel() == "functional importance"


def test_published_decoding_is_not_drawn_as_importance():
    references = published(
        (IMPORTANCE, "fc", 3, "scale", 0.25, 0.05),
        ("layer decoding, cluttered", "fc", 3, "scale", 0.86, 0.01),
        ("gain flow decoding, cluttered", "fc", 3, "location", 0.95, 0.01),
    )
    figure = recurrence.functional_importance(importance(), references)
    found = {axes.get_title(): drawn(axes).get("published") for axes in figure.axes}
    ((points, ends),) = found.pop("flow to fc, properties")
    np.testing.assert_allclose(points, [0.25])
    np.testing.assert_allclose(ends, [[0.2, 0.3]])
    assert not any(found.values())


def decoding(measure, layers=LAYERS, timesteps=(1, 2, 3)):
    return summary(measure, layers, timesteps, recurrence.VARIABLES)


CHANCES = {variable: 0.05 if variable == "category" else 0.5 for variable in recurrence.VARIABLES}


def legend_of(figure):
    return [text.get_text() for text in figure.legends[0].get_texts()]


def test_decoding_has_one_scale_for_category_and_one_for_all_that_has_two_levels():
    table = pd.concat([decoding("layer decoding, cluttered"), decoding("layer decoding, clean")])
    figure = recurrence.decoding_over_time(table, CHANCES, None)
    limits = [axes.get_ylim() for axes in figure.axes]
    assert limits[0] == limits[5] != limits[1] and len(set(limits[1:5] + limits[6:])) == 1
    assert [axes.get_ylabel() for axes in figure.axes] == 2 * ["accuracy (%)", "accuracy (%)", "", "", ""]
    for axes, variable in zip(figure.axes, 2 * recurrence.VARIABLES, strict=True):
        (chance,) = [line for line in axes.lines if line.get_label() == "chance"]
        assert set(chance.get_ydata()) == {100 * CHANCES[variable]}


def test_legend_ends_with_what_belongs_to_no_single_line():
    references = published(("layer decoding, cluttered", "input", 2, "scale", 0.7, 0.01))
    tables = [decoding("layer decoding, cluttered"), decoding("layer decoding, clean")]
    assert legend_of(recurrence.decoding_over_time(pd.concat(tables), CHANCES, references)) == [
        *LAYERS, "published", "chance"]  # fmt: skip
    assert legend_of(recurrence.decoding_over_time(pd.concat(tables), CHANCES, None)) == [*LAYERS, "chance"]
    assert "chance" not in legend_of(recurrence.functional_importance(importance(), None))


def test_flow_decoding_has_a_row_per_modulation_and_begins_at_the_second_step():
    tables = [
        decoding(f"{m} flow decoding, cluttered", timesteps=(2, 3, 4)).assign(modulation=m) for m in ("bias", "gain")
    ]
    figure = recurrence.flow_decoding(pd.concat(tables), CHANCES, LAYERS, None)
    assert [axes.get_title() for axes in figure.axes[::5]] == ["category, bias", "category, gain"]
    assert [tick.get_text() for tick in figure.axes[0].get_xticklabels()] == ["2", "3", "4"]
    expected = tables[1][(tables[1].layer == "conv2") & (tables[1].variable == "scale")]
    np.testing.assert_allclose(drawn(figure.axes[7])["conv2"][0][0], 100 * expected["mean"])


def test_auxiliary_decoding_stands_out_from_its_parts_over_time_and_over_layers():
    variables = ("auxiliary", "location", "scale", "orientation")
    over_time = summary("auxiliary decoding, mean over layers", [""], (1, 2, 3, 4), variables)
    over_layers = summary("auxiliary decoding, mean over time", LAYERS, [np.nan], variables)
    references = published(("auxiliary decoding, mean over time", "fc", "", "auxiliary", 0.799, 0.005))
    figure = recurrence.auxiliary_decoding(pd.concat([over_time, over_layers]), references)
    time, layers = figure.axes
    widths = {c.get_label(): c.lines[0].get_linewidth() for c in time.containers}
    assert all(widths["auxiliary"] > widths[part] for part in variables[1:])
    assert [tick.get_text() for tick in layers.get_xticklabels()] == list(LAYERS)
    assert (time.get_xlabel(), layers.get_xlabel(), time.get_ylabel()) == ("timestep", "layer", "accuracy (%)")
    expected = over_layers[over_layers.variable == "auxiliary"]
    np.testing.assert_allclose(drawn(layers)["auxiliary"][0][0], 100 * expected["mean"])
    ((points, ends),) = drawn(layers)["published"]
    np.testing.assert_allclose(points, [79.9])
    np.testing.assert_allclose(ends, [[79.4, 80.4]])
    assert "published" not in drawn(time)


def answers(n_seeds=3):
    rows = [
        (s, stimuli, r, t) for s in range(n_seeds) for stimuli in recurrence.STIMULI for r in (1, 2) for t in (1, 2)
    ]
    table = pd.DataFrame(rows, columns=["seed", "stimuli", "repetition", "timestep"])
    return table.assign(accuracy=0.1 + 0.8 * np.arange(len(table)) / len(table))


def output_summary():
    tables = [summary(f"output accuracy, {s}", ["output"], (1, 2), ["category"], s) for s in recurrence.STIMULI]
    return pd.concat(tables)


def test_output_accuracy_has_a_dot_for_every_network():
    networks = answers()
    (axes,) = recurrence.output_accuracy(output_summary(), 0.05, networks).axes
    dots = [line for line in axes.lines if line.get_marker() == "."]
    assert [len(line.get_ydata()) for line in dots] == [6, 6]
    expected = networks[networks.stimuli == "clean"].groupby(["timestep", "seed"])["accuracy"].mean()
    np.testing.assert_allclose(dots[1].get_ydata(), 100 * expected)
    np.testing.assert_allclose(np.round(dots[1].get_xdata()), [0, 0, 0, 1, 1, 1])
    assert set(drawn(axes)) == {"cluttered", "clean"}
    assert axes.get_ylabel() == "accuracy (%)" and axes.get_xlabel() == "timestep"


def test_published_output_accuracy_stands_at_the_last_step():
    references = published(
        ("output accuracy, clean", "output", "", "category", 0.869, 0.01),
        ("output accuracy, perturbation stimuli", "output", "", "category", 0.8, 0.004),
    )
    (axes,) = recurrence.output_accuracy(output_summary(), 0.05, published=references).axes
    ((points, _),) = drawn(axes)["published"]
    np.testing.assert_allclose(points, [86.9])
    (container,) = [c for c in axes.containers if c.get_label() == "published"]
    assert [round(x) for x in container.lines[0].get_xdata()] == [1]
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["1\n(no recurrence)", "2"]


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


def network_inventory(**options):
    network = build_network("rcnn", {"canvas": (100, 100), "bias": True} | options, 0)
    return pd.DataFrame([connection._asdict() for connection in network.connections()])


def test_every_connection_has_its_arrow_and_no_label_hides_another():
    inventory = network_inventory()
    figure = connections_figure(inventory, LAYERS)
    figure.draw_without_rendering()
    (axes,) = figure.axes
    pairs = inventory.groupby(["source", "target"])["n_parameters"].sum()
    assert sum(isinstance(patch, FancyArrowPatch) for patch in axes.patches) == len(pairs)
    assert {f"{n:,}" for n in pairs} <= {text.get_text() for text in axes.texts}
    boxes = [text.get_window_extent() for text in axes.texts]
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])


def test_pathways_that_do_not_exist_are_not_drawn():
    assert legend_of(connections_figure(network_inventory(top_down=False), LAYERS)) == ["bottom-up", "lateral"]
    assert legend_of(connections_figure(network_inventory(bias=False, gain=False), LAYERS)) == ["bottom-up"]


def one_canvas():
    found = sources()
    spec = spec_of({}, found, noise=False)
    return draw(spec, found, 0, np.arange(1)), found


def test_swapped_canvases_say_what_the_target_became():
    parameters, found = one_canvas()
    before = label_table(parameters, found).iloc[0]
    ((title, tiles),) = swap_rows(parameters, found, "corrected").items()
    texts = dict(tile.title.split("\n") for tile in tiles)
    assert title == "swaps" and texts["original"] == before["category"]
    assert texts["x"] == f"→ {100 - before['x']:.0f} px" and texts["y"] == f"→ {100 - before['y']:.0f} px"
    assert texts["orientation"] == f"→ {-before['angle']:.0f}°"
    assert texts["scale"] == ("→ 1.60 ×" if before["scale"] < 1 else "→ 0.80 ×")
    assert texts["category within"] != f"→ {before['category']}"
    centres = {tile.title.split("\n")[0]: tile.target[:2] for tile in tiles}
    assert centres["x"] == (100 - before["x"], before["y"]) and centres["scale"] == (before["x"], before["y"])


def test_labels_of_swaps_as_published_add_up_both_levels():
    parameters, found = one_canvas()
    rotated = label_table(version_of(parameters, found, "orientation", "as_published"), found)
    zoomed = label_table(version_of(parameters, found, "scale", "as_published"), found)
    assert rotated["angle"].tolist() == [0] and zoomed["scale"].tolist() == [pytest.approx(0.8 * 1.6)]


def test_long_titles_break_before_their_arrow():
    row = [Tile(np.zeros((4, 4)), title) for title in ("2 → 6", "T-shirt/top → Ankle boot")]
    few, many = tile_rows({"": row}), tile_rows({"": row + 6 * row[:1]})
    assert [axes.get_title() for axes in few.axes] == ["2 → 6", "T-shirt/top → Ankle boot"]
    assert [axes.get_title() for axes in many.axes[:2]] == ["2 → 6", "T-shirt/top\n→ Ankle boot"]
    many.draw_without_rendering()
    boxes = [axes.title.get_window_extent() for axes in many.axes]
    assert all(left.x1 < right.x0 for left, right in itertools.pairwise(boxes))
