"""The page about one's own network and images, and the one about notebooks: their commands are run as they are printed."""

import contextlib
import io
import os
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import matplotlib.image
import numpy as np
import pandas as pd
import pytest
import torch
import yaml
from PIL import Image
from project import ROOT

import repgeom
from repgeom.errors import InputError
from repgeom.store.activations import open_activations
from repgeom.store.coordinates import open_coordinates
from repgeom.store.zarr import open_group

PAGE = (ROOT / "docs/own-networks-and-images.md").read_text()
NOTEBOOK = (ROOT / "docs/notebook.md").read_text()
NETWORK = """
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.conv, self.pool, self.fc = nn.Conv2d(3, 8, 5, stride=2), nn.AdaptiveAvgPool2d(4), nn.Linear(128, classes)

    def forward(self, images):
        return self.fc(self.pool(torch.relu(self.conv(images))).flatten(1))
"""
COLOURS = {"blue": (60, 90, 200), "green": (40, 160, 90), "red": (200, 60, 50), "yellow": (220, 190, 40)}


def make_images(folder: Path) -> None:
    """Discs of four colours and twelve places each."""
    x, y = np.mgrid[:48, :64]
    rng = np.random.default_rng(0)
    for name, colour in COLOURS.items():
        (folder / name).mkdir(parents=True)
        for i in range(12):
            disc = np.hypot(x - rng.integers(14, 34), y - rng.integers(14, 50)) < rng.integers(7, 13)
            pixels = np.where(disc[..., None], colour, 128) + rng.integers(-20, 20, (48, 64, 3))
            Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(folder / f"{name}/{i:02d}.png")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A clone of the project in which the page has been followed."""
    folder = tmp_path_factory.mktemp("clone")
    for name in ("rules", "scripts", "repgeom", "profiles", "envs", "report"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("Snakefile", "config.yaml", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    (folder / "resources").mkdir()
    for table in (ROOT / "resources").glob("*.csv"):
        shutil.copy(table, folder / "resources")
    bin_ = folder / "bin"
    bin_.mkdir()
    (bin_ / "repgeom").write_text(f'#!/bin/sh\nexec {sys.executable} -m repgeom.cli "$@"\n')
    (bin_ / "repgeom").chmod(0o755)
    (folder / "net.py").write_text(NETWORK)
    make_images(folder / "faces")
    scope: dict = {}
    exec(NETWORK, scope)
    torch.manual_seed(0)
    torch.save(
        {"state_dict": {f"module.{n}": v for n, v in scope["Net"](4).state_dict().items()}}, folder / "weights.pth"
    )
    section = re.search(r"## In five minutes\n(.*?)\n## ", PAGE, flags=re.S)[1]
    for kind, block in re.findall(r"```(\w+)\n(.*?)```", section, flags=re.S):
        if kind == "yaml":
            (folder / block.partition("\n")[0].removeprefix("# ")).write_text(block)
        else:
            run(folder, block)
    return folder


def run(folder, commands):
    """A block of the page, in a shell."""
    path = f"{folder / 'bin'}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-ec", commands], cwd=folder, capture_output=True, text=True, check=False,
        env=os.environ | {"PYTHONPATH": str(folder), "PATH": path},
    )  # fmt: skip
    assert done.returncode == 0, f"{commands}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
    with (folder / "said").open("a") as file:
        file.write(done.stdout)


def test_rdms_paths_decoding_and_capacity_are_there(folder):
    made = {p.stem for p in (folder / "mine/results/figures/mine").glob("*.png")}
    assert made == {"rdms", "path", "decoded", "geometry"}
    decoded = pd.read_csv(folder / "mine/results/tables/mine/decoded.csv").set_index("node")["mean"]
    assert decoded["input"] > 0.7  # colours are told apart by pixels


def test_what_is_printed_tells_nodes_and_staleness(folder):
    said = (folder / "said").read_text()
    assert "conv                             8 × 30 × 30" in said and "good: 1 dataset, 1 model" in said
    assert re.search(r"stale +no", said)


def test_the_page_of_notebooks_runs_as_it_is_printed(folder, monkeypatch):
    monkeypatch.chdir(folder)
    scope, said = {}, io.StringIO()
    with contextlib.redirect_stdout(said):
        for block in re.findall(r"```python\n(.*?)```", NOTEBOOK, flags=re.S):
            exec(textwrap.dedent(block), scope)
    assert (
        "mine, seed 1, shown 40 faces10" in said.getvalue()
        and "networks shown stimuli: 1, tables: 6" in said.getvalue()
    )
    assert scope["activations"].shape == (40, 8, 30, 30) and scope["coordinates"].centred.shape == (40, 41)
    assert set(scope["shown"].descriptors["class"]) == set(COLOURS)
    flat = scope["activations"].reshape(40, -1)
    np.testing.assert_allclose(scope["rdm"], 1 - np.corrcoef(flat), atol=1e-6)
    assert matplotlib.image.imread("rdm.png").shape[2] == 4


def test_names_that_are_not_there_are_told(folder):
    results = repgeom.open(folder / "mine")
    for ask, message in (
        (lambda: repgeom.open(folder), "no results here"),
        (lambda: results.network("mein", "faces10"), "no model 'mein'; did you mean 'mine'"),
        (lambda: results.network("mine", "faces"), "was not shown 'faces'; did you mean 'faces10'"),
        (lambda: results.network("mine", "faces10", seed=2), r"has no seed 2; it has \[1\]"),
        (lambda: results.table("mine/paths"), "did you mean 'mine/path'"),
        (lambda: results.network("mine", "faces10").rdm("conv", "cosin"), "did you mean 'cosine'"),
        (lambda: results.network("mine", "faces10").activations("con"), "did you mean 'conv'"),
    ):
        with pytest.raises(InputError, match=message):
            ask()


def test_coordinates_have_a_row_for_every_stimulus_also_without_repgeom(folder):
    path = folder / "mine/results/coordinates/mine/seed1/last/faces10.zarr.zip"
    with open_group(path) as group:
        centred, (mean, ones) = group["conv"][:], group["_frame/conv"][:]
    with open_activations(str(path).replace("coordinates", "activations")) as file:
        values = file.read("conv").astype(float)
    np.testing.assert_allclose(centred @ centred.T, (values - values.mean(0)) @ (values - values.mean(0)).T, atol=1e-6)
    np.testing.assert_allclose((centred + mean) @ ones, values.sum(axis=1), rtol=1e-6)
    with open_coordinates(path) as file:
        assert file.read("conv").centred.shape == centred.shape == (40, 41)


def test_stimuli_come_with_the_names_of_their_classes(folder):
    shown = repgeom.open(folder / "mine").network("mine", "faces10")
    assert shown.stimuli.images.shape == (40, 3, 64, 64) and shown.class_names == list(COLOURS)


IN_COLOUR = """
stimuli:
  few: {kind: select, dataset: faces, per_class: 1}
  attacked: {kind: attack, of: few, attack: {method: fgsm, epsilon: 0.1}}
  noisy: {kind: perturb, of: faces10, perturbation: {method: gaussian_noise, strength: [0, 0.2]}}
