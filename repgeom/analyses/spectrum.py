"""Singular values of a node's activations, and the first two principal components of the stimuli."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np

from repgeom.analyses.embeddings import pca_at
from repgeom.analyses.networks import NETWORK_COLUMNS
from repgeom.coordinates.reduction import Coordinates

SPECTRUM_COLUMNS = NETWORK_COLUMNS | {
    "node": "where in the network",
    "part": "singular values (of the activations, not centred) or PCA",
    "index": "of the singular value, from the largest",
    "value": "singular value, in units of activation",
    "id": "of the stimulus",
    "label": "class of the stimulus",
    "x": "first principal component",
    "y": "second principal component",
}


class Spectrum(NamedTuple):
    """What one node does with n stimuli.

    Attributes
    ----------
    values : (r,)
        Singular values of the activations, not centred.
    scores : (n, 2)
        The stimuli on the first two principal axes.
    """

    values: np.ndarray
    scores: np.ndarray


def spectrum(node: str, coordinates: Coordinates) -> Spectrum:
    """Singular values and principal components of a node from its exact coordinates."""
    values = np.linalg.svd(coordinates.uncentred, compute_uv=False)
    return Spectrum(values, pca_at(node, coordinates.centred).scores)


def spectrum_rows(spectra: Mapping[str, Spectrum], ids: np.ndarray, labels: np.ndarray) -> Iterator[dict]:
    """For every node a row per singular value, then a row per stimulus."""
    for node, (values, scores) in spectra.items():
        for i, value in enumerate(values, 1):
            yield {"node": node, "part": "singular values", "index": i, "value": value}
        for stimulus, label, (x, y) in zip(ids, labels, scores, strict=True):
            yield {"node": node, "part": "PCA", "id": stimulus, "label": label, "x": x, "y": y}
