"""From the configuration's plain values to a recipe, and from progress to plain tensors and back."""

from collections.abc import Callable
from dataclasses import fields
from functools import partial

import numpy as np
import torch

from repgeom.datasets.images import LabelledImages
from repgeom.stimuli.attacks import ATTACKS
from repgeom.training.averaging import Averaging
from repgeom.training.classifier import Images, Progress, Recipe


def recipe_from_config(training: dict, seed: int) -> Recipe:
    """The recipe that a `training` section of the configuration describes."""
    attack = training["attack"] and attack_from_config(training["attack"])
    averaging = training.get("averaging") and averaging_from_config(training["averaging"])
    names = {field.name for field in fields(Recipe)} & training.keys()
    plain = {name: training[name] for name in names}
    return Recipe(**plain | {"seed": seed, "attack": attack, "averaging": averaging})


def averaging_from_config(section: dict) -> Averaging:
    """How weights are averaged; what is not given (null) is left to the defaults."""
    return Averaging(**{name: value for name, value in section.items() if value is not None})


def attack_from_config(section: dict) -> Callable:
    """(logits, images, labels) → attacked images; `epsilon` may be overridden by keyword."""
    options = {"steps": section["steps"]} if section["method"] == "pgd" else {}
    epsilon = section["epsilon"]
    return partial(ATTACKS[section["method"]], **options, **({} if isinstance(epsilon, list) else {"epsilon": epsilon}))


def to_device(data: LabelledImages, device: torch.device) -> Images:
    """A split of a dataset as tensors (n, c, h, w) on a device."""
    images = data.to_float()
    images = images[:, None] if images.ndim == 3 else images
    return Images(torch.from_numpy(np.ascontiguousarray(images)).to(device), torch.from_numpy(data.labels).to(device))


def keep_epoch(keep: str) -> Callable[[int], bool]:
    """Whether the weights of an epoch are kept: `all` of them, or only the first and the `last`."""
    return lambda _: keep == "all"


def state_of(progress: Progress) -> dict:
    """Progress as plain containers and tensors, which a weights-only file may hold."""
    return {field.name: getattr(progress, field.name) for field in fields(Progress)}


def progress_from_state(state: dict | None) -> Progress:
    """Progress as `state_of` stored it; none where there was nothing."""
    return Progress(**state) if state else Progress()
