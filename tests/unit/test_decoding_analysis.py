"""Decoding of any label of any stimuli: which labels, which splits, tables and figures."""

import numpy as np
import pandas as pd
import pytest

from repgeom.analyses.auxiliary_decoding import auxiliary_summary
from repgeom.analyses.decoding import (
    DECODING_COLUMNS,
    chosen_columns,
    decoding_rows,
    decoding_summary,
    decoding_task,
    image_ids,
)
from repgeom.analyses.recurrent_nodes import place_of, states
from repgeom.errors import InputError
from repgeom.figures.decoding import auxiliary_decoding, decoding_over_nodes, decoding_over_time, shown_variables
from repgeom.figures.legibility import hard_to_read
from repgeom.models.architectures import build_network
from repgeom.store.activations import StimulusInfo

LAYERS = ("input", "conv1", "conv2", "fc")
VARIABLES = ("category", "x", "y", "scale", "orientation", "domain", "location")
FIT, FOLDS = {"fit": 300, "variables": None}, {"folds": 5, "seed": 0, "variables": None}
T_TWO_DEGREES = 4.302653
"""Student's t at 97.5 % with 2 degrees of freedom."""
Z = 1.959964
LABELS = {"cluttered": "in clutter", "clean": "alone"}


def test_every_node_has_its_place():
    network = build_network("rcnn", {"canvas": (36, 36), "features": (2, 3, 4), "n_steps": 2, "bias": True}, 0)
    nodes = {n.name: {"module": n.module, "timestep": n.timestep} for n in network.nodes}
    assert place_of(nodes["conv1_gain_flow_t2"]) == ("flow", "conv1", "gain", 2)
    assert place_of(nodes["input_bias_flow_t2"]) == ("flow", "input", "bias", 2)
    assert place_of(nodes["fc_t1"]) == ("layer", "fc", "", 1)
    assert place_of(nodes["logits_t2"]) == ("answer", "logits", "", 2)
    assert list(states(nodes)) == [f"{layer}_t{t}" for t in (1, 2) for layer in LAYERS]


@pytest.mark.parametrize("module", ["layer1.0.conv_1", "optical_flow", "my_optical_flow", "max_pool2d"])
def test_modules_of_other_networks_are_layers_whatever_their_names(module):
    assert place_of({"module": module, "timestep": 0}) == ("layer", module, "", 0)


def stimuli(n=120, **descriptors):
    rng = np.random.default_rng(0)
    return StimulusInfo(np.array([f"image-{i}" for i in range(n)]), rng.integers(0, 4, n), descriptors)


def canvases(n=400):
    rng = np.random.default_rng(0)
    return stimuli(n, **{name: rng.integers(0, 2, n) for name in ("domain", "orientation", "scale", "x", "y")})


def test_all_labels_with_classes_are_decoded_by_default():
    rng = np.random.default_rng(0)
    found = chosen_columns(
        stimuli(
            identity=np.array(["ann", "bob", "cy"])[rng.integers(0, 3, 120)],
            pose=rng.choice([-45.0, 0.0, 45.5], 120),
            year=rng.integers(1990, 2020, 120).astype(float),
            constant=np.zeros(120),
            weight=rng.normal(size=120),
            rounded=np.round(rng.random(120), 2),
            number=np.arange(120),
            missing=np.where(np.arange(120) < 60, np.nan, 1.0),
            predicted=rng.integers(0, 4, 120),
        ),
        None,
        "here",
    )
    assert list(found) == ["category", "identity", "pose", "year"]


def test_named_labels_are_decoded_whatever_they_hold():
    assert list(chosen_columns(stimuli(number=np.arange(120)), ["number"], "here")) == ["number"]


def test_unknown_labels_are_refused_in_one_message_that_lists_the_columns():
    with pytest.raises(
        InputError, match=r"here: .* no label column 'identity' and 'age'; choose among category, x, pose"
    ):
        chosen_columns(stimuli(pose=np.zeros(120), x=np.zeros(120)), ["identity", "category", "age"], "here")


def test_one_image_per_class_leaves_nothing_to_decode():
    one_each = StimulusInfo(np.array(["a", "b", "c"]), np.arange(3), {})
    with pytest.raises(InputError, match="here: no label of the stimuli has two classes of several images"):
        chosen_columns(one_each, None, "here")


def attacked(n=60, strengths=(0.0, 0.1, 0.25)):
    clean = stimuli(n)
    ids = np.array([f"{i}-eps{e:g}" for e in strengths for i in clean.ids])
    epsilon = np.repeat(strengths, n)
    return StimulusInfo(ids, np.tile(clean.labels, len(strengths)), {"epsilon": epsilon})


