"""Accuracy of networks, as a table and as a figure, against the strength of an attack as well."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest

from repgeom.analyses.accuracy import ACCURACY_COLUMNS, accuracy_row, accuracy_table, known_classes
from repgeom.analyses.naming import line_looks
from repgeom.analyses.sweep import SWEEP_COLUMNS, subset, sweep_means, sweep_rows
from repgeom.coordinates.reduction import reduce_activations
from repgeom.figures.accuracy import accuracy_figure
from repgeom.figures.epsilon_sweep import epsilon_sweep
from repgeom.measures.rdm import compute_rdm, label_rdm
from repgeom.measures.separation import rdm_correlation
from repgeom.store.activations import StimulusInfo
from repgeom.store.coordinates import coordinate_writer
from repgeom.store.stimuli import StimulusSet, write_stimuli

RNG = np.random.default_rng(0)
NAMES = {
    "models": {f"net{i}": {"label": f"network {i}", "colour": f"#{i}{i}{i}{i}{i}{i}"} for i in range(3)},
    "stimuli": {"faces": "faces", "houses": "some houses"},
}


def answers(n=20, correct=13):
    labels = np.arange(n) % 5
    predicted = np.where(np.arange(n) < correct, labels, labels + 1)
    return StimulusInfo(np.array([str(i) for i in range(n)]), labels, {"predicted": predicted})


def test_accuracy_is_the_share_of_right_answers_with_its_wilson_interval():
    row = accuracy_row(answers())
    interval = binomtest(13, 20).proportion_ci(0.95, method="wilson")
    assert (row["n"], row["correct"], row["accuracy"]) == (20, 13, 0.65)
    assert (row["low"], row["high"]) == pytest.approx((interval.low, interval.high))


def network(model="net0", seed=1, stimuli="faces", epoch="last"):
    return {"model": model, "seed": seed, "epoch": epoch, "stimuli": stimuli, "set": stimuli, "repetition": 1,
            "nodes": None}  # fmt: skip


def test_every_network_has_a_row_and_chance_is_that_of_its_stimuli(tmp_path):
    paths = []
    for i, correct in enumerate((13, 7)):
        paths.append(tmp_path / f"{i}.zarr.zip")
        with coordinate_writer(paths[-1], answers(correct=correct), {}, {}):
            pass
    networks = [network(), network(stimuli="houses", epoch="epoch003")]
    table = accuracy_table(networks, paths, {"faces": 5, "houses": None})
    assert list(table) == list(ACCURACY_COLUMNS)
    assert table["correct"].tolist() == [13, 7] and table["stimuli"].tolist() == ["faces", "houses"]
    np.testing.assert_array_equal(table["chance"], [0.2, np.nan])
    np.testing.assert_array_equal(table["epoch"], [np.nan, 3])


def test_classes_that_only_files_tell_are_those_of_the_stimuli(tmp_path):
    files = [tmp_path / "faces.h5", tmp_path / "houses.h5"]
    stimuli = StimulusSet(np.zeros((2, 4, 4), np.float32), np.array([0, 2]), np.array(["a", "b"]))
    for path, names in zip(files, (["cat", "cow", "dog", "owl"], []), strict=True):
        write_stimuli(path, stimuli, {"class_names": names})
    networks = [network(), network(stimuli="houses")]
    assert known_classes(networks, files, {"faces": None, "houses": None}) == {"faces": 4, "houses": None}
    assert known_classes(networks, files, {"faces": 5, "houses": None}) == {"faces": 5, "houses": None}


def accuracies(models=3, seeds=2):
    rows = [(f"net{i}", s, np.nan, k) for i in range(models) for k in NAMES["stimuli"] for s in range(seeds)]
    table = pd.DataFrame(rows, columns=["model", "seed", "epoch", "stimuli"])
    value = RNG.uniform(0.2, 0.8, len(table))
    chance = np.where(table["stimuli"] == "faces", 0.1, np.nan)
    return table.assign(accuracy=value, low=value - 0.1, high=value + 0.05, chance=chance)


def with_lines(table):
    lines, looks = line_looks(table, NAMES, by=("model", "epoch"))
    return table.assign(line=lines), looks


def test_every_network_is_a_dot_at_its_accuracy_above_the_name_of_its_stimuli():
    table, looks = with_lines(accuracies())
    (axes,) = accuracy_figure(table, looks, NAMES["stimuli"]).axes
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["faces", "some houses"]
    dots = [point for c in axes.containers for point in zip(*c.lines[0].get_data(), strict=True)]
    labels = [c.get_label() for c in axes.containers for _ in c.lines[0].get_xdata()]
    assert len({x for x, _ in dots}) == len(table)
    for row in table.itertuples():
        place = list(NAMES["stimuli"]).index(row.stimuli)
        own = [y for (x, y), label in zip(dots, labels, strict=True) if round(x) == place and label == row.line]
        assert min(abs(np.array(own) - 100 * row.accuracy)) < 1e-9


def test_chance_is_drawn_where_it_is_known():
    (axes,) = accuracy_figure(*with_lines(accuracies()), NAMES["stimuli"]).axes
    (chance,) = [c for c in axes.collections if c.get_label() == "chance"]
    np.testing.assert_allclose(chance.get_segments(), [[[-0.5, 10], [0.5, 10]]])


def swept(n=12, epsilons=(0.0, 0.1)):
    """Stimuli at two strengths: all answers are right at the first, half of them at the second."""
    labels = np.tile(np.arange(n) % 3, len(epsilons))
    predicted = labels.copy()
    predicted[n : n + n // 2] += 1
    ids = np.array([str(i) for i in range(len(labels))])
    epsilon = np.repeat(epsilons, n)
    features = RNG.standard_normal((len(labels), 30)) + 2 * np.eye(3)[labels] @ RNG.standard_normal((3, 30))
    return StimulusInfo(ids, labels, {"epsilon": epsilon, "predicted": predicted}), features


def test_a_sweep_measures_each_strength_by_itself():
    stimuli, features = swept()
    rows = pd.DataFrame(sweep_rows(stimuli, {"fc": reduce_activations([features])}, "correlation", "net0"))
    assert set(rows) <= set(SWEEP_COLUMNS)
    accuracy = rows[rows["quantity"] == "accuracy"]
    assert accuracy["strength"].tolist() == [0.0, 0.1] and accuracy["value"].tolist() == [1.0, 0.5]
    for epsilon, value in rows.loc[rows["node"] == "fc", ["strength", "value"]].to_numpy():
        chosen = stimuli.descriptors["epsilon"] == epsilon
        alone = compute_rdm(reduce_activations([features[chosen]]), "correlation")
        assert value == pytest.approx(rdm_correlation(alone, label_rdm(stimuli.labels[chosen])))


def test_coordinates_of_some_stimuli_keep_their_inner_products():
    _, features = swept()
    chosen = np.arange(len(features)) % 3 == 0
    part = subset(reduce_activations([features]), chosen)
    np.testing.assert_allclose(part.centred.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(part.uncentred @ part.uncentred.T, features[chosen] @ features[chosen].T, atol=1e-9)


def sweep_table(nodes, models=2):
    keys = [(f"net{i}", s, k, e) for i in range(models) for s in (1, 2) for k in NAMES["stimuli"] for e in (0.0, 0.1)]
    quantities = [("accuracy", np.nan), *(("label_correlation", node) for node in nodes)]
    rows = [(*key, *what) for key in keys for what in quantities]
    table = pd.DataFrame(rows, columns=["model", "seed", "stimuli", "strength", "quantity", "node"])
    return table.assign(epoch=np.nan, value=RNG.random(len(table)), n=50)


@pytest.mark.parametrize("n_nodes", [1, 5, 13])
def test_a_sweep_has_a_panel_for_accuracy_and_for_every_node_of_every_attack(n_nodes):
    nodes = [f"layer{i}" for i in range(n_nodes)]
    table, looks = with_lines(sweep_table(nodes))
    figure = epsilon_sweep(sweep_means(table), looks, NAMES["stimuli"], nodes, "ε")
    panels = [axes for axes in figure.axes if axes.axison]
    assert [axes.get_title() for axes in panels] == 2 * ["", *nodes]
    assert panels[n_nodes + 1].get_ylabel() == "some houses\naccuracy (%)"
    expected = table[(table["stimuli"] == "houses") & (table["model"] == "net1") & (table["node"] == nodes[-1])]
    (line,) = [line for line in panels[-1].lines if line.get_label() == "network 1"]
    np.testing.assert_allclose(line.get_ydata(), expected.groupby("strength")["value"].mean())


def test_means_of_a_sweep_stay_in_the_range_of_their_quantity():
    """Two seeds, of which Student's t with one degree of freedom says next to nothing; accuracies are of 50 images."""
    table = pd.DataFrame({"quantity": ["accuracy", "accuracy", "label_correlation", "label_correlation"],
                          "node": [np.nan, np.nan, "fc", "fc"], "seed": [1, 2, 1, 2], "value": [0.5, 0.7, 0.2, 0.8]})  # fmt: skip
    means = sweep_means(table.assign(stimuli="faces", line="net0", strength=0.1, n=50)).set_index("quantity")
    ends = binomtest(30, 50).proportion_ci(0.95, method="wilson")
    assert means.loc["accuracy", ["mean", "low", "high"]].tolist() == pytest.approx([0.6, *ends], abs=1e-6)
    assert means.loc["label_correlation", ["mean", "low", "high"]].tolist() == [0.5, -1, 1]


def test_a_band_is_drawn_wherever_seeds_differ():
    """All seeds are right where there is no attack, and differ at the other strengths."""
    means = pd.DataFrame({"stimuli": "faces", "line": "a", "quantity": "accuracy", "node": "",
                          "strength": [0.0, 0.1, 0.2], "mean": [1, 0.5, 0.4], "low": [np.nan, 0.3, 0.2],
                          "high": [np.nan, 0.7, 0.6]})  # fmt: skip
    look = {"a": {"colour": "#000000", "style": "-", "marker": "o"}}
    axes = epsilon_sweep(means, look, {"faces": "faces"}, [], "ε").axes[0]
    (band,) = axes.collections
    corners = {tuple(point) for path in band.get_paths() for point in path.vertices.round(6)}
    assert corners == {(0.1, 30), (0.1, 70), (0.2, 20), (0.2, 60)}
