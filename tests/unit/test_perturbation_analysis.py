"""Functional importance: tables of one network, over networks, and the figure."""

import numpy as np
import pandas as pd
import pytest

from repgeom.analyses.networks import join_networks, of_network
from repgeom.analyses.perturbation import importance_summary, perturbation_rows, unperturbed_summary
from repgeom.errors import InputError
from repgeom.figures.perturbation import PROPERTIES, SWAPS, functional_importance
from repgeom.measures.functional_importance import PerturbationOutcome
from repgeom.stimuli.clutter import versions
from repgeom.store.tables import write_table

LAYERS = ("input", "conv1", "conv2", "fc")
IMPORTANCE = "functional importance of gain flow"
T_TWO_DEGREES = 4.302653
"""Student's t at 97.5 % with 2 degrees of freedom."""
Z = 1.959964


def test_rows_name_swaps_and_properties():
    rng = np.random.default_rng(0)
    shape = (len(versions.SWAPS), 2, 3, 80)
    modulations = {"conv1": ("bias", "gain"), "fc": ("gain",)}
    outcome = PerturbationOutcome(versions.SWAPS, ("conv1", "fc"), (2, 3, 4), modulations, rng.random(80) < 0.8,
                                  rng.random(shape) < 0.4, rng.random(shape) < 0.6)  # fmt: skip
    table = pd.DataFrame(perturbation_rows(outcome, draw=2))
    assert len(table) == (len(versions.SWAPS) + 3) * 2 * 3  # location, category and across minus within
    assert set(table["draw"]) == {2} and set(table["modulation"]) == {"bias and gain", "gain"}
    row = table.set_index(["variable", "layer", "timestep"]).loc["scale", "fc", 4]
    i = versions.SWAPS.index("scale")
    expected = (outcome.control[i, 1, 2].mean() - outcome.perturbed[i, 1, 2].mean()) / outcome.original.mean()
    assert row["importance"] == pytest.approx(expected)


def perturbed(importances, standard_errors, variable="scale"):
    """One row per (seed, draw, importance)."""
    rows = [{"model": "rcnn", "seed": s, "repetition": 1, "draw": r, "importance": i, "standard_error": e, "original": 0.8,
             "layer": "conv1", "modulation": "gain", "timestep": 2, "variable": variable, "n_images": 50}
            for (s, r, i), e in zip(importances, standard_errors, strict=True)]  # fmt: skip
    return pd.DataFrame(rows)


def only_row(summary):
    (row,) = summary.to_dict("records")
    return row


def test_importance_of_one_network_has_the_standard_error_of_its_mean_over_draws():
    row = only_row(importance_summary(perturbed([(0, 1, 0.2), (0, 2, 0.4)], [0.03, 0.04])))
    half = Z * 0.025  # √(0.03² + 0.04²) / 2
    assert [row["mean"], row["low"], row["high"]] == pytest.approx([0.3, 0.3 - half, 0.3 + half], abs=1e-5)
    assert (row["interval"], row["n"], row["measure"]) == ("95 % normal over images", 1, IMPORTANCE)


def test_importance_of_networks_has_an_interval_over_networks():
    row = only_row(importance_summary(perturbed([(s, 1, 0.1 * s) for s in (1, 2, 3)], [9, 9, 9])))
    assert row["high"] - row["mean"] == pytest.approx(T_TWO_DEGREES * 0.1 / np.sqrt(3), abs=1e-6)
    assert (row["interval"], row["n"]) == ("95 % t over networks", 3)


def test_canvases_of_all_swaps_are_the_same_and_count_once():
    swaps = pd.concat(perturbed([(0, 1, 0.0), (0, 2, 0.0)], [0, 0], v) for v in ("x", "y", "scale"))
    row = only_row(unperturbed_summary(swaps.assign(original=swaps["draw"].map({1: 0.7, 2: 0.9}))))
    centre, spread = (80 + Z**2 / 2) / (100 + Z**2), Z / (100 + Z**2) * np.sqrt(80 * 20 / 100 + Z**2 / 4)
    ends = [centre - spread, centre + spread]  # Wilson's, of 80 of 100 canvases and not of 240 of 300
    assert [row["mean"], row["low"], row["high"]] == pytest.approx([0.8, *ends], abs=1e-6)
    assert (row["interval"], row["n"]) == ("95 % Wilson over images", 1)
    assert row["measure"] == "output accuracy, perturbation stimuli"


