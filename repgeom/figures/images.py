"""Images as a figure or a page shows them."""

import numpy as np

from repgeom.errors import InputError


def channels_last(images: np.ndarray) -> np.ndarray:
    """Grey images (n, h, w) or (n, 1, h, w) as (n, h, w), colour images (n, 3, h, w) as (n, h, w, 3).

    Raises
    ------
    InputError
        Another number of channels, which has no natural colours.
    """
    if images.ndim == 3:
        return images
    channels = images.shape[1]
    if channels not in (1, 3):
        raise InputError(f"images of {channels} channels cannot be shown; give grey (1) or colour images (3)")
    return images[:, 0] if channels == 1 else np.moveaxis(images, 1, -1)
