"""Coordinates made while the network runs equal those of an activations file, in however many passes."""

import re
import sys
import time
from dataclasses import replace
from itertools import pairwise, product

import numpy as np
import pytest
import torch
from test_recorder import Chooses, Sequence, Tables
from torch import nn

from repgeom.activations import streaming, survey
from repgeom.activations.memory import Room, Shares, give_back_weights, resident_bytes, share_out
from repgeom.activations.passes import Found, held_bytes, plan_passes, seconds_of_passes
from repgeom.activations.recorder import GraphRecorder, begin_run
from repgeom.activations.stimuli import record_stimuli, show
from repgeom.activations.streaming import plan_in_words, record_coordinates
from repgeom.activations.survey import take_survey
from repgeom.coordinates.projection import Projection, error_bounds
from repgeom.coordinates.reduction import reduce_activations
from repgeom.errors import InputError
from repgeom.models.architectures import PixelModel, build_model, build_network
from repgeom.models.loading import load_model
from repgeom.store import zarr
from repgeom.store.activations import open_activations
from repgeom.store.coordinates import open_coordinates
from repgeom.store.inspection import inspect
from repgeom.store.stimuli import StimulusSet, open_stimuli, read_stimuli, write_stimuli
from repgeom.store.weights import write_weights

N = 9


def some_stimuli(n=N, size=8, seed=0):
    images = np.random.default_rng(seed).random((n, size, size), dtype=np.float32)
    return StimulusSet(images, np.arange(n) % 3, np.array([f"i{k}" for k in range(n)]), {"epsilon": np.full(n, 0.1)})


def small_network():
    torch.manual_seed(0)
    layers = [nn.Conv2d(1, 6, 3), nn.ReLU(), nn.Conv2d(6, 2, 3), nn.Flatten(), nn.Linear(32, 4)]
    return nn.Sequential(*layers)


@pytest.fixture
def no_time(monkeypatch):
    """Nodes take none, so that no plan depends on what else the machine does."""
    found = survey._found
    monkeypatch.setattr(survey, "_found", lambda value, seconds, kept: found(value, 0.0, kept))


@pytest.fixture
def small_blocks(monkeypatch):
    """Blocks of a few features, so that small nodes come in parts, too."""
    monkeypatch.setattr(zarr, "CHUNK_VALUES", 60)
    monkeypatch.setattr(zarr, "BLOCK_BYTES", 4 * N * 20)


def both(tmp_path, monkeypatch, network, stimuli, held, batch=4, shown=4, projection=None, **options):
    """Coordinates by way of an activations file, and straight from the network with so many bytes held."""
    model, said, plan = PixelModel(network.eval()), ([], []), []
    monkeypatch.setattr(streaming, "share_out", lambda *given: Shares(min(shown, given[-2]), held))
    raw, straight = tmp_path / "a.zarr.zip", tmp_path / "c.zarr.zip"
    record_stimuli(raw, model, stimuli, {"model": "m"}, batch, warn=said[0].append, **options)
    record_coordinates(
        straight,
        model,
        stimuli,
        {"model": "m"},
        batch,
        0,
        projection=projection,
        warn=said[1].append,
        tell=plan.append,
        **options,
    )
    with open_activations(raw) as a, open_coordinates(straight) as c:
        assert list(a.nodes) == list(c.nodes) and a.nodes == c.nodes
        assert a.stimuli.to_attributes() == c.stimuli.to_attributes()
        assert c.group.attrs["model"] == "m"
        frames = {node: projection and projection.frame(node) for node in a.nodes}
        pairs = {node: (reduce_activations(a.blocks(node), node, frames[node]), c.read(node)) for node in a.nodes}
    assert set(said[0]) == set(said[1])
    return pairs, plan[0]


def assert_same(pairs):
    for node, (expected, found) in pairs.items():
        for part in ("centred", "mean", "ones"):
            np.testing.assert_array_equal(getattr(found, part), getattr(expected, part), err_msg=f"{node}, {part}")
        assert found.n_features == expected.n_features


@pytest.mark.parametrize("held, passes", [(10**9, "one pass"), (9000, " passes"), (720, " 24 passes")])
def test_the_same_numbers_in_any_number_of_passes(tmp_path, monkeypatch, small_blocks, held, passes):
    pairs, plan = both(tmp_path, monkeypatch, small_network(), some_stimuli(), held)
    assert_same(pairs)
    assert passes in plan and "6 nodes of 9 stimuli" in plan and f"{held}" not in plan


