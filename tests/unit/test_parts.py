"""A stimulus set recorded in parts by several jobs, and joined, is what one job would have recorded."""

from dataclasses import replace

import numpy as np
import pytest
from test_recorder import Chooses, Sequence, Tables
from test_streaming import N, small_network, some_stimuli
from torch import nn

from repgeom.activations.stimuli import record_stimuli
from repgeom.coordinates.reduction import reduce_activations
from repgeom.errors import InputError
from repgeom.models.architectures import PixelModel, build_network
from repgeom.store.activations import open_activations
from repgeom.store.parts import join_parts, open_parts, open_recorded, rows_of_part

NETWORKS = {
    "convolutions": (lambda: small_network(), 8),
    "another way for each image": (Chooses, 4),
    "several calls of a module": (lambda: Sequence(nn.GRU), 4),
    "nodes that cannot be recorded": (Tables, 4),
    "one that records itself": (
        lambda: build_network("rcnn", {"canvas": (28, 28), "features": (2, 3, 4), "n_steps": 2}, seed=0),
        28,
    ),
}


def record_parts(folder, model, stimuli, parts, batch=2, **options):
    paths = [folder / f"part{k}.zarr.zip" for k in range(1, parts + 1)]
    for k, path in enumerate(paths, 1):
        record_stimuli(path, model, stimuli, {"model": "m"}, batch, part=(k, parts), warn=lambda _: None, **options)
    return paths


@pytest.mark.parametrize("kind", NETWORKS)
@pytest.mark.parametrize("parts", [2, 4, 7])  # of 5 batches: some of 7 parts are empty
def test_parts_are_what_one_job_records(tmp_path, kind, parts):
    build, size = NETWORKS[kind]
    bright = np.linspace(-0.4, 0.4, N)[:, None, None].astype(np.float32)
    stimuli = some_stimuli(size=size)
    stimuli = replace(stimuli, images=np.clip(stimuli.images + bright, 0, 1))
    model, whole, joined = PixelModel(build().eval()), tmp_path / "a.zarr.zip", tmp_path / "j.zarr.zip"
    record_stimuli(whole, model, stimuli, {"model": "m"}, 2, warn=lambda _: None)
    paths = record_parts(tmp_path, model, stimuli, parts)
    join_parts(joined, paths, {"model": "m"}, warn=lambda _: None)
    with open_activations(whole) as a, open_activations(joined) as j, open_parts(paths, lambda _: None) as p:
        assert list(a.nodes) == list(j.nodes) == list(p.nodes) and a.nodes == j.nodes == p.nodes
        assert a.stimuli.to_attributes() == j.stimuli.to_attributes() == p.stimuli.to_attributes()
        for node in a.nodes:
            assert a.group[node].chunks == j.group[node].chunks and a.group[node].dtype == j.group[node].dtype
            np.testing.assert_array_equal(a.read(node), j.read(node))
            one, several = reduce_activations(a.blocks(node)), reduce_activations(p.blocks(node))
            np.testing.assert_array_equal(one.uncentred, several.uncentred)  # products between parts included


@pytest.mark.parametrize("n, batch, parts", [(9, 2, 4), (1000, 100, 3), (5, 100, 3), (7, 1, 7), (64, 8, 8)])
def test_parts_are_whole_batches_of_all_stimuli(n, batch, parts):
    rows = [rows_of_part(n, batch, k, parts) for k in range(1, parts + 1)]
    assert [i for part in rows for i in part] == list(range(n))
    assert all(part.start % batch == 0 or part.start == n for part in rows)
    assert max(map(len, rows)) - min(map(len, rows)) <= batch


def test_no_part_shows_more_than_its_own(tmp_path):
    seen = []
    network = small_network()
    network[1].register_forward_hook(lambda *call: seen.append(len(call[2])))
    record_parts(tmp_path, PixelModel(network.eval()), some_stimuli(), 3)
    looked_at = 2 + 2 + 3 + 3 + 2  # by each part: what it remembers, what nodes there are, which begin with the stimuli
    assert sum(seen) == 3 * looked_at + N + 1  # the last image is a batch of its own, shown twice


def test_parts_that_do_not_belong_together(tmp_path):
    model, stimuli = PixelModel(small_network().eval()), some_stimuli()
    first, second, third = record_parts(tmp_path, model, stimuli, 3)
    for paths in ([first, second], [second, first, third], [first, first, third]):
        with pytest.raises(InputError, match=r"not part \d of \d of a recording"), open_parts(paths):
            pass
    with pytest.raises(InputError, match="no such file"), open_recorded([first, tmp_path / "none", third]):
        pass
    third.write_bytes(third.read_bytes()[:-100])
    with pytest.raises(InputError, match="damaged"), open_parts([first, second, third]):
        pass


def test_a_node_that_one_part_lacks_is_left_out(tmp_path):
    model, stimuli, said = PixelModel(small_network().eval()), some_stimuli(), []
    paths = record_parts(tmp_path, model, stimuli, 2)
    record_stimuli(paths[1], model, stimuli, {}, 2, part=(2, 2), nodes=["0", "input"])
    with open_parts(paths, said.append) as parts:
        assert list(parts.nodes) == ["input", "0"]
    assert sorted(said) == [f"node {name!r} is left out: not computed for all stimuli" for name in ("1", "2", "3", "4")]