studies:
  mine: null
  colour:
    images: {kind: images, columns: 4, of: [{stimuli: few}, {model: mine, stimuli: attacked}]}
    answers: {kind: answers, of: [{model: mine, stimuli: few}]}
    examples: {kind: examples, of: [{model: mine, stimuli: few}]}
    maps: {kind: feature_maps, of: [{model: mine, stimuli: few, nodes: [conv]}]}
    filters: {kind: filters, layer: conv, of: [{model: mine}]}
    metamers:
      {kind: metamers, held_out: mine, others: few, steps: 3, snapshots: [0, 2], of: [{model: mine, stimuli: few, nodes: [conv]}]}
    generalisation: {kind: generalisation, rated: few, of: [{model: mine, stimuli: few, nodes: [conv]}]}
    against_noise: {kind: sweep, of: [{model: mine, stimuli: noisy, nodes: [conv, fc]}]}
"""


@pytest.mark.slow
def test_images_in_colour_reach_every_figure_of_images(folder):
    (folder / "mine/colour.yaml").write_text(IN_COLOUR)
    run(folder, "snakemake --directory mine --configfile mine/colour.yaml -- colour")
    made = {p.stem for p in (folder / "mine/results/figures/colour").glob("*.png")}
    assert made == set(yaml.safe_load(IN_COLOUR)["studies"]["colour"])
    swept = pd.read_csv(folder / "mine/results/tables/colour/against_noise.csv")
    assert set(swept["strength"]) == {0, 0.2}
    rated = pd.read_csv(folder / "mine/results/tables/colour/images.csv").set_index("images")
    changes = rated.loc["attacked (FGSM, ε = 0.1): my network", "largest_change"]
    np.testing.assert_allclose(changes, 0.1, atol=1e-6)
