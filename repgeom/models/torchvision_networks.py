"""Networks of torchvision by name, their published weights, and the preprocessing that belongs to these."""

from pathlib import Path
from typing import Any

from torch import nn
from torchvision import models

from repgeom.errors import InputError, nearest
from repgeom.models.hashed_weights import find_hashed, hashed_here
from repgeom.models.preprocessing import Preprocessing

BUILT_BY_SIZE = "vit_"
"""Begins the names of networks that are built for images of one size."""
TAKE_IMAGENET = ("googlenet", "inception_v3")
"""Networks whose published weights expect images that are normalised once more, inside."""


def build(name: str, options: dict[str, Any], pretrained: str | None = None) -> nn.Module:
    """A network of torchvision with initial weights, of the shape of its published weights where these are named.

    Raises
    ------
    InputError
        There is no such network or there are no such weights; names the nearest.
    """
    known = models.list_models(module=models)
    if name not in known:
        raise InputError(f"architecture: torchvision has no classification network {name!r}; {nearest(name, known)}")
    quick = {"init_weights": True} if name in TAKE_IMAGENET else {}  # torchvision warns where it is left out
    shaped = _shape(name, pretrained) if pretrained else {}
    return models.get_model(name, weights=None, **(quick | shaped | options))


def preprocessing(name: str, pretrained: str) -> Preprocessing:
    """How torchvision prepares images for these weights."""
    transform = _weights(name, pretrained).transforms()
    return Preprocessing(
        mean=tuple(transform.mean),
        std=tuple(transform.std),
        resize=transform.resize_size[0],
        crop=transform.crop_size[0],
        interpolation=transform.interpolation.value,
    )


def find_weights(name: str, pretrained: str, folder: str | Path) -> Path:
    """The file of published weights: in `folder`, where torchvision itself keeps them, or downloaded into `folder`.

    The files are named by the beginning of their SHA-256, which is verified.
    """
    return find_hashed(_weights(name, pretrained).url, folder)


def weights_here(name: str, pretrained: str, folder: str | Path) -> Path | None:
    """The same where it is here already; None where it would be downloaded."""
    return hashed_here(_weights(name, pretrained).url, folder)


def _weights(name: str, pretrained: str) -> models.WeightsEnum:
    known = models.get_model_weights(name).__members__
    if pretrained not in known:
        raise InputError(f"source.pretrained: {name} has no weights {pretrained!r}; {nearest(pretrained, known)}")
    return known[pretrained]


def _shape(name: str, pretrained: str) -> dict[str, Any]:
    """Options that decide the shapes of published weights."""
    found = _weights(name, pretrained)
    options: dict[str, Any] = {"num_classes": len(found.meta["categories"])} if "categories" in found.meta else {}
    if name.startswith(BUILT_BY_SIZE):
        options["image_size"] = found.meta["min_size"][0]
    return options | ({"transform_input": True, "init_weights": False} if name in TAKE_IMAGENET else {})
