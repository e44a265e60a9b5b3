"""Recording every node of a network, in order, as it was when it was computed."""

from dataclasses import dataclass

import numpy as np
import pytest
import torch
from torch import nn
from torchvision.models.feature_extraction import get_graph_node_names

from repgeom.activations.oddities import odd_nodes
from repgeom.activations.recorder import CallRecorder, GraphRecorder, record_batches, recorder_for
from repgeom.activations.stimuli import device_of, record_stimuli
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
    _, *others = get_graph_node_names(network.eval())[1]
    assert [n.name for n in GraphRecorder(network).nodes] == ["input", *others]


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


class Counts(nn.Module):
    """Changes a buffer, an attribute and a list whenever it runs."""

    def __init__(self):
        super().__init__()
        self.fc, self.kept, self.cache = nn.Linear(4, 3), [], None
        self.register_buffer("calls", torch.zeros(()))
        self.register_buffer("mean", torch.zeros(3))

    def forward(self, x):
        self.calls += 1
        self.cache = self.fc(x)
        self.kept.append(self.cache)
        self.mean = 0.5 * self.mean + self.cache.mean(dim=0)
        return self.cache - self.mean


def test_what_tracing_does_to_a_network_is_undone():
    network, x = Counts().eval(), torch.randn(2, 4)
    recorder = GraphRecorder(network)
    assert network.calls == 0 and network.kept == [] and network.cache is None and (network.mean == 0).all()
    expected = network(x)
    torch.testing.assert_close(record(recorder, x)["sub"], expected)


class Asked(nn.Module):
    """Takes more than images, where it is given more."""

    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 3)

    def forward(self, x, condition=None, scale=2.0, *, twice=False):
        x = self.fc(x) * scale
        return x if condition is None and not twice else x + x


def test_further_arguments_are_what_they_are_by_default():
    network, x = Asked().eval(), torch.randn(2, 4)
    found = record(recorder_for(network, x, pytest.fail), x)
    assert list(found) == ["input", "fc", "mul"]
    torch.testing.assert_close(found["mul"], network(x))


class Rounds(nn.Module):
    """Computes in a precision that torch.fx does not see."""

    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 3)

    def forward(self, x):
        with torch.autocast("cpu", dtype=torch.bfloat16):
            return self.fc(x).float()


def test_a_trace_that_answers_otherwise_is_not_believed():
    network, x, warnings = Rounds().eval(), torch.randn(6, 4), []
    found = record(recorder_for(network, x, warnings.append), x)
    torch.testing.assert_close(found["output"], network(x), rtol=0, atol=0)
    assert "answers otherwise than what torch.fx traces" in warnings[0]


class Sparse(nn.Module):
    def forward(self, x):
        return x.relu().to_sparse().sum(dim=1).to_dense()


def test_sparse_values_are_recorded_in_full():
    x = torch.randn(3, 4)
    found = record(recorder_for(Sparse(), x, pytest.fail), x)
    torch.testing.assert_close(found["to_sparse"], x.relu())
    torch.testing.assert_close(found["to_dense"], x.relu().sum(dim=1))


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_torchscript_is_refused_by_name():
    scripted = torch.jit.script(nn.Sequential(nn.Linear(4, 3)))
    with pytest.raises(InputError, match=r"TorchScript cannot be recorded; give the torch\.nn\.Module"):
        recorder_for(scripted, torch.randn(2, 4))


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


class Sequence(nn.Module):
    """Reads the rows of an image one after the other."""

    def __init__(self, kind, time_first=False):
        super().__init__()
        self.time_first = time_first
        self.rnn = kind(4, 5, batch_first=not time_first)
        self.readout = nn.Linear(5, 3)

    def forward(self, images):
        rows = images[:, 0].transpose(0, 1) if self.time_first else images[:, 0]
        states, _ = self.rnn(rows)
        return self.readout(states[-1] if self.time_first else states[:, -1])


