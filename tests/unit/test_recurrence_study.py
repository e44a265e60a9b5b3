"""Study 5: tables, summaries over networks, and that figures show what the tables say."""

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from repgeom.errors import InputError
from repgeom.figures.clutter import MapRow, maps_over_time
from repgeom.figures.connections import connections_figure
from repgeom.figures.recurrence import (
    auxiliary_decoding,
    decoding_over_time,
    flow_decoding,
    functional_importance,
    geometry_over_time,
    output_accuracy,
)
from repgeom.measures.rdm import label_rdm
from repgeom.models.architectures import build_network
from repgeom.perturbation import PerturbationOutcome
from repgeom.stimuli.clutter.versions import SWAPS
from repgeom.store.activations import StimulusInfo
from repgeom.store.rdms import RDMs
from repgeom.studies.recurrence.decoding import decoding_rows
from repgeom.studies.recurrence.input_maps import input_maps, map_table
from repgeom.studies.recurrence.output import output_rows
from repgeom.studies.recurrence.perturbation import perturbation_rows
from repgeom.studies.recurrence.places import place_of, states
from repgeom.studies.recurrence.rdms import by_layer, ordered_by_category, path_of, rdm_table
from repgeom.studies.recurrence.summaries import (
    auxiliary_summary,
    decoding_summary,
    final_output,
    importance_summary,
    named_quantities,
    output_summary,
)

ROOT = Path(__file__).parents[2]
LAYERS = ("input", "conv1", "conv2", "fc")
VARIABLES = ("category", "location", "scale", "orientation", "domain", "x", "y")


def nodes_of_network(**options):
    network = build_network("rcnn", {"canvas": (36, 36), "features": (2, 3, 4), "n_steps": 2} | options, 0)
    return {n.name: {"module": n.module, "timestep": n.timestep} for n in network.nodes}


def test_every_node_has_its_place():
    nodes = nodes_of_network(bias=True)
    assert place_of(nodes["conv1_gain_flow_t2"]) == ("flow", "conv1", "gain", 2)
    assert place_of(nodes["input_bias_flow_t2"]) == ("flow", "input", "bias", 2)
    assert place_of(nodes["fc_t1"]) == ("layer", "fc", "", 1)
    assert place_of(nodes["logits_t2"]) is None
    assert list(states(nodes)) == [f"{layer}_t{t}" for t in (1, 2) for layer in LAYERS]


def some_stimuli(n=120):
    rng = np.random.default_rng(0)
    levels = {name: rng.integers(0, 2, n) for name in ("x", "y", "scale", "orientation", "domain")}
    labels = levels["domain"] * 3 + rng.integers(0, 3, n)
    return StimulusInfo(np.arange(n).astype(str), labels, levels)


def test_what_is_there_is_decoded_and_what_is_not_is_not():
    stimuli, rng = some_stimuli(400), np.random.default_rng(1)
    informative = np.column_stack([stimuli.descriptors["x"], stimuli.descriptors["scale"]]) * 2.0 - 1
    values = {"conv1_t1": informative, "fc_t1": rng.normal(size=(400, 2)), "logits_t1": informative}
    nodes = {n: {"module": n.removesuffix("_t1"), "timestep": 1} for n in values}
    table = pd.DataFrame(decoding_rows(nodes, values.get, stimuli, 300, {"stimuli": "cluttered", "repetition": 1}))
    found = table.set_index(["layer", "variable"])["accuracy"]
    assert found["conv1", "x"] == found["conv1", "scale"] == 1
    assert found["conv1", "location"] == (1 + found["conv1", "y"]) / 2
    assert abs(found["fc", "x"] - 0.5) < 0.2 and abs(found["conv1", "orientation"] - 0.5) < 0.2
    assert set(table["layer"]) == {"conv1", "fc"} and set(table["n_test"]) == {100}
    chance = table.set_index("variable")["chance"]
    assert chance["category"].iloc[0] == pytest.approx(1 / 6) and chance["location"].iloc[0] == 0.5


