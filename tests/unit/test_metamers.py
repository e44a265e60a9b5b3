"""Metamers: every image of a batch is optimised as if it were alone, and what is reported is true of it."""

import numpy as np
import pandas as pd
import pytest
import torch
from torch.nn import functional as F

from repgeom.analyses.metamers import METAMER_COLUMNS, metamer_rows, summary
from repgeom.analyses.networks import NETWORK_COLUMNS
from repgeom.errors import InputError
from repgeom.figures.metamers import metamers_figure
from repgeom.models.architectures import PixelModel, build_network
from repgeom.stimuli.metamers import node_response, nodes_of, noise, synthesise
from repgeom.store.hdf5 import Arrays
from repgeom.store.stimuli import StimulusSet


@pytest.fixture(autouse=True)
def one_thread():
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def model():
    return PixelModel(build_network("single_conv", {}, seed=3), (0.1, 0.5)).eval()


def images(n=3):
    found = torch.zeros(n, 1, 28, 28)
    for i in range(n):
        found[i, 0, 5 * i + 4 : 5 * i + 9, 6:22] = 0.9
    return found


def one_at_a_time(model, layer, original, start, steps):
    """The definition: Adam on the pixels of one image, the mean squared difference as the loss."""
    with torch.no_grad():
        target = layer(model.normalise(original[None]))
    pixels = start[None].clone().requires_grad_(True)
    optimiser = torch.optim.Adam([pixels], lr=0.01)
    for _ in range(steps):
        optimiser.zero_grad()
        F.mse_loss(layer(model.normalise(pixels)), target).backward()
        optimiser.step()
    return pixels.detach()[0]


@pytest.mark.parametrize("node", ["conv", "fc"])
def test_each_image_of_a_batch_is_that_of_the_definition(model, node):
    layer = {"conv": model.network.conv, "fc": model.network.logits}[node]
    found = synthesise(model, node, images(), 12, 0.01, seed=5, snapshots=[0, 12])
    for i, start in enumerate(noise((3, 1, 28, 28), 5)):
        torch.testing.assert_close(found.snapshots[0][i], start)
        expected = one_at_a_time(model, layer, images()[i], start, 12)
        torch.testing.assert_close(found.snapshots[12][i], expected, rtol=0, atol=2e-5)


@pytest.mark.parametrize("node", ["conv", "relu", "fc", "softmax"])
def test_best_image_has_the_lowest_loss_that_is_reported(model, node):
    found = synthesise(model, node, images(), 30, 0.05, seed=0)
    difference = node_response(model, node, found.best) - node_response(model, node, images())
    losses = difference.flatten(1).square().mean(dim=1)
    torch.testing.assert_close(losses.detach(), found.loss.min(dim=0).values, rtol=1e-4, atol=1e-9)
    assert found.loss.shape == (31, 3) and (found.loss.min(dim=0).values < 0.5 * found.loss[0]).all()


def test_a_layer_that_keeps_the_image_gives_it_back_and_ten_numbers_do_not(model):
    correlation = {}
    for node in ("conv", "fc"):
        found = synthesise(model, node, images(), 150, 0.01, seed=0)
        correlation[node] = [np.corrcoef(a.ravel(), b.ravel())[0, 1] for a, b in zip(found.best, images(), strict=True)]
        assert (found.loss[-1] < 0.01 * found.loss[0]).all()
    assert min(correlation["conv"]) > 0.95 and max(correlation["fc"]) < 0.5


def test_noise_of_an_image_does_not_depend_on_the_batch():
    assert torch.equal(noise((5, 1, 4, 4), 1)[:2], noise((2, 1, 4, 4), 1))
    assert not torch.equal(noise((1, 1, 4, 4), 1), noise((1, 1, 4, 4), 2))
    assert not torch.equal(*noise((2, 1, 4, 4), 1))


def test_unknown_node_is_named_with_the_nearest(model):
    with pytest.raises(InputError, match="no node 'con' in the network; did you mean 'conv'"):
        synthesise(model, "con", images(), 1, 0.01, seed=0)