def test_an_image_attacked_at_several_strengths_is_one_image_in_one_fold():
    found = attacked()
    images = image_ids(found)
    assert images.tolist() == 3 * [f"image-{i}" for i in range(60)]
    task = decoding_task(found, FOLDS, "here")
    assert set(task.folds) == {"category", "epsilon"}
    for folds in task.folds.values():
        assert pd.Series(folds).groupby(images).nunique().max() == 1
    assert task.counts() == {"n_fit": 144, "n_test": 60}
    assert image_ids(stimuli(epsilon=np.full(120, 0.2))).tolist() == stimuli().ids.tolist()


def rows(node, x, task, timestep=1):
    described = {"module": node.removesuffix(f"_t{timestep}"), "timestep": timestep}
    return pd.DataFrame(decoding_rows(node, described, x, task)).set_index("variable")


@pytest.mark.parametrize("options", [FIT, FOLDS])
def test_what_is_there_is_decoded_and_what_is_not_is_not(options):
    shown = canvases()
    x = np.column_stack([shown.descriptors["x"], shown.descriptors["scale"]]) * 2.0 - 1
    found = rows("conv1_t1", x, decoding_task(shown, options, "here"))
    assert found.index.tolist() == list(VARIABLES)
    assert found.loc["x", "accuracy"] == found.loc["scale", "accuracy"] == 1
    assert found.loc["location", "accuracy"] == (1 + found.loc["y", "accuracy"]) / 2
    assert abs(found.loc["orientation", "accuracy"] - 0.5) < 0.2
    assert found["chance"].to_dict() == {name: 0.25 if name == "category" else 0.5 for name in VARIABLES}
    n = {"n_fit": 300, "n_test": 100} if options is FIT else {"n_fit": 320, "n_test": 400}
    assert (found[list(n)] == pd.Series(n)).all(axis=None)
    assert set(found.columns) < set(DECODING_COLUMNS)


def test_the_first_stimuli_are_fitted_as_published():
    shown = canvases()
    x = np.random.default_rng(1).normal(size=(400, 10))
    x[:300, 0] = 5 * shown.descriptors["y"][:300]  # a fit on these is misled about the others
    found = rows("fc_t1", x, decoding_task(shown, FIT | {"variables": ["y"]}, "here"))
    assert found.index.tolist() == ["y"] and found.loc["y", "accuracy"] < 0.65


def table(n_seeds, n_repetitions=2, seed=0, timesteps=(1, 2, 3)):
    rng, found = np.random.default_rng(seed), []
    for s in range(n_seeds):
        for shown in LABELS:
            for repetition in range(1, n_repetitions + 1):
                context = {"model": "rcnn", "seed": s, "epoch": np.nan, "stimuli": shown, "repetition": repetition}
                for kind, m, layer, t in [("layer", np.nan, a, t) for t in timesteps for a in LAYERS] + [
                    ("flow", "gain", a, t) for t in timesteps[1:] for a in LAYERS
                ]:
                    node = {
                        "node": f"{layer}_{kind}_t{t}",
                        "kind": kind,
                        "layer": layer,
                        "modulation": m,
                        "timestep": t,
                    }
                    for v in VARIABLES:
                        found.append(context | node | {"variable": v, "accuracy": rng.integers(8, 21) / 20,
                            "chance": 0.05 if v == "category" else 0.5, "n_fit": 80, "n_test": 20})  # fmt: skip
    return pd.DataFrame(found)


def test_the_summary_is_over_networks_and_names_what_was_decoded():
    found = table(4)
    summary = decoding_summary(found).set_index(["measure", "layer", "timestep", "variable"])
    row = summary.loc["gain flow decoding, clean", "conv2", 3, "scale"]
    chosen = found[(found.stimuli == "clean") & (found.kind == "flow") & (found.layer == "conv2")
                   & (found.timestep == 3) & (found.variable == "scale")]  # fmt: skip
    assert row["mean"] == pytest.approx(chosen.groupby("seed")["accuracy"].mean().mean())
    assert (row["interval"], row["n"], row["node"]) == ("95 % t over networks", 4, "conv2_flow_t3")
    assert set(summary.loc["layer decoding, cluttered"]["modulation"]) == {""}


def test_epochs_are_told_apart():
    several = pd.concat([table(1).assign(epoch=epoch) for epoch in (0, 3, np.nan)])
    summary = decoding_summary(several)
    assert len(summary) == 3 * len(decoding_summary(table(1))) and summary["epoch"].nunique(dropna=False) == 3