@pytest.mark.parametrize("held", [10**9, 9000])
def test_projected_coordinates_say_how_far_off_they_may_be(tmp_path, monkeypatch, small_blocks, held):
    projection = Projection(6, seed=1)
    pairs, _ = both(tmp_path, monkeypatch, small_network(), some_stimuli(), held, projection=projection)
    assert_same(pairs)
    assert {found.centred.shape[1] for _, found in pairs.values()} == {4, 7}  # few features are kept as they are
    with open_coordinates(tmp_path / "c.zarr.zip") as file:
        assert file.group.attrs["projection"] == {"dimensions": 6, "seed": 1} | error_bounds(N, 6)
    lines, _ = inspect(tmp_path / "c.zarr.zip")
    assert "projected to 6 dimensions: with probability 0.99" in lines[1]


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
    network.weights = network.selections = "names of its own"
    assert_same(both(tmp_path, monkeypatch, network, some_stimuli(size=28), 200_000)[0])


class Counted(nn.Module):
    """Counts the stimuli that go through it."""

    def __init__(self, inner):
        super().__init__()
        self.inner, self.seen = inner, 0

    def forward(self, x):
        self.seen += len(x)
        return self.inner(x)


def test_a_pass_ends_at_the_last_node_that_it_holds(tmp_path, monkeypatch, small_blocks, no_time):
    late = Counted(nn.Linear(32, 4))
    network = nn.Sequential(*list(small_network())[:-1], late)
    monkeypatch.setattr(torch.fx.Tracer, "is_leaf_module", lambda self, m, name: not isinstance(m, nn.Sequential))
    monkeypatch.setattr(streaming, "share_out", lambda *_: Shares(4, 3000))
    plan = []
    record_coordinates(tmp_path / "c.zarr.zip", PixelModel(network.eval()), some_stimuli(), {}, 4, 0, tell=plan.append)
    surveyed = 2 + 3  # what it does in the first look is undone
    assert " 5 passes" in plan[0] and late.seen == N + 1 + surveyed  # the last image is a batch of its own, shown twice


def test_passes_hold_everything_once_within_the_budget():
    rng = np.random.default_rng(0)
    for _ in range(50):
        n, batch = int(rng.integers(2, 300)), int(rng.integers(1, 120))
        sizes = rng.integers(1, 200_000, size=rng.integers(1, 12))
        found = {f"n{i}": Found((int(d),), np.dtype(rng.choice(["f4", "f8"]))) for i, d in enumerate(sizes)}
        blocks = [size for f in found.values() for size in block_sizes(f, n, batch)]
        budget = max(blocks) + int(rng.integers(0, 10**8))
        passes = plan_passes(found, n, batch, budget)
        pieces = [piece for one in passes for piece in one.pieces]
        for name, kind in found.items():
            own = [piece for piece in pieces if piece.node == name]
            assert [own[0].start, *(p.stop for p in own)] == [*(p.start for p in own), kind.n_features]
            assert all(p.start % kind.block(n, batch) == 0 for p in own)
        assert [p.node for p in pieces] == sorted((p.node for p in pieces), key=lambda name: int(name[1:]))
        held = [held_bytes(one, found, n) for one in passes]
        assert max(held) <= budget and sum(held) == n * sum(f.bytes for f in found.values())
        assert len(passes) == fewest_passes(blocks, budget)
        assert not any(one.goes_on or one.stops for one in passes)  # of which nothing was known


def block_sizes(kind, n, batch):
    edges = [*range(0, kind.n_features, kind.block(n, batch)), kind.n_features]
    return [n * (stop - start) * kind.dtype.itemsize for start, stop in pairwise(edges)]


def fewest_passes(blocks, budget):
    count, left = 0, 0
    for size in blocks:
        count, left = (count, left - size) if size <= left else (count + 1, budget - size)
    return count


def quickest(seconds, sizes, kept, budget):
    """The least seconds among all ways of cutting nodes into passes and stopping between them."""
    found = []
    for cuts in product(["no", "anew", "stop"], repeat=len(sizes) - 1):
        ends = [i for i, cut in enumerate(cuts) if cut != "no"]
        held = [sum(sizes[i:j]) for i, j in pairwise([0, *(end + 1 for end in ends), len(sizes)])]
        kept_then = [*(kept[end] * (cuts[end] == "stop") for end in ends), 0]
        if all(h + k <= budget for h, k in zip(held, kept_then, strict=True)):
            found.append(seconds[-1] + sum(seconds[end] for end in ends if cuts[end] == "anew"))
    return min(found)


