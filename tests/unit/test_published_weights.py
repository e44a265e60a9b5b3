"""Checkpoints of every kind that course material ships are read; whatever is more than weights is refused."""

import hashlib
import subprocess
import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import numpy as np
import pytest
import torch

from repgeom.errors import InputError
from repgeom.models.checkpoint import read_checkpoint
from repgeom.models.known_weights import KNOWN_FILES, Checksum
from repgeom.models.lenet import LeNet
from repgeom.models.published import fetch_published, load_into, load_published
from repgeom.models.recurrent import Recurrent

AUTHOR_SCRIPT = '''
"""What the author of a course runs; the classes exist in this process only."""
import sys
from collections import OrderedDict

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 32, 3, 1)
        self.conv2 = nn.Conv2d(32, 64, 3, 1)
        self.dropout1 = nn.Dropout(0.25)
        self.dropout2 = nn.Dropout(0.5)
        self.fc1 = nn.Linear(9216, 128)
        self.fc2 = nn.Linear(128, 10)
        self.activation = F.relu


class RecurrentNet(nn.Module):
    def __init__(self, time_steps=5):
        super().__init__()
        self.time_steps = time_steps
        self.conv1 = nn.Conv2d(1, 16, 3, 3)
        self.conv2 = nn.Conv2d(16, 16, 3, 1, padding=1)
        self.readout = nn.Sequential(OrderedDict(
            dropout=nn.Dropout(0.25), avgpool=nn.AdaptiveAvgPool2d(1),
            flatten=nn.Flatten(), linear=nn.Linear(16, 10)))


class Odd(nn.Module):
    """Buffers, tied weights, views into a larger storage, and other types of number."""

    def __init__(self):
        super().__init__()
        self.norm = nn.BatchNorm1d(3)
        self.a = nn.Linear(4, 4)
        self.b = nn.Linear(4, 4)
        self.b.weight = self.a.weight
        self.register_buffer("view", torch.arange(24.0).reshape(4, 6).T[1:, ::2])
        self.register_buffer("scratch", torch.zeros(2), persistent=False)
        self.register_buffer("coarse", torch.ones(3, dtype=torch.bfloat16))
        self.register_buffer("empty", torch.zeros(0, 3))
        self.register_parameter("absent", None)
        self.where = torch.device("cpu")


folder = sys.argv[1]
torch.manual_seed(7)
for name, model in {"lenet": Net(), "recurrent": RecurrentNet(), "odd": Odd().eval()}.items():
    for ending, options in {
        "zip": {}, "zip4": {"pickle_protocol": 4}, "legacy": {"_use_new_zipfile_serialization": False},
    }.items():
        torch.save(model, f"{folder}/{name}.module.{ending}", **options)
        torch.save(model.state_dict(), f"{folder}/{name}.state.{ending}", **options)
    np.savez(f"{folder}/{name}.npz", **{k: v.float().numpy() for k, v in model.state_dict().items()})
'''
FORMATS = [f"{content}.{ending}" for content in ("module", "state") for ending in ("zip", "zip4", "legacy")]


