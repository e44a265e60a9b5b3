"""Recording every node of a network, in order, as it was when it was computed."""

import numpy as np
import pytest
import torch
from torch import nn
from torchvision.models.feature_extraction import get_graph_node_names

from repgeom.activations.recorder import CallRecorder, GraphRecorder, record_batches, recorder_for
from repgeom.activations.stimuli import record_stimuli
from repgeom.errors import InputError
from repgeom.models.architectures import BUILT_IN, PixelModel, build_network, parameter_count
from repgeom.models.nodes import ARCHITECTURES, node_names
from repgeom.store.activations import open_activations
from repgeom.store.stimuli import StimulusSet


def record(recorder, *batches, wanted=None):
    found = {}
    record_batches(recorder, iter(batches), wanted, lambda n, v: found.setdefault(n.name, []).append(v.clone()))
    return {name: torch.cat(values) for name, values in found.items()}


def test_every_architecture_is_known_by_name():
    assert set(BUILT_IN) == set(ARCHITECTURES)


@pytest.mark.parametrize("architecture", ["lenet", "recurrent", "single_conv"])
def test_nodes_known_without_torch_are_those_recorded(architecture):
    network = build_network(architecture, {}, seed=0).eval()
    assert list(record(GraphRecorder(network), torch.rand(2, 1, 28, 28))) == node_names(architecture, {})


@pytest.mark.parametrize("options", [
    {},
    {"n_steps": 2, "bias": True},
    {"lateral": False},
    {"top_down": False, "gain": False, "bias": True},
    {"bias": False, "gain": False},
    {"lateral": False, "top_down": False},
])  # fmt: skip
def test_nodes_of_the_recurrent_network_are_those_it_records(options):
    network = build_network("rcnn", {"canvas": (36, 36), "features": (2, 3, 4)} | options, seed=0).eval()
    found = list(record(recorder_for(network, torch.rand(2, 1, 36, 36)), torch.rand(2, 1, 36, 36)))
    assert found == node_names("rcnn", options)


class InPlace(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 4)

    def forward(self, input):
        return torch.relu_(self.fc(input))


class Nested(nn.Module):
    def __init__(self):
        super().__init__()
        self.block = InPlace()
        self.twice = nn.Sequential(nn.Linear(4, 4), nn.ReLU())

    def forward(self, x_1):
        y = torch.relu(self.block(x_1)) + self.twice(x_1)
        return torch.relu(self.twice(self.block(y)) * 2 + y.sum())


@pytest.mark.parametrize("network", [build_network(a, {}, 0) for a in ARCHITECTURES if a != "rcnn"] + [Nested()])
def test_names_equal_torchvisions(network):
    expected = get_graph_node_names(network.eval())[1]
    assert [n.name for n in GraphRecorder(network).nodes] == expected


@pytest.mark.parametrize("architecture, count", [("lenet", 1_199_882), ("recurrent", 2650), ("single_conv", 216_650)])
def test_parameter_counts(architecture, count):
    assert parameter_count(build_network(architecture, {}, seed=0)) == count


def test_recurrent_nodes_carry_module_and_timestep():
    nodes = {n.name: n for n in GraphRecorder(build_network("recurrent", {}, 0).eval()).nodes}
    assert [(nodes[n].module, nodes[n].timestep) for n in ("conv2", "conv2_4", "add_2", "relu_4")] == [
        ("conv2", 1), ("conv2", 5), ("add", 3), ("relu", 5)]  # fmt: skip
    assert nodes["conv1"].timestep == nodes["readout.linear"].timestep == 0
    assert set(nodes["add_1"].inputs) == {"conv1", "conv2_1"}


def test_values_equal_the_networks_own():
    network = build_network("lenet", {}, seed=0).eval()
    images = torch.rand(5, 1, 28, 28)
    found = record(GraphRecorder(network), images[:3], images[3:])
    torch.testing.assert_close(found["conv1"], network.conv1(images))
    torch.testing.assert_close(found["softmax"], network(images))
    torch.testing.assert_close(found["dropout1"], found["max_pool2d"])  # dropout is off


def test_in_place_operations_do_not_change_what_was_recorded():
    network, x = InPlace().eval(), torch.randn(6, 4)
    for recorder in (GraphRecorder(network), CallRecorder(network, x)):
        torch.testing.assert_close(record(recorder, x)["fc"], network.fc(x))


class ShapeLoop(nn.Module):
    def __init__(self):
        super().__init__()
        self.cell = nn.Linear(3, 3)

    def forward(self, input):
        x = torch.zeros_like(input[:, 0])
        for t in range(input.shape[1]):
            x = self.cell(x + input[:, t])
        return x


def test_untraceable_networks_are_recorded_call_by_call():
    network, x, warnings = ShapeLoop().eval(), torch.randn(2, 4, 3), []
    recorder = recorder_for(network, x, warnings.append)
    found = record(recorder, x)
    assert list(found) == ["input", "cell", "cell_1", "cell_2", "cell_3"]
    torch.testing.assert_close(found["cell_3"], network(x))
    assert [n.timestep for n in recorder.nodes] == [0, 1, 2, 3, 4]
    assert "torch.fx cannot trace" in warnings[0]


def test_wanted_nodes_only():
    recorder = GraphRecorder(build_network("lenet", {}, 0).eval())
    assert list(record(recorder, torch.rand(1, 1, 28, 28), wanted=["fc1", "conv1"])) == ["conv1", "fc1"]
    with pytest.raises(InputError, match="did you mean 'conv1'"):
        record(recorder, torch.rand(1, 1, 28, 28), wanted=["conv11"])


def test_file_holds_all_stimuli_whatever_the_batch(tmp_path):
    model = PixelModel(build_network("lenet", {}, 0), (0.1307, 0.3081)).eval()
    images = np.random.default_rng(0).random((7, 28, 28), dtype=np.float32)
    stimuli = StimulusSet(images, np.zeros(7, dtype=np.int64), np.array([f"i{k}" for k in range(7)]))
    values = []
    for batch in (3, 7):
        record_stimuli(tmp_path / "a.zarr.zip", model, stimuli, {}, batch)
        with open_activations(tmp_path / "a.zarr.zip") as file:
            values.append({node: file.read(node) for node in file.nodes})
            predicted = file.stimuli.descriptors["predicted"]
    for node, found in values[0].items():
        np.testing.assert_allclose(found, values[1][node], atol=1e-5)
    np.testing.assert_allclose(values[0]["input"], (images.reshape(7, -1) - 0.1307) / 0.3081, rtol=1e-5)
    np.testing.assert_array_equal(predicted, values[0]["softmax"].argmax(axis=1))


def test_own_networks(tmp_path):
    file = tmp_path / "mine.py"
    file.write_text("import torch\nclass Net(torch.nn.Linear):\n    pass\nclass Other: pass\n")
    assert parameter_count(build_network(f"{file}:Net", {"in_features": 2, "out_features": 3}, 0)) == 9
    with pytest.raises(InputError, match="did you mean 'Net'"):
        build_network(f"{file}:Nat", {}, 0)
    with pytest.raises(InputError, match="in_features"):
        build_network(f"{file}:Net", {}, 0)
    with pytest.raises(InputError, match="no such file"):
        build_network("nowhere.py:Net", {}, 0)
    with pytest.raises(InputError, match="did you mean 'lenet'"):
        build_network("lennet", {}, 0)