def test_auxiliary_is_the_mean_of_three_variables_within_each_network():
    found = table(3)
    layers = found[(found.kind == "layer") & (found.stimuli == "clean")]
    three = layers[layers.variable.isin(["location", "scale", "orientation"])]
    summary = auxiliary_summary(found)
    clean = summary[(summary.stimuli == "clean") & (summary.variable == "auxiliary")]
    over_time = clean[clean.layer == ""].set_index("timestep")["mean"]
    np.testing.assert_allclose(over_time, three.groupby("timestep")["accuracy"].mean())
    over_layers = clean[clean.layer != ""].set_index("layer")["mean"]
    np.testing.assert_allclose(over_layers[list(LAYERS)], three.groupby("layer")["accuracy"].mean()[list(LAYERS)])
    assert set(summary["variable"]) == {"auxiliary", "location", "scale", "orientation"}


def decoded(accuracies, **columns):
    """One row per (seed, repetition, accuracy), of clean canvases."""
    found = pd.DataFrame(accuracies, columns=["seed", "repetition", "accuracy"])
    return found.assign(model="rcnn", stimuli="clean", kind="layer", n_test=20, **columns)


def over_networks(proportions):
    """Mean of the proportions of three networks, and its ends on the logit scale."""
    mean = np.mean(proportions)
    half = T_TWO_DEGREES * np.std(proportions, ddof=1) / np.sqrt(3) / (mean * (1 - mean))
    return [mean, *1 / (1 + np.exp(-(np.log(mean / (1 - mean)) + np.array([-half, half]))))]


def wilson(share, n):
    """Closed form of Wilson's interval."""
    centre = (share + Z**2 / (2 * n)) / (1 + Z**2 / n)
    half = Z / (1 + Z**2 / n) * np.sqrt(share * (1 - share) / n + Z**2 / (4 * n**2))
    return centre - half, centre + half


def auxiliary_table(networks):
    """Seed → accuracy of location; scale is 0.1 lower, orientation 0.2; conv1 is 0.3 below fc; x must not count."""
    parts = [
        decoded([(s, 1, location - lower - below)], layer=layer, variable=variable, timestep=t, chance=0.5)
        for s, location in networks.items()
        for variable, lower in (("location", 0), ("scale", 0.1), ("orientation", 0.2), ("x", -0.05))
        for layer, below in (("conv1", 0.3), ("fc", 0))
        for t in (1, 2)
    ]
    return pd.concat(parts, ignore_index=True)


def test_auxiliary_decoding_is_averaged_within_networks():
    summary = auxiliary_summary(auxiliary_table({0: 0.8, 1: 0.9, 2: 0.95}))
    auxiliary = summary[summary.variable == "auxiliary"].set_index(["layer", "timestep"])
    location = (0.8 + 0.9 + 0.95) / 3
    for t in (1, 2):
        row = auxiliary.loc[("", t)]
        expected = over_networks([0.55, 0.65, 0.7])  # 0.1 for the mean of the variables, 0.15 for that of the layers
        assert row["mean"] == pytest.approx(expected[0])
        assert [row["low"], row["high"]] == pytest.approx(expected[1:], abs=0.003)  # smoothed by half an image
        assert (row["interval"], row["n"]) == ("95 % t over networks", 3)
    by_layer = summary[summary.variable == "auxiliary"].set_index("layer")["mean"]
    assert by_layer["fc"] == pytest.approx(location - 0.1) and by_layer["conv1"] == pytest.approx(location - 0.4)
    assert set(summary.variable) == {"auxiliary", "location", "scale", "orientation"}


def test_images_seen_by_several_layers_count_once():
    summary = auxiliary_summary(table(1, n_repetitions=3))
    assert set(summary["n"]) == {1} and set(summary["interval"]) == {"95 % Wilson over images"}
    sixty = [wilson(share, 60) for share in summary["mean"]]  # three sets of twenty canvases
    np.testing.assert_allclose(summary[["low", "high"]], sixty, atol=1e-6)


def test_decoding_of_two_networks_has_an_interval_over_the_images_that_both_saw():
    summary = decoding_summary(table(2, n_repetitions=2, timesteps=(1, 2)))
    assert set(summary["interval"]) == {"95 % Wilson over images (these networks)"}
    forty = [wilson(share, 40) for share in summary["mean"]]
    np.testing.assert_allclose(summary[["low", "high"]], forty, atol=1e-6)


