"""The network against its equations, written out with functional operations, and against the published numbers."""

import copy

import pytest
import torch
import torch.nn.functional as F

from repgeom.activations.recorder import record_batches, recorder_for
from repgeom.errors import InputError
from repgeom.models.rcnn import RCNN, OverlapAdd, transposed_fit

VARIANTS = [
    {"bias": bias, "gain": gain, "lateral": lateral, "top_down": top_down}
    for bias in (False, True)
    for gain in (False, True)
    for lateral in (False, True)
    for top_down in (False, True)
]

PUBLISHED_SHAPES = {
    "conv1": (8, 1, 5, 5),
    "conv2": (16, 8, 5, 5),
    "fc1": (128, 1296),
    "fc2": (20, 512),
    **{f"c1x{m}": (8, 1, 7, 7) for m in "bg"},
    **{f"c2x{m}": (16, 1, 20, 20) for m in "bg"},
    **{f"fc1x{m}": (10_000, 128) for m in "bg"},
    **{f"c1c1{m}": (8, 8, 5, 5) for m in "bg"},
    **{f"c2c1{m}": (16, 8, 16, 16) for m in "bg"},
    **{f"fc1c1{m}": (73_728, 128) for m in "bg"},
    **{f"c2c2{m}": (16, 16, 5, 5) for m in "bg"},
    **{f"fc1c2{m}": (12_544, 128) for m in "bg"},
    **{f"fc1fc1{m}": (128, 128) for m in "bg"},
}


def build(seed=0, canvas=(40, 40), features=(3, 5, 7), **options):
    network = RCNN(canvas=canvas, features=features, generator=torch.Generator().manual_seed(seed), **options)
    return randomise_biases(network)


def randomise_biases(network, seed=1):
    """Zero biases would hide a bias that is forgotten or added twice."""
    generator = torch.Generator().manual_seed(seed)
    for name, parameter in network.named_parameters():
        if name.endswith("bias"):
            torch.nn.init.normal_(parameter, std=0.1, generator=generator)
    return network


def draw_images(n=3, canvas=(40, 40), seed=2):
    return torch.rand(n, 1, *canvas, generator=torch.Generator().manual_seed(seed))


def reference_run(network, x, flags):
    """The published equations, every pathway computed and switched by a factor of 0 or 1, in float64.

    Returns states (after pooling), flows and fc states, all by (layer, timestep).
    """
    w = {name: value.double() for name, value in network.state_dict().items()}
    x = x.double()

    def linear(name, v, shape):
        if f"{name}.weight" not in w:
            return 0.0
        return F.linear(v, w[f"{name}.weight"], w[f"{name}.bias"]).view(len(v), *shape)

    def lateral(name, v):
        return F.conv2d(v, w[f"{name}.weight"], w[f"{name}.bias"], padding=2) if f"{name}.weight" in w else 0.0

    def down(name, v):
        if f"{name}.weight" not in w:
            return 0.0
        stride = network.get_submodule(name).stride
        return F.conv_transpose2d(v, w[f"{name}.weight"], w[f"{name}.bias"], stride=stride)

    b, g = float(flags["bias"]), float(flags["gain"])
    lat, top = float(flags["lateral"]), float(flags["top_down"])
    states, flows = {}, {}
    c1 = c2 = p1 = p2 = fc = None
    for t in range(1, network.n_steps + 1):
        flow = {(layer, m): torch.zeros(()) for layer in ("input", "conv1", "conv2", "fc") for m in "bg"}
        if t > 1:
            for m in "bg":
                flow["input", m] = top * (
                    down(f"c1x{m}", p1) + down(f"c2x{m}", p2) + linear(f"fc1x{m}", fc, x.shape[1:])
                )
                flow["conv1", m] = lat * lateral(f"c1c1{m}", c1) + top * (
                    down(f"c2c1{m}", p2) + linear(f"fc1c1{m}", fc, c1.shape[1:])
                )
                flow["conv2", m] = lat * lateral(f"c2c2{m}", c2) + top * linear(f"fc1c2{m}", fc, c2.shape[1:])
                flow["fc", m] = lat * linear(f"fc1fc1{m}", fc, fc.shape[1:])
        image = (x + b * flow["input", "b"]) * (1 + g * flow["input", "g"])
        image = F.relu(image) - F.relu(image - 1)
        c1 = F.conv2d(image, w["conv1.weight"], w["conv1.bias"])
        c1 = F.relu(c1 + b * flow["conv1", "b"]) * (1 + g * flow["conv1", "g"])
        p1 = F.max_pool2d(c1, 3)
        c2 = F.conv2d(p1, w["conv2.weight"], w["conv2.bias"])
        c2 = F.relu(c2 + b * flow["conv2", "b"]) * (1 + g * flow["conv2", "g"])
        p2 = F.max_pool2d(c2, 3)
        fc = F.linear(p2.flatten(1), w["fc1.weight"], w["fc1.bias"])
        fc = F.relu(fc + b * flow["fc", "b"]) * (1 + g * flow["fc", "g"])
        states |= {("input", t): image, ("conv1", t): p1, ("conv2", t): p2, ("fc", t): fc}
        flows |= {(layer, m, t): value for (layer, m), value in flow.items()}
    seen = torch.cat([states["fc", t] for t in range(1, network.n_steps + 1)], dim=1)
    return states, flows, F.linear(seen, w["fc2.weight"], w["fc2.bias"])