@pytest.mark.parametrize("original", [[1.0, 1.0], [1.0, 0.98, 1.0], [0.0], [0.5, 0.5, 0.5, 0.5]])
def test_unperturbed_accuracy_stays_between_nothing_and_all(original):
    table = perturbed([(s, 1, 0.0) for s in range(len(original))], [0.0] * len(original)).assign(original=original)
    row = only_row(unperturbed_summary(table))
    assert 0 <= row["low"] <= row["mean"] <= row["high"] <= 1 and row["low"] < row["high"]


def importance():
    """A summary whose every mean is different."""
    rows = [(IMPORTANCE, a, t, v) for a in LAYERS for t in (2, 3, 4) for v in (*PROPERTIES, *SWAPS)]
    table = pd.DataFrame(rows, columns=["measure", "layer", "timestep", "variable"])
    mean = 0.1 + 0.8 * np.arange(len(table)) / len(table)
    return table.assign(mean=mean, low=mean - 0.02, high=mean + 0.03)


def drawn(axes):
    """Label → (heights of the points, lower and upper ends of their bars)."""
    found = {}
    for container in axes.containers:
        points, _, (bars,) = container.lines
        ends = np.array([segment[:, 1] for segment in bars.get_segments()])
        found.setdefault(container.get_label(), (np.asarray(points.get_ydata(), dtype=float), ends))
    return found


def test_figure_draws_every_property_with_its_interval_and_single_swaps_below():
    table = importance()
    figure = functional_importance(table)
    for axes, layer in zip(figure.axes[::2], LAYERS, strict=True):
        found = drawn(axes)
        assert list(found) == list(PROPERTIES)
        expected = table[(table.layer == layer) & (table.variable == "scale")]
        points, ends = found["scale"]
        np.testing.assert_allclose(points, expected["mean"])
        np.testing.assert_allclose(ends, expected[["low", "high"]])
    assert set(drawn(figure.axes[1])) == {"x", "y", "category within", "category across"}
    assert figure.axes[0].get_ylabel() == "functional importance"
    assert "chance" not in [text.get_text() for text in figure.legends[0].get_texts()]


def test_published_values_are_drawn_at_their_flow_and_nothing_else_is():
    columns = ["measure", "layer", "timestep", "variable", "reference", "ci95"]
    references = pd.DataFrame(
        [(IMPORTANCE, "fc", 3, "scale", 0.25, 0.05), ("layer decoding, cluttered", "fc", 3, "scale", 0.86, 0.01)],
        columns=columns,
    )
    found = {a.get_title(): drawn(a).get("published") for a in functional_importance(importance(), references).axes}
    points, ends = found.pop("flow to fc,\nproperties")
    np.testing.assert_allclose(points, [0.25])
    np.testing.assert_allclose(ends, [[0.2, 0.3]])
    assert not any(found.values())


def test_tables_of_networks_that_are_shown_nothing_are_joined(tmp_path):
    path = tmp_path / "table.csv"
    descriptors = {"model": "rcnn", "seed": "3", "epoch": "last", "stimuli": "_"}  # as the file's name has it
    write_table(path, of_network([{"draw": 1, "importance": 0.2}], descriptors))
    network = {"model": "rcnn", "seed": 3, "epoch": "last", "stimuli": "", "set": "", "repetition": 1}
    row = only_row(join_networks([network], [path]))
    assert (row["model"], row["seed"], row["stimuli"], row["importance"]) == ("rcnn", 3, "", 0.2)
    with pytest.raises(InputError, match="is about stimuli '_', not 'test5'"):
        join_networks([network | {"stimuli": "test5"}], [path])
