"""RDMs side by side: what their table holds, titles of rows and columns, and nodes whose RDM is missing."""

import numpy as np
import pytest
from matplotlib.offsetbox import AnnotationBbox
from scipy.spatial.distance import pdist, squareform

from repgeom.analyses.rdms import (
    node_row,
    nodes_with_rdm,
    pairs_table,
    row_titles,
    rows_over_time,
)
from repgeom.config.networks import Network
from repgeom.errors import InputError
from repgeom.figures.pictures import as_pictures
from repgeom.figures.rdm_image import averaged
from repgeom.figures.rdm_panels import COLUMNS, rdm_panels
from repgeom.figures.stimulus_axis import StimulusAxis
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


def axis(labels, names, shape=(4, 4)):
    labels = np.asarray(labels)
    return StimulusAxis(labels, [names[i] for i in labels], np.random.default_rng(0).random((len(labels), *shape)))


NAMES = {0: "cat", 1: "dog", 2: "hen", 4: "4", 7: "a very long name"}


def test_a_figure_shows_the_percentiles_of_each_rdm_with_its_own_classes():
    first, other = some_rdms(["input", "fc"]), some_rdms(["conv"], n=6)
    stimuli = [axis(np.repeat([0, 1, 2], 3), NAMES), axis(np.repeat([4, 7], 3), NAMES, (3, 4, 4))]
    figure = rdm_panels({"a, clean": node_row(first, None), "b": node_row(other, None)}, stimuli, "Pearson distance")
    shown = [axes for axes in figure.axes if axes.images]
    assert [axes.images[0].get_array().shape for axes in shown] == [(9, 9), (9, 9), (6, 6)]
    found = squareform(shown[1].images[0].get_array())
    assert sorted(found) == pytest.approx(np.arange(1, 37) / 36)
    np.testing.assert_array_equal(np.argsort(found), np.argsort(first["fc"]))
    names = [[t.get_text() for t in axes.get_yticklabels()] for axes in shown]
    assert names == [["cat", "dog", "hen"], [], ["4", "a very long…"]] and list(shown[2].get_yticks()) == [1, 4]
    low, high = first["input"].min(), first["input"].max()
    assert shown[0].get_title() == f"input\n{low:.1g}–{high:.2f}" and shown[0].get_ylabel() == "a, clean"


def thumbnails(axes):
    return [box.offsetbox.get_data() for box in axes.artists if isinstance(box, AnnotationBbox)]


@pytest.mark.parametrize("shape, drawn", [((4, 5), True), ((1, 4, 5), True), ((3, 4, 5), True), ((2, 4, 5), False)])
def test_an_image_of_each_class_stands_beside_its_rows(shape, drawn):
    labels = np.repeat([0, 1, 2], 3)
    stimuli = axis(labels, NAMES, shape)
    figure = rdm_panels({"a": node_row(some_rdms(["input", "fc"]), None)}, [stimuli], "Pearson distance")
    first, last = (thumbnails(axes) for axes in figure.axes[:2])
    assert (len(first), len(last)) == ((6, 3) if drawn else (0, 0))  # at the left of the first, below both
    if drawn:
        np.testing.assert_array_equal(last[1], as_pictures(stimuli.images)[3])


def test_stimuli_of_one_class_are_named_by_themselves():
    figure = rdm_panels({"a": node_row(some_rdms(["fc"]), None)}, [axis(np.zeros(N, int), NAMES)], "Pearson distance")
    assert len(thumbnails(figure.axes[0])) == 2 * N
    assert {t.get_text() for t in figure.axes[0].get_yticklabels()} == {""}


def test_of_many_stimuli_neighbours_are_averaged():
    matrix = np.arange(49.0).reshape(7, 7)
    found = averaged(matrix, 3)
    assert found.shape == (3, 3) and averaged(matrix, 7) is matrix
    assert found[0, 0] == matrix[:2, :2].mean() and found[2, 1] == matrix[4:, 2:4].mean()


def test_nodes_of_a_deep_network_go_on_below():
    row = node_row(some_rdms([f"layer{i}" for i in range(COLUMNS + 2)]), None)
    figure = rdm_panels({"deep": row}, [axis(np.repeat([0, 1, 2], 3), NAMES)], "Pearson distance")
    shown = [axes for axes in figure.axes if axes.images]
    assert [axes.get_title().split("\n")[0] for axes in shown] == list(row)
    assert len({round(axes.get_position().y0, 2) for axes in shown}) == 2
