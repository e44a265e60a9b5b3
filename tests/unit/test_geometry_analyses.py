"""RDM panels, separation and paths of networks: the rows of their tables against numbers worked out by hand."""

import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import pdist, squareform

from repgeom.analyses.paths import geometries, geometry, map_table, number_rows, path_map, without_each_stimulus
from repgeom.analyses.rdms import node_row, nodes_with_rdm, ordered_by_class, pairs_table, rows_over_time, time_rows
from repgeom.analyses.separation import agreement_rows, separation_rows
from repgeom.config.networks import Network
from repgeom.errors import InputError
from repgeom.measures.rdm import label_rdm
from repgeom.store.rdms import RDMs

CLASSES, EACH = 4, 5
LABELS = np.repeat(np.arange(CLASSES), EACH)
NODES = ("input", "conv", "fc")


def rdms(seed=0, spread=(4.0, 1.5, 0.2), ids=None, nodes=NODES, modules=None, timesteps=None, measure="euclidean"):
    """RDMs of Gaussian classes, one for each spread within them; the input is the same for every seed."""
    found = []
    for i, width in enumerate(spread):
        rng = np.random.default_rng([0 if i == 0 else seed, i])
        points = rng.normal(size=(CLASSES, 12))[LABELS] + width * rng.normal(size=(len(LABELS), 12))
        found.append(pdist(points, "sqeuclidean"))
    ids = np.array([f"i{k}" for k in range(len(LABELS))]) if ids is None else ids
    modules, timesteps = modules or list(nodes), timesteps if timesteps is not None else np.zeros(len(nodes), int)
    return RDMs(np.array(found), measure, list(nodes), modules, timesteps, ids, LABELS, path="some.h5")


def networks(*models, seed=1, nodes=None):
    return [Network(model, seed, stimuli="faces", set="faces", nodes=nodes)._asdict() for model in models]


# -- RDM panels


def test_stimuli_of_a_class_stand_side_by_side_and_keep_their_dissimilarities():
    shuffled = np.random.default_rng(3).permutation(len(LABELS))
    mixed = rdms()
    square = squareform(mixed["fc"])[np.ix_(shuffled, shuffled)]
    file = RDMs(
        squareform(square)[None], "euclidean", ["fc"], ["fc"], np.zeros(1, int), mixed.ids[shuffled], LABELS[shuffled]
    )
    ordered = ordered_by_class(file)
    assert (np.diff(ordered.labels) >= 0).all()
    original = squareform(mixed["fc"])
    places = [list(mixed.ids).index(i) for i in ordered.ids]
    np.testing.assert_array_equal(squareform(ordered["fc"]), original[np.ix_(places, places)])


def test_pairs_of_stimuli_that_a_network_was_not_shown_have_no_number():
    first, second = rdms(), rdms(seed=1, ids=np.array([f"i{k + 5}" for k in range(len(LABELS))]))
    table = pairs_table([("a", first.ids, {"fc": first["fc"]}), ("b", second.ids, {"fc": second["fc"]})])
    row = table.set_index(["stimulus_a", "stimulus_b"])
    assert row.loc[("i0", "i1"), "a / fc"] == first["fc"][0] and np.isnan(row.loc[("i0", "i1"), "b / fc"])
    assert row["a / fc"].notna().sum() == row["b / fc"].notna().sum() == len(first["fc"])


def test_label_rdm_stands_beside_the_nodes():
    np.testing.assert_array_equal(node_row(rdms(), ["fc"], labels=True)["labels (euclidean)"], label_rdm(LABELS))


def test_a_node_whose_rdm_was_left_out_is_named_with_the_reason():
    with pytest.raises(InputError, match=r"some.h5 has no RDM of node 'dropout': .* is constant and its correlation"):
        nodes_with_rdm(["conv", "dropout"], rdms(measure="correlation"))
    assert nodes_with_rdm(["*c*"], rdms()) == ["conv", "fc"]


def test_layers_over_time_are_summarised_by_means_within_and_between_classes():
    over_time = rdms(nodes=("fc_t1", "fc_t2", "top"), modules=["fc", "fc", "top"], timesteps=np.array([1, 2, 0]))
    assert {layer: list(row) for layer, row in rows_over_time(over_time, None).items()} == {
        "fc": ["t = 1", "t = 2"], "top": ["top"]}  # fmt: skip
    row = next(iter(time_rows(over_time, ["fc_t2"])))
    same = label_rdm(LABELS) == 0
    assert (row["layer"], row["timestep"]) == ("fc", 2)
    assert row["within"] == pytest.approx(over_time["fc_t2"][same].mean())
    assert row["between"] == pytest.approx(over_time["fc_t2"][~same].mean())


# -- separation


def test_separation_is_the_difference_of_means_within_its_interval():
    table = pd.DataFrame(separation_rows(rdms(), ["fc", "conv"])).set_index(["quantity", "node"])
    same = label_rdm(LABELS) == 0
    for node in ("conv", "fc"):
        d = rdms()[node]
        assert table.loc[("separation", node), "value"] == pytest.approx(d[~same].mean() - d[same].mean())
        assert table.loc[("label_correlation", node), "value"] == pytest.approx(np.corrcoef(d, label_rdm(LABELS))[0, 1])
    assert ((table["low"] < table["value"]) & (table["value"] < table["high"])).all()
    correlations = table.loc["label_correlation"]
    assert correlations["low"].ge(-1).all() and correlations["high"].le(1).all()
    assert table["interval"].str.contains("over images within classes").all()