def test_rows_compare_with_the_original_and_with_others_of_its_class():
    rng = np.random.default_rng(0)
    originals = rng.random((2, 1, 4, 4))
    others = StimulusSet(
        np.concatenate([originals[:, 0], rng.random((2, 4, 4))]).astype(np.float32),
        np.array([7, 7, 7, 3]),
        np.array(["a", "b", "c", "d"]),
    )
    content = Arrays(
        {
            "ids": np.array(["a", "b"]), "labels": np.array([7, 7]), "starts": np.array([0, 0]),
            "originals": originals, "fc_best": originals[::-1], "fc_step0": -originals,
            "fc_loss": np.array([[4.0, 9.0], [1.0, 2.0], [3.0, 5.0]]),
            "fc_predicted": np.array([7, 3]), "fc_held_out": np.array([[1, 7], [2, 2], [7, 2]]),
        }
    )  # fmt: skip
    rows = list(metamer_rows(content, "fc", others))
    assert [*NETWORK_COLUMNS, *rows[0]] == list(METAMER_COLUMNS)
    r, c = np.corrcoef(originals.reshape(2, -1))[0, 1], others.images[2].ravel()
    assert rows[0]["pixel_correlation"] == pytest.approx(r)
    assert rows[0]["pixel_correlation_start"] == pytest.approx(-1)
    # the metamer of a is b: beside a, its class holds b itself and c
    expected = (1 + np.corrcoef(originals[1].ravel(), c)[0, 1]) / 2
    assert rows[0]["pixel_correlation_class"] == pytest.approx(expected)
    assert (rows[1]["loss_start"], rows[1]["loss_best"], rows[1]["predicted"], rows[1]["held_out"]) == (9, 2, 3, 2)
    assert [row["held_out_share"] for row in rows] == pytest.approx([1 / 3, 1 / 3])


def test_standard_errors_are_over_originals_and_not_over_starts():
    rows = pd.DataFrame(
        {
            "id": ["a", "a", "b", "b"], "label": [1, 1, 2, 2], "predicted": [1, 1, 2, 2], "held_out": [1, 0, 0, 0],
            "held_out_share": [1, 0, 0.5, 0.5],
            "pixel_correlation": [0.2, 0.4, 0.6, 0.8], "pixel_correlation_class": [0.1, 0.1, 0.1, 0.1],
        }
    )  # fmt: skip
    found = summary(rows)
    assert (found["n"], found["model"], found["held_out"]) == (4, 1.0, 0.5)
    assert found["own"] == pytest.approx(0.5) and found["own_se"] == pytest.approx(0.2)
    assert found["same_class_se"] == pytest.approx(0)


class Untraceable(torch.nn.Module):
    """A network whose flow depends on its input, so that only the calls of its modules can be recorded."""

    def __init__(self):
        super().__init__()
        self.conv = torch.nn.Conv2d(1, 4, 3)
        self.fc = torch.nn.Linear(4 * 26 * 26, 3)

    def forward(self, x):
        features = self.conv(x)
        return self.fc((features if features.sum() > 0 else -features).flatten(1))


@pytest.mark.parametrize("channels", [1, 3])
def test_the_figure_shows_pictures_of_one_node_below_the_other(channels):
    rng = np.random.default_rng(0)
    arrays = {"originals": rng.random((2, channels, 5, 6))}
    rows, summaries = [], {}
    for node in ("conv", "fc"):
        arrays |= {f"{node}_{name}": rng.normal(size=(2, channels, 5, 6)) for name in ("step0", "step4", "best")}
        arrays[f"{node}_loss"] = rng.random((9, 2))
        rows.append({"node": node, "pixel_correlation": 0.5, "label": 1, "predicted": 1, "held_out": 2})
        bars = {"own": 0.5, "own_se": 0.1, "same_class": 0.4, "same_class_se": 0.1}
        summaries[node] = {"n": 2, "model": 1.0, "held_out": 0.5} | bars
    figure = metamers_figure(arrays, pd.DataFrame(rows), {1: "cat", 2: "dog"}, summaries, [4])
    told = [part.get_supxlabel() for of_node in figure.subfigs for part in of_node.subfigs if part.get_supxlabel()]
    assert told == 2 * ["best: r = 0.50, class cat; model: cat; other: dog"]
    pictures = [axes.images[0].get_array() for axes in figure.axes if axes.images]
    names = ["originals", "conv_step4", "conv_best", "originals", "fc_step4", "fc_best"]
    for picture, name in zip(pictures, names, strict=True):
        expected = np.clip(np.moveaxis(arrays[name][0], 0, -1), 0, 1)
        np.testing.assert_array_equal(picture, expected[..., 0] if channels == 1 else expected)


def test_nodes_are_listed_in_execution_order(model):
    assert nodes_of(model, images(1)) == ["input", "conv", "relu", "flatten", "fc", "softmax"]


@pytest.mark.parametrize("network, node", [("recurrent", "conv2_2"), ("recurrent", "readout.linear"), (None, "conv")])
def test_nodes_at_a_timestep_and_of_networks_that_cannot_be_traced(network, node):
    torch.manual_seed(0)
    model = PixelModel(build_network(network, {}, seed=1) if network else Untraceable(), (0.1, 0.3)).eval()
    found = synthesise(model, node, images(), 60, 0.02, seed=0)
    assert (found.loss.min(dim=0).values < 0.5 * found.loss[0]).all()
