"""A user's network may lie in one file or in several, be a class or come out of a function."""

import sys

import pytest
import torch

from repgeom.errors import InputError
from repgeom.models.architectures import build_network

FILES = {
    "alone.py": """
from dataclasses import dataclass
import torch

@dataclass
class Size:
    width: int = 3

class Net(torch.nn.Linear):
    def __init__(self, size: "Size" = Size()):
        super().__init__(4, size.width)

def make(width):
    return torch.nn.Linear(4, width)

def wrong():
    return 3
""",
    "beside.py": "from own_blocks import make as Net\n",
    "own_blocks.py": "from alone import make\n",
    "own_package/__init__.py": "WIDTH = 6\n",
    "own_package/nets.py": "from . import WIDTH\nfrom .parts.inner import Inner\n\ndef net():\n    return Inner(WIDTH)\n",
    "own_package/parts/__init__.py": "",
    "own_package/parts/inner.py": "import torch\n\nclass Inner(torch.nn.Linear):\n    def __init__(self, width):\n        super().__init__(4, width)\n",
    "broken.py": "import torch\nraise RuntimeError('no luck')\n",
    "script.py": "import argparse\n\nargparse.ArgumentParser().parse_args(['--rate'])\n",
    "lacking.py": "import a_library_that_nobody_has\n",
}  # fmt: skip


@pytest.fixture
def folder(tmp_path, monkeypatch):
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(sys, "path", [*sys.path])
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        del sys.modules[name]


@pytest.mark.parametrize(
    "architecture, options, width",
    [
        ("alone.py:Net", {}, 3),
        ("alone.py:make", {"width": 5}, 5),
        ("beside.py:Net", {"width": 7}, 7),
        ("own_package/nets.py:net", {}, 6),
    ],
)
def test_networks_are_built(folder, architecture, options, width):
    network = build_network(f"{folder}/{architecture}", options, seed=1)
    assert network(torch.zeros(2, 4)).shape == (2, width)


@pytest.mark.parametrize(
    "architecture, message",
    [
        ("alone.py:Nat", r"no torch.nn.Module called 'Nat', nor a function that makes one; did you mean 'Net'"),
        ("alone.py:wrong", "gives a int, no torch.nn.Module"),
        ("broken.py:Net", r"broken.py: cannot be imported \(RuntimeError: no luck\)"),
        ("lacking.py:Net", "lacking.py: imports 'a_library_that_nobody_has', which is neither installed nor beside it"),
        ("script.py:Net", "script.py: ends the program when it is imported, as scripts that read arguments do"),
        ("nowhere.py:Net", "no such file"),
    ],
)
def test_what_is_wrong_is_told(folder, architecture, message):
    with pytest.raises(InputError, match=message):
        build_network(f"{folder}/{architecture}", {}, seed=1)