class Chooses(nn.Module):
    """Sends each image through one of two layers."""

    def __init__(self):
        super().__init__()
        self.bright, self.dark, self.readout = nn.Linear(16, 5), nn.Linear(16, 5), nn.Linear(5, 3)

    def forward(self, images):
        flat = images.flatten(1)
        return self.readout(self.bright(flat) if flat.mean() > 0.5 else self.dark(flat))


class Transformer(nn.Module):
    def __init__(self):
        super().__init__()
        layer = nn.TransformerEncoderLayer(4, nhead=2, dim_feedforward=8, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, num_layers=2)
        self.readout = nn.Linear(4, 3)

    def forward(self, images):
        return self.readout(self.encoder(images[:, 0]).mean(dim=1))


class Tables(nn.Module):
    """Computes things that are not of any stimulus beside those that are."""

    def __init__(self):
        super().__init__()
        self.positions = nn.Parameter(torch.randn(2, 16))
        self.fc = nn.Linear(16, 3)

    def forward(self, images):
        shift = self.positions.tanh().sum(dim=0)
        scale = images.mean()
        return self.fc(images.flatten(1) * scale + shift)


class Returns(nn.Module):
    """Wraps its logits in some container."""

    def __init__(self, wrap):
        super().__init__()
        self.fc, self.wrap = nn.Linear(16, 3), wrap

    def forward(self, images):
        return self.wrap(self.fc(images.flatten(1)))


@dataclass
class Answer:
    name: str
    logits: torch.Tensor


def stored(tmp_path, network, n=7, batch_size=4, **options):
    """Record `n` images of 4 × 4 pixels; returns them, what was stored, and what was warned of."""
    torch.manual_seed(0)
    images = np.random.default_rng(0).random((n, 4, 4), dtype=np.float32) + np.linspace(-0.4, 0.4, n)[:, None, None]
    images = np.clip(images, 0, 1).astype(np.float32)
    stimuli = StimulusSet(images, np.zeros(n, dtype=np.int64), np.array([f"i{k}" for k in range(n)]))
    warnings, path = [], tmp_path / "a.zarr.zip"
    record_stimuli(path, PixelModel(network.eval()), stimuli, {}, batch_size, warn=warnings.append, **options)
    with open_activations(path) as file:
        values = {name: file.read(name).reshape(n, *node["shape"]) for name, node in file.nodes.items()}
        return torch.from_numpy(images)[:, None], values, warnings, file.stimuli.descriptors


