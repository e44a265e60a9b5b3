"""Nodes that select from others are made of them, to the last bit, and only where nothing can come in between."""

import pytest
import torch
from test_streaming import assert_same, both, some_stimuli
from torch import nn
from torch.nn import functional as F

from repgeom.activations.recorder import GraphRecorder
from repgeom.activations.selections import MODULES


def selections(network):
    return GraphRecorder(network.eval()).selections


@pytest.mark.parametrize("kind", sorted(MODULES.keys() - {nn.Dropout1d}, key=str), ids=lambda kind: kind.__name__)
def test_modules_do_what_is_made_of_the_values_given_to_them(kind):
    network = nn.Sequential(nn.Conv2d(1, 3, 3), kind()).eval()
    values = 10 * torch.randn(5, 3, 6, 6)
    values[0, 0, 0, :4] = torch.tensor([torch.nan, torch.inf, -torch.inf, -0.0])
    selection = selections(network)["1"]
    assert selection.of == "0"
    made = selection.apply(values.clone())
    assert torch.equal(made.nan_to_num(123.0), network[1](values.clone()).nan_to_num(123.0))


class Functions(nn.Module):
    """ReLU in all ways of writing it."""

    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(64, 7)

    def forward(self, images):
        x = self.fc(images.flatten(1))
        y = F.relu(x + 1)
        z = (y - 2).relu()
        return torch.relu(z * 3 - 1)


def test_functions_and_methods_count_too():
    found = selections(Functions())
    assert {name: s.of for name, s in found.items()} == {"relu": "add", "relu_1": "sub", "relu_2": "sub_1"}


class InBetween(nn.Module):
    """Changes in place what a ReLU is given, after it was recorded."""

    def __init__(self):
        super().__init__()
        self.fc, self.relu = nn.Linear(64, 7), nn.ReLU()

    def forward(self, images):
        x = self.fc(images.flatten(1))
        x.sub_(0.5)
        return self.relu(x)


def drops():
    network = nn.Sequential(nn.Flatten(), nn.Linear(64, 7), nn.Dropout(0.5)).eval()
    network[2].train = lambda mode=True: network[2]
    network[2].training = True
    return network


def hooked():
    network = nn.Sequential(nn.Flatten(), nn.Linear(64, 7), nn.ReLU())
    network[2].register_forward_hook(lambda module, given, result: 2 * result)
    return network


class Louder(nn.ReLU):
    """No ReLU, though it is called one."""

    def forward(self, x):
        return 2 * super().forward(x)


@pytest.mark.parametrize("network", [InBetween(), drops(), hooked()])
def test_nothing_is_taken_for_granted(network):
    assert not selections(network)


def test_a_subclass_is_something_else():
    """Only the ReLU that it calls is one."""
    assert list(selections(nn.Sequential(nn.Flatten(), nn.Linear(64, 7), Louder()))) == ["2.relu"]


class Branches(nn.Module):
    """What is selected from goes elsewhere, too, and is selected from twice."""

    def __init__(self):
        super().__init__()
        self.conv, self.relu, self.drop = nn.Conv2d(1, 4, 3), nn.ReLU(inplace=True), nn.Dropout()
        self.after = nn.Conv2d(4, 2, 3)

    def forward(self, images):
        x = self.conv(images)
        y = x * 2
        return self.after(self.drop(F.relu(y))) + self.after(self.relu(x - 1))


@pytest.mark.parametrize("held", [10**9, 20_000, 6000])
@pytest.mark.parametrize("nodes", [None, ["relu", "after"], ["mul", "drop"], ["conv", "relu*"]])
def test_coordinates_are_those_of_the_nodes_themselves(tmp_path, monkeypatch, held, nodes):
    torch.manual_seed(0)
    pairs, _ = both(tmp_path, monkeypatch, Branches(), some_stimuli(), held, nodes=nodes)
    assert_same(pairs)
    assert nodes is None or len(pairs) == {"relu": 2, "mul": 2, "conv": 3}[nodes[0]]
