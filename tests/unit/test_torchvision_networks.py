"""Networks of torchvision by name, with the shapes and the preprocessing of their published weights."""

import hashlib

import pytest
import torch
import torchvision
from torch import nn
from torchvision.models import get_model_weights

from repgeom.errors import InputError
from repgeom.models import torchvision_networks
from repgeom.models.architectures import build_model, build_network
from repgeom.models.preprocessing import Preprocessing

NETWORK = {"architecture": "torchvision:resnet18", "options": {}, "normalise": None}
SHAPES = {
    "resnet18": "IMAGENET1K_V1", "googlenet": "IMAGENET1K_V1", "inception_v3": "IMAGENET1K_V1",
    "vit_b_16": "IMAGENET1K_SWAG_E2E_V1", "regnet_y_400mf": "IMAGENET1K_V2",
}  # fmt: skip


@pytest.mark.parametrize("name", SHAPES)
def test_published_weights_fit(name, monkeypatch):
    """Torchvision's own constructor builds for them; it is kept from downloading."""
    monkeypatch.setattr(nn.init, "trunc_normal_", lambda tensor, *_, **__: tensor)  # quick
    ours = build_network(f"torchvision:{name}", {}, 0, SHAPES[name]).state_dict()
    theirs = {}
    monkeypatch.setattr(torchvision.models.WeightsEnum, "get_state_dict", lambda *_, **__: {})
    monkeypatch.setattr(nn.Module, "load_state_dict", lambda network, *_, **__: theirs.update(network.state_dict()))
    torchvision.models.get_model(name, weights=get_model_weights(name)[SHAPES[name]])
    assert {n: v.shape for n, v in theirs.items()} == {n: v.shape for n, v in ours.items()}


@pytest.mark.parametrize("name, weights", [("resnet50", "IMAGENET1K_V2"), ("vit_b_16", "IMAGENET1K_SWAG_LINEAR_V1")])
@pytest.mark.parametrize("size", [(300, 260), (241, 500)])
def test_images_are_prepared_as_torchvision_does(name, weights, size):
    images = torch.rand(2, 3, *size, generator=torch.Generator().manual_seed(0))
    expected = get_model_weights(name)[weights].transforms()(images)
    torch.testing.assert_close(torchvision_networks.preprocessing(name, weights)(images), expected)


def test_what_the_configuration_says_of_preprocessing_goes_before_the_weights():
    said = NETWORK | {"pretrained": "IMAGENET1K_V1", "crop": 64, "normalise": [[0.1, 0.2, 0.3], [1.0, 2.0, 4.0]]}
    found = build_model(said, 0).preprocessing
    assert found == Preprocessing([0.1, 0.2, 0.3], [1.0, 2.0, 4.0], resize=256, crop=64)
    grey = torch.full((1, 3, 64, 64), 0.5)
    means = found(grey).mean(dim=(0, 2, 3))
    torch.testing.assert_close(means, torch.tensor([0.4, 0.15, 0.05]))


def test_channels_must_agree():
    with pytest.raises(InputError, match="normalise has 3 values, but the images 1 channels"):
        Preprocessing((0.1, 0.2, 0.3), (1.0, 1.0, 1.0))(torch.zeros(1, 1, 4, 4))
    with pytest.raises(InputError, match=r"images of 4 × 4 px are smaller than the crop of 8"):
        Preprocessing(crop=8)(torch.zeros(1, 1, 4, 4))


def test_weights_that_torchvision_has_are_found_and_verified(tmp_path, monkeypatch):
    content = b"weights"
    digest = hashlib.sha256(content).hexdigest()[:8]
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path / "hub"))
    weights = get_model_weights("resnet18")["IMAGENET1K_V1"]
    monkeypatch.setattr(type(weights), "url", property(lambda _: f"https://example.org/models/resnet18-{digest}.pth"))
    file = tmp_path / f"hub/checkpoints/resnet18-{digest}.pth"
    file.parent.mkdir(parents=True)
    file.write_bytes(content)
    assert torchvision_networks.find_weights("resnet18", "IMAGENET1K_V1", tmp_path) == file
    file.write_bytes(content + b" cut")
    with pytest.raises(InputError, match=f"its sha256 begins with .*, not {digest}; delete this copy"):
        torchvision_networks.find_weights("resnet18", "IMAGENET1K_V1", tmp_path)


@pytest.mark.parametrize(
    "change, message",
    [
        ({"architecture": "torchvision:resnet81"}, "no classification network 'resnet81'; did you mean 'resnet18'"),
        ({"pretrained": "IMAGENET1K_V9"}, "resnet18 has no weights 'IMAGENET1K_V9'; did you mean 'IMAGENET1K_V1'"),
        ({"options": {"num_classses": 3}}, "num_classses"),
    ],
)
def test_what_torchvision_does_not_have_is_told(change, message):
    with pytest.raises(InputError, match=message):
        build_model(NETWORK | change, 0)