@pytest.mark.parametrize(("variants", "expected"), [(("gain",), 12_662_894), (("bias", "gain"), 25_146_088)])
def test_parameter_count_is_the_published_one(variants, expected):
    network = RCNN(bias="bias" in variants, gain="gain" in variants)
    assert network.n_parameters == expected
    assert sum(connection.n_parameters for connection in network.connections()) == expected


def test_names_and_shapes_are_the_published_ones():
    network = RCNN(bias=True, gain=True)
    shapes = {name: tuple(value.shape) for name, value in network.state_dict().items()}
    weights = {f"{name}.weight": shape for name, shape in PUBLISHED_SHAPES.items()}
    transposed = {name for name in PUBLISHED_SHAPES if name[:-1] in ("c1x", "c2x", "c2c1")}
    biases = {f"{name}.bias": (shape[name in transposed],) for name, shape in PUBLISHED_SHAPES.items()}
    assert shapes == weights | biases


def test_layers_have_the_published_sizes():
    network = RCNN()
    assert network.map_shapes == {"input": (1, 100, 100), "conv1": (8, 96, 96), "conv2": (16, 28, 28), "fc": (128,)}
    assert network.output_shapes["conv1"] == (8, 32, 32)
    assert network.output_shapes["conv2"] == (16, 9, 9)


