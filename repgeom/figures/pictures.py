"""Images as pictures, grey or in colour."""

import numpy as np

from repgeom.errors import InputError

UNSCALED = {"cmap": "gray", "vmin": 0, "vmax": 1, "interpolation": "nearest"}
"""How images in [0, 1] are shown; colours and limits do not touch those in RGB."""


def drawable(images: np.ndarray) -> bool:
    """Whether images (n, …) are grey or RGB."""
    return images.ndim == 3 or (images.ndim == 4 and images.shape[1] in (1, 3))


def as_pictures(images: np.ndarray) -> np.ndarray:
    """Images (n, h, w), (n, 1, h, w) or (n, 3, h, w) as they are drawn: (n, h, w), or (n, h, w, 3) in RGB.

    Raises
    ------
    InputError
        Another number of channels.
    """
    if images.ndim == 3:
        return images
    if not drawable(images):
        raise InputError(f"images of shape {images.shape} cannot be drawn: only grey (1 channel) and RGB (3) can")
    return images[:, 0] if images.shape[1] == 1 else np.moveaxis(images, 1, -1)
