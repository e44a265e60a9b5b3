"""Small made-up domains: smooth blobs and stripes with random pixels, so that nothing is symmetric."""

import numpy as np

from repgeom.datasets.images import LabelledImages, numbered_ids
from repgeom.stimuli.clutter.sources import Sources

CLASSES = tuple("abcdefghij")


def domain(seed, n=200, size=28, classes=CLASSES, as_floats=False):
    """Images that are random up to their border, where clipped and mirrored splines differ most."""
    rng = np.random.default_rng(seed)
    images = rng.integers(0, 256, (n, size, size)).astype(np.uint8)
    images[::2, :, : size // 3] = 0
    labels = rng.permutation(np.arange(n) % len(classes))
    pixels = images.astype(np.float32) / np.float32(255) if as_floats else images
    return LabelledImages(pixels, labels, numbered_ids("made-up", "test", n), classes, "test")


def sources(size=28, as_floats=False):
    return Sources.from_domains(domain(1, 200, size, as_floats=as_floats), domain(2, 300, size, as_floats=as_floats))
