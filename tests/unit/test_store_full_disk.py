"""On a disk that is full in the middle of a write, every writer names the file and keeps what was there."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import torch
from small_disk import small_disk
from test_store import INFO, MADE_BY, NODE

from repgeom.coordinates.reduction import reduce_activations
from repgeom.errors import InputError
from repgeom.figures.style import save_figure
from repgeom.store.activations import activation_writer
from repgeom.store.coordinates import coordinate_writer
from repgeom.store.hdf5 import write_arrays
from repgeom.store.rdms import RDMs, write_rdms
from repgeom.store.resume import ResumeFile
from repgeom.store.tables import write_table
from repgeom.store.weights import write_weights

NOISE = np.random.default_rng(0).random(300_000)  # 2.4 MB that no compression shrinks


def big_activations(path):
    with activation_writer(path, INFO, {}, 3, MADE_BY) as writer:
        writer.append("conv1", NODE, NOISE.reshape(3, -1))


def big_coordinates(path):
    with coordinate_writer(path, INFO, {"conv1": NODE}, {}, MADE_BY) as writer:
        writer.add("conv1", reduce_activations([NOISE.reshape(500, 600)]))


def big_rdms(path):
    n = 700
    rdms = NOISE[: n * (n - 1) // 2][None]
    ids, labels = np.arange(n).astype(str), np.arange(n)
    write_rdms(path, RDMs(rdms, "correlation", ["conv1"], ["conv1"], np.array([0]), ids, labels), MADE_BY)


def big_figure(path):
    figure = plt.figure(figsize=(6, 6))
    figure.figimage(NOISE.reshape(500, 600))
    save_figure(figure, path)
    plt.close(figure)


WRITERS = {
    "a.h5": lambda p: write_arrays(p, {"x": NOISE}, {}, MADE_BY),
    "r.h5": big_rdms,
    "w.safetensors": lambda p: write_weights(p, {0: {"fc.weight": torch.from_numpy(NOISE)}}, MADE_BY),
    "t.csv": lambda p: write_table(p, pd.DataFrame({"x": NOISE}), {}, MADE_BY),
    "act.zarr.zip": big_activations,
    "coord.zarr.zip": big_coordinates,
    "f.png": big_figure,
}


@pytest.mark.parametrize("name", WRITERS)
def test_a_full_disk_names_the_file_and_loses_nothing(tmp_path, name):
    with small_disk(tmp_path / "disk", "256k") as disk:
        path = disk / name
        path.write_bytes(b"what was there")
        with pytest.raises(InputError, match=f"cannot write .*{name}: No space left on device"):
            WRITERS[name](path)
        assert path.read_bytes() == b"what was there"
        assert [p.name for p in disk.iterdir()] == [name]


def test_a_resume_file_that_does_not_fit_leaves_the_last_one(tmp_path):
    with small_disk(tmp_path / "disk", "256k") as disk:
        resume = ResumeFile(disk / "w.safetensors", MADE_BY)
        resume.save({"epoch": 1})
        with pytest.raises(InputError, match="No space left on device"):
            resume.save({"weights": torch.from_numpy(NOISE)})
        assert resume.load() == {"epoch": 1}
