"""What training did and what networks are made of: histories, filters, maps, graphs, connections."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from own_recurrent import Own

from repgeom.analyses.connections import CONNECTION_COLUMNS, connection_table
from repgeom.analyses.feature_maps import MAP_COLUMNS, first_maps, map_table
from repgeom.analyses.filters import FILTER_COLUMNS, filter_table, first_filters
from repgeom.analyses.graph import GRAPH_COLUMNS, graph_table
from repgeom.analyses.history import history_table
from repgeom.cli import merged_configuration
from repgeom.config.configuration import load_configuration
from repgeom.config.networks import Network
from repgeom.errors import InputError
from repgeom.figures.filters import feature_maps, filters_over_epochs
from repgeom.figures.history import history_figure
from repgeom.figures.network_graph import network_graph
from repgeom.models.architectures import build_network
from repgeom.store.tables import write_table

RNG = np.random.default_rng(0)
MODELS = {"net": {"label": "our network", "colour": "#112233"}, "old": {"label": "old", "colour": "#445566"}}


def history(epochs=3):
    columns = ["train_loss", "train_accuracy", "test_loss", "test_accuracy"]
    table = pd.DataFrame(RNG.random((epochs, 4)), columns=columns)
    table.loc[0, ["train_loss", "train_accuracy"]] = np.nan
    return table.assign(epoch=range(epochs))


def histories(tmp_path, networks, epochs):
    paths = [tmp_path / f"{i}.csv" for i in range(len(networks))]
    for path, n in zip(paths, epochs, strict=True):
        write_table(path, history(n))
    return history_table([network._asdict() for network in networks], paths)


def test_histories_stand_below_each_other_and_say_whose_they_are(tmp_path):
    table = histories(tmp_path, [Network("net", 1), Network("net", 2), Network("old", 1)], [3, 3, 5])
    assert list(table)[:2] == ["model", "seed"]
    assert table.groupby(["model", "seed"]).size().to_dict() == {("net", 1): 3, ("net", 2): 3, ("old", 1): 5}


def test_a_history_shows_the_mean_over_seeds_and_every_seed(tmp_path):
    table = histories(tmp_path, [Network("net", 1), Network("net", 2), Network("old", 1)], [3, 3, 5])
    figure = history_figure(table, MODELS)
    accuracy = figure.axes[1]
    ours = [line for line in accuracy.lines if to_hex(line.get_color()) == "#112233" and line.get_linestyle() == "-"]
    thin, thick = ([line for line in ours if (line.get_marker() == "None") == bare] for bare in (True, False))
    by_seed = table[table["model"] == "net"].pivot(index="epoch", columns="seed", values="test_accuracy")
    np.testing.assert_allclose([line.get_ydata() for line in thin], 100 * by_seed.T)
    np.testing.assert_allclose(thick[0].get_ydata(), 100 * by_seed.mean(axis=1))
    others = [line for line in accuracy.lines if to_hex(line.get_color()) == "#445566"]
    assert [len(line.get_xdata()) for line in others] == [5, 5]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == [
        "our network", "old", "train split", "test split"]  # fmt: skip


def test_filters_of_colour_images_are_drawn_in_colour_around_grey():
    filters = RNG.standard_normal((2, 4, 3, 5, 5))
    filters[0, 0, :, 0, 0] = 0
    figure = filters_over_epochs(filters, ["epoch 0", "last epoch"])
    assert len(figure.axes) == 8
    shown = figure.axes[0].images[0].get_array()
    np.testing.assert_allclose(shown[0, 0], 0.5)
    np.testing.assert_allclose((shown - 0.5) * 2 * np.abs(filters).max(), np.moveaxis(filters[0, 0], 0, -1))
    grey = filters_over_epochs(filters[:, :, :1], ["epoch 0", "last epoch"])
    np.testing.assert_array_equal(grey.axes[0].images[0].get_array(), filters[0, 0, 0])
    assert grey.axes[-1].get_xlabel() == "weight"


def test_only_filters_that_see_images_are_taken():
    weights = {
        "conv.weight": RNG.random((6, 3, 5, 5)),
        "deep.weight": RNG.random((6, 32, 3, 3)),
        "conv.bias": np.ones(6),
    }
    np.testing.assert_array_equal(first_filters(weights, "conv", 4, "net"), weights["conv.weight"][:4])
    with pytest.raises(
        InputError, match=r"net: the weights of layer 'deep' have shape \(6, 32, 3, 3\).* first convolu"
    ):
        first_filters(weights, "deep", 4, "net")
    with pytest.raises(InputError, match="net: no layer 'cnv'; did you mean 'conv'"):
        first_filters(weights, "cnv", 4, "net")


def test_tables_of_filters_and_maps_hold_each_number_at_its_place():
    networks = [Network("net", 1, epoch, "faces", "faces")._asdict() for epoch in ("epoch002", "last")]
    filters = RNG.random((2, 4, 3, 5, 5))
    table = filter_table(networks, filters)
    assert list(table) == list(FILTER_COLUMNS) and len(table) == filters.size
    at = table.set_index(["epoch", "filter", "channel", "row", "column"])["weight"]
    assert at.loc[2.0, 3, 2, 4, 1] == filters[0, 3, 2, 4, 1]
    maps = RNG.random((2, 3, 4, 6, 5))
    table = map_table(networks, ["a", "b", "c"], maps)
    assert list(table) == list(MAP_COLUMNS) and len(table) == 2 * 3 * 4
    (row,) = table[table["epoch"].isna() & (table["id"] == "c") & (table["channel"] == 1)].to_dict("records")
    assert [row[name] for name in ("mean", "min", "max")] == pytest.approx(
        [maps[1, 2, 1].mean(), maps[1, 2, 1].min(), maps[1, 2, 1].max()]
    )


def test_feature_maps_stand_beside_the_image_they_are_made_of():
    images, maps = RNG.random((2, 3, 8, 8)), RNG.standard_normal((2, 4, 6, 6))
    figure = feature_maps(images, ["cat\nepoch 0", "a very long name of a class\nlast epoch"], maps)
    shown = np.array(figure.axes[:10]).reshape(2, 5)
    np.testing.assert_array_equal(shown[1, 0].images[0].get_array(), np.moveaxis(images[1], 0, -1))
    np.testing.assert_array_equal(shown[1, 3].images[0].get_array(), maps[1, 2])
    assert [axes.get_ylabel() for axes in shown[:, 0]] == ["cat\nepoch 0", "…of a class\nlast epoch"]
    limits = {axes.images[0].get_clim() for axes in shown[:, 1:].ravel()}
    assert limits == {(-np.abs(maps).max(), np.abs(maps).max())}


def test_nodes_without_maps_are_refused():
    assert first_maps(np.zeros((2, 8, 3, 3)), "conv", 5).shape == (2, 5, 3, 3)
    with pytest.raises(InputError, match="node 'fc' computes no maps"):
        first_maps(np.zeros((2, 10)), "fc", 5)


def node(*inputs, module="conv"):
    return {"module": module, "timestep": 0, "inputs": list(inputs), "shape": [2, 3, 3]}


def arrows(nodes):
    return sum(type(patch).__name__ == "FancyArrowPatch" for patch in network_graph(nodes).axes[0].patches)


def test_a_graph_has_an_arrow_for_every_input_among_its_nodes():
    nodes = {"input": node(), "conv": node("input"), "add": node("input", "conv")}
    assert arrows(nodes) == 3
    assert arrows({name: nodes[name] for name in ("input", "add")}) == 1


def test_the_table_of_a_graph_names_inputs_and_shapes():
    table = graph_table({"input": node(module="input"), "add": node("input", "conv")})
    assert list(table) == list(GRAPH_COLUMNS)
    assert table.loc[1, ["inputs", "shape"]].tolist() == ["input conv", "2x3x3"]


def test_connections_of_any_recurrent_network_are_counted():
    for network in (build_network("rcnn", {"canvas": (40, 40)}, 0), Own()):
        table = connection_table(network, "net")
        assert list(table) == list(CONNECTION_COLUMNS)
        assert table["n_parameters"].sum() == sum(p.numel() for p in network.parameters())


def test_networks_without_connections_of_kinds_are_refused():
    with pytest.raises(InputError, match="lenet: is no RecurrentNetwork"):
        connection_table(build_network("lenet", {}, 0), "lenet")


@pytest.mark.parametrize("analysis, message", [
    ({"kind": "connections", "of": [{"model": "standard"}]}, "'standard' is a lenet; connections are drawn of models wi"),
    ({"kind": "filters", "layer": "conv", "of": [{"model": ["standard", "single_conv"]}]}, "filters has room for one"),
    ({"kind": "feature_maps", "of": [{"model": "single_conv", "stimuli": "test5"}]}, "of.0.nodes: name one node"),
    ({"kind": "sweep", "of": [{"model": "standard", "stimuli": "test5"}]}, "'test5' is no attacked or perturbed stimulus set"),
    ({"kind": "images", "of": [{"stimuli": "test5_fgsm"}]}, "'test5_fgsm' is attacked with the gradients of each netw"),
    ({"kind": "examples", "of": [{"stimuli": "test5"}]}, "of.0.model: missing; name the networks to look at"),
])  # fmt: skip
def test_analyses_that_cannot_be_drawn_are_refused(analysis, message):
    raw = merged_configuration([])
    raw["studies"]["mine"] = {"figure": analysis}
    with pytest.raises(InputError) as error:
        load_configuration(raw)
    assert message in str(error.value)