def test_no_other_passes_would_take_less_time():
    rng = np.random.default_rng(1)
    ways = set()
    for _ in range(60):
        k, n = int(rng.integers(2, 7)), 5
        sizes, kept, seconds = rng.integers(1, 50, k), rng.integers(1, 100, k), np.cumsum(rng.integers(1, 20, k))
        nodes = zip(sizes, seconds, kept, strict=True)
        found = {f"n{i}": Found((int(d),), np.dtype("f4"), float(s), 4 * int(b)) for i, (d, s, b) in enumerate(nodes)}
        budget = 4 * n * int(sizes.max() + rng.integers(0, 150))
        passes = plan_passes(found, n, 100, budget)
        expected = n * quickest(seconds, 4 * n * sizes, 4 * n * kept, budget)
        assert seconds_of_passes(passes, found, n) == pytest.approx(expected)
        assert [one.goes_on for one in passes] == [False, *(one.stops for one in passes[:-1])]
        ways |= {one.goes_on for one in passes[1:]}
    assert ways == {True, False}


def test_of_plans_that_take_about_as_long_one_that_holds_little():
    n, size = 100, 250_000
    found = {f"n{i}": Found((size,), np.dtype("f4"), 0.1 * (i + 1), kept=1000) for i in range(20)}
    assert max(held_bytes(one, found, n) for one in plan_passes(found, n, 100, 2 * 10**9)) <= 500_000_000
    anew = {name: replace(kind, kept=None) for name, kind in found.items()}
    assert len(plan_passes(anew, n, 100, 2 * 10**9)) == 1


def test_the_way_to_the_answers_is_in_the_time_that_is_told(monkeypatch):
    """Of three stimuli, 0.06 s after the only node that is wanted: at least 20 min for 60,000."""
    monkeypatch.setattr(streaming, "seconds_per_feature", lambda *_: 0.0)
    network = nn.Sequential(nn.Conv2d(1, 2, 3), nn.Flatten(), nn.Linear(72, 3)).eval()
    network[1].register_forward_pre_hook(lambda *_: time.sleep(0.06))
    found = take_survey(show(PixelModel(network), some_stimuli(), 4, print), ["0"])
    passes = plan_passes(found.found, 60_000, 4, 10**9)
    said = plan_in_words(passes, found, 60_000, 4)
    assert len(passes) == 1 and float(re.search(r"about ([\d.]+) min", said)[1]) >= 20


class Residual(nn.Module):
    """Works in place on what other nodes share."""

    def __init__(self):
        super().__init__()
        self.first, self.second = Counted(nn.Conv2d(1, 4, 3, padding=1)), nn.Conv2d(4, 4, 3, padding=1)
        self.relu, self.fc = nn.ReLU(inplace=True), nn.Linear(256, 3)

    def forward(self, images):
        x = self.first(images)
        view = x.view(-1, 4, 64)
        y = self.second(self.relu(x))
        y += x
        return self.fc(self.relu(y).flatten(1) + view.flatten(1).mul_(2))


def test_a_node_may_take_several_passes_from_where_one_has_stopped():
    kept = dict(seconds=1.0, kept=4)
    found = {"a": Found((10**6,), np.dtype("f4"), **kept), "b": Found((1000,), np.dtype("f4"), seconds=2.0)}
    block = 100 * 4 * found["a"].block(100, 100)
    passes = plan_passes(found, 100, 100, int(1.2 * block))
    assert len(passes) > 3 and all(one.stops for one in passes[:-1])
    assert seconds_of_passes(passes, found, 100) == pytest.approx(200)
    images = torch.rand(2, 1, 8, 8)
    run, seen = begin_run(GraphRecorder(small_network().eval()), images), []
    for last in ("1", "1", "2", None):
        output = run.to(last, lambda node, _: seen.append(node.name))
    assert seen == ["input", "0", "1", "1", "1", "2", "2", "3", "4"] and output.shape == (2, 4)


