"""Weights in the containers, under the prefixes and in the precisions that people have them in."""

import argparse
import collections
import dataclasses
import datetime
import enum
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from repgeom.errors import InputError
from repgeom.models.architectures import build_network
from repgeom.models.published import load_published, without_prefix
from repgeom.store.weights import read_weights, write_weights


def network(seed):
    torch.manual_seed(seed)
    return nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Flatten(), nn.Linear(8, 3))


STATE = network(1).state_dict()
OTHER = {f"loss.{name}": value + 1 for name, value in list(STATE.items())[:2]}


class Hyperparameters(dict):
    """As Lightning keeps them: a class that derives from a dictionary."""


class Mode(enum.Enum):
    """Pickled as a call of its class, or, as `Named`, as an attribute of it: that depends on Python's version."""

    FAST = "fast"


class Named(enum.Enum):
    """Pickled as Python 3.11.0 to 3.11.3 do."""

    SLOW = "slow"

    def __reduce_ex__(self, protocol):
        return getattr, (type(self), self.name)


@dataclasses.dataclass(slots=True)
class Options:
    """Pickled with a state that is no dictionary."""

    width: int = 3


def prefixed(prefix):
    return {prefix + name: value for name, value in STATE.items()}


def lightning():
    return {
        "epoch": 3,
        "global_step": 12,
        "pytorch-lightning_version": "2.5.0",
        "state_dict": collections.OrderedDict(prefixed("model.") | OTHER),
        "loops": {"fit_loop": {"state_dict": {}, "epoch_progress": {"total": {"ready": 4}}}},
        "callbacks": {"ModelCheckpoint{'monitor': None}": {"best_model_score": torch.tensor(0.1)}},
        "optimizer_states": [{"state": {0: {"step": torch.tensor(3.0)}}, "param_groups": [{"lr": 1e-3, "betas": (0.9, 0.999)}]}],
        "lr_schedulers": [],
        "hyper_parameters": Hyperparameters(width=3, name="mine", mode=Mode.FAST, how=Named.SLOW, options=Options()),
    }  # fmt: skip


def kept(**more):
    """What scripts that train keep beside weights."""
    scores = {"best": np.float64(0.9), "all": np.ones(3), "best_acc1": torch.tensor(0.1), "seen": {3, 4}}
    options = argparse.Namespace(lr=0.1, out=Path("out"), device=torch.device("cpu"), shape=torch.Size([3]), tags=())
    state = {"numpy": np.random.default_rng(0).bit_generator.state, "torch": torch.get_rng_state()}
    counted = collections.defaultdict(list, a=[1]), collections.Counter("ab"), collections.deque([1, 2], maxlen=3)
    now = {"time": datetime.datetime(2026, 1, 1), "took": datetime.timedelta(1), "optimiser": torch.optim.SGD}
    return {"args": options, "scores": scores, "rng": state, "more": counted, "now": now, "epoch": 3} | more


def averaged():
    """As torch.optim.swa_utils makes it."""
    return torch.optim.swa_utils.AveragedModel(network(1)).state_dict()


SAVED = {
    "a state dict": lambda file: torch.save(STATE, file),
    "a training loop's": lambda file: torch.save({"epoch": 3, "state_dict": STATE, "best": torch.tensor(1.0)}, file),
    "a training loop's with options, scores, dates, paths and random states": lambda file: torch.save(
        kept(model=STATE), file
    ),
    "under any name, where it is the only one": lambda file: torch.save(kept(generator=STATE), file),
    "beside its moving average, which is left": lambda file: torch.save(
        kept(state_dict=STATE, model_ema=network(3).state_dict()), file
    ),
    "averaged by `torch.optim.swa_utils`": lambda file: torch.save(averaged(), file),
    "a module inside": lambda file: torch.save({"model": network(1), "epoch": 3}, file),
    "Lightning": lambda file: torch.save(lightning(), file),
    "DataParallel": lambda file: torch.save(prefixed("module."), file),
    "compiled and wrapped": lambda file: torch.save({"state_dict": prefixed("model._orig_mod.")}, file),
    "half precision, counts and all": lambda file: torch.save({n: v.half() for n, v in STATE.items()}, file),
    "half precision": lambda file: torch.save({n: half(v) for n, v in STATE.items()}, file),
    "safetensors": lambda file: save_file(STATE, file),
    "safetensors in bfloat16": lambda file: save_file({n: half(v, torch.bfloat16) for n, v in STATE.items()}, file),
    "safetensors with metadata": lambda file: save_file(prefixed("module."), file, {"format": "pt"}),
    "our own": lambda file: write_weights(file, {0: network(0).state_dict(), 12: STATE}),
}


