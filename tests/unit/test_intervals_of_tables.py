"""In every table: a column that says what its intervals are, every value in its own, no end outside the possible."""

import importlib
import pkgutil

import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import pdist

from repgeom import analyses
from repgeom.analyses.accuracy import accuracy_row
from repgeom.analyses.capacity_lines import OVER_SEEDS, QUANTITIES, capacity_points
from repgeom.analyses.intervals import INTERVAL_COLUMNS, over_seeds, proportions, with_intervals
from repgeom.analyses.paths import geometry, number_rows, without_each_stimulus
from repgeom.analyses.readout import readout_rows
from repgeom.analyses.separation import agreement_rows, separation_means, separation_rows
from repgeom.config.networks import Network
from repgeom.store.activations import StimulusInfo
from repgeom.store.rdms import RDMs
from repgeom.training.history_columns import HISTORY_COLUMNS


def described_tables():
    """`module.NAME` → columns, of all modules of analyses."""
    modules = [
        importlib.import_module(f"repgeom.analyses.{found.name}") for found in pkgutil.iter_modules(analyses.__path__)
    ]
    return {
        f"{module.__name__.rpartition('.')[2]}.{name}": columns
        for module in modules
        for name, columns in vars(module).items()
        if name.endswith("_COLUMNS") and isinstance(columns, dict)
    } | {"history_columns.HISTORY_COLUMNS": HISTORY_COLUMNS}  # fmt: skip


def is_end(column):
    return column.endswith(("low", "high"))


def test_every_table_with_ends_has_both_and_says_what_they_are():
    tables = {name: columns for name, columns in described_tables().items() if any(map(is_end, columns))}
    own = {"accuracy.ACCURACY_COLUMNS", "decoding.SUMMARY_COLUMNS", "paths.NUMBER_COLUMNS", "perturbation.IMPORTANCE_COLUMNS",
           "readout.READOUT_COLUMNS", "reproduction.REPRODUCTION_COLUMNS", "separation.SEPARATION_COLUMNS",
           "auxiliary_decoding.AUXILIARY_COLUMNS"}  # fmt: skip
    assert own <= set(tables)
    for name, columns in tables.items():
        assert {*filter(is_end, columns)} == {"low", "high"}, name
        assert columns["interval"] == INTERVAL_COLUMNS["interval"], name


def test_no_table_says_over_what_an_interval_is_in_another_column():
    assert not [name for name, columns in described_tables().items() if "over" in columns]


def assert_inside(table, value="value"):
    assert table["interval"].ne("").all()
    has_ends = table["low"].notna()
    assert has_ends.any() and (has_ends == ~table["interval"].str.startswith("none")).all()
    found = table[has_ends]
    assert ((found["low"] <= found[value]) & (found[value] <= found["high"])).all()


def assert_possible(table, lowest, highest):
    found = table[table["low"].notna()]
    assert found["low"].ge(lowest).all() and found["high"].le(highest).all()


CLASSES = np.repeat(np.arange(4), 3)


def rdms(seed, spread):
    """Three classes' images at an input and two nodes, from hardly to perfectly separated."""
    found = []
    for i, width in enumerate((3.0, spread, 1e-3 * spread)):
        rng = np.random.default_rng([0 if i == 0 else seed, i])
        found.append(pdist(np.eye(4)[CLASSES] + width * rng.normal(size=(len(CLASSES), 4)), "sqeuclidean"))
    nodes, ids = ["input", "conv", "fc"], CLASSES.astype(str)
    return RDMs(np.array(found), "euclidean", nodes, nodes, np.zeros(3, int), ids, CLASSES, path="some.h5")


def networks(*models, seed=1):
    return [Network(model, seed, stimuli="faces", set="faces")._asdict() for model in models]


@pytest.mark.parametrize("spread", [1e-6, 0.1, 1, 30])
def test_separation_and_paths(spread):
    files = [rdms(1, spread), rdms(2, 2 * spread)]
    table = pd.DataFrame([*separation_rows(files[0], None), *agreement_rows(networks("a", "b"), files, [["a", "b"]])])
    assert_inside(table)
    assert_possible(table[table["quantity"].str.endswith("correlation")], -1, 1)
    alike = pd.DataFrame(agreement_rows(networks("a", "b"), [files[0], files[0]], [["a", "b"]]))
    assert (alike[["value", "low", "high"]] <= 1).all(axis=None) and alike["low"].min() > 1 - 1e-12
    g = geometry(networks("a", "b"), files, "cosine")
    table = pd.DataFrame(number_rows(g, without_each_stimulus(g, "cosine")))
    assert_inside(table)
    assert_possible(table[table["quantity"].str.contains("distance")], 0, 2)
    assert_possible(table[table["quantity"] == "path length"], 0, np.inf)


