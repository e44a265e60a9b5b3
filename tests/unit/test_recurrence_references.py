"""Quantities of recurrent networks under the names of their published values, and these values' own consistency."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from repgeom.analyses.auxiliary_decoding import auxiliary_summary
from repgeom.analyses.decoding import decoding_summary
from repgeom.analyses.perturbation import importance_summary, unperturbed_summary
from repgeom.analyses.references import named_numbers

PUBLISHED = Path(__file__).parents[2] / "resources/reference_recurrence.csv"
NETWORK = {"model": "rcnn", "seed": 1, "epoch": np.nan, "repetition": 1}


def answers():
    rows = [(s, t, 0.1 * t) for s in ("cluttered", "clean") for t in (1, 2, 3, 4)]
    return pd.DataFrame(rows, columns=["stimuli", "timestep", "accuracy"]).assign(**NETWORK, n=50)


def decoded():
    rows = [
        (s, kind, m, layer, t, v)
        for s in ("cluttered", "clean")
        for kind, m, first in (("layer", np.nan, 1), ("flow", "gain", 2))
        for layer in ("input", "conv1", "conv2", "fc")
        for t in range(first, 5)
        for v in ("category", "x", "y", "scale", "orientation", "domain", "location")
    ]
    table = pd.DataFrame(rows, columns=["stimuli", "kind", "modulation", "layer", "timestep", "variable"])
    return table.assign(**NETWORK, node="", accuracy=0.7, chance=0.5, n_test=20)


def perturbed():
    variables = ("x", "y", "location", "orientation", "scale", "category", "category_within", "category_across",
                 "category_across_minus_within")  # fmt: skip
    rows = [(a, t, v) for a in ("input", "conv1", "conv2", "fc") for t in (2, 3, 4) for v in variables]
    table = pd.DataFrame(rows, columns=["layer", "timestep", "variable"])
    return table.assign(
        **NETWORK, draw=1, modulation="gain", importance=0.1, standard_error=0.01, original=0.8, n_images=50
    )


def test_measured_quantities_carry_the_names_of_published_ones():
    published = pd.read_csv(PUBLISHED)["quantity"]
    assert published.is_unique and len(published) == 381
    tables = {
        "readout": answers(),
        "decoding": decoding_summary(decoded()),
        "auxiliary_decoding": auxiliary_summary(decoded().query("stimuli == 'cluttered'")),
        "perturbation": pd.concat([importance_summary(perturbed()), unperturbed_summary(perturbed())]),
    }
    ours = {}
    for kind, table in tables.items():
        ours |= named_numbers(table, {"kind": kind, "prefix": "", "table": kind})
    assert set(published) <= set(ours)
    assert ours["output accuracy, cluttered"][0] == pytest.approx(0.4)
    assert ours["output accuracy, perturbation stimuli"][0] == pytest.approx(0.8)


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


def test_a_flow_is_ranked_among_all_flows_and_properties_of_its_step():
    table = perturbed()
    is_first = (table["layer"] == "conv1") & (table["variable"] == "location")
    table["importance"] = np.where(is_first, 0.5, np.where(table["layer"] == "fc", -0.2, 0.1))
    ours = named_numbers(importance_summary(table), {"kind": "perturbation", "prefix": "", "table": "table"})
    name = "rank by functional importance of gain flow: {}, t = 3, {}"
    assert ours[name.format("conv1", "location")][:3] == (1, 1, 1)
    assert ours[name.format("conv1", "category")][:3] == (2, 2, 12)  # of sixteen, four of fc are lower
    assert ours[name.format("fc", "scale")][:3] == (13, 13, 16)
    assert name.format("conv1", "category_within") not in ours
