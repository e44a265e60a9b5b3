"""Recording a stimulus set in parts gives what one job gives, also when a part's job is killed."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from project import ROOT, Workflow

from repgeom.store.activations import open_activations
from repgeom.store.coordinates import open_coordinates
from repgeom.store.rdms import read_rdms

NETWORK = "standard/seed1/last/test20"
COORDINATES = f"results/coordinates/{NETWORK}.zarr.zip"
ACTIVATIONS = f"results/activations/{NETWORK}.zarr.zip"
RDMS = f"results/rdms/correlation/{NETWORK}.h5"
PARTS = [f"results/activations/{NETWORK}/part{k}of3.zarr.zip" for k in (1, 2, 3)]
LONG_S = 300


@pytest.fixture
def folder(quick, tmp_path) -> Path:
    """The network and its stimuli, and nothing made of them."""
    for name in ("results/models/standard/seed1/weights.safetensors", "results/stimuli/test20.h5"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_bytes((quick.folder / name).read_bytes())
    return tmp_path


def configured(folder, parts, keep, more=""):
    """Command-line options of a configuration that shows batches of 7 images."""
    file = folder / f"{parts}{keep}.yaml"
    file.write_text(f"batch_size: 7\nrecording_parts: {parts}\nkeep_activations: {str(keep).lower()}\n{more}")
    return ["--cores", "1", "--configfile", str(ROOT / "configs/quick.yaml"), str(file)]


def run(folder, *options):
    return Workflow(ROOT, folder).run(*options, config=None)


def kill_second_part(folder, *options):
    """Kill the run and all its jobs once the first part is there and the second is under way."""
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile"), "--directory", str(folder)]
    started = subprocess.Popen(
        [*command, *options, "--", *PARTS[1:], PARTS[0]],
        cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    latest = time.monotonic() + LONG_S
    log = folder / "results/logs/activations"
    while started.poll() is None and time.monotonic() < latest:
        done = [part for part in PARTS if (folder / part).exists()]
        if done and len(list(log.rglob("*.log"))) > len(done):
            os.killpg(started.pid, signal.SIGKILL)
            break
        time.sleep(0.01)
    started.wait()
    return {part: (folder / part).stat().st_mtime_ns for part in PARTS if (folder / part).exists()}


def test_parts_give_what_one_job_gives_also_when_one_is_killed(folder):
    one = configured(folder, 1, keep=False)
    run(folder, *one, "--", COORDINATES)
    (folder / COORDINATES).rename(folder / "one.zarr.zip")
    several = configured(folder, 3, keep=False)
    kept = kill_second_part(folder, *several)
    assert 1 <= len(kept) < 3
    run(folder, *several, "--rerun-incomplete", "--notemp", "--", COORDINATES, ACTIVATIONS)
    assert all((folder / part).stat().st_mtime_ns == when for part, when in kept.items())  # not recorded again
    with open_coordinates(folder / "one.zarr.zip") as a, open_coordinates(folder / COORDINATES) as b:
        assert a.nodes == b.nodes and a.stimuli.to_attributes() == b.stimuli.to_attributes()
        for node in a.nodes:
            x, y = a.read(node).uncentred, b.read(node).uncentred
            np.testing.assert_allclose(y @ y.T, x @ x.T, rtol=0, atol=1e-12 * (x * x).sum(axis=1).max())
    with open_activations(folder / ACTIVATIONS) as joined:
        assert len(joined.stimuli.ids) == len(x) and list(joined.nodes) == list(a.nodes)


def test_parts_are_removed_once_they_are_joined(folder):
    run(folder, *configured(folder, 3, keep=True), "--", COORDINATES)
    assert (folder / ACTIVATIONS).exists() and not any((folder / part).exists() for part in PARTS)


def test_rdms_straight_from_parts_are_those_of_coordinates(folder):
    run(folder, *configured(folder, 1, keep=False), "--", RDMS)
    expected = read_rdms(folder / RDMS)
    straight = configured(folder, 2, False, "rdms_from: activations\nrdm_precision: float32\n")
    run(folder, *straight, "--forcerun", "rdms", "--", RDMS)
    found = read_rdms(folder / RDMS)
    assert found.dissimilarities.dtype == np.float32 and found.nodes == expected.nodes
    np.testing.assert_allclose(found.dissimilarities, expected.dissimilarities, rtol=1e-6, atol=1e-9)
    assert "rdms_of_activations.py" in found.provenance.to_json()


def test_projected_coordinates_are_the_same_from_parts_as_straight_from_the_network(folder):
    for parts in (1, 2):
        chosen = configured(folder, parts, False, "projection: {dimensions: 12, seed: 3}\n")
        run(folder, *chosen, "--", COORDINATES, RDMS)
        (folder / COORDINATES).rename(folder / f"{parts}.zarr.zip")
    with open_coordinates(folder / "1.zarr.zip") as a, open_coordinates(folder / "2.zarr.zip") as b:
        assert a.group.attrs["projection"] == b.group.attrs["projection"] and a.nodes == b.nodes
        assert read_rdms(folder / RDMS).provenance.config["projection"] == b.group.attrs["projection"]
        for node in a.nodes:
            x, y = a.read(node).uncentred, b.read(node).uncentred
            assert x.shape[1] == min(13, a.read(node).n_features)
            np.testing.assert_allclose(y, x, rtol=0, atol=1e-12 * np.abs(x).max())
