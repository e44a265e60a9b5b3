"""Study 5: summaries over networks against numbers worked out by hand, and the published values' own consistency."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from repgeom.studies.recurrence.summaries import (
    auxiliary_summary,
    decoding_summary,
    final_output,
    importance_summary,
    output_summary,
    quantity_name,
)

PUBLISHED = Path(__file__).parents[2] / "resources/reference_recurrence.csv"
T_TWO_DEGREES = 4.302653
"""Student's t at 97.5 % with 2 degrees of freedom."""
Z = 1.959964


def decoded(accuracies, **columns):
    """One row per (seed, repetition, accuracy); whatever is not said is the category in fc at t = 4."""
    table = pd.DataFrame(accuracies, columns=["seed", "repetition", "accuracy"])
    defaults = {"stimuli": "cluttered", "kind": "layer", "modulation": "", "layer": "fc", "timestep": 4,
                "variable": "category", "chance": 0.05, "n_fit": 80, "n_test": 20}  # fmt: skip
    return table.assign(**defaults | columns)


def only_row(summary):
    (row,) = summary.to_dict("records")
    return row


def wilson(correct, n):
    """Closed form of Wilson's interval."""
    centre = (correct + Z**2 / 2) / (n + Z**2)
    half = Z / (n + Z**2) * np.sqrt(correct * (n - correct) / n + Z**2 / 4)
    return centre - half, centre + half


def test_repetitions_are_averaged_within_networks_before_networks_are_compared():
    unequal = [(0, 1, 0.4), (0, 2, 0.6), (1, 1, 0.6), (2, 1, 0.7), (2, 2, 0.7), (2, 3, 0.7)]
    row = only_row(decoding_summary(decoded(unequal)))
    half = T_TWO_DEGREES * 0.1 / np.sqrt(3)  # networks: 0.5, 0.6, 0.7
    assert [row["mean"], row["low"], row["high"]] == pytest.approx([0.6, 0.6 - half, 0.6 + half], abs=1e-6)
    assert (row["over"], row["n"]) == ("networks", 3)


def test_two_networks_are_too_few_and_their_canvases_count():
    row = only_row(decoding_summary(decoded([(0, 1, 0.7), (1, 1, 0.8)])))
    assert row["mean"] == pytest.approx(0.75)
    assert (row["low"], row["high"]) == pytest.approx(wilson(30, 40), abs=1e-6)
    assert (row["over"], row["n"]) == ("canvases", 40)


def test_one_network_with_one_repetition_still_has_an_interval():
    row = only_row(output_summary(decoded([(0, 1, 1.0)], n=20)))
    assert (row["low"], row["high"]) == pytest.approx((20 / (20 + Z**2), 1), abs=1e-6)


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
    half = T_TWO_DEGREES * np.std([0.8, 0.9, 0.95], ddof=1) / np.sqrt(3)
    location = (0.8 + 0.9 + 0.95) / 3
    for t in (1, 2):
        row = auxiliary.loc[("", t)]
        assert [row["mean"], row["low"], row["high"]] == pytest.approx(
            [location - 0.25, location - 0.25 - half, location - 0.25 + half], abs=1e-6
        )  # 0.1 for the mean of the variables, 0.15 for that of the layers
    by_layer = summary[summary.variable == "auxiliary"].set_index("layer")["mean"]
    assert by_layer["fc"] == pytest.approx(location - 0.1) and by_layer["conv1"] == pytest.approx(location - 0.4)
    assert set(summary.variable) == {"auxiliary", "location", "scale", "orientation"}


def test_canvases_seen_by_several_layers_count_once():
    summary = auxiliary_summary(auxiliary_table({0: 0.8}))
    assert set(summary["n"]) == {20}
    row = summary[(summary.layer == "") & (summary.timestep == 1) & (summary.variable == "auxiliary")].iloc[0]
    assert (row["low"], row["high"]) == pytest.approx(wilson(11, 20), abs=1e-6)


def test_clean_canvases_and_flows_do_not_enter_auxiliary_decoding():
    table = auxiliary_table({0: 0.8})
    others = [table.assign(stimuli="clean", accuracy=0.0), table.assign(kind="flow", modulation="gain", accuracy=0.0)]
    pd.testing.assert_frame_equal(auxiliary_summary(pd.concat([table, *others])), auxiliary_summary(table))


def perturbed(importances, standard_errors, variable="scale"):
    rows = [{"seed": s, "repetition": r, "importance": i, "standard_error": e, "original": 0.8, "layer": "conv1", "modulation": "gain",
             "timestep": 2, "variable": variable, "n_images": 50}
            for (s, r, i), e in zip(importances, standard_errors, strict=True)]  # fmt: skip
    return pd.DataFrame(rows)


