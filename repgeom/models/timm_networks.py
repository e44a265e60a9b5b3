"""Networks of timm by name, their published weights, and the preprocessing that belongs to these.

The extra `timm` of this project installs it.
"""

import re
from math import floor
from pathlib import Path
from types import ModuleType
from typing import Any

from torch import nn

from repgeom.errors import InputError, nearest
from repgeom.models.hashed_weights import find_hashed, hashed_here
from repgeom.models.preprocessing import Preprocessing

HUB_FILES = ("model.safetensors", "pytorch_model.bin")
"""What the weights of a network are called on Hugging Face's hub."""
HASHED = re.compile(r"-[0-9a-f]{8}\.pth$")


def build(name: str, options: dict[str, Any], pretrained: str | None = None) -> nn.Module:
    """A network of timm with initial weights, of the shape of its published weights where these are named.

    Raises
    ------
    InputError
        There is no such network or there are no such weights; names the nearest.
    """
    timm = _timm()
    if not timm.is_model(name):
        raise InputError(f"architecture: timm has no network {name!r}; {nearest(name, timm.list_models())}")
    if not pretrained:
        return timm.create_model(name, pretrained=False, **options)
    shape = {"num_classes": _published(name, pretrained).num_classes}
    return timm.create_model(f"{name}.{pretrained}", pretrained=False, **shape | options)


def preprocessing(name: str, pretrained: str) -> Preprocessing:
    """How timm prepares images for these weights.

    Raises
    ------
    InputError
        In another way than by a resize of the shorter side and a crop of the middle.
    """
    published = _published(name, pretrained)
    from timm.data import resolve_data_config

    found = resolve_data_config(pretrained_cfg=published.to_dict())
    _, height, width = found["input_size"]
    if height != width or found["crop_mode"] != "center" or found["interpolation"] not in ("bilinear", "bicubic"):
        raise InputError(
            f"source.pretrained: {name}.{pretrained} prepares images by {found['crop_mode']}, {height} × {width}, "
            f"{found['interpolation']}; only squares from the middle, bilinear or bicubic, are known"
        )
    return Preprocessing(
        mean=tuple(found["mean"]),
        std=tuple(found["std"]),
        resize=floor(height / found["crop_pct"]),
        crop=height,
        interpolation=found["interpolation"],
    )


def find_weights(name: str, pretrained: str, folder: str | Path) -> Path:
    """The file of published weights: in `folder`, where timm itself keeps them, or downloaded into `folder`.

    Only files whose name tells their checksum are downloaded.
    """
    if found := weights_here(name, pretrained, folder):
        return found
    published, full = _published(name, pretrained), f"{name}.{pretrained}"
    if HASHED.search(published.url or ""):
        return find_hashed(published.url, folder)
    raise InputError(
        f"source.pretrained: {full} is neither where timm keeps it nor at {_own_file(full, folder)}; fetch it by "
        f"python -c 'import timm; timm.create_model(\"{full}\", pretrained=True)', or put its file there"
    )


def weights_here(name: str, pretrained: str, folder: str | Path) -> Path | None:
    """The same where it is here already; None where it would be downloaded, or is to be fetched otherwise."""
    published = _published(name, pretrained)
    for file in (_own_file(f"{name}.{pretrained}", folder), *_in_the_hubs_cache(published.hf_hub_id)):
        if file.is_file():
            return file
    return hashed_here(published.url, folder) if HASHED.search(published.url or "") else None


def _own_file(full: str, folder: str | Path) -> Path:
    return Path(folder) / "weights" / f"{full}.safetensors"


def _timm() -> ModuleType:
    try:
        import timm
    except ModuleNotFoundError as error:
        raise InputError("architecture: timm is not installed; pip install timm") from error
    return timm


def _published(name: str, pretrained: str):
    timm = _timm()
    known = [full.partition(".")[2] for full in timm.list_pretrained(f"{name}.*")]
    if pretrained not in known:
        raise InputError(f"source.pretrained: {name} has no weights {pretrained!r}; {nearest(pretrained, known)}")
    return timm.get_pretrained_cfg(f"{name}.{pretrained}")


def _in_the_hubs_cache(repository: str | None) -> list[Path]:
    """Files that Hugging Face's hub has left on this machine; asks nothing of the network."""
    try:
        from huggingface_hub import try_to_load_from_cache
    except ModuleNotFoundError:
        return []
    found = [try_to_load_from_cache(repository, file) for file in HUB_FILES] if repository else []
    return [Path(file) for file in found if isinstance(file, str)]
