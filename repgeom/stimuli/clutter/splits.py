"""Which images canvases are made of: a split of both domains, the first training images kept for validation."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from repgeom.datasets.images import LabelledImages
from repgeom.errors import InputError
from repgeom.stimuli.clutter.sources import Sources
from repgeom.store.stimuli import read_split

CLUTTER_SPLITS = ("train", "validation", "test")


def read_sources(files: Sequence[str | Path], split: str, held_out: int, device: torch.device | str = "cpu") -> Sources:
    """The images of one split of two dataset files.

    Parameters
    ----------
    files
        The dataset files of both domains.
    split
        `train` (without the first `held_out` images of each domain), `validation` (those) or `test`.
    held_out
        Training images of each domain kept for validation.
    device
        Where canvases will be rendered.

    Raises
    ------
    InputError
        An unknown split, or a domain with no more training images than are held out.
    """
    if split not in CLUTTER_SPLITS:
        raise InputError(f"clutter: no split {split!r}; known: {', '.join(CLUTTER_SPLITS)}")
    return Sources.from_domains(*(_part(file, split, held_out) for file in files), device)


def _part(file: str | Path, split: str, held_out: int) -> LabelledImages:
    if split == "test":
        return read_split(file, split)
    images = read_split(file, "train")
    if held_out >= len(images):
        raise InputError(
            f"{file}: held_out = {held_out} images for validation, but its training split has {len(images)}; "
            "hold out fewer"
        )
    return images.take(np.arange(held_out) if split == "validation" else np.arange(held_out, len(images)))