def test_importance_of_one_network_has_the_standard_error_of_its_mean_over_repetitions():
    table = perturbed([(0, 1, 0.2), (0, 2, 0.4)], [0.03, 0.04])
    row = only_row(importance_summary(table))
    half = Z * 0.025  # √(0.03² + 0.04²) / 2
    assert [row["mean"], row["low"], row["high"]] == pytest.approx([0.3, 0.3 - half, 0.3 + half], abs=1e-6)
    assert (row["over"], row["n"]) == ("canvases", 100)


def test_importance_of_networks_has_an_interval_over_networks():
    row = only_row(importance_summary(perturbed([(s, 1, 0.1 * s) for s in (1, 2, 3)], [9, 9, 9])))
    assert row["high"] - row["mean"] == pytest.approx(T_TWO_DEGREES * 0.1 / np.sqrt(3), abs=1e-6)


def test_final_output_is_that_of_the_last_step_and_of_the_perturbation_stimuli_once():
    answers = pd.concat(
        decoded([(s, 1, 0.1 * t + 0.01 * s) for s in (0, 1, 2)], timestep=t, n=100) for t in (1, 2, 3, 4)
    )
    swaps = pd.concat([
        perturbed([(s, 1, 0.0) for s in (0, 1, 2)], [0, 0, 0], v).assign(original=[0.7, 0.8, 0.9])
        for v in ("x", "y", "scale")
    ])  # fmt: skip
    summary = final_output(answers, swaps).set_index("measure")
    assert summary.loc["output accuracy, cluttered", "mean"] == pytest.approx(0.41)
    row = summary.loc["output accuracy, perturbation stimuli"]
    assert (row["mean"], row["n"]) == (pytest.approx(0.8), 3)
    assert row["high"] - row["mean"] == pytest.approx(T_TWO_DEGREES * 0.1 / np.sqrt(3), abs=1e-6)


def test_perturbation_stimuli_of_all_swaps_are_the_same_canvases():
    swaps = pd.concat(perturbed([(0, 1, 0.0)], [0], v) for v in ("x", "y", "scale"))
    row = final_output(decoded([(0, 1, 0.5)], n=100), swaps).iloc[-1]
    assert row["n"] == 50 and (row["low"], row["high"]) == pytest.approx(wilson(40, 50), abs=1e-6)


@pytest.mark.parametrize(
    "row, name",
    [
        (("layer decoding, clean", "fc", 4, "category"), "layer decoding, clean: fc, t = 4, category"),
        (("auxiliary decoding, mean over layers", "", 2, "auxiliary"), "auxiliary decoding, mean over layers: t = 2"),
        (("auxiliary decoding, mean over time", "fc", np.nan, "auxiliary"), "auxiliary decoding, mean over time: fc"),
        (("output accuracy, clean", "output", np.nan, "category"), "output accuracy, clean"),
    ],
)
def test_names_of_quantities(row, name):
    assert quantity_name(pd.Series(row, index=["measure", "layer", "timestep", "variable"])) == name


@pytest.fixture(scope="module")
def published():
    table = pd.read_csv(PUBLISHED, keep_default_na=False).astype({"reference": float, "ci95": float})
    return table.set_index(["measure", "layer", "timestep", "variable"])["reference"].unstack()


def test_published_location_and_category_are_means_of_their_swaps_or_axes(published):
    for whole, first, second in [("location", "x", "y"), ("category", "category_within", "category_across")]:
        rows = published.dropna(subset=[first, second])
        assert len(rows) > 0
        np.testing.assert_allclose(rows[whole], (rows[first] + rows[second]) / 2, atol=2e-6)
    rows = published.dropna(subset=["category_across_minus_within"])
    difference = rows["category_across"] - rows["category_within"]
    np.testing.assert_allclose(rows["category_across_minus_within"], difference, atol=2e-6)


def test_published_auxiliary_decoding_follows_from_published_decoding(published):
    layers = published.loc["layer decoding, cluttered"]
    three = layers[["location", "scale", "orientation"]].mean(axis=1)
    for average, over in [("mean over layers", "timestep"), ("mean over time", "layer")]:
        stated = published.loc[f"auxiliary decoding, {average}"]["auxiliary"].groupby(over).first()
        np.testing.assert_allclose(stated, three.groupby(over).mean()[stated.index], atol=2e-6)


def test_published_rows_say_where_they_come_from():
    table = pd.read_csv(PUBLISHED, keep_default_na=False)
    assert set(table["dataset"]) == {"mnist and fashion-mnist"} and set(table["n"]) == {5}
    assert table["source"].str.startswith("Thorat, Aldegheri & Kietzmann 2021").all()
    assert set(table["layer"]) == {"input", "conv1", "conv2", "fc", "output", ""}
    assert (table["ci95"].astype(float) >= 0).all()
