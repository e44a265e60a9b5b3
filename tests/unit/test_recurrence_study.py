"""Recurrent networks in clutter: RDMs and paths over time, examples, connections, geometry over time."""

import numpy as np
import pandas as pd
import pytest
from repgeom.studies.recurrence.rdms import by_layer, ordered_by_category, path_of, rdm_table

from repgeom.figures.connections import connections_figure
from repgeom.measures.rdm import label_rdm
from repgeom.models.architectures import build_network
from repgeom.store.rdms import RDMs

LAYERS = ("input", "conv1", "conv2", "fc")


def nodes_of_network(**options):
    network = build_network("rcnn", {"canvas": (36, 36), "features": (2, 3, 4), "n_steps": 2} | options, 0)
    return {n.name: {"module": n.module, "timestep": n.timestep} for n in network.nodes}


def some_rdms(n=12):
    rng = np.random.default_rng(0)
    nodes = {k: v for k, v in nodes_of_network().items()}
    return RDMs(rng.random((len(nodes), n * (n - 1) // 2)), "euclidean", list(nodes),
                [v["module"] for v in nodes.values()], np.array([v["timestep"] for v in nodes.values()]),
                np.arange(n).astype(str), np.arange(n) % 3)  # fmt: skip


def test_rdms_are_ordered_by_category_and_laid_out_by_layer():
    rdms = some_rdms()
    ordered = ordered_by_category(rdms)
    assert (np.diff(ordered.labels) >= 0).all()
    assert {layer: list(row) for layer, row in by_layer(ordered).items()} == {
        layer: ["t = 1", "t = 2"] for layer in LAYERS
    }
    before, after = rdms["fc_t2"], ordered["fc_t2"]
    np.testing.assert_allclose(np.sort(before), np.sort(after))
    mean_within = before[label_rdm(rdms.labels) == 0].mean()
    table = rdm_table(ordered).set_index(["layer", "timestep"])
    assert table.loc[("fc", 2), "within"] == pytest.approx(mean_within)


def test_a_path_begins_at_the_input_and_has_no_flows():
    path = path_of(some_rdms())
    assert path.nodes == ["input", "conv1_t1", "conv2_t1", "fc_t1", "input_t2", "conv1_t2", "conv2_t2", "fc_t2"]


def test_connections_are_drawn_with_their_parameters():
    network = build_network("rcnn", {"canvas": (36, 36), "features": (2, 3, 4), "bias": True}, 0)
    inventory = pd.DataFrame([c._asdict() for c in network.connections()])
    texts = [t.get_text() for t in connections_figure(inventory, LAYERS).axes[0].texts]
    both = inventory[(inventory.source == "fc") & (inventory.target == "conv1")]["n_parameters"].sum()
    assert f"{both:,}" in texts and "logits" in texts