@pytest.mark.parametrize("flags", VARIANTS, ids=lambda f: "-".join(k for k, on in f.items() if on) or "none")
def test_every_variant_follows_the_equations(flags):
    network, images = build(**flags), draw_images()
    found = network.activations(images)
    states, flows, logits = reference_run(network, images, flags)
    for (layer, t), expected in states.items():
        torch.testing.assert_close(found[f"{layer}_t{t}"].double(), expected, atol=1e-5, rtol=1e-4)
    for name, value in found.items():
        if name.rpartition("_t")[0].endswith("flow"):
            layer, modulation, _, t = name.split("_")
            torch.testing.assert_close(
                value.double(), flows[layer, modulation[0], int(t[1:])], atol=1e-5, rtol=1e-4, msg=name
            )
    torch.testing.assert_close(network(images).double(), logits, atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(found["logits_t4"], network(images))


def test_gradients_follow_the_equations():
    network, images = build(bias=True, gain=True).double(), draw_images().double()
    target = torch.arange(3)
    F.cross_entropy(network(images), target).backward()
    copied = copy.deepcopy(network)
    leaves = {name: p.detach().clone().requires_grad_() for name, p in network.named_parameters()}
    copied.state_dict = lambda: leaves
    *_, logits = reference_run(copied, images, dict.fromkeys(("bias", "gain", "lateral", "top_down"), True))
    F.cross_entropy(logits, target).backward()
    for name, parameter in network.named_parameters():
        torch.testing.assert_close(parameter.grad, leaves[name].grad, msg=lambda m, name=name: f"{name}: {m}")


def test_absent_pathways_have_no_parameters():
    assert {name for name, _ in build(lateral=False).named_children()} == {
        "conv1", "conv2", "fc1", "fc2", "c1xg", "c2xg", "fc1xg", "c2c1g", "fc1c1g", "fc1c2g",
    }  # fmt: skip
    assert {name for name, _ in build(top_down=False, gain=False, bias=True).named_children()} == {
        "conv1", "conv2", "fc1", "fc2", "c1c1b", "c2c2b", "fc1fc1b",
    }  # fmt: skip
    assert len(list(build(gain=False).children())) == 4


@pytest.mark.parametrize(
    ("options", "inputs", "conv1s", "fcs"), [({}, 4, 4, 4), ({"top_down": False}, 1, 4, 4), ({"gain": False}, 1, 1, 1)]
)
def test_layers_without_changing_input_keep_their_state(options, inputs, conv1s, fcs):
    """Without top-down pathways the input stays as it is, without any pathway everything does."""
    states = [step.state.maps for step in build(**options).unroll(draw_images())]
    for layer, expected in (("input", inputs), ("conv1", conv1s), ("fc", fcs)):
        assert len({id(state[layer]) for state in states}) == expected


@pytest.mark.parametrize("canvas", [(25, 25), (32, 32), (37, 53), (50, 50), (64, 41), (101, 100), (333, 26)])
def test_any_canvas_fits(canvas):
    network = build(canvas=canvas, bias=True)
    found = network.activations(draw_images(2, canvas))
    for layer in ("input", "conv1", "conv2", "fc"):
        assert found[f"{layer}_gain_flow_t2"].shape[1:] == network.map_shapes[layer]
    assert found["logits_t4"].shape == (2, 20)
    assert found["logits_t4"].isfinite().all()


def test_too_small_a_canvas_is_refused():
    with pytest.raises(InputError, match="at least 25 pixels"):
        build(canvas=(24, 100))
    build(canvas=(25, 25))


@pytest.mark.parametrize(("source", "target", "expected"), [(32, 100, (7, 3)), (9, 100, (20, 10)), (9, 96, (16, 10))])
def test_transposed_convolutions_have_the_published_kernels(source, target, expected):
    assert transposed_fit(source, target) == expected


def test_transposed_convolutions_cover_any_target_with_overlap():
    for target in range(25, 400):
        for source in {1, 2, (target - 4) // 3, ((target - 4) // 3 - 4) // 3} - {0}:
            kernel, stride = transposed_fit(source, target)
            assert (source - 1) * stride + kernel == target
            assert stride >= 1
            assert 2 * kernel >= 3 * stride


def test_overlap_add_is_a_transposed_convolution():
    module = OverlapAdd(3, 2, (7, 4), (5, 3)).to(memory_format=torch.channels_last)
    source = torch.rand(2, 3, 6, 4, generator=torch.Generator().manual_seed(0), requires_grad=True)
    expected = F.conv_transpose2d(source, module.weight, module.bias, (5, 3))
    torch.testing.assert_close(module(source), expected)
    inputs = (source, module.weight, module.bias)
    pull = torch.rand_like(expected)
    for ours, theirs in zip(*(torch.autograd.grad(y, inputs, pull) for y in (module(source), expected)), strict=True):
        torch.testing.assert_close(ours, theirs)


def test_initial_weights_are_xavier_uniform_and_biases_zero():
    network = RCNN(generator=torch.Generator().manual_seed(3))
    for name, weight in network.named_parameters():
        if name.endswith("bias"):
            assert not weight.any()
            continue
        field = weight[0, 0].numel()
        bound = (6 / (field * (weight.shape[0] + weight.shape[1]))) ** 0.5
        assert weight.abs().max() <= bound
        assert weight.std().item() == pytest.approx(bound / 3**0.5, rel=0.1)


def test_weights_come_from_the_generator_alone():
    state = torch.get_rng_state()
    first, again, other = build(seed=5), build(seed=5), build(seed=6)
    assert torch.equal(torch.get_rng_state(), state)
    for name, weight in first.named_parameters():
        assert torch.equal(weight, again.get_parameter(name))
    assert not torch.equal(first.fc1.weight, other.fc1.weight)


def test_variants_of_one_seed_share_their_bottom_up_weights():
    with_gain, with_bias = build(), build(bias=True, gain=False)
    for name in ("conv1", "conv2", "fc1", "fc2"):
        assert torch.equal(with_gain.get_submodule(name).weight, with_bias.get_submodule(name).weight)


def published_like(network):
    """A state dict as the authors' files: every pathway in both modulations, used or not."""
    return RCNN(
        canvas=network.map_shapes["input"][1:],
        features=(3, 5, 7),
        bias=True,
        generator=torch.Generator().manual_seed(8),
    ).state_dict()


def test_published_weights_load_into_a_network_without_their_unused_pathways():
    network = build()
    weights = published_like(network)
    network.load_published(weights)
    for name, value in network.state_dict().items():
        assert torch.equal(value, weights[name])


@pytest.mark.parametrize(
    "spoil",
    [
        lambda w: w.pop("c1c1g.bias"),
        lambda w: w.update({"conv3.weight": torch.zeros(1)}),
        lambda w: w.update({"fc2.weight": torch.zeros(20, 1)}),
    ],
)
def test_other_weights_are_refused(spoil):
    network = build()
    weights = dict(published_like(network))
    spoil(weights)
    with pytest.raises(InputError, match=r"conv3|c1c1g|fc2"):
        network.load_published(weights)


def test_partial_readout_counts_later_steps_as_zero():
    network, images = build(), draw_images()
    found = network.activations(images)
    for t in range(1, 5):
        states = [found[f"fc_t{k}"] * (k <= t) for k in range(1, 5)]
        torch.testing.assert_close(found[f"logits_t{t}"], network.fc2(torch.cat(states, dim=1)))


def test_the_first_step_has_no_recurrence():
    """The control of reading out at t = 1 is the same network without recurrent pathways."""
    network, images = build(), draw_images()
    feed_forward = build(gain=False)
    feed_forward.load_state_dict({k: v for k, v in network.state_dict().items() if k.split(".")[0][-1] not in "bg"})
    torch.testing.assert_close(
        network.activations(images, ["logits_t1"])["logits_t1"],
        feed_forward.activations(images, ["logits_t1"])["logits_t1"],
    )


def test_nodes_are_recorded_in_execution_order_with_their_inputs():
    network = build(bias=True)
    nodes = network.nodes
    assert [node.name for node in nodes[:9]] == [
        "input_t1", "conv1_t1", "conv2_t1", "fc_t1", "logits_t1",
        "input_bias_flow_t2", "input_gain_flow_t2", "input_t2", "conv1_bias_flow_t2",
    ]  # fmt: skip
    assert list(network.activations(draw_images())) == [node.name for node in nodes]
    assert len(nodes) == len({node.name for node in nodes}) == 4 * 5 + 3 * 4 * 2
    known = set()
    for node in nodes:
        assert set(node.inputs) <= known
        assert node.name == f"{node.module}_t{node.timestep}"
        known.add(node.name)
    inputs = {node.name: node.inputs for node in nodes}
    assert inputs["conv1_gain_flow_t3"] == ("conv1_t2", "conv2_t2", "fc_t2")
    assert inputs["conv1_t3"] == ("input_t3", "conv1_bias_flow_t3", "conv1_gain_flow_t3")


def test_nothing_is_computed_after_the_last_node_that_is_asked_for():
    network, counted = build(), []
    network.fc1.register_forward_hook(lambda *_: counted.append(1))
    everything = network.activations(draw_images())
    counted.clear()
    chosen = network.activations(draw_images(), ["conv1_gain_flow_t2", "input_t1"])
    assert len(counted) == 2
    assert list(chosen) == ["input_t1", "conv1_gain_flow_t2"]
    assert all(torch.equal(value, everything[name]) for name, value in chosen.items())


def test_recording_leaves_what_was_recorded_alone():
    """A later step must not write into an earlier one's arrays."""
    network, images, copies = build(bias=True), draw_images(), {}
    before = images.clone()
    kept = {}

    def emit(node, value):
        copies[node.name], kept[node.name] = value.clone(), value

    network.record(images, emit)
    assert torch.equal(images, before)
    assert all(torch.equal(kept[name], copies[name]) for name in kept)


def test_the_general_recorder_records_the_network():
    network, images, found = build(), draw_images(), {}
    recorder = recorder_for(network, images)
    record_batches(
        recorder, iter([images]), ["fc_t4", "conv1_t2"], lambda node, value: found.update({node.name: value})
    )
    assert list(found) == ["conv1_t2", "fc_t4"]


def test_unknown_nodes_and_other_images_are_refused():
    network = build()
    with pytest.raises(InputError, match="did you mean 'conv1_t2'"):
        network.activations(draw_images(), ["conv1_2"])
    with pytest.raises(InputError, match=r"\(n, \*\(40, 40\)\)"):
        network(torch.zeros(2, 1, 41, 40))


def test_images_without_a_channel_axis_are_the_same_images():
    network, images = build(), draw_images()
    assert torch.equal(network(images), network(images[:, 0]))


def test_input_is_clipped():
    network, images = build(bias=True), draw_images()
    for t in range(1, 5):
        value = network.activations(3 * images - 1, [f"input_t{t}"])[f"input_t{t}"]
        assert value.min() >= 0
        assert value.max() <= 1


@pytest.mark.parametrize("steps", [1, 2, 6])
def test_any_number_of_steps(steps):
    network = build(n_steps=steps)
    assert network.fc2.in_features == 7 * steps
    assert max(node.timestep for node in network.nodes) == steps
    assert network(draw_images()).shape == (3, 20)


def test_connection_inventory():
    connections = {c.module: c for c in RCNN().connections()}
    assert list(connections)[:3] == ["conv1", "conv2", "fc1"]
    assert len([c for c in connections.values() if c.kind == "lateral"]) == 3
    assert len([c for c in connections.values() if c.kind == "top-down"]) == 6
    assert connections["c2xg"].kernel == (20, 20)
    assert connections["c2xg"].stride == (10, 10)
    assert connections["c1c1g"].source_shape == (8, 96, 96)
    assert connections["c1xg"].source_shape == (8, 32, 32)
    assert connections["fc1c1g"].target_shape == (8, 96, 96)


def test_a_count_below_one_is_refused():
    with pytest.raises(InputError, match="n_steps is 0"):
        build(n_steps=0)
