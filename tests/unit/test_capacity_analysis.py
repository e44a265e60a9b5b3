"""Capacity of manifolds as tables of networks, and that figures show what the tables say."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from scipy import stats

from repgeom.analyses.capacity import CAPACITY_COLUMNS, GEOMETRY_COLUMNS, capacity_rows, with_places
from repgeom.analyses.capacity_draw_medians import draw_medians
from repgeom.analyses.capacity_draws import DRAW_COLUMNS, REFERENCE_MODE, draw_rows, stimuli_of
from repgeom.analyses.capacity_lines import (
    LINE_COLUMNS,
    OVER_SEEDS,
    QUANTITIES,
    STANDARD_ERROR,
    capacity_points,
    check_timesteps,
    what_bars_say,
)
from repgeom.analyses.capacity_method_points import POINT_COLUMNS, method_points
from repgeom.analyses.capacity_methods import METHOD_COLUMNS, beside_mean_field, method_rows
from repgeom.analyses.networks import NETWORK_COLUMNS, about, of_network
from repgeom.datasets.images import LabelledImages
from repgeom.errors import InputError
from repgeom.figures.capacity import node_places, over_epochs, over_nodes, over_time
from repgeom.figures.capacity_draws import over_draws
from repgeom.figures.capacity_methods import capacities_compared, side_by_side
from repgeom.measures.capacity import conic_capacity, simulated_capacity
from repgeom.stimuli.selection import random_per_class

MEAN_FIELD = {"margin": 0.0, "draws": 50, "k": "auto", "dim": "prx", "seed": 0}
LABELS = np.repeat(np.arange(6), 8)
NAMES = {
    "models": {
        "net": {"label": "our net", "colour": "#112233"},
        "old": {"label": "old net", "colour": "#445566"},
    },
    "stimuli": {"seen": "clean", "attacked": "attacked"},
}


def coordinates(seed=0, n_features=30):
    rng = np.random.default_rng(seed)
    centres = rng.standard_normal((6, n_features))
    points = np.repeat(centres, 8, axis=0) + 0.6 * rng.standard_normal((48, n_features))
    return points - points.mean(axis=0)


def network(model="net", seed=1, stimuli="seen", epoch="last", repetition=1):
    return about({"model": model, "seed": seed, "epoch": epoch, "set": stimuli, "repetition": repetition})


def rows_of(nodes=("input", "fc"), value=1.0, timestep=0, **of):
    """Rows of one network: capacity `value`, radius twice as much and so on, errors a tenth."""
    for node in nodes:
        values = {name: (i + 1) * value for i, name in enumerate(QUANTITIES)}
        errors = {f"{name}_se": number / 10 for name, number in values.items()}
        medians = {f"{name}_median": values[name] / 2 for name in ("radius", "dimension")}
        place = {"node": node, "module": node.partition("_")[0], "timestep": timestep}
        yield network(**of) | place | values | errors | medians


def table_of(*networks):
    table = pd.DataFrame([row for rows in networks for row in rows])
    return table.assign(interval=what_bars_say(table))


def labels_of(axes):
    return [text for text in axes.get_legend_handles_labels()[1]]


def drawn(axes, label):
    """Heights and lengths of bars of what is drawn under a label."""
    container = next(c for c in axes.containers if c.get_label() == label)
    bars = container.lines[2][0].get_segments()
    return np.asarray(container.lines[0].get_ydata(), float), np.array(
        [np.diff(bar[:, 1])[0] if len(bar) else np.nan for bar in bars]
    )


def test_rows_say_which_class_has_lost_its_centre_and_stay_finite():
    points = coordinates()
    others = LABELS != 3
    points[~others] += points[others].mean(axis=0) - points[~others].mean(axis=0) + 1e-4
    (row,) = capacity_rows({"fc": points}, LABELS, MEAN_FIELD | {"k": 0})
    assert row["weak_centres"] == 1 and "residual centre of" in row["note"] and "3" in row["note"]
    numbers = [value for value in row.values() if isinstance(value, float)]
    assert np.isfinite(numbers).all()
    assert row["radius"] > 20 * row["radius_median"] and 0 < row["capacity"] < 2


def test_every_number_has_its_error_and_every_column_is_described():
    rows = with_places(
        capacity_rows({"fc_t2": coordinates()}, LABELS, MEAN_FIELD), {"fc_t2": {"module": "fc", "timestep": 2}}
    )
    table = of_network(rows, {"model": "net", "seed": 1, "epoch": "last", "stimuli": "seen", "rule": "capacity"})
    assert (table[[f"{name}_se" for name in QUANTITIES]] > 0).all(axis=None)
    assert list(table) == [name for name in CAPACITY_COLUMNS if name != "repetition"]
    assert table.loc[0, ["module", "timestep"]].tolist() == ["fc", 2]


def test_the_origin_and_the_other_layers_change_no_number():
    points, other = coordinates(), coordinates(seed=5, n_features=9)
    (alone,) = capacity_rows({"fc": points}, LABELS, MEAN_FIELD)
    moved, _ = capacity_rows({"fc": points + 3, "other": other}, LABELS, MEAN_FIELD)
    names = [name for name in alone if isinstance(alone[name], float) and name != "kkt_residual"]
    np.testing.assert_allclose([moved[name] for name in names], [alone[name] for name in names], rtol=1e-9)


def test_capacities_are_those_of_the_measures():
    points = coordinates()
    manifolds = list(points.reshape(6, 8, -1))
    options = {"conic_draws": 20, "dichotomies": 10, "seed": 4}
    wide, flat = method_rows({"wide": points, "flat": points[:, :3]}, LABELS, options)
    assert wide["conic_capacity"] == conic_capacity(manifolds, n_draws=20, seed=4).capacity
    simulated = simulated_capacity(manifolds, n_dichotomies=10, seed=4)
    assert (wide["simulated_capacity"], wide["simulated_capacity_se"]) == (simulated.capacity, simulated.capacity_se)
    assert (wide["n_dimensions"], wide["bound"]) == (30, 0.2)
    # 48 points of 6 classes in 3 dimensions: nothing is separable, the cone of all points fills space
    assert np.isnan(flat["simulated_capacity"]) and flat["bound"] == 2.0
    assert flat["conic_capacity"] == pytest.approx(2.0)


def methods_table(simulated=0.3):
    def row(node, model, epoch, **more):
        values = {"conic_capacity": 0.2, "simulated_capacity": simulated, "bound": 0.1, "n_dimensions": 60}
        errors = {f"{name}_se": 0.01 for name in ("conic_capacity", "simulated_capacity")}
        return network(model, epoch=epoch) | {"node": node} | values | errors | more

    return pd.DataFrame(
        [
            row("fc", "net", "last"),
            row("input", "net", "epoch003"),
            row("fc", "net", "epoch003"),
            row("fc", "old", "last"),
        ]
    )


def test_mean_field_capacity_is_joined_by_network_epoch_and_node():
    methods = methods_table()
    mean_field = methods[[*NETWORK_COLUMNS, "node"]].assign(capacity=[1.0, 2, 3, 4], capacity_se=0.1, radius=9)
    shuffled = mean_field.iloc[[3, 1, 0, 2, 2]]  # one of them occurs twice
    joined = beside_mean_field(methods, shuffled)
    assert joined["capacity"].tolist() == [1, 2, 3, 4]
    assert list(joined.columns.sort_values()) == sorted(METHOD_COLUMNS)


def test_a_capacity_that_is_only_bounded_is_drawn_as_a_triangle_and_the_conic_one_beside_it():
    methods = methods_table().assign(capacity=1.0, capacity_se=0.1)
    methods.loc[[0, 3], ["simulated_capacity", "simulated_capacity_se"]] = np.nan
    points = method_points(methods, NAMES)
    (axes,) = capacities_compared(points).axes
    assert drawn(axes, "conic")[0].tolist() == [0.2] * 4
    np.testing.assert_array_equal(drawn(axes, "simulated")[0], [np.nan, 0.3, 0.3, np.nan])
    triangles = next(c for c in axes.containers if c.get_label() == "simulated: below this").lines[0]
    assert triangles.get_ydata().tolist() == [0.1, 0.1] and triangles.get_xdata().tolist() == [0.22, 5.22]
    assert [text.get_text() for text in axes.texts] == ["our net", "our net, epoch 3", "old net"]
    assert list(points) == list(POINT_COLUMNS)


def test_capacities_of_three_seeds_are_one_line_with_their_interval():
    values = [1.0, 2.0, 6.0]
    table = pd.concat(
        [methods_table().iloc[[0]].assign(capacity=v, capacity_se=0.1, seed=i) for i, v in enumerate(values)]
    )
    points = method_points(table, NAMES).set_index("method")
    assert points["line"].unique().tolist() == ["our net"] and points["n"].tolist() == [3, 3, 3]
    low, high = stats.t.interval(0.95, 2, 3.0, stats.sem(values))
    assert points.loc["mean-field", ["mean", "low", "high"]].tolist() == pytest.approx([3, max(low, 0), high])
    unknown = table.assign(simulated_capacity=[np.nan, 0.3, 0.3], bound=[0.1, 0.2, 0.15])
    point = method_points(unknown, NAMES).set_index("method").loc["simulated"]
    assert np.isnan(point["mean"]) and point["bound"] == 0.2


def test_medians_of_draws_are_those_of_each_node_and_mode():
    keys = [(mode, node) for mode in ("configured", "reference") for node in ("input", "fc") for _ in range(3)]
    table = pd.DataFrame(keys, columns=["mode", "node"]).assign(**{q: np.arange(12.0) ** 2 for q in QUANTITIES})
    medians = draw_medians(table).set_index(["mode", "node", "quantity"])
    assert medians.loc[("reference", "input", "radius"), ["median", "n"]].tolist() == [49, 3]
    assert len(medians) == 4 * len(QUANTITIES)


def test_bars_of_single_networks_end_where_capacities_do():
    table = table_of(rows_of(value=0.01)).assign(centre_correlation=0.95, centre_correlation_se=0.2, radius_se=9.0)
    points = capacity_points(table, NAMES).set_index("quantity")
    assert (points.loc["radius", "low"] == 0).all() and (points.loc["centre_correlation", "high"] == 1).all()


def test_no_triangle_is_explained_where_there_is_none():
    points = method_points(methods_table().assign(capacity=1.0, capacity_se=0.1), NAMES)
    assert labels_of(capacities_compared(points).axes[0]) == ["mean-field", "conic", "simulated"]


def test_draws_hold_both_modes_on_the_same_images():
    rows = list(draw_rows({"input": coordinates()}, LABELS, MEAN_FIELD, draw=3))
    assert [(row["draw"], row["mode"], row["dimension_name"]) for row in rows] == [
        (3, "configured", "prx"),
        (3, "reference", "reference"),
    ]
    assert list(rows[0]) == [name for name in DRAW_COLUMNS if name not in NETWORK_COLUMNS]
    assert rows[0]["centre_correlation"] == rows[1]["centre_correlation"]
    (reference,) = capacity_rows({"input": coordinates()}, LABELS, MEAN_FIELD | REFERENCE_MODE)
    assert {name: rows[1][name] for name in reference} == reference and reference["k"] >= 1


def test_draws_are_shown_with_their_medians_and_the_published_value():
    rng = np.random.default_rng(0)
    table = pd.DataFrame(
        {name: rng.random() for name in QUANTITIES} | {"draw": draw, "mode": mode, "node": node}
        for draw in range(5)
        for mode in ("configured", "reference")
        for node in ("input", "fc")
    )
    axes = over_draws(table, {("radius", "fc"): 0.7}).axes[1]
    stars = [line for line in axes.lines if line.get_label() == "published draw"]
    assert [(line.get_xdata().tolist(), line.get_ydata().tolist()) for line in stars] == [([1], [0.7])]
    heights = {round(segment[0, 1], 9) for lines in axes.collections for segment in lines.get_segments()}
    assert heights == {round(value, 9) for value in table.groupby(["mode", "node"])["radius"].median()}
    assert "published draw" not in labels_of(over_draws(table, {}).axes[1])


def labelled(counts, shape=(2, 2)):
    labels = np.random.default_rng(0).permutation(np.repeat(np.arange(len(counts)), counts))
    images = np.full((len(labels), *shape), 51, np.uint8)
    ids = np.array([f"d-{i}" for i in range(len(labels))])
    return LabelledImages(images, labels, ids, tuple("abc"), "train")


def test_random_images_of_each_class():
    data = labelled([20, 30, 40])
    chosen = random_per_class(data, 15, np.random.default_rng(1))
    assert data.labels[chosen].tolist() == sorted([0, 1, 2] * 15) and len(set(chosen)) == 45
    assert not np.array_equal(chosen, random_per_class(data, 15, np.random.default_rng(2)))
    with pytest.raises(InputError, match="21 images of class 'a' asked for"):
        random_per_class(data, 21, np.random.default_rng(1))


@pytest.mark.parametrize("shape, shown", [((2, 2), (1, 2, 2)), ((3, 2, 2), (3, 2, 2))])
def test_drawn_images_are_shown_as_networks_take_them(shape, shown):
    images = stimuli_of(labelled([1, 2, 1], shape)).channels_first()
    assert images.shape == (4, *shown) and images.dtype == np.float32
    np.testing.assert_allclose(images, 0.2)


def test_three_seeds_are_one_line_with_their_interval():
    values = [1.0, 2.0, 6.0]
    table = table_of(*(rows_of(value=value, seed=seed) for seed, value in enumerate(values)))
    assert set(table["interval"]) == {OVER_SEEDS}
    points = capacity_points(table, NAMES)
    assert points["line"].unique().tolist() == ["our net"] and points["n"].unique().tolist() == [3]
    point = points[(points["quantity"] == "radius") & (points["node"] == "fc")].iloc[0]
    assert (point["mean"], point["median"]) == (pytest.approx(6.0), pytest.approx(3.0))
    assert point["high"] == pytest.approx(stats.t.interval(0.95, 2, 6.0, stats.sem(2 * np.array(values)))[1])


def test_repetitions_of_a_seed_count_once():
    seeds = [rows_of(value=value, seed=seed) for seed, value in ((1, 1.0), (2, 2.0))]
    repeated = [rows_of(value=value, seed=3, repetition=i) for i, value in ((1, 5.0), (2, 7.0))]
    points = capacity_points(table_of(*seeds, *repeated), NAMES)
    assert points["line"].nunique() == 1
    assert points.loc[points["quantity"] == "capacity", "mean"].tolist() == pytest.approx([3.0, 3.0])


def test_two_seeds_are_two_lines_with_their_own_errors():
    table = table_of(rows_of(value=1.0, seed=1), rows_of(value=2.0, seed=2), rows_of(model="old", seed=7))
    assert set(table["interval"]) == {STANDARD_ERROR}
    points = capacity_points(table, NAMES)
    assert points["line"].unique().tolist() == ["our net, seed 1", "our net, seed 2", "old net"]
    second = points[(points["line"] == "our net, seed 2") & (points["quantity"] == "dimension")].iloc[0]
    assert (second["mean"], second["low"], second["high"]) == pytest.approx((6.0, 5.4, 6.6))


def test_models_with_enough_seeds_are_pooled_beside_one_that_has_too_few():
    many = [rows_of(seed=seed, stimuli=stimuli) for stimuli in ("seen", "attacked") for seed in (1, 2, 3)]
    table = table_of(*many, rows_of(model="old", seed=1), rows_of(model="old", seed=2))
    points = capacity_points(table, NAMES)
    labels = ["our net, clean", "our net, attacked", "old net, clean, seed 1", "old net, clean, seed 2"]
    assert points["line"].unique().tolist() == labels
    assert set(LINE_COLUMNS) >= set(table)


def test_the_figure_over_nodes_shows_means_bars_and_medians():
    table = table_of(rows_of(value=1.0), rows_of(value=3.0, stimuli="attacked"))
    axes = over_nodes(capacity_points(table, NAMES).assign(colour="#112233")).axes
    heights, bars = drawn(axes[1], "our net, attacked")
    assert heights.tolist() == [6, 6] and bars == pytest.approx([1.2, 1.2])
    dashes = [line.get_ydata().tolist() for line in axes[1].lines if line.get_marker() == "_" and line.get_ms() == 6]
    assert dashes == [[1, 1], [3, 3]]
    containers = axes[0].containers
    assert {to_hex(c.lines[0].get_color()) for c in containers} == {"#112233"}
    assert len({c.lines[0].get_linestyle() for c in containers}) == 2


def test_networks_with_the_same_nodes_share_an_axis_and_others_lie_beside():
    table = table_of(rows_of(), rows_of(model="old", nodes=("conv",)), rows_of(stimuli="attacked"))
    places, ticks = node_places(capacity_points(table, NAMES))
    assert ticks == {0: "input", 1: "fc", 3: "conv"}
    assert places["our net, clean"]["fc"] < 1 < places["our net, attacked"]["fc"]
    assert places["old net, clean"] == {"conv": 3}


def test_epochs_and_timesteps_are_in_their_places():
    epochs = [rows_of(value=1 + epoch, epoch=f"epoch{epoch:03d}") for epoch in (0, 4, 10)]
    points = capacity_points(table_of(*epochs), NAMES)
    line = next(c for c in over_epochs(points).axes[0].containers if c.get_label() == "fc").lines[0]
    assert (line.get_xdata().tolist(), line.get_ydata().tolist()) == ([0, 4, 10], [1, 5, 11])
    steps = [rows_of((f"conv_t{t}", f"fc_t{t}"), value=t, timestep=t) for t in (1, 2, 3)]
    axes = over_time(capacity_points(table_of(*steps), NAMES)).axes[3]
    heights, bars = drawn(axes, "fc")
    assert heights.tolist() == [4, 8, 12] and bars == pytest.approx([0.4, 0.8, 1.2])
    assert labels_of(axes) == ["conv", "fc"]


def test_a_node_without_timesteps_is_named():
    table = table_of(rows_of(("conv_t1",), timestep=1), rows_of(("input", "fc")))
    with pytest.raises(InputError, match="'net' computes 'input', 'fc' only once; name nodes"):
        check_timesteps(table)
    check_timesteps(table[table["timestep"] > 0])


def test_every_number_of_the_geometry_is_of_the_summary():
    (row,) = capacity_rows({"fc": coordinates()}, LABELS, MEAN_FIELD)
    assert set(row) == {"node", *GEOMETRY_COLUMNS}


def test_blocks_of_a_figure_are_apart():
    assert side_by_side(pd.Series(["a", "a", "b", "c", "c"])).tolist() == [0, 1, 3, 5, 6]