def test_separation_over_few_seeds():
    """Of two seeds, .5 and .9: mean .7, half width 12.706 · .2, which leaves what correlations can be."""
    table = pd.DataFrame({"quantity": ["separation", "separation", "label_correlation", "label_correlation"],
                          "node": "fc", "line": "a", "seed": [1, 2, 1, 2], "value": [0.5, 0.9, 0.5, 0.9]})  # fmt: skip
    means = separation_means(table, ["line", "node"]).set_index("quantity")
    assert_inside(means, "mean")
    assert means.loc["label_correlation", ["low", "high"]].tolist() == [-1, 1]
    half = 12.706205 * 0.2
    assert means.loc["separation", ["low", "high"]].tolist() == pytest.approx([0.7 - half, 0.7 + half])


@pytest.mark.parametrize("correct", range(6))
def test_accuracy_of_a_network(correct):
    labels = np.arange(5)
    stimuli = StimulusInfo(labels.astype(str), labels, {"predicted": np.where(labels < correct, labels, -1)})
    logits = np.where(labels[:, None] < correct, np.eye(5), np.roll(np.eye(5), 1, axis=1))
    table = pd.DataFrame([accuracy_row(stimuli), *readout_rows({1: logits}, labels)])
    assert table["accuracy"].tolist() == [correct / 5] * 2
    assert_inside(table, "accuracy")
    assert_possible(table, 0, 1)


def test_proportions_of_any_few_networks():
    """Whatever networks get right of ten images, from nothing to everything."""
    rng = np.random.default_rng(0)
    rows = [
        {"case": case, "seed": seed, "repetition": 1, "accuracy": share, "n": 10}
        for case in range(200)
        for seed, share in enumerate(rng.choice([0, 0.1, 0.5, 0.9, 1], rng.integers(1, 6), p=[0.3, 0.1, 0.2, 0.1, 0.3]))
    ]
    table = with_intervals(pd.DataFrame(rows), ["case"], proportions("accuracy", "n"))
    assert set(table["interval"]) == {
        "95 % t over networks", "95 % Wilson over images", "95 % Wilson over images (these networks)"}  # fmt: skip
    assert_inside(table, "mean")
    assert_possible(table, 0, 1)
    assert (table["low"] < table["high"]).all()


def test_numbers_that_lie_at_an_end_of_their_range():
    rows = pd.DataFrame({"node": np.repeat(["a", "b", "c"], 3), "seed": [1, 2, 3] * 3,
                         "value": [1, 1, 1, 1, 1, 0.7, -1, -1, 1]})  # fmt: skip
    table = over_seeds(rows, ["node"], lowest=-1, highest=1)
    assert_inside(table, "mean")
    assert_possible(table, -1, 1)
    assert table.loc[0, ["low", "high"]].tolist() == [1, 1]


def test_capacity_over_seeds():
    """Three seeds whose values differ by more than their mean."""
    rows = [{"model": "a", "stimuli": "s", "epoch": np.nan, "repetition": 1, "node": "fc", "module": "fc",
             "timestep": 0, "seed": seed, "interval": OVER_SEEDS} | dict.fromkeys(QUANTITIES, value)
            | {f"{name}_se": 0.1 for name in QUANTITIES} for seed, value in enumerate((0.1, 0.1, 0.9))]  # fmt: skip
    names = {"models": {"a": {"label": "a", "colour": "#000000"}}, "stimuli": {"s": "s"}}
    points = capacity_points(pd.DataFrame(rows), names).set_index("quantity")
    half = 4.302653 * np.std([0.1, 0.1, 0.9], ddof=1) / np.sqrt(3)
    assert half > 1.1 / 3
    assert points["low"].tolist() == [0, 0, 0, 0]
    expected = dict.fromkeys(QUANTITIES, 1.1 / 3 + half) | {"centre_correlation": 1}
    assert points["high"].to_dict() == pytest.approx(expected, rel=1e-6)
