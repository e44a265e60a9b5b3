"""Handwritten digits that come with scikit-learn, at MNIST's 28×28 pixels.

1797 images of 8×8 pixels with 17 grey levels: the test part of E. Alpaydin and C. Kaynak, "Optical Recognition
of Handwritten Digits", UCI Machine Learning Repository (1998), doi:10.24432/C50P49.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from sklearn.datasets import load_digits as load_sklearn_digits

from repgeom.datasets.images import LabelledImages, numbered_ids

N_TRAIN = 1280  # the longest training part that leaves 50 images of every digit for testing
SIDE = 28
WHITE = 16  # the brightest of the source's grey levels


def load_digits() -> dict[str, LabelledImages]:
    """Return the digits as uint8 images of 28×28 pixels.

    The first 1280 images are for training, the other 517 (50 or more of every digit) for testing. Splitting
    by index keeps most writers on one side, because the source lists its images writer by writer.
    """
    source = load_sklearn_digits()
    images, labels = enlarge(source.images), source.target.astype(np.int64)
    parts = {"train": slice(None, N_TRAIN), "test": slice(N_TRAIN, None)}
    return {split: _part(images[part], labels[part], split) for split, part in parts.items()}


def enlarge(images: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Resample ``(n, 8, 8)`` images with levels 0–16 to ``(n, 28, 28)`` bytes.

    A cubic spline through the source pixels, with black beyond the frame, read at the centres of the new
    pixels. The spline overshoots beside steep edges; what leaves the range black to white is clipped.
    """
    factor = SIDE / images.shape[-1]
    smooth = ndimage.zoom(images, (1, factor, factor), order=3, mode="grid-constant", grid_mode=True)
    return np.rint(np.clip(smooth / WHITE, 0, 1) * 255).astype(np.uint8)


def _part(images: NDArray[np.uint8], labels: NDArray[np.int64], split: str) -> LabelledImages:
    names = tuple("0123456789")
    return LabelledImages(images, labels, numbered_ids("digits", split, len(labels)), names, split)