@pytest.mark.parametrize(
    "accuracies", [(1.0, 1.0, 1.0), (1.0, 1.0, 0.95), (0.0, 0.0, 0.0), (0.05, 0.0, 0.0), (1.0,), (0.0, 0.0)]
)
def test_intervals_of_decoding_hold_their_mean_and_stay_between_nothing_and_all(accuracies):
    found = table(len(accuracies), timesteps=(1, 2))
    found = found.assign(accuracy=found["seed"].map(dict(enumerate(accuracies))))
    for summary in (decoding_summary(found), auxiliary_summary(found)):
        assert (summary["low"] >= 0).all() and (summary["high"] <= 1).all()
        assert (summary["low"] <= summary["mean"]).all() and (summary["mean"] <= summary["high"]).all()
        assert (summary["high"] - summary["low"] > 0.05).all()


def test_flows_and_answers_do_not_enter_auxiliary_decoding():
    found = table(1)
    others = [found.assign(kind=kind, accuracy=0.0) for kind in ("flow", "answer")]
    pd.testing.assert_frame_equal(auxiliary_summary(pd.concat([found, *others])), auxiliary_summary(found))


def test_auxiliary_decoding_needs_its_variables():
    found = table(1)
    with pytest.raises(InputError, match="'scale' is not decoded from any layer, only category, x, y"):
        auxiliary_summary(found[found["variable"] != "scale"])


def drawn(axes):
    """Label → (heights of the points, lower and upper ends of their bars)."""
    found = {}
    for container in axes.containers:
        points, _, (bars,) = container.lines
        ends = np.array([segment[:, 1] for segment in bars.get_segments()])
        found.setdefault(container.get_label(), (np.asarray(points.get_ydata(), dtype=float), ends))
    return found


def chance_of(axes):
    return {line.get_ydata()[0] for line in axes.lines if line.get_label() == "chance"}


def legend_of(figure):
    return [text.get_text() for text in figure.legends[0].get_texts()]


def published(*found):
    return pd.DataFrame(found, columns=["measure", "stimuli", "layer", "timestep", "variable", "reference", "ci95"])


def test_location_stands_for_x_and_y():
    assert shown_variables(VARIABLES) == ["category", "location", "scale", "orientation", "domain"]
    assert shown_variables(["category", "x", "identity"]) == ["category", "x", "identity"]


def test_decoding_over_time_has_a_column_per_stimulus_set_and_draws_means_in_percent():
    layers = decoding_summary(table(3)).query("kind == 'layer'")
    figure = decoding_over_time(layers, LABELS)
    assert [axes.get_title() for axes in figure.axes[::2]] == ["category", "location", "scale", "orientation", "domain"]
    assert [axes.get_ylabel() for axes in figure.axes[:2]] == ["in clutter\naccuracy (%)", "alone\naccuracy (%)"]
    limits = [axes.get_ylim() for axes in figure.axes]
    assert limits[0] == limits[1] != limits[2] and len(set(limits[2:])) == 1
    expected = layers[(layers.stimuli == "clean") & (layers.variable == "scale") & (layers.layer == "conv2")]
    points, ends = drawn(figure.axes[5])["conv2"]
    np.testing.assert_allclose(points, 100 * expected["mean"])
    np.testing.assert_allclose(ends, 100 * expected[["low", "high"]])
    assert chance_of(figure.axes[0]) == {5} and chance_of(figure.axes[5]) == {50}
    assert legend_of(figure) == [*LAYERS, "chance"]


def test_flows_have_a_row_per_modulation_and_begin_at_the_second_step():
    both = pd.concat([table(1), table(1).query("kind == 'flow'").assign(modulation="bias")])
    summary = decoding_summary(both).query("kind == 'flow' and stimuli == 'clean'")
    figure = decoding_over_time(summary, LABELS)
    assert [axes.get_ylabel().split("\n")[0] for axes in figure.axes[::5]] == ["gain flow, alone", "bias flow, alone"]
    assert [tick.get_text() for tick in figure.axes[0].get_xticklabels()] == ["2", "3"]


def test_published_values_are_rings_where_they_belong():
    references = published(("layer decoding, cluttered", "cluttered", "fc", 2, "scale", 0.7, 0.01))
    summary = decoding_summary(table(1)).query("kind == 'layer'")
    figure = decoding_over_time(summary, LABELS, references)
    (axes,) = [axes for axes in figure.axes if "published" in drawn(axes)]
    assert axes is figure.axes[4]
    np.testing.assert_allclose(drawn(axes)["published"][0], [70])
    np.testing.assert_allclose(drawn(axes)["published"][1], [[69, 71]])
    assert legend_of(figure) == [*LAYERS, "published", "chance"]


