"""How memory is laid out and kept while networks train: faster, and the same numbers."""

import os
import subprocess
import sys

import pytest
import torch
from torch.nn import functional as F

from repgeom.models.architectures import PixelModel, build_network
from repgeom.training.classifier import Images, Recipe, train
from repgeom.training.layout import ChannelsLastGradients, put_channels_last
from repgeom.workflow.allocation import TUNABLES, keep_freed_memory


def pooled(maps, pool):
    """Gradient of pooled maps whose gradient comes with channels first, and the layouts that pooling was given."""
    maps = maps.contiguous(memory_format=torch.channels_last).requires_grad_()
    result = pool(maps)
    seen = []
    result.register_hook(lambda gradient: seen.append(gradient.is_contiguous(memory_format=torch.channels_last)))
    (result.flatten(1) ** 2).sum().backward()
    return maps.grad, seen


@pytest.mark.parametrize("pool", [lambda x: F.max_pool2d(x, 2), torch.nn.MaxPool2d(2)], ids=["function", "module"])
def test_gradients_of_pooled_maps_are_laid_out_as_the_maps(pool):
    maps = torch.rand(2, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    expected, before = pooled(maps.clone(), pool)
    with ChannelsLastGradients():
        found, after = pooled(maps.clone(), pool)
    assert (before, after) == ([False], [True])
    assert torch.equal(found, expected)


def test_maps_that_need_no_gradient_or_lie_otherwise_are_left_alone():
    with ChannelsLastGradients(), torch.no_grad():
        assert F.max_pool2d(torch.rand(1, 2, 4, 4), 2).shape == (1, 2, 2, 2)
    first = torch.rand(1, 2, 4, 4, requires_grad=True)
    with ChannelsLastGradients():
        assert F.max_pool2d(first, 2)._backward_hooks is None


def test_training_ends_with_the_same_weights(monkeypatch):
    def weights():
        model = PixelModel(build_network("lenet", {}, 1), (0.13, 0.31))
        generator = torch.Generator().manual_seed(0)
        data = Images(torch.rand(32, 1, 28, 28, generator=generator), torch.arange(32) % 10)
        recipe = Recipe("adamw", 1e-3, epochs=2, batch_size=16, seed=1, precision="bfloat16")
        return train(model, data, data, recipe).weights[2]

    found = weights()
    monkeypatch.setattr("repgeom.training.layout.POOLING", "nothing is called so")
    expected = weights()
    assert all(torch.equal(found[name], expected[name]) for name in expected)


def test_filters_change_their_layout_alone():
    network = build_network("lenet", {}, 1)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    put_channels_last(network)
    assert network.conv2.weight.is_contiguous(memory_format=torch.channels_last)
    assert all(torch.equal(network.state_dict()[name], value) for name, value in before.items())


FAULTS = """
import resource, torch
def grow():
    for _ in range(20):
        torch.ones(2**22)  # 16 MB
grow()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
grow()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="an allocator of Linux")
def test_memory_that_is_freed_is_not_asked_for_again():
    def faults(environment):
        command = [sys.executable, "-c", FAULTS]
        return int(subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout)

    plain = {name: value for name, value in os.environ.items() if name != "GLIBC_TUNABLES"}
    kept = dict(plain)
    keep_freed_memory(kept)
    assert faults(kept) < 200 < faults(plain | {"GLIBC_TUNABLES": "glibc.malloc.mmap_threshold=1000000"})


def test_own_settings_of_the_allocator_stay():
    environment = {"GLIBC_TUNABLES": "glibc.malloc.arena_max=1"}
    keep_freed_memory(environment)
    assert environment == {"GLIBC_TUNABLES": "glibc.malloc.arena_max=1"}
    keep_freed_memory(empty := {})
    assert empty == {"GLIBC_TUNABLES": TUNABLES}
