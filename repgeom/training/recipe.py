"""From the configuration's plain values to a recipe, and from progress to plain tensors and back."""

from collections.abc import Callable
from functools import partial

import numpy as np
import torch

from repgeom.datasets.images import LabelledImages
from repgeom.stimuli.attacks import ATTACKS
from repgeom.training.classifier import Images, Progress, Recipe


def recipe_from_config(training: dict, seed: int) -> Recipe:
    """The recipe that a `training` section of the configuration describes."""
    attack = training["attack"] and attack_from_config(training["attack"])
    names = (
        "optimiser",
        "learning_rate",
        "epochs",
        "batch_size",
        "schedule",
        "gamma",
        "drop_last",
        "shuffle",
        "precision",
    )
    return Recipe(**{name: training[name] for name in names}, seed=seed, attack=attack)


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
    return {"weights": progress.weights, "history": progress.history, "optimiser": progress.optimiser}


def progress_from_state(state: dict | None) -> Progress:
    """Progress as `state_of` stored it; none where there was nothing."""
    return Progress(**state) if state else Progress()