def test_auxiliary_decoding_stands_out_from_its_parts_over_time_and_over_layers():
    references = published(("auxiliary decoding, mean over time", "clean", "fc", "", "auxiliary", 0.799, 0.005))
    summary = auxiliary_summary(table(1))
    figure = auxiliary_decoding(summary, LABELS, references)
    assert [axes.get_title() for axes in figure.axes] == 2 * ["mean over layers", "mean over time"]
    assert [axes.get_ylabel() for axes in figure.axes[::2]] == ["in clutter\naccuracy (%)", "alone\naccuracy (%)"]
    widths = {c.get_label(): c.lines[0].get_linewidth() for c in figure.axes[0].containers}
    assert all(widths["auxiliary"] > widths[part] for part in ("location", "scale", "orientation"))
    clean = figure.axes[3]
    assert [tick.get_text() for tick in clean.get_xticklabels()] == list(LAYERS)
    expected = summary[(summary.variable == "auxiliary") & (summary.layer != "") & (summary.stimuli == "clean")]
    np.testing.assert_allclose(drawn(clean)["auxiliary"][0], 100 * expected["mean"])
    assert [axes for axes in figure.axes if "published" in drawn(axes)] == [clean]


def test_decoding_over_nodes_has_a_panel_per_variable_and_a_line_per_network():
    summary = decoding_summary(table(3)).query("kind == 'layer'")
    looks = {
        name: {"colour": colour, "style": style, "marker": "o"}
        for name, colour, style in (("cluttered", "#ff0000", "-"), ("clean", "#0000ff", "--"))
    }
    figure = decoding_over_nodes(summary.assign(line=summary["stimuli"]), looks)
    assert [axes.get_title() for axes in figure.axes] == ["category", "location", "scale", "orientation", "domain"]
    found = drawn(figure.axes[2])
    for name in LABELS:
        expected = summary[(summary.stimuli == name) & (summary.variable == "scale")]
        np.testing.assert_allclose(found[name][0], 100 * expected["mean"])
        np.testing.assert_allclose(found[name][1], 100 * expected[["low", "high"]])
    assert [c.lines[0].get_color() for c in figure.axes[2].containers] == ["#ff0000", "#0000ff"]
    assert [tick.get_text() for tick in figure.axes[0].get_xticklabels()] == list(dict.fromkeys(summary["node"]))[::2]
    assert chance_of(figure.axes[0]) == {5} and chance_of(figure.axes[1]) == {50}
    assert legend_of(figure) == ["cluttered", "clean", "chance"]


def test_networks_with_other_nodes_have_panels_of_their_own_on_the_same_scale():
    def network(line, nodes, mean):
        return pd.DataFrame({"line": line, "node": nodes, "variable": "category", "chance": 0.1, "mean": mean,
                             "low": mean, "high": mean})  # fmt: skip

    nodes = ["input", "conv1", "conv2", "fc"]
    parts = [network("a", nodes, 0.5), network("b", nodes[1:3], 0.6), network("c", ["input", "hidden", "fc"], 0.9)]
    looks = {name: {"colour": "#000000", "style": "-", "marker": "o"} for name in "abc"}
    upper, lower = decoding_over_nodes(pd.concat(parts), looks).axes
    assert [tick.get_text() for tick in upper.get_xticklabels()] == nodes
    assert [tick.get_text() for tick in lower.get_xticklabels()] == ["input", "hidden", "fc"]
    assert set(drawn(upper)) == {"a", "b"} and set(drawn(lower)) == {"c"}
    (b,) = [c for c in upper.containers if c.get_label() == "b"]
    assert [round(x) for x in b.lines[0].get_xdata()] == [1, 2]
    assert upper.get_ylim() == lower.get_ylim()


def test_names_of_many_nodes_do_not_cover_each_other():
    deep = pd.DataFrame({"line": "a", "node": [f"layer{i}" for i in range(150)], "variable": "category",
                         "chance": 0.1, "mean": 0.5, "low": 0.4, "high": 0.6})  # fmt: skip
    figure = decoding_over_nodes(deep, {"a": {"colour": "#000000", "style": "-", "marker": "o"}})
    (axes,) = figure.axes
    labels = axes.get_xticklabels()
    assert 20 < len(labels) < 150 and labels[1].get_text() == f"layer{axes.get_xticks()[1]}"
    assert not list(hard_to_read(figure))
