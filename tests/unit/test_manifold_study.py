"""The tables of the study `manifolds`."""

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from repgeom.figures.manifold_panels import side_by_side
from repgeom.measures.conic_capacity import conic_capacity
from repgeom.measures.simulated_capacity import simulated_capacity
from repgeom.studies.manifolds import (
    CAPACITY_COLUMNS,
    DIRECT_COLUMNS,
    DRAW_COLUMNS,
    capacity_rows,
    direct_rows,
    draw_rows,
    reference_values,
    reproduced_quantities,
    with_draws,
)
from scipy.stats import binomtest

from repgeom.datasets.images import LabelledImages
from repgeom.errors import InputError
from repgeom.stimuli.selection import random_per_class

REFERENCES = Path(__file__).parents[2] / "resources/reference_manifolds.csv"
OPTIONS = {"margin": 0.0, "draws": 50, "k": "auto", "dim": "prx", "seed": 0}
LABELS = np.repeat(np.arange(6), 8)


def coordinates(seed=0, n_features=30):
    rng = np.random.default_rng(seed)
    centres = rng.standard_normal((6, n_features))
    points = np.repeat(centres, 8, axis=0) + 0.6 * rng.standard_normal((48, n_features))
    return points - points.mean(axis=0)


def references():
    with open(REFERENCES, newline="") as file:
        return pd.DataFrame([{**row, "reference": float(row["reference"])} for row in csv.DictReader(file)])


def test_rows_say_which_class_has_lost_its_centre_and_stay_finite():
    points = coordinates()
    others = LABELS != 3
    points[~others] += points[others].mean(axis=0) - points[~others].mean(axis=0) + 1e-4
    (row,) = capacity_rows({"fc": points}, LABELS, OPTIONS | {"k": 0}, {})
    assert row["weak_centres"] == 1 and "residual centre of" in row["note"] and "3" in row["note"]
    numbers = [value for value in row.values() if isinstance(value, float)]
    assert np.isfinite(numbers).all()
    assert row["radius"] > 20 * row["radius_median"] and 0 < row["capacity"] < 2


def test_every_number_of_the_study_has_its_error_and_is_described():
    (row,) = capacity_rows({"fc": coordinates()}, LABELS, OPTIONS, {})
    for name in ("capacity", "radius", "dimension", "centre_correlation"):
        assert row[f"{name}_se"] > 0
    described = {"n_manifolds", "n_points", "margin", "n_draws"} | set(CAPACITY_COLUMNS)
    assert set(row) <= described


def test_direct_capacities_are_those_of_the_measures():
    points = coordinates()
    clouds = list(points.reshape(6, 8, -1))
    options = {"conic_draws": 20, "dichotomies": 10, "seed": 4}
    wide, flat = direct_rows({"wide": points, "flat": points[:, :3]}, LABELS, options, {"analysis": "a", "epoch": 2})
    assert list(wide) == list(DIRECT_COLUMNS)
    assert wide["conic_capacity"] == conic_capacity(clouds, n_draws=20, seed=4).capacity
    simulated = simulated_capacity(clouds, n_dichotomies=10, seed=4)
    assert (wide["simulated_capacity"], wide["simulated_capacity_se"]) == (simulated.capacity, simulated.capacity_se)
    assert (wide["n_dimensions"], wide["bound"]) == (30, 0.2)
    # 48 points of 6 classes in 3 dimensions: nothing is separable, the cone of all points fills space
    assert np.isnan(flat["simulated_capacity"]) and flat["bound"] == 2.0
    assert flat["conic_capacity"] == pytest.approx(2.0)


def test_draws_hold_both_modes_on_the_same_images():
    rows = draw_rows({"input": coordinates()}, LABELS, OPTIONS, draw=3)
    assert [(row["draw"], row["mode"], row["dimension_name"]) for row in rows] == [
        (3, "configured", "prx"),
        (3, "reference", "reference"),
    ]
    assert rows[1]["k"] >= 1 and set(DRAW_COLUMNS) <= set(rows[0])
    assert rows[0]["centre_correlation"] == rows[1]["centre_correlation"]


def capacity_table(node, shift=0.0, **more):
    values = {"capacity": 0.1, "radius": 1.0, "dimension": 16.0, "centre_correlation": 0.2}
    rows = {name: value + shift for name, value in values.items()}
    return rows | {f"{name}_se": 0.01 for name in values} | {"node": node} | more


def test_references_stand_beside_our_values_errors_and_spreads():
    table = pd.DataFrame([capacity_table("input"), capacity_table("fc")])
    draws = pd.DataFrame(
        [capacity_table("input", shift, mode="reference") for shift in np.linspace(-0.05, 0.05, 41)]
        + [capacity_table("input", 9, mode="configured")]
    )
    history = pd.DataFrame({"epoch": [0, 1], "test_accuracy": [0.1, 0.97], "train_accuracy": [np.nan, 0.93]})
    ours = reproduced_quantities(table, draws, history, 1000, references())
    assert ours["capacity at fc"] == pytest.approx((0.1, 0.1 - 0.0196, 0.1 + 0.0196))
    assert ours["capacity at input, same images"] == ours["capacity at input"]
    assert ours["radius at input, over draws of images"] == pytest.approx((1.0, 0.9525, 1.0475))
    interval = binomtest(970, 1000).proportion_ci(0.95, method="wilson")
    assert ours["test accuracy after epoch 1"] == pytest.approx((0.97, interval.low, interval.high))
    assert ours["training accuracy after epoch 1"] == (0.93, None, None)
    assert "test accuracy after epoch 0" not in ours


def test_every_reference_names_what_the_study_measures():
    nodes = ("input", "conv", "fc")
    table = pd.DataFrame([capacity_table(node) for node in nodes])
    draws = pd.DataFrame([capacity_table(node, mode="reference") for node in nodes])
    history = pd.DataFrame({"epoch": range(11), "test_accuracy": 0.98, "train_accuracy": 0.99})
    ours = reproduced_quantities(table, draws, history, 10_000, references())
    repeated = with_draws(references())
    assert set(repeated["quantity"]) == set(ours)
    assert len(repeated) == repeated["quantity"].nunique() == 2 * 12 + 4 + 10 + 2


def test_published_values_are_those_of_the_same_dataset():
    assert reference_values(references(), "mnist", ["fc"])["capacity", "fc"] == 0.3628
    assert len(reference_values(references(), "mnist", ["input", "softmax"])) == 4
    assert reference_values(references(), "digits", ["fc"]) == {}


def labelled(counts):
    labels = np.random.default_rng(0).permutation(np.repeat(np.arange(len(counts)), counts))
    images = np.zeros((len(labels), 2, 2), np.uint8)
    ids = np.array([f"d-{i}" for i in range(len(labels))])
    return LabelledImages(images, labels, ids, tuple("abc"), "train")


def test_random_images_of_each_class():
    data = labelled([20, 30, 40])
    chosen = random_per_class(data, 15, np.random.default_rng(1))
    assert data.labels[chosen].tolist() == sorted([0, 1, 2] * 15) and len(set(chosen)) == 45
    assert not np.array_equal(chosen, random_per_class(data, 15, np.random.default_rng(2)))
    with pytest.raises(InputError, match="21 images of class 'a' asked for"):
        random_per_class(data, 21, np.random.default_rng(1))


def test_blocks_of_a_figure_are_apart():
    assert side_by_side(pd.Series(["a", "a", "b", "c", "c"])).tolist() == [0, 1, 3, 5, 6]
