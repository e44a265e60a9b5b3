"""Coordinates made while the network runs equal those of an activations file, in however many passes."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from test_recorder import Chooses, Sequence, Tables
from torch import nn

from repgeom.activations import streaming
from repgeom.activations.memory import Shares, resident_bytes, share_out
from repgeom.activations.passes import Found, held_bytes, plan_passes
from repgeom.activations.stimuli import record_stimuli
from repgeom.activations.streaming import record_coordinates
from repgeom.coordinates.reduction import reduce_activations
from repgeom.errors import InputError
from repgeom.models.architectures import PixelModel, build_network
from repgeom.store import zarr
from repgeom.store.activations import open_activations
from repgeom.store.coordinates import open_coordinates
from repgeom.store.stimuli import StimulusSet, open_stimuli, read_stimuli, write_stimuli

N = 9


def some_stimuli(n=N, size=8, seed=0):
    images = np.random.default_rng(seed).random((n, size, size), dtype=np.float32)
    return StimulusSet(images, np.arange(n) % 3, np.array([f"i{k}" for k in range(n)]), {"epsilon": np.full(n, 0.1)})


def small_network():
    torch.manual_seed(0)
    layers = [nn.Conv2d(1, 6, 3), nn.ReLU(), nn.Conv2d(6, 2, 3), nn.Flatten(), nn.Linear(32, 4)]
    return nn.Sequential(*layers)


@pytest.fixture
def small_blocks(monkeypatch):
    """Blocks of a few features, so that small nodes come in parts, too."""
    monkeypatch.setattr(zarr, "CHUNK_VALUES", 60)
    monkeypatch.setattr(zarr, "BLOCK_BYTES", 4 * N * 20)


def both(tmp_path, monkeypatch, network, stimuli, held, batch=4, shown=4, **options):
    """Coordinates by way of an activations file, and straight from the network with so many bytes held."""
    model, said, plan = PixelModel(network.eval()), ([], []), []
    monkeypatch.setattr(streaming, "share_out", lambda *given: Shares(min(shown, given[-1]), held))
    raw, straight = tmp_path / "a.zarr.zip", tmp_path / "c.zarr.zip"
    record_stimuli(raw, model, stimuli, {"model": "m"}, batch, warn=said[0].append, **options)
    record_coordinates(
        straight, model, stimuli, {"model": "m"}, batch, 0, warn=said[1].append, tell=plan.append, **options
    )
    with open_activations(raw) as a, open_coordinates(straight) as c:
        assert list(a.nodes) == list(c.nodes) and a.nodes == c.nodes
        assert a.stimuli.to_attributes() == c.stimuli.to_attributes()
        assert c.group.attrs["model"] == "m"
        pairs = {node: (reduce_activations(a.blocks(node)), c.read(node)) for node in a.nodes}
    assert set(said[0]) == set(said[1])
    return pairs, plan[0]


def assert_same(pairs):
    for node, (expected, found) in pairs.items():
        for part in ("centred", "mean", "ones"):
            np.testing.assert_array_equal(getattr(found, part), getattr(expected, part), err_msg=f"{node}, {part}")
        assert found.n_features == expected.n_features


@pytest.mark.parametrize("held, passes", [(10**9, "one pass"), (9000, " 3 passes"), (720, " 39 passes")])
def test_the_same_numbers_in_any_number_of_passes(tmp_path, monkeypatch, small_blocks, held, passes):
    pairs, plan = both(tmp_path, monkeypatch, small_network(), some_stimuli(), held)
    assert_same(pairs)
    assert passes in plan and "6 nodes of 9 stimuli" in plan and f"{held}" not in plan


@pytest.mark.parametrize("network", [Chooses(), Sequence(nn.GRU), Tables()], ids=lambda n: type(n).__name__)
@pytest.mark.parametrize("held", [10**9, 1000])
def test_odd_nodes_are_left_out_alike(tmp_path, monkeypatch, small_blocks, network, held):
    bright = np.linspace(-0.4, 0.4, N)[:, None, None].astype(np.float32)
    stimuli = some_stimuli(size=4)
    stimuli = replace(stimuli, images=np.clip(stimuli.images + bright, 0, 1))
    assert_same(both(tmp_path, monkeypatch, network, stimuli, held)[0])


class Divides(nn.Module):
    """Is not finite for black images; what goes before is."""

    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(64, 3)

    def forward(self, images):
        x = images.flatten(1)
        return self.fc(x / x.sum(dim=1, keepdim=True))


@pytest.mark.parametrize("held", [10**9, 720])
def test_a_node_that_is_not_finite_for_one_stimulus_is_left_out(tmp_path, monkeypatch, small_blocks, held):
    monkeypatch.setattr(streaming, "share_out", lambda *given: Shares(4, held))
    stimuli, said = some_stimuli(), []
    stimuli.images[-1] = 0
    model = PixelModel(Divides().eval())
    record_coordinates(tmp_path / "c.zarr.zip", model, stimuli, {}, 4, 0, warn=said.append, tell=lambda _: None)
    with open_coordinates(tmp_path / "c.zarr.zip") as file:
        assert list(file.nodes) == ["input", "flatten", "sum"]
    assert [line.split("'")[1] for line in said] == ["truediv", "fc"] and "not finite" in said[0]
    with pytest.raises(InputError, match=r"no node is left.*not finite"):
        record_coordinates(
            tmp_path / "d.zarr.zip", model, stimuli, {}, 4, 0, nodes=["fc"], warn=said.append, tell=lambda _: None
        )


@pytest.mark.parametrize("held", [10**9, 720])
def test_lengths_that_differ_much_are_reduced_by_qr(tmp_path, monkeypatch, small_blocks, held):
    stimuli = some_stimuli()
    stimuli = replace(stimuli, images=stimuli.images * np.geomspace(1e-6, 1, N)[:, None, None].astype(np.float32))
    layers = [nn.Conv2d(1, 6, 3, bias=False), nn.Flatten(), nn.Linear(216, 4)]
    pairs, _ = both(tmp_path, monkeypatch, nn.Sequential(*layers), stimuli, held)
    assert_same(pairs)
    lengths = np.linalg.norm(pairs["0"][1].uncentred, axis=1)
    assert lengths.max() / lengths.min() > 1e5  # a Gram matrix would have lost the short ones


def test_only_some_nodes(tmp_path, monkeypatch):
    pairs, _ = both(tmp_path, monkeypatch, small_network(), some_stimuli(), 10**9, nodes=["[13]"])
    assert list(pairs) == ["1", "3"]
    assert_same(pairs)
    with pytest.raises(InputError, match="has no node 'conv9'"):
        both(tmp_path, monkeypatch, small_network(), some_stimuli(), 10**9, nodes=["conv9"])


def test_networks_that_record_themselves(tmp_path, monkeypatch):
    network = build_network("rcnn", {"canvas": (28, 28), "features": (2, 3, 4), "n_steps": 2}, seed=0)
    assert_same(both(tmp_path, monkeypatch, network, some_stimuli(size=28), 200_000)[0])


class Counted(nn.Module):
    """Counts the stimuli that go through it."""

    def __init__(self, inner):
        super().__init__()
        self.inner, self.seen = inner, 0

    def forward(self, x):
        self.seen += len(x)
        return self.inner(x)


def test_a_pass_ends_at_the_last_node_that_it_holds(tmp_path, monkeypatch, small_blocks):
    late = Counted(nn.Linear(32, 4))
    network = nn.Sequential(*list(small_network())[:-1], late)
    monkeypatch.setattr(torch.fx.Tracer, "is_leaf_module", lambda self, m, name: not isinstance(m, nn.Sequential))
    monkeypatch.setattr(streaming, "share_out", lambda *_: Shares(4, 3000))
    plan = []
    record_coordinates(tmp_path / "c.zarr.zip", PixelModel(network.eval()), some_stimuli(), {}, 4, 0, tell=plan.append)
    surveyed = 2 + 3  # what it does in the first look is undone
    assert " 8 passes" in plan[0] and late.seen == N + 1 + surveyed  # the last image is a batch of its own, shown twice


def test_passes_hold_everything_once_within_the_budget():
    rng = np.random.default_rng(0)
    for _ in range(50):
        n, batch = int(rng.integers(2, 300)), int(rng.integers(1, 120))
        sizes = rng.integers(1, 200_000, size=rng.integers(1, 12))
        found = {f"n{i}": Found((int(d),), np.dtype(rng.choice(["f4", "f8"]))) for i, d in enumerate(sizes)}
        largest_block = max(n * min(f.block(n, batch), f.n_features) * f.dtype.itemsize for f in found.values())
        budget = largest_block + int(rng.integers(0, 10**8))
        passes = plan_passes(found, n, batch, budget)
        pieces = [piece for held in passes for piece in held]
        for name, kind in found.items():
            own = [piece for piece in pieces if piece.node == name]
            assert [own[0].start, *(p.stop for p in own)] == [*(p.start for p in own), kind.n_features]
            assert all(p.start % kind.block(n, batch) == 0 for p in own)
        assert [p.node for p in pieces] == sorted((p.node for p in pieces), key=lambda name: int(name[1:]))
        held = [held_bytes(p, found, n) for p in passes]
        assert max(held) <= budget and sum(held) == n * sum(f.bytes for f in found.values())
        assert all(first + largest_block > budget for first in held[:-1])  # none could have held a block more


def test_too_little_memory_says_how_much_is_needed(tmp_path):
    model = PixelModel(small_network().eval())
    with pytest.raises(InputError, match=r"MB are left of the job's memory; give it more .*mem_mb"):
        record_coordinates(tmp_path / "c.zarr.zip", model, some_stimuli(), {}, 4, memory_mb=1)
    assert list(tmp_path.iterdir()) == []


def test_large_batches_make_room_for_what_is_held():
    found = [Found((10**6,), np.dtype("f4"))]
    shares = share_out(resident_bytes() + 2e9, found, 4 * 10**6, 1000, 100)
    assert 1 <= shares.batch < 100 and shares.batch * 16 * 10**6 <= 0.5e9
    assert shares.held + shares.batch * 16 * 10**6 < 2e9


class Slices:
    """Images that note how many of them are asked for at once."""

    def __init__(self, images):
        self._images, self.shape, self.ndim, self.most = images, images.shape, images.ndim, 0

    def __len__(self):
        return len(self._images)

    def __getitem__(self, rows):
        found = self._images[rows]
        self.most = max(self.most, len(found))
        return found


@pytest.mark.parametrize("straight", [True, False])
def test_no_more_than_a_batch_of_images_is_read_at_once(tmp_path, straight):
    stimuli, out = some_stimuli(), tmp_path / "o.zarr.zip"
    seen = Slices(stimuli.images)
    shown = replace(stimuli, images=seen)
    model = PixelModel(small_network().eval())
    if straight:
        record_coordinates(out, model, shown, {}, 4, memory_mb=10**5, tell=lambda _: None)
    else:
        record_stimuli(out, model, shown, {}, 4)
    assert seen.most == 4


def test_opened_stimuli_are_those_that_were_written(tmp_path):
    stimuli = some_stimuli()
    write_stimuli(tmp_path / "s.h5", stimuli)
    whole = read_stimuli(tmp_path / "s.h5")
    with open_stimuli(tmp_path / "s.h5") as opened:
        assert not isinstance(opened.images, np.ndarray)
        np.testing.assert_array_equal(opened.channels_first(slice(2, 5)), stimuli.images[2:5, None])
        for found in (opened, whole):
            assert list(found.ids) == list(stimuli.ids) and list(found.labels) == list(stimuli.labels)
            np.testing.assert_array_equal(found.descriptors["epsilon"], stimuli.descriptors["epsilon"])
    np.testing.assert_array_equal(whole.images, stimuli.images)