@pytest.mark.parametrize("held, runs", [(10**9, 1), (40_000, 1), (4000, None)])
def test_going_on_changes_no_number(tmp_path, monkeypatch, small_blocks, held, runs):
    torch.manual_seed(0)
    network, was = Residual(), torch.fx.Tracer.is_leaf_module
    monkeypatch.setattr(
        torch.fx.Tracer, "is_leaf_module", lambda self, m, name: isinstance(m, Counted) or was(self, m, name)
    )
    pairs, plan = both(tmp_path, monkeypatch, network, some_stimuli(), held)
    assert_same(pairs)
    assert "go on" in plan if held == 40_000 else runs is None or "one pass" in plan
    shown = N + 1  # the last image is a batch of its own, shown twice
    surveyed, recorded = 2 + 3, 2 + shown  # what it does in the first look is undone
    assert runs is None or network.first.seen == recorded + surveyed + runs * shown


def test_too_little_memory_says_how_much_is_needed(tmp_path):
    model = PixelModel(small_network().eval())
    with pytest.raises(InputError, match=r"MB are left of the job's memory; give it more .*mem_mb"):
        record_coordinates(tmp_path / "c.zarr.zip", model, some_stimuli(), {}, 4, memory_mb=1)
    assert list(tmp_path.iterdir()) == []


def test_large_batches_make_room_for_what_is_held():
    shares = share_out(resident_bytes() + 2e9, 4 * 10**6, 1000, 100, 1000)
    assert 2 <= shares.batch < 100 and shares.batch * 16 * 10**6 <= 0.1e9
    assert shares.held + shares.batch * 16 * 10**6 < 2e9


def saved(tmp_path):
    """A network of 88 MB, nearly all of which its last layer reads, loaded from a file."""
    network = tmp_path / "wide.py"
    network.write_text(
        "from torch import nn\n\n\ndef wide():\n"
        "    return nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(72, 300_000))\n"
    )
    asked = {"architecture": f"{network}:wide", "options": {}, "normalise": None}
    state = build_model(asked, seed=3).network.state_dict()
    write_weights(tmp_path / "w.safetensors", {0: state})
    return load_model(tmp_path / "w.safetensors", asked), state


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what lies in memory as in files")
def test_weights_leave_memory_until_they_are_read(tmp_path):
    model, state = saved(tmp_path)
    before = model(torch.ones(2, 1, 8, 8))
    held = resident_bytes()
    absent = give_back_weights(model.network)
    assert held - resident_bytes() > 0.6 * 88e6
    assert absent == {name: value.nbytes for name, value in state.items()}
    assert all(torch.equal(now, state[name]) for name, now in model.network.state_dict().items())
    assert torch.equal(model(torch.ones(2, 1, 8, 8)), before)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what lies in memory as in files")
def test_weights_that_were_changed_stay(tmp_path):
    model, _ = saved(tmp_path)
    with torch.no_grad():
        model.network[3].weight.mul_(2)
    changed = model.network[3].weight.clone()
    assert give_back_weights(model.network) == {} and torch.equal(model.network[3].weight, changed)


def test_what_a_network_makes_of_its_weights_when_it_loads_them_stays(tmp_path):
    layer = tmp_path / "halved.py"
    layer.write_text(
        "from torch import nn\n\n\nclass Halved(nn.Linear):\n"
        "    def __init__(self):\n        super().__init__(4, 3)\n"
        "        self.register_load_state_dict_pre_hook(self.halve)\n\n"
        "    @staticmethod\n    def halve(module, state, *rest):\n        state['weight'] = state['weight'] / 2\n"
    )
    asked = {"architecture": f"{layer}:Halved", "options": {}, "normalise": None}
    state = build_model(asked, seed=3).network.state_dict()
    write_weights(tmp_path / "w.safetensors", {0: state})
    found = load_model(tmp_path / "w.safetensors", asked).network
    assert torch.equal(found.weight, state["weight"] / 2) and torch.equal(found.bias, state["bias"])


def test_weights_count_from_the_first_node_that_reads_them(tmp_path):
    model, state = saved(tmp_path)
    shown = show(model, some_stimuli(), 4)
    survey = take_survey(shown, ["[013]"])
    survey.note_weights(shown.recorder, {name: value.nbytes for name, value in state.items()})
    first, all_of_them = 4 * (18 + 2), sum(value.nbytes for value in state.values())
    assert [kind.weights for kind in survey.found.values()] == [first, first, all_of_them]


def test_room_that_is_given_back_takes_no_memory_and_is_empty():
    room = Room(50 * 10**6)
    room.bytes[:] = 1
    full = resident_bytes()
    room.give_back_beyond(10**7)
    assert full - resident_bytes() > 35e6
    assert room.bytes[: 10**7].all() and not room.bytes[-(10**7) :].any()


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
