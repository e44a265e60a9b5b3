"""Published weights in place of training: named in the configuration, verified, never executed."""

import hashlib
import os
import pickle
import subprocess
import sys
import zipfile
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import numpy as np
import pandas as pd
import pytest
import torch
import yaml
from project import ROOT, Workflow, planned_rules

from repgeom.models.architectures import PixelModel
from repgeom.models.lenet import LeNet
from repgeom.models.rcnn import RCNN
from repgeom.store.activations import open_activations
from repgeom.store.stimuli import read_split, read_stimuli
from repgeom.store.weights import read_epochs, read_weights

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


def run(folder, source, *targets, check=True, model="standard", options=(), others=None, **environment):
    """Run the quick configuration with imported weights for a model, and other models beside it."""
    folder.mkdir(exist_ok=True)
    overlay = folder / "imported.yaml"
    overlay.write_text(
        yaml.safe_dump({"models": {model: {"training": None, "seeds": [1], "source": source}} | (others or {})})
    )
    workflow = Workflow(ROOT, folder)
    options = ["--cores", "2", *options, "--configfile", str(ROOT / "configs/quick.yaml"), str(overlay)]
    return workflow.run(*options, "--", *targets, config=None, check=check, **environment)


def planned(folder, source, *targets, model="standard"):
    """The rules that a dry run would run."""
    return planned_rules(run(folder, source, *targets, model=model, options=["--dry-run"]))


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


def test_training_goes_on_from_imported_weights(published, tmp_path):
    """Before the first epoch it is the imported network; after it, another one close by."""
    _, state = published
    went_on = "results/models/went_on/seed1/weights.safetensors"
    training = {"optimiser": "sgd", "learning_rate": 0.0001, "epochs": 1}
    model = {"architecture": "lenet", "dataset": "digits", "seeds": [1], "start": "standard", "training": training}
    run(tmp_path, {"path": str(state), "sha256": sha256(state)}, went_on, others={"went_on": model})
    theirs = torch.load(state)
    before, after = read_weights(tmp_path / went_on, 0), read_weights(tmp_path / went_on, 1)
    for name, value in theirs.items():
        assert torch.equal(before[name], value)
        assert 0 < (after[name] - value).abs().max() < 0.1 * value.abs().max()


def test_another_checksum_makes_stale_what_follows_and_nothing_else(published, tmp_path):
    module, _ = published
    run(tmp_path, {"path": str(module), "sha256": sha256(module)}, ACTIVATIONS)
    assert planned(tmp_path, {"path": str(module), "sha256": sha256(module)}, ACTIVATIONS) == set()
    md5 = hashlib.md5(module.read_bytes()).hexdigest()
    assert planned(tmp_path, {"path": str(module), "md5": md5}, ACTIVATIONS) == {"import_weights", "activations"}


def test_a_network_of_another_study_comes_with_the_accuracy_it_has(tmp_path):
    torch.manual_seed(5)
    network = RCNN(canvas=[36, 36])
    torch.save(network.state_dict(), file := tmp_path / "rcnn.pth")
    source, figure = {"path": str(file), "sha256": sha256(file)}, "results/figures/recurrence/output_rcnn.png"
    rules = planned(tmp_path / "run", source, "recurrence", model="rcnn")
    assert {"import_weights", "readout_figure", "history_figure"} <= rules and "train_on_canvases" not in rules
    run(tmp_path / "run", source, figure, model="rcnn")
    weights = tmp_path / "run/results/models/rcnn/seed1/weights.safetensors"
    assert (tmp_path / "run" / figure).is_file() and read_epochs(weights) == [0]
    for name, value in read_weights(weights).items():
        assert torch.equal(value, network.state_dict()[name]), name


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


def test_a_download_is_verified_and_kept(published, tmp_path):
    """Fetched once; without the server, the verified copy serves; a damaged copy is named."""
    module, state = published
    handler = partial(QuietHandler, directory=module.parent)
    data = {"REPGEOM_DATA_DIR": str(tmp_path / "data")}
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        source = {"url": f"http://127.0.0.1:{server.server_port}/{module.name}", "sha256": sha256(module)}
        wrong = run(tmp_path / "wrong", source | {"sha256": sha256(state)}, WEIGHTS, check=False, **data)
        run(tmp_path / "first", source, WEIGHTS, **data)
        server.shutdown()
    assert wrong.returncode and not (tmp_path / "wrong" / WEIGHTS).exists()
    assert f"Error: {tmp_path}/data/weights/{sha256(state)}.pth could not be downloaded" in wrong.stdout + wrong.stderr
    copies = list((tmp_path / "data/weights").iterdir())
    assert [copy.read_bytes() for copy in copies] == [module.read_bytes()]
    run(tmp_path / "second", source, WEIGHTS, **data)
    assert (tmp_path / "second" / WEIGHTS).read_bytes() == (tmp_path / "first" / WEIGHTS).read_bytes()
    copies[0].write_bytes(module.read_bytes()[:-1])
    third = run(tmp_path / "third", source, WEIGHTS, check=False, **data)
    assert third.returncode and f"Error: {copies[0]}: its sha256 is" in third.stdout + third.stderr


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
