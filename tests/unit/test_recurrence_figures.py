"""The graph of connections shows every connection of a network, and no other."""

import pandas as pd
from matplotlib.patches import FancyArrowPatch

from repgeom.figures.connections import connections_figure
from repgeom.models.architectures import build_network

LAYERS = ("input", "conv1", "conv2", "fc")


def legend_of(figure):
    return [text.get_text() for text in figure.legends[0].get_texts()]


def network_inventory(**options):
    network = build_network("rcnn", {"canvas": (100, 100), "bias": True} | options, 0)
    return pd.DataFrame([connection._asdict() for connection in network.connections()])


def test_every_connection_has_its_arrow_and_no_label_hides_another():
    inventory = network_inventory()
    figure = connections_figure(inventory, LAYERS)
    figure.draw_without_rendering()
    (axes,) = figure.axes
    pairs = inventory.groupby(["source", "target"])["n_parameters"].sum()
    assert sum(isinstance(patch, FancyArrowPatch) for patch in axes.patches) == len(pairs)
    assert {f"{n:,}" for n in pairs} <= {text.get_text() for text in axes.texts}
    boxes = [text.get_window_extent() for text in axes.texts]
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])


def test_pathways_that_do_not_exist_are_not_drawn():
    assert legend_of(connections_figure(network_inventory(top_down=False), LAYERS)) == ["bottom-up", "lateral"]
    assert legend_of(connections_figure(network_inventory(bias=False, gain=False), LAYERS)) == ["bottom-up"]
