"""RDMs side by side: what their table holds, titles of rows and columns, and nodes whose RDM is missing."""

import numpy as np
import pytest
from scipy.spatial.distance import pdist

from repgeom.analyses.rdms import (
    node_row,
    nodes_with_rdm,
    pairs_table,
    row_titles,
    rows_over_time,
)
from repgeom.config.networks import Network
from repgeom.errors import InputError
from repgeom.figures.rdm_panels import rdm_panels
from repgeom.store.rdms import RDMs

RECURRENT = ["input_t1", "fc_t1", "logits_t1", "fc_gain_flow_t2", "input_t2", "fc_t2", "logits_t2"]
N = 9


def some_rdms(nodes=RECURRENT, measure="correlation", n=N):
    rng = np.random.default_rng(0)
    modules = [node.rpartition("_t")[0] or node for node in nodes]
    steps = np.array([int(node.rpartition("_t")[2]) if "_t" in node else 0 for node in nodes])
    values = np.array([pdist(rng.normal(size=(n, 4)), "correlation") for _ in nodes])
    ids = np.array([f"image-{i}" for i in range(n)])
    return RDMs(values, measure, list(nodes), modules, steps, ids, np.arange(n) % 3, path="some.h5")


def by_pair(rdms, node):
    """Dissimilarity by the set of the two ids."""
    pairs = zip(*np.triu_indices(len(rdms.ids), 1), strict=True)
    return {frozenset(rdms.ids[[i, j]]): d for (i, j), d in zip(pairs, rdms[node], strict=True)}


def test_a_table_holds_all_networks_side_by_side():
    first, other = some_rdms(["input", "fc"]), some_rdms(["conv"])
    rows = [("a, clean", first.ids, node_row(first, ["input", "f*"])), ("b, clean", other.ids, node_row(other, None))]
    table = pairs_table(rows)
    assert list(table) == ["stimulus_a", "stimulus_b", "a, clean / input", "a, clean / fc", "b, clean / conv"]
    row = table.set_index(["stimulus_a", "stimulus_b"]).loc[("image-2", "image-7")]
    pair = frozenset(["image-2", "image-7"])
    assert row["a, clean / fc"] == by_pair(first, "fc")[pair] and row["b, clean / conv"] == by_pair(other, "conv")[pair]


def test_nodes_are_named_where_steps_do_not_tell_them_apart():
    rdms = some_rdms(["input", "add", "add_1"])
    rdms.modules[2] = "add"
    assert {layer: list(row) for layer, row in rows_over_time(rdms, None).items()} == {
        "input": ["input"], "add": ["add", "add_1"]}  # fmt: skip


def test_a_missing_node_is_explained_by_the_measure():
    with pytest.raises(InputError) as error:
        nodes_with_rdm(["fc_t1", "fc_t3"], some_rdms())
    for part in ("some.h5 has no RDM of node 'fc_t3'", "constant", "correlation distance undefined", "euclidean"):
        assert part in str(error.value)
    # Every pattern has euclidean distances, so that only the name can be wrong.
    with pytest.raises(InputError, match=r"some\.h5 has no node 'fc_t3'; did you mean 'fc_t") as error:
        nodes_with_rdm(["fc_t3"], some_rdms(measure="squared euclidean"))
    assert "undefined" not in str(error.value)


def test_rows_are_titled_by_whatever_tells_them_apart():
    names = {"models": {"net": {"label": "our network"}}, "stimuli": {"clean": "clean images", "a": "attacked"}}
    networks = [
        Network("net", 1, "last", "clean", "clean"),
        Network("net", 2, "last", "a", "a"),
        Network("net", 2, "last", "clean_repetition2", "clean", 2),
    ]
    assert row_titles([n._asdict() for n in networks], names) == [
        "our network, seed 1, clean images",
        "our network, seed 2, attacked",
        "our network, seed 2, clean images, repetition 2",
    ]


def test_a_figure_shows_each_rdm_scaled_by_its_maximum_with_its_own_classes():
    first, other = some_rdms(["input", "fc"]), some_rdms(["conv"], n=6)
    figure = rdm_panels(
        {"a, clean": node_row(first, None), "b": node_row(other, None)}, [np.repeat([0, 1, 2], 3), np.repeat([4, 7], 3)],
        "Pearson distance")  # fmt: skip
    shown = [axes for axes in figure.axes if axes.images]
    assert [axes.images[0].get_array().shape for axes in shown] == [(9, 9), (9, 9), (6, 6)]
    assert all(axes.images[0].get_array().max() == 1 for axes in shown)
    assert [t.get_text() for t in shown[2].get_yticklabels()] == ["4", "7"] and list(shown[2].get_yticks()) == [1, 4]
    assert shown[0].get_title().startswith("input\n(max ") and shown[0].get_ylabel() == "a,\nclean"