def test_output_rows_count_right_answers():
    logits = {1: np.eye(3)[[0, 0, 0, 0]], 2: np.eye(3)[[0, 1, 2, 0]]}
    rows = list(output_rows(logits, np.array([0, 1, 2, 2]), {"seed": 1}))
    assert [(r["timestep"], r["accuracy"], r["n"]) for r in rows] == [(1, 0.25, 4), (2, 0.75, 4)]
    assert all(r["low"] < r["accuracy"] < r["high"] for r in rows)


def some_outcome(n=80, seed=0):
    rng = np.random.default_rng(seed)
    shape = (len(SWAPS), 2, 3, n)
    perturbed, control = rng.random(shape) < 0.4, rng.random(shape) < 0.6
    return PerturbationOutcome(
        SWAPS,
        ("conv1", "fc"),
        (2, 3, 4),
        {"conv1": ("gain",), "fc": ("gain",)},
        rng.random(n) < 0.8,
        perturbed,
        control,
    )


def test_perturbation_rows_name_swaps_and_properties():
    outcome = some_outcome()
    table = pd.DataFrame(perturbation_rows(outcome, {"seed": 1, "repetition": 1}))
    assert len(table) == (len(SWAPS) + 3) * 2 * 3  # location, category and across minus within
    row = table.set_index(["variable", "layer", "timestep"]).loc["scale", "fc", 4]
    i = SWAPS.index("scale")
    expected = (outcome.control[i, 1, 2].mean() - outcome.perturbed[i, 1, 2].mean()) / outcome.original.mean()
    assert row["importance"] == pytest.approx(expected)


def decoding_table(n_seeds, n_repetitions=2, seed=0):
    rng, rows = np.random.default_rng(seed), []
    for s in range(n_seeds):
        for stimuli in ("cluttered", "clean"):
            for repetition in range(1, n_repetitions + 1):
                context = {"seed": s, "stimuli": stimuli, "repetition": repetition, "n_fit": 80, "n_test": 20}
                for layer in LAYERS:
                    for t in (1, 2, 3):
                        for kind, m in (("layer", ""), ("flow", "gain")):
                            if kind == "flow" and t == 1:
                                continue
                            for v in VARIABLES:
                                rows.append(context | {"kind": kind, "layer": layer, "modulation": m, "timestep": t,
                                    "variable": v, "accuracy": rng.integers(8, 21) / 20,
                                    "chance": 0.05 if v == "category" else 0.5})  # fmt: skip
    return pd.DataFrame(rows)


def test_intervals_are_over_networks_where_there_are_enough():
    table = decoding_table(4)
    summary = decoding_summary(table).set_index(["measure", "layer", "timestep", "variable"])
    row = summary.loc["gain flow decoding, clean", "conv2", 3, "scale"]
    chosen = table[(table.stimuli == "clean") & (table.kind == "flow") & (table.layer == "conv2")
                   & (table.timestep == 3) & (table.variable == "scale")]  # fmt: skip
    networks = chosen.groupby("seed")["accuracy"].mean()
    low, high = stats.t.interval(0.95, 3, networks.mean(), stats.sem(networks))
    assert row[["mean", "low", "high"]].tolist() == pytest.approx([networks.mean(), low, high])
    assert row["over"] == "networks" and row["n"] == 4


def test_intervals_are_over_canvases_where_networks_are_few():
    table = decoding_table(1)
    row = decoding_summary(table).iloc[0]
    correct = (table.accuracy * table.n_test).round().to_numpy().reshape(4, -1)[:2, 0].sum()
    interval = stats.binomtest(int(correct), 40).proportion_ci(method="wilson")
    assert [row["mean"], row["low"], row["high"]] == pytest.approx([correct / 40, interval.low, interval.high])
    assert row["over"] == "canvases" and row["n"] == 40