def close(found, expected):
    torch.testing.assert_close(torch.from_numpy(found), expected.detach(), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("kind", [nn.GRU, nn.LSTM])
def test_hidden_states_with_layers_first_are_left_out_and_named(tmp_path, kind):
    network = Sequence(kind)
    images, values, warnings, _ = stored(tmp_path, network)
    states = network.rnn(images[:, 0])[0]
    assert next(iter(values)) == "input"
    sequences = [name for name, value in values.items() if value.shape == tuple(states.shape)]
    assert sequences
    close(values[sequences[0]], states)
    close(values["readout"], network(images))
    if kind is nn.GRU:  # an LSTM's are two tensors in one tuple, which is no node
        assert any("left out: its shape [1, 3, 5] does not begin with the stimuli" in w for w in warnings)
    assert all(len(value) == 7 for value in values.values())


def test_time_first_layouts_are_left_out_even_where_steps_equal_stimuli(tmp_path):
    network = Sequence(nn.GRU, time_first=True)
    images, values, warnings, _ = stored(tmp_path, network, n=4)  # of as many rows
    close(values["readout"], network(images))
    assert all(len(value) == 4 and "rnn" not in name for name, value in values.items())
    assert any("left out: its shape [4, 3, 5]" in w for w in warnings)


def test_tables_and_scalars_are_left_out_whatever_their_length(tmp_path):
    network = Tables()
    _, values, warnings, _ = stored(tmp_path, network, n=2, batch_size=2)
    assert {"input", "flatten", "fc"} <= set(values) and all(len(value) == 2 for value in values.values())
    assert {"mean", "tanh", "sum"} <= {w.split("'")[1].split("_")[0] for w in warnings}


def test_each_image_goes_its_own_way_through_a_network_that_chooses(tmp_path):
    """Batches would send all images the way of their mean."""
    network = Chooses()
    images, values, warnings, answers = stored(tmp_path, network)
    alone = torch.cat([network(image[None]) for image in images])
    close(values["readout"], alone)
    assert 0 < sum(image.mean() > 0.5 for image in images) < len(images)
    np.testing.assert_array_equal(answers["predicted"], alone.argmax(dim=1))
    assert "bright" not in values and any("'bright' is left out: computed for" in w for w in warnings)


def test_what_is_inside_a_transformer_of_torch_is_recorded(tmp_path):
    network = Transformer()
    images, values, warnings, _ = stored(tmp_path, network)
    assert {"encoder.layers.0.linear1", "encoder.layers.0.self_attn", "encoder.layers.1.norm2", "readout"} <= set(
        values
    )
    close(values["encoder.layers.0.norm2"], network.encoder.layers[0](images[:, 0]))
    assert "encoder.layers.0" not in values  # it only passes on what its last norm returns
    close(values["readout"], network(images))
    assert "does not look into 'encoder'" in warnings[0]


@pytest.mark.parametrize("wrap", [
    lambda x: {"aux": 0, "logits": x},
    lambda x: {"features": None, "out": x},
    lambda x: (x, x * 0),
    lambda x: Answer("mine", x),
    lambda x: {"aux": {"out": x * 0}, "heads": [{"pooled": x * 0, "logits": x}], "out": (x, x * 0)},
    lambda x: {"aux": x * 0, "heads": {"class": Answer("mine", x)}},
    lambda x: [[x, x * 0], [x * 0]],
], ids=["dict", "out", "tuple", "dataclass", "outermost", "inside", "lists"])  # fmt: skip
def test_logits_are_found_in_what_a_network_returns(tmp_path, wrap):
    network = Returns(wrap)
    images, values, _, answers = stored(tmp_path, network)
    expected = network.fc(images.flatten(1))
    torch.testing.assert_close(PixelModel(network)(images), expected)
    close(values["fc"], expected)
    np.testing.assert_array_equal(answers["predicted"], expected.argmax(dim=1))


def test_a_network_of_feature_maps_has_no_answers(tmp_path):
    network = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.ReLU())
    _, values, warnings, answers = stored(tmp_path, network)
    assert list(values) == ["input", "0", "1", "2"] and "predicted" not in answers
    assert any("no logits" in w for w in warnings)