def test_models_are_compared_seed_by_seed_where_they_saw_the_same():
    shown = [*networks("a", "b"), *networks("a", "b", seed=2)]
    files = [rdms(seed=k) for k in range(4)]
    table = pd.DataFrame(agreement_rows(shown, files, [["a", "b"]])).set_index(["seed", "node"])
    assert set(table["model"]) == {"a and b"} and len(table) == 2 * len(NODES)
    assert table.loc[(2, "fc"), "value"] == pytest.approx(np.corrcoef(files[2]["fc"], files[3]["fc"])[0, 1])
    assert table.loc[(1, "input"), ["value", "low", "high"]].tolist() == pytest.approx([1, 1, 1])


def test_models_that_saw_other_stimuli_are_not_compared():
    other = np.array([f"x{k}" for k in range(len(LABELS))])
    with pytest.raises(InputError, match="different stimuli"):
        list(agreement_rows(networks("a", "b"), [rdms(), rdms(ids=other)], [["a", "b"]]))


# -- paths


def cosine_dissimilarity(a, b):
    return 1 - a @ b / np.linalg.norm(a) / np.linalg.norm(b)


def numbers(models, files):
    g = geometry(networks(*models), files, "cosine")
    table = pd.DataFrame(number_rows(g, without_each_stimulus(g, "cosine")))
    return g, table.set_index(["quantity", "model", "node"])


def test_a_path_goes_from_the_input_towards_the_labels():
    file = rdms()
    g, table = numbers(["net"], [file])
    assert g.paths.nodes == ("input", "conv", "fc", "labels")
    labels = label_rdm(LABELS)
    for node in NODES:
        expected = cosine_dissimilarity(file[node], labels)
        assert table.loc[("distance to labels", "net", node), "value"] == pytest.approx(expected)
    steps = cosine_dissimilarity(file["input"], file["conv"]) + cosine_dissimilarity(file["conv"], file["fc"])
    assert table.loc[("path length", "net", ""), "value"] == pytest.approx(steps)
    distance = table.loc["distance to labels"]["value"]
    reach = table.loc[("input minus last node", "net", "")]
    assert reach["value"] == pytest.approx(distance["net", "input"] - distance["net", "fc"])
    assert 0 < reach["low"] < reach["value"] < reach["high"]
    inside = (table["low"] <= table["value"]) & (table["value"] <= table["high"])
    assert inside.all() and table["interval"].str.startswith("95 %").all()
    assert table.loc[["distance to labels", "path length"], "low"].ge(0).all()


def test_two_models_are_compared_at_their_nodes_and_at_the_end():
    files = [rdms(seed=1), rdms(seed=2, spread=(4.0, 1.5, 1.5))]
    _, table = numbers(["sharp", "blurred"], files)
    expected = cosine_dissimilarity(files[0]["conv"], files[1]["conv"])
    assert table.loc[("distance between models", "sharp and blurred", "conv"), "value"] == pytest.approx(expected)
    labels = label_rdm(LABELS)
    ends = [cosine_dissimilarity(file["fc"], labels) for file in files]
    row = table.loc[("first minus other at the last node", "sharp and blurred", "")]
    assert row["value"] == pytest.approx(ends[0] - ends[1]) and row["high"] < 0


def test_the_input_of_a_recurrent_network_is_that_of_its_first_step():
    nodes, modules = ("input_t1", "fc_t1", "fc_t2"), ["input", "fc", "fc"]
    file = rdms(nodes=nodes, modules=modules, timesteps=np.array([1, 1, 2]))
    assert geometry(networks("net"), [file], "cosine").paths.nodes == ("input", "fc_t1", "fc_t2", "labels")
    with pytest.raises(InputError, match="a path begins at the input"):
        geometry(networks("net", nodes=("fc_t?",)), [file], "cosine")


def test_a_node_at_which_all_stimuli_are_alike_is_left_out_and_named():
    file = rdms()
    file.dissimilarities[1] = 0
    g = geometry(networks("net"), [file], "cosine")
    assert g.paths.nodes == ("input", "fc", "labels") and g.left_out == {"net": ["conv"]}


def test_networks_that_were_shown_other_images_are_on_maps_of_their_own():
    shown = [*networks("a", "b"), *networks("a", "b", seed=2)]
    files = [rdms(seed=k) for k in range(4)]
    first, second = geometries(shown, files, ["one.h5", "one.h5", "two.h5", "two.h5"], "cosine")
    assert [n["seed"] for n in first.networks.values()] == [1, 1]
    assert [n["seed"] for n in second.networks.values()] == [2, 2]


def test_maps_keep_the_labels_to_the_right_of_the_input():
    g, _ = numbers(["net"], [rdms()])
    points, stress = path_map(g)
    np.testing.assert_allclose(points[0], 0, atol=1e-12)
    assert points[g.paths.labels][0] > 0 and points[g.paths.labels][1] == pytest.approx(0, abs=1e-9)
    np.testing.assert_allclose(squareform(pdist(points)), g.dissimilarity, atol=3 * stress + 1e-6)
    table = map_table(g, points, stress)
    assert table["node"].tolist() == ["input", "conv", "fc", "labels"]
    assert table.loc[1, "distance to labels"] == pytest.approx(g.dissimilarity[1, 3])