def test_auxiliary_is_the_mean_of_three_variables_within_each_network():
    table = decoding_table(3)
    layers = table[(table.kind == "layer") & (table.stimuli == "cluttered")]
    three = layers[layers.variable.isin(["location", "scale", "orientation"])]
    summary = auxiliary_summary(table)
    over_time = summary[(summary.layer == "") & (summary.variable == "auxiliary")].set_index("timestep")["mean"]
    np.testing.assert_allclose(over_time, three.groupby("timestep")["accuracy"].mean())
    over_layers = summary[(summary.layer != "") & (summary.variable == "auxiliary")].set_index("layer")["mean"]
    np.testing.assert_allclose(over_layers[list(LAYERS)], three.groupby("layer")["accuracy"].mean()[list(LAYERS)])


def perturbation_table(n_seeds):
    tables = [
        pd.DataFrame(perturbation_rows(some_outcome(seed=10 * s + r), {"seed": s, "repetition": r}))
        for s in range(n_seeds)
        for r in (1, 2)
    ]
    return pd.concat(tables)


@pytest.mark.parametrize("n_seeds, over", [(1, "canvases"), (3, "networks")])
def test_importance_has_intervals(n_seeds, over):
    table = perturbation_table(n_seeds)
    summary = importance_summary(table).set_index(["variable", "layer", "timestep"])
    row = summary.loc["category", "fc", 3]
    chosen = table[(table.variable == "category") & (table.layer == "fc") & (table.timestep == 3)]
    assert row["mean"] == pytest.approx(chosen["importance"].mean())
    if over == "canvases":
        half = 1.959964 * np.sqrt((chosen["standard_error"] ** 2).sum()) / 2
        assert row["high"] - row["mean"] == pytest.approx(half)
    assert row["over"] == over and row["low"] < row["mean"] < row["high"]


def output_table():
    rows = [
        {"seed": s, "stimuli": stimuli, "repetition": 1, "timestep": t, "accuracy": 0.1 * t, "n": 50}
        for s in (1, 2)
        for stimuli in ("cluttered", "clean")
        for t in (1, 2, 3, 4)
    ]
    return pd.DataFrame(rows)


def test_measured_quantities_carry_the_names_of_published_ones():
    with open(ROOT / "resources/reference_recurrence.csv", newline="") as file:
        published = list(csv.DictReader(file))
    assert len({row["quantity"] for row in published}) == len(published) == 379
    perturbation = perturbation_table(1)
    decoding = decoding_table(1)
    summaries = [final_output(output_table(), perturbation), decoding_summary(decoding), auxiliary_summary(decoding),
                 importance_summary(perturbation)]  # fmt: skip
    ours = named_quantities(summaries)
    expected = {r["quantity"] for r in published if r["timestep"] != "4"}
    expected -= {q for q in expected if q.startswith("functional") and ("input" in q or "conv2" in q)}
    assert expected <= set(ours)
    assert ours["output accuracy, cluttered"][0] == pytest.approx(0.4)


def lines_of(axes):
    return {c.get_label(): np.asarray(c.lines[0].get_ydata(), dtype=float) for c in axes.containers}


def test_decoding_figure_draws_the_means_in_percent():
    summary = decoding_summary(decoding_table(3))
    layers = summary[summary.modulation == ""]
    chances = {v: 0.5 for v in VARIABLES}
    figure = decoding_over_time(layers, chances, None)
    assert len(figure.axes) == 10 and all(a.get_xlabel() == "timestep" for a in figure.axes)
    found = lines_of(figure.axes[2])
    expected = layers[(layers.measure == "layer decoding, cluttered") & (layers.variable == "scale")]
    for layer in LAYERS:
        np.testing.assert_allclose(found[layer], 100 * expected[expected.layer == layer]["mean"])
    assert "published" not in found
    flows = summary[summary.modulation != ""]
    assert len(flow_decoding(flows, chances, LAYERS, None).axes) == 5


