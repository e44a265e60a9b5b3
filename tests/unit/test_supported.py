"""The table of what is supported is what the tests see."""

import numpy as np
import pytest
import torch
from supported import ALONE, CALLS, NETWORKS, PAGE, SIDE, table

from repgeom.activations.batches import to_array
from repgeom.activations.stimuli import record_stimuli
from repgeom.analyses.paths import path_of
from repgeom.coordinates.reduction import reduce_activations
from repgeom.measures.rdm import compute_rdm
from repgeom.models.architectures import PixelModel
from repgeom.models.wrappers import taking_images, unwrapped
from repgeom.store.activations import open_activations
from repgeom.store.rdms import RDMs
from repgeom.store.stimuli import StimulusSet

N = 11


def test_the_page_is_up_to_date():
    assert PAGE.read_text(encoding="utf-8").endswith(f"\n{table()}\n"), "run python tests/unit/supported.py"


@pytest.mark.parametrize("name", NETWORKS)
def test_networks_reach_their_path(name, tmp_path):
    case = NETWORKS[name]
    torch.manual_seed(1)
    network = taking_images(unwrapped(case.build())).eval()
    rng = np.random.default_rng(0)
    images = (rng.random((N, SIDE, SIDE)) * 0.4 + np.linspace(0, 0.6, N)[:, None, None]).astype(np.float32)
    stimuli = StimulusSet(images, np.arange(N) % 3, np.array([f"i{k:02d}" for k in range(N)]))
    said: list[str] = []
    record_stimuli(tmp_path / "a.zarr.zip", PixelModel(network), stimuli, {}, 5, warn=said.append)
    with open_activations(tmp_path / "a.zarr.zip") as file:
        rdms = {node: compute_rdm(reduce_activations(file.blocks(node)), "euclidean") for node in file.nodes}
        last = file.read(list(file.nodes)[-1])
    path, dead = path_of(as_rdms(rdms, stimuli), None, "cosine")
    assert next(iter(path)) == "input" and len(path) >= 3
    with torch.no_grad():
        expected = [PixelModel(network).eval()(torch.from_numpy(image[None, None])) for image in images]
    if "maps" not in name:
        np.testing.assert_allclose(last, to_array(torch.cat(expected)), atol=1e-2 if "bfloat16" in name else 1e-5)
    assert how_it_was_recorded(said) == case.how
    assert not any("depend on which" in line for line in said)
    left_out = [line for line in said if "is left out" in line]
    assert bool(left_out or dead) == (case.left_out != "nothing"), said
    assert bool(dead) == ("zero" in name)


def how_it_was_recorded(said):
    calls = any("calls of modules" in line or "calls of its modules" in line for line in said)
    alone = any("each image" in line and "by itself" in line for line in said)
    return ALONE if alone else CALLS if calls else "node by node"


def as_rdms(rdms, stimuli):
    return RDMs(
        np.stack(list(rdms.values())), "euclidean", list(rdms), list(rdms), np.zeros(len(rdms), dtype=np.int64),
        stimuli.ids, stimuli.labels,
    )  # fmt: skip