def half(value, dtype=torch.float16):
    return value.to(dtype) if value.is_floating_point() else value


@pytest.mark.parametrize("kind", SAVED)
def test_weights_are_copied(kind, tmp_path):
    SAVED[kind](tmp_path / "weights")
    mine, told = network(2), []
    load_published(mine, tmp_path / "weights", tell=told.append)
    left_out = {"Lightning": list(OTHER), "averaged by `torch.optim.swa_utils`": ["n_averaged"]}.get(kind)
    tolerance = 0 if "half" not in kind and "bfloat16" not in kind else 4e-3
    for name, value in mine.state_dict().items():
        torch.testing.assert_close(value, STATE[name], rtol=tolerance, atol=tolerance)
        assert value.dtype == STATE[name].dtype
    assert [t.partition(": ")[2] for t in told] == (
        [f"not of this network, and left out: {', '.join(left_out)}"] if left_out else []
    )


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16, torch.float16])
def test_weights_are_kept_in_their_precision(dtype, tmp_path):
    state = network(1).to(dtype).state_dict()
    write_weights(tmp_path / "weights.safetensors", {0: state})
    found = read_weights(tmp_path / "weights.safetensors")
    assert found.keys() == state.keys() and all(torch.equal(found[name], state[name]) for name in state)


def test_a_wrapper_takes_weights_of_what_it_wraps(tmp_path):
    torch.save(STATE, tmp_path / "weights")
    wrapper = nn.Sequential(collections.OrderedDict(backbone=network(2)))
    load_published(wrapper, tmp_path / "weights")
    torch.testing.assert_close(wrapper.backbone[0].weight, STATE["0.weight"])


WRAPPED = """
from torch import nn

class OptimizedModule(nn.Module):  # as torch.compile makes it
    def __init__(self, network):
        super().__init__()
        self._orig_mod = network

def net():
    return nn.DataParallel(OptimizedModule(nn.Sequential(nn.Flatten(), nn.Linear(4, 2))))
"""


def test_a_network_is_taken_out_of_what_torch_wraps_it_into(tmp_path):
    (tmp_path / "wrapped.py").write_text(WRAPPED)
    found = build_network(f"{tmp_path}/wrapped.py:net", {}, 0)
    assert list(found.state_dict()) == ["1.weight", "1.bias"]


def test_two_networks_in_one_file_are_not_guessed_at():
    both = prefixed("student.") | prefixed("teacher.")
    with pytest.raises(InputError, match=r"w\.pth: holds such weights several times, under 'student\.', 'teacher\.'"):
        without_prefix(both, STATE, "w.pth")


@pytest.mark.parametrize(
    "saved, message",
    [
        (lambda f: torch.save({"epoch": 3, "weights_of_mine": STATE, "hers": STATE}, f), "'epoch' is not a tensor.* alone or called state_dict"),
        (lambda f: torch.save(prefixed("module.") | {"module.more": torch.ones(2)}, f), "'more' is no weight of Sequ"),
        (lambda f: torch.save({"module.0.weight": STATE["0.weight"]}, f), "'module.0.weight' is no weight.*'0.weight'"),
        (lambda f: f.write_bytes(b"\x10\0\0\0\0\0\0\0{not json at all"), "neither a checkpoint of torch.save nor safe"),
        (lambda f: save_file(STATE | {"0.weight": STATE["0.weight"] * torch.nan}, f), "'0.weight' holds a value .* finite"),
        (lambda f: save_file(STATE | {"0.weight": torch.ones(3)}, f), r"'0.weight' has shape \(3,\), Sequential needs"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_told(saved, message, tmp_path):
    saved(tmp_path / "weights")
    with pytest.raises(InputError, match=message):
        load_published(network(2), tmp_path / "weights")


def test_a_weight_that_layers_share_is_stored_under_both_names(tmp_path):
    tied = nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 4))
    tied[1].weight = tied[0].weight
    write_weights(tmp_path / "weights.safetensors", {0: tied.state_dict()})
    found = read_weights(tmp_path / "weights.safetensors")
    assert torch.equal(found["0.weight"], found["1.weight"]) and torch.equal(found["0.weight"], tied[0].weight)