def test_published_values_are_drawn_where_given():
    published = pd.DataFrame([{"measure": "layer decoding, cluttered", "layer": "fc", "timestep": 2,
                               "variable": "scale", "reference": 0.7, "ci95": 0.01}])  # fmt: skip
    layers = decoding_summary(decoding_table(1)).query("modulation == ''")
    figure = decoding_over_time(layers, {v: 0.5 for v in VARIABLES}, published)
    drawn = [a for a in figure.axes if "published" in lines_of(a)]
    assert len(drawn) == 1
    np.testing.assert_allclose(lines_of(drawn[0])["published"], [70])


def test_other_time_courses_have_their_panels():
    assert len(auxiliary_decoding(auxiliary_summary(decoding_table(1))).axes) == 2
    figure = functional_importance(importance_summary(perturbation_table(1)), None)
    assert [a.get_title() for a in figure.axes[:2]] == ["flow to conv1, properties", "flow to fc, properties"]
    assert set(lines_of(figure.axes[0])) == {"location", "orientation", "scale", "category"}
    assert set(lines_of(figure.axes[2])) == {"x", "y", "category within", "category across"}
    assert set(lines_of(output_accuracy(output_summary(output_table()), 0.05).axes[0])) == {"cluttered", "clean"}
    names = ("capacity", "radius", "dimension", "centre_correlation")
    table = pd.DataFrame([{"layer": layer, "timestep": t} | {n: 1.0 for n in names} | {f"{n}_se": 0.1 for n in names}
                          for layer in LAYERS for t in (1, 2)])  # fmt: skip
    assert len(geometry_over_time(table).axes) == 4


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
    with pytest.raises(InputError, match=r"node input_t2: shape \[64\]; the layer `input` must be an image"):
        input_maps(nodes, lambda _: np.ones((3, 4)))


def some_rdms(n=12):
    rng = np.random.default_rng(0)
    nodes = {k: v for k, v in nodes_of_network().items()}
    return RDMs(rng.random((len(nodes), n * (n - 1) // 2)), "euclidean", list(nodes),
                [v["module"] for v in nodes.values()], np.array([v["timestep"] for v in nodes.values()]),
                np.arange(n).astype(str), np.arange(n) % 3)  # fmt: skip


def test_rdms_are_ordered_by_category_and_laid_out_by_layer():
    rdms = some_rdms()
    ordered = ordered_by_category(rdms)
    assert (np.diff(ordered.labels) >= 0).all()
    assert {layer: list(row) for layer, row in by_layer(ordered).items()} == {
        layer: ["t = 1", "t = 2"] for layer in LAYERS
    }
    before, after = rdms["fc_t2"], ordered["fc_t2"]
    np.testing.assert_allclose(np.sort(before), np.sort(after))
    mean_within = before[label_rdm(rdms.labels) == 0].mean()
    table = rdm_table(ordered).set_index(["layer", "timestep"])
    assert table.loc[("fc", 2), "within"] == pytest.approx(mean_within)


def test_a_path_begins_at_the_input_and_has_no_flows():
    path = path_of(some_rdms())
    assert path.nodes == ["input", "conv1_t1", "conv2_t1", "fc_t1", "input_t2", "conv1_t2", "conv2_t2", "fc_t2"]


def test_connections_are_drawn_with_their_parameters():
    network = build_network("rcnn", {"canvas": (36, 36), "features": (2, 3, 4), "bias": True}, 0)
    inventory = pd.DataFrame([c._asdict() for c in network.connections()])
    texts = [t.get_text() for t in connections_figure(inventory, LAYERS).axes[0].texts]
    both = inventory[(inventory.source == "fc") & (inventory.target == "conv1")]["n_parameters"].sum()
    assert f"{both:,}" in texts and "logits" in texts
