"""Networks of timm by name: found where it is installed, told where it is not."""

import sys

import pytest
import torch
from safetensors.torch import save_file

from repgeom.config.models import Model
from repgeom.errors import InputError
from repgeom.models.architectures import build_model
from repgeom.models.published import copy_weights

NETWORK = {"architecture": "timm:resnet18", "options": {}, "normalise": None}
SOURCE = {"url": None, "checksum": None, "pretrained": "a1_in1k"}


def test_it_is_told_that_timm_is_not_installed(monkeypatch):
    monkeypatch.setitem(sys.modules, "timm", None)
    with pytest.raises(InputError, match="timm is not installed; pip install timm"):
        build_model(NETWORK, 0)


def test_a_configuration_may_name_networks_of_timm():
    said = {"seeds": [1], "source": {"pretrained": "a1_in1k"}}
    assert Model(architecture="timm:resnet18", **said).user_file is None
    with pytest.raises(ValueError, match=r"source\.pretrained: only for"):
        Model(architecture="lenet", **said)


@pytest.fixture
def timm():
    return pytest.importorskip("timm")


def test_images_are_prepared_as_timm_does(timm):
    from timm.data import create_transform, resolve_data_config

    found = build_model(NETWORK | {"pretrained": "a1_in1k"}, 0)
    theirs = create_transform(
        **resolve_data_config(pretrained_cfg=timm.get_pretrained_cfg("resnet18.a1_in1k").to_dict())
    )
    images = torch.rand(2, 3, 300, 260, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(found.normalise(images), theirs(images))
    assert found(images).shape == (2, 1000)


def test_weights_that_lie_on_disk_are_read(timm, tmp_path):
    theirs = timm.create_model("resnet18", pretrained=False).state_dict()
    with pytest.raises(InputError, match="no weights 'a1_in1'; did you mean 'a1_in1k'"):
        build_model(NETWORK | {"pretrained": "a1_in1"}, 0)
    (tmp_path / "weights").mkdir()
    save_file(theirs, tmp_path / "weights/resnet18.a1_in1k.safetensors")
    ours = build_model(NETWORK | {"pretrained": "a1_in1k"}, 0).network
    copy_weights(ours, NETWORK, SOURCE, None, tmp_path, pytest.fail)
    torch.testing.assert_close(ours.state_dict(), theirs)


@pytest.mark.parametrize(
    "change, message",
    [
        ({"architecture": "timm:resnet81"}, "timm has no network 'resnet81'; did you mean 'resnet18'"),
        ({"options": {"num_classses": 3}}, "num_classses"),
    ],
)
def test_what_timm_does_not_have_is_told(timm, change, message):
    with pytest.raises(InputError, match=message):
        build_model(NETWORK | change, 0)