@pytest.fixture(scope="module")
def published(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("published")
    script = folder / "author.py"
    script.write_text(AUTHOR_SCRIPT)
    subprocess.run([sys.executable, "-W", "ignore", script, folder], check=True)
    return folder


def read(path: Path) -> dict[str, torch.Tensor]:
    return read_checkpoint(path.read_bytes(), path)


def md5(path: Path) -> Checksum:
    return Checksum("md5", hashlib.md5(path.read_bytes()).hexdigest())


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("name", ["lenet", "recurrent", "odd"])
def test_every_format_yields_exactly_the_state_dict(published, name, form):
    tensors = read(published / f"{name}.{form}")
    expected = np.load(published / f"{name}.npz")
    assert list(tensors) == expected.files
    for key in expected:
        np.testing.assert_array_equal(tensors[key].float().numpy(), expected[key], err_msg=key, strict=True)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(("name", "network"), [("lenet", LeNet), ("recurrent", Recurrent)])
def test_weights_arrive_in_our_network(published, name, network, form):
    ours = network()
    load_published(ours, path := published / f"{name}.{form}", md5(path))
    for key, value in np.load(published / f"{name}.npz").items():
        np.testing.assert_array_equal(ours.state_dict()[key].numpy(), value)
    assert all(p.requires_grad for p in ours.parameters())


def test_types_of_number_survive(published):
    tensors = read(published / "odd.module.zip")
    assert tensors["coarse"].dtype == torch.bfloat16
    assert tensors["norm.num_batches_tracked"].dtype == torch.int64
    assert tensors["view"].shape == (5, 2)


def test_sha256_is_accepted_too(published):
    path = published / "recurrent.state.zip"
    load_published(Recurrent(), path, Checksum("sha256", hashlib.sha256(path.read_bytes()).hexdigest().upper()))


def test_wrong_checksum_is_refused_before_reading(published, monkeypatch):
    monkeypatch.setattr("repgeom.models.published.read_checkpoint", lambda *_: pytest.fail("was read"))
    path = published / "recurrent.state.zip"
    with pytest.raises(InputError, match=r"recurrent.state.zip: its md5 is .*not 0{32}.*not read"):
        load_published(Recurrent(), path, Checksum("md5", "0" * 32))


def test_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match=r"nowhere.pth: no such file"):
        load_published(Recurrent(), tmp_path / "nowhere.pth", Checksum("md5", "0" * 32))


def test_loading_refuses_unlike_networks_and_changes_nothing(published):
    tensors = read(published / "recurrent.state.zip")
    ours = Recurrent()
    before = {k: v.clone() for k, v in ours.state_dict().items()}
    wrong = {
        r"'conv1.wieght' is no weight of Recurrent; did you mean 'conv1.weight'": {
            "conv1.wieght": tensors["conv1.weight"]
        },
        r"the weight 'readout.linear.bias' of Recurrent is missing": {"readout.linear.bias": None},
        r"'conv1.weight' has shape \(16, 3, 3\), Recurrent needs \(16, 1, 3, 3\)": {
            "conv1.weight": tensors["conv1.weight"][:, 0]
        },
        r"'conv2.bias' holds torch.int64": {"conv2.bias": torch.zeros(16, dtype=torch.int64)},
        r"'conv2.bias' .* not finite": {"conv2.bias": torch.full((16,), torch.nan)},
        r"'conv1.bias' .* not finite as torch.float32": {"conv1.bias": torch.full((16,), 1e300, dtype=torch.float64)},
    }
    for message, change in wrong.items():
        changed = {k: v for k, v in (tensors | change).items() if v is not None}
        with pytest.raises(InputError, match=f"file.pth: {message}"):
            load_into(ours, changed, "file.pth")
    assert all(torch.equal(v, before[k]) for k, v in ours.state_dict().items())


@pytest.fixture
def server(published):
    handler = partial(QuietHandler, directory=published)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


def test_fetched_file_is_kept_only_with_its_checksum(published, server, tmp_path):
    path = published / "recurrent.module.zip"
    fetch_published(url := f"{server}/{path.name}", tmp_path / "good.pth", md5(path))
    assert (tmp_path / "good.pth").read_bytes() == path.read_bytes()
    with pytest.raises(InputError, match="its md5 is"):
        fetch_published(url, tmp_path / "bad.pth", Checksum("md5", "0" * 32))
    assert not (tmp_path / "bad.pth").exists()


@pytest.mark.parametrize("name", KNOWN_FILES)
def test_known_files_are_addressed_and_verifiable(name):
    known = KNOWN_FILES[name]
    assert known.md5 is None or (len(known.md5) == 32 and set(known.md5) <= set("0123456789abcdef"))
    assert known.url.startswith("https://osf.io/")
