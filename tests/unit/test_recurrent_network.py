"""The base of recurrent networks, with one that is quite unlike the published one."""

import pytest
import torch
from own_recurrent import Own
from torch import nn

from repgeom.errors import InputError
from repgeom.models.recurrent_network import RecurrentNetwork
from repgeom.perturbation import logits_with_flow, perturb_flows


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    return Own().eval()


@pytest.fixture(scope="module")
def images():
    return torch.rand(9, 32, 32, generator=torch.Generator().manual_seed(1))


def by_hand(network, images):
    """States and flows of three steps, written out."""
    x, states, flows = images.flatten(1), [], []
    for t in range(3):
        if t:
            low, high = states[-1]["low"], states[-1]["high"]
            flow = {
                "input_bias": network.high_input_bias[0](high),
                "low_bias": network.low_low_bias(low) + network.high_low_bias(high),
                "low_divisor": network.high_low_divisor(high),
            }
        else:
            flow = {"input_bias": 0.0, "low_bias": 0.0, "low_divisor": torch.zeros(())}
        seen = x + flow["input_bias"]
        low = torch.relu(network.up1(seen) + flow["low_bias"]) / (1 + flow["low_divisor"].abs())
        states.append({"input": seen, "low": low, "high": torch.relu(network.up2(low))})
        flows.append(flow)
    return states, flows


@torch.no_grad()
def test_recorded_nodes_are_the_equations_written_out(network, images):
    states, flows = by_hand(network, images)
    found = network.activations(images)
    assert list(found)[:4] == ["input_t1", "low_t1", "high_t1", "logits_t1"]
    assert list(found)[4:11] == ["input_bias_flow_t2", "input_t2", "low_bias_flow_t2", "low_divisor_flow_t2", "low_t2",
                                 "high_t2", "logits_t2"]  # fmt: skip
    for name, value in found.items():
        module, t = name.rsplit("_t", 1)
        if module == "logits":
            expected = network.answer(states[int(t) - 1]["high"])
        else:
            expected = (flows if module.endswith("_flow") else states)[int(t) - 1][module.removesuffix("_flow")]
        torch.testing.assert_close(value.flatten(1), expected)
    torch.testing.assert_close(network(images), found["logits_t3"])


def test_nodes_know_what_they_are_computed_from(network):
    inputs = {node.name: node.inputs for node in network.nodes}
    assert inputs["low_bias_flow_t2"] == ("low_t1", "high_t1")
    assert inputs["low_t2"] == ("input_t2", "low_bias_flow_t2", "low_divisor_flow_t2")
    assert inputs["logits_t3"] == ("high_t1", "high_t2", "high_t3")


@torch.no_grad()
def test_own_flow_gives_bit_identical_logits_and_another_does_not(network, images):
    checked = network.checked(images)
    steps, others = list(network.unroll(checked)), list(network.unroll(checked.flip(0)))
    for layer in ("input", "low"):
        for t in (2, 3):
            own = {m: flow.clone() for m, flow in steps[t - 1].flows[layer].items()}
            assert torch.equal(logits_with_flow(network, checked, steps, layer, t, own), network(images))
            changed = logits_with_flow(network, checked, steps, layer, t, others[t - 1].flows[layer])
            assert not torch.equal(changed, network(images))


def test_perturbation_tells_layers_and_modulations(network, images):
    categories = torch.arange(9) % 5
    outcomes = [
        perturb_flows(network, images, {"x": images.flip(0)}, categories, seed=0, batch_size=size) for size in (9, 4)
    ]
    assert outcomes[0].layers == ("input", "low") and outcomes[0].timesteps == (2, 3)
    assert outcomes[0].modulations == {"input": ("bias",), "low": ("bias", "divisor")}
    assert outcomes[0].perturbed.shape == (1, 2, 2, 9)
    assert (outcomes[0].perturbed == outcomes[1].perturbed).all()
    assert (outcomes[0].control == outcomes[1].control).all()


def test_inventory_lists_every_connection(network):
    found = {(c.source, c.target, c.modulation): (c.kind, c.n_parameters) for c in network.connections()}
    assert found["low", "low", "bias"] == ("lateral", 12 * 12 + 12)
    assert found["high", "low", "divisor"] == ("top-down", 8 * 12 + 12)
    assert found["input", "low", "drive"] == ("bottom-up", 1024 * 12 + 12)
    assert [c.kind for c in network.connections()] == ["bottom-up"] * 2 + ["lateral"] + ["top-down"] * 3 + ["readout"]
    assert sum(c.n_parameters for c in network.connections()) == network.n_parameters


class Bare(RecurrentNetwork):
    """Does nothing, with layers to connect."""

    def __init__(self, layers=("input", "hidden"), n_steps=2):
        super().__init__(layers, n_steps)

    def respond(self, layer, images, outputs, flow):
        """The image."""
        return images

    def readout(self, top):
        """Itself."""
        return top[-1].flatten(1)


@pytest.mark.parametrize(
    "layers, steps, message",
    [
        (("hidden",), 2, "the first is the 'input'"),
        (("input", "input"), 2, "all are different"),
        (("input", "conv_1"), 2, "layer 'conv_1': use letters and digits"),
        (("input", "logits"), 2, "not the name 'logits'"),
        (("input",), 0, "n_steps is 0"),
    ],
)
def test_layers_that_cannot_be(layers, steps, message):
    with pytest.raises(InputError, match=message):
        Bare(layers, steps)


@pytest.mark.parametrize(
    "connection, message",
    [
        (("hiden", "hidden", "bias"), "no layer 'hiden'; did you mean 'hidden'"),
        (("input", "hidden", "bias"), "this connection is bottom-up; drive goes up"),
        (("hidden", "input", "drive"), "this connection is top-down"),
        (("hidden", "logits", "gain"), "this connection is readout"),
        (("hidden", "hidden", "soft_gain"), "modulation 'soft_gain'"),
    ],
)
def test_connections_that_cannot_be(connection, message):
    with pytest.raises(InputError, match=message):
        Bare().connect(*connection, nn.Identity())


def test_networks_without_flows_cannot_be_perturbed(images):
    swapped, categories = {"x": images}, torch.zeros(9, dtype=torch.int64)
    with pytest.raises(InputError, match="this network has none"):
        perturb_flows(_with_a_parameter(Bare()), images, swapped, categories, seed=0)
    with pytest.raises(InputError, match="a Linear does not tell its own: derive it from"):
        perturb_flows(nn.Linear(2, 2), images, swapped, categories, seed=0)


def _with_a_parameter(network):
    network.connect("hidden", "logits", "drive", nn.Linear(2, 2))
    return network
