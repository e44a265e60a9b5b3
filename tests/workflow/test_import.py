"""Published weights in place of training: named in the configuration, verified, never executed."""

import hashlib
import os
import pickle
import subprocess
import sys
import zipfile

import numpy as np
import pandas as pd
import pytest
import torch
import yaml
from project import ROOT, Workflow

from repgeom.models.architectures import PixelModel
from repgeom.models.lenet import LeNet
from repgeom.store.activations import open_activations
from repgeom.store.stimuli import read_split, read_stimuli

AUTHOR_SCRIPT = """
import sys, torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 32, 3, 1)
        self.conv2 = nn.Conv2d(32, 64, 3, 1)
        self.dropout1, self.dropout2 = nn.Dropout(0.25), nn.Dropout(0.5)
        self.fc1, self.fc2 = nn.Linear(9216, 128), nn.Linear(128, 10)

torch.manual_seed(3)
net = Net()
torch.save(net, sys.argv[1])
torch.save(net.state_dict(), sys.argv[2])
"""
NORMALISE = (0.1307, 0.3081)
ACTIVATIONS = "results/activations/standard/seed1/last/test5.zarr.zip"
WEIGHTS = "results/models/standard/seed1/weights.safetensors"


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """A whole module of class `__main__.Net`, and its state dict."""
    folder = tmp_path_factory.mktemp("published")
    (folder / "author.py").write_text(AUTHOR_SCRIPT)
    files = folder / "standard_model.pth", folder / "state.pth"
    subprocess.run([sys.executable, "-W", "ignore", folder / "author.py", *files], check=True)
    return files


def run(folder, source, *targets, check=True):
    """Run the quick configuration with imported weights for the standard model."""
    folder.mkdir(exist_ok=True)
    overlay = folder / "imported.yaml"
    standard = {"training": None, "seeds": [1], "source": source}
    overlay.write_text(yaml.safe_dump({"models": {"standard": standard}}))
    workflow = Workflow(ROOT, folder)
    configs = ["--configfile", str(ROOT / "configs/quick.yaml"), str(overlay)]
    return workflow.run("--cores", "2", *configs, "--", *targets, config=None, check=check)


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_activations_and_figures_come_from_the_imported_weights(published, tmp_path):
    module, state = published
    figure = "results/figures/robustness/graph.png"
    run(tmp_path, {"path": str(module), "sha256": sha256(module)}, ACTIVATIONS, figure)
    assert (tmp_path / figure).is_file() and not (tmp_path / "results/logs/train").exists()
    network = LeNet()
    network.load_state_dict(torch.load(state, weights_only=True))
    model = PixelModel(network, NORMALISE).eval()
    stimuli = read_stimuli(tmp_path / "results/stimuli/test5.h5")
    with torch.no_grad(), open_activations(tmp_path / ACTIVATIONS) as file:
        expected = model(torch.from_numpy(stimuli.channels_first()))
        np.testing.assert_allclose(file.read("fc2"), expected, rtol=1e-4, atol=1e-5)
    test = read_split(tmp_path / "results/datasets/digits.h5", "test")
    with torch.no_grad():
        answers = model(torch.from_numpy(test.to_float()[:, None])).argmax(dim=1).numpy()
    history = pd.read_csv(tmp_path / "results/models/standard/seed1/history.csv")
    assert history["epoch"].tolist() == [0]
    assert history["test_accuracy"].iloc[0] == pytest.approx((answers == test.labels).mean())


def test_another_file_is_refused(published, tmp_path):
    done = run(tmp_path, {"path": str(published[0]), "md5": "0" * 32}, WEIGHTS, check=False)
    assert done.returncode and not (tmp_path / WEIGHTS).exists()
    assert f"Error: {published[0]}: its md5 is" in done.stdout + done.stderr


class Malice:
    """Unpickling it would make a folder."""

    def __init__(self, folder):
        self.folder = folder

    def __reduce__(self):
        return os.mkdir, (str(self.folder),)


def test_a_malicious_file_is_refused_and_not_executed(tmp_path):
    trap, file = tmp_path / "sprung", tmp_path / "malice.pth"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps({"conv1.weight": Malice(trap)}, protocol=2))
        archive.writestr("archive/version", "3\n")
    done = run(tmp_path / "run", {"path": str(file), "sha256": sha256(file)}, WEIGHTS, check=False)
    assert done.returncode and not trap.exists()
    assert f"Error: {file}" in done.stdout + done.stderr
    assert [p for p in (tmp_path / "run/results/models").rglob("*") if p.is_file()] == []
