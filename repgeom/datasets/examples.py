"""Two images of a dataset as it will be, without making it: enough to try a network out."""

from pathlib import Path

import numpy as np

from repgeom.errors import InputError

COUNT = 2
SIDE = 28
"""Height and width in px of every dataset that is not the user's own."""


def example_images(section: dict) -> np.ndarray:
    """The first two images of a dataset, (2, c, h, w) float32 in [0, 1]; noise of their shape where they are not here.

    Parameters
    ----------
    section : dict
        As in the configuration.

    Raises
    ------
    InputError
        The user's own images cannot be read.
    """
    if section["source"] == "folder":
        images = _of_folder(section)
    elif section["source"] == "arrays":
        from repgeom.datasets.arrays import load_arrays

        images = load_arrays(section["path"], section, section["class_names"])["test"].take(range(COUNT)).to_float()
    else:
        side = section.get("canvas_size", SIDE)
        images = np.random.default_rng(0).random((COUNT, side, side), dtype=np.float32)
    return images[:, None] if images.ndim == 3 else images


def _of_folder(section: dict) -> np.ndarray:
    from repgeom.datasets.folder import MODES, list_images, load_image

    root = Path(section["path"])
    if not root.is_dir():
        raise InputError(f"{root}: no such folder (looked for in {Path.cwd()})")
    listed = list_images(root, section["labels"], section["class_column"]).values()
    files = [file for images in listed for file in images.files]
    size = section["size"] and tuple(section["size"])
    images = [load_image(file, MODES[section["mode"]], size) for file in (files * COUNT)[:COUNT]]
    if images[0].shape != images[1].shape:
        raise InputError(f"{files[1]} has {images[1].shape[-2:]} pixels, {files[0]} {images[0].shape[-2:]}: set a size")
    return np.stack(images).astype(np.float32) / np.float32(255)