def test_a_last_batch_of_one_image_may_be_squeezed(tmp_path):
    class Squeezes(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(16, 1)

        def forward(self, images):
            return self.fc(images.flatten(1)).squeeze()

    network = Squeezes()
    images, values, _, _ = stored(tmp_path, network, n=7, batch_size=3)
    close(values["squeeze"], network(images))


def test_a_network_is_looked_at_in_five_runs_and_shown_every_image_once(tmp_path):
    network, seen = nn.Sequential(nn.Flatten(), nn.Linear(16, 3)), []
    network[1].register_forward_hook(lambda module, given, returned: seen.append(len(returned)))
    _, _, _, descriptors = stored(tmp_path, network, n=7, batch_size=4)
    assert seen == [2, 2, 3, 3, 2, 4, 3] and len(descriptors["predicted"]) == 7


def test_a_network_with_logits_of_its_own_is_asked_for_them(tmp_path):
    class Probable(nn.Linear):
        def logits(self, images):
            return super().forward(images.flatten(1))

        def forward(self, images):
            return 1 - self.logits(images).softmax(dim=1)

    network = Probable(16, 3)
    images, _, _, descriptors = stored(tmp_path, network)
    np.testing.assert_array_equal(descriptors["predicted"], network.logits(images).argmax(dim=1))


def test_a_layer_called_logits_is_no_method(tmp_path):
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.hidden, self.logits = nn.Linear(16, 5), nn.Linear(5, 3)

        def forward(self, images):
            return self.logits(self.hidden(images.flatten(1)))

    network = Net()
    images, values, _, descriptors = stored(tmp_path, network)
    close(values["logits"], network(images))
    torch.testing.assert_close(PixelModel(network)(images), network(images))
    np.testing.assert_array_equal(descriptors["predicted"], values["logits"].argmax(axis=1))


def test_what_a_network_does_to_its_input_changes_nothing(tmp_path):
    class Changes(nn.Module):
        def forward(self, images):
            return images.mul_(2).sub_(1).flatten(1)

    images, values, warnings, _ = stored(tmp_path, Changes())
    close(values["input"], images)
    close(values["flatten"], (2 * images - 1).flatten(1))
    assert not warnings
    call = CallRecorder(Changes(), images)
    torch.testing.assert_close(images, torch.from_numpy(values["input"]))
    assert [node.name for node in call.nodes] == ["input", "output"]


@pytest.mark.parametrize("share", [0, 0.005])
def test_a_small_say_of_the_images_beside_an_image_is_told(tmp_path, share):
    class Beside(nn.Module):
        def forward(self, images):
            return images.flatten(1) + share * images.flatten(1).mean(dim=0)

    _, _, warnings, _ = stored(tmp_path, Beside())
    told = [line for line in warnings if "depend on which images are shown together" in line]
    assert len(told) == (share > 0) and all("'add'" in line for line in told)


def test_fixed_filters_say_what_precision_and_place_images_have():
    network = nn.Module()
    network.register_buffer("filters", torch.ones(3, dtype=torch.float64, device="meta"))
    assert PixelModel(network).normalise(torch.rand(2, 1, 4, 4)).dtype == torch.float64
    assert device_of(PixelModel(network)).type == "meta"


def test_in_place_modules_are_recorded_as_they_return():
    network = nn.Sequential(nn.Linear(4, 4), nn.ReLU(inplace=True))
    x = torch.randn(6, 4)
    found = record(CallRecorder(network, x), x)
    torch.testing.assert_close(found["0"], network[0](x))
    torch.testing.assert_close(found["1"], network(x))
    assert "output" not in found


def test_patterns_choose_nodes():
    recorder = GraphRecorder(build_network("lenet", {}, 0).eval())
    assert list(record(recorder, torch.rand(1, 1, 28, 28), wanted=["fc?", "input"])) == ["input", "fc1", "fc2"]


FAMILIES = {
    "alexnet": 64, "convnext_tiny": 64, "densenet121": 64, "efficientnet_b0": 64, "efficientnet_v2_s": 64,
    "googlenet": 64, "inception_v3": 96, "maxvit_t": 224, "mnasnet0_5": 64, "mobilenet_v2": 64, "mobilenet_v3_small": 64,
    "regnet_y_400mf": 64, "resnet18": 64, "resnext50_32x4d": 64, "shufflenet_v2_x0_5": 64, "squeezenet1_0": 64,
    "swin_t": 64, "swin_v2_t": 64, "vgg11": 64, "vit_b_32": 224, "wide_resnet50_2": 64,
}  # fmt: skip


@pytest.mark.parametrize("name", FAMILIES)
def test_every_family_of_torchvision_is_recorded(name, monkeypatch):
    """Every node begins with the stimuli, or is left out; the last one holds the logits."""
    import torchvision

    monkeypatch.setattr(nn.init, "trunc_normal_", lambda tensor, *_, **__: tensor.data.normal_(0, 0.02))  # quick
    keywords = {"init_weights": False} if name in ("googlenet", "inception_v3") else {}
    network = torchvision.models.get_model(name, weights=None, num_classes=7, **keywords).eval()
    images, values = torch.rand(2, 3, FAMILIES[name], FAMILIES[name]), {}
    recorder = recorder_for(network, images, warn=pytest.fail)
    odd = odd_nodes(recorder, images)
    record_batches(recorder, iter([images]), None, lambda n, v: n.name in odd or values.update({n.name: v.clone()}))
    assert next(iter(values)) == "input" and all(len(value) == 2 for value in values.values())
    with torch.no_grad():
        torch.testing.assert_close(list(values.values())[-1], network(images), rtol=1e-4, atol=1e-5)
    assert len(odd) < len(values)
