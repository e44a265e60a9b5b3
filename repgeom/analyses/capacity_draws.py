"""How far manifold geometry depends on which images stand for their classes."""

from collections.abc import Iterator, Mapping

import numpy as np

from repgeom.analyses.capacity import GEOMETRY_COLUMNS, capacity_rows
from repgeom.analyses.networks import NETWORK_COLUMNS
from repgeom.datasets.images import LabelledImages
from repgeom.store.stimuli import StimulusSet

REFERENCE_MODE = {"k": "reference", "dim": "reference"}
"""Options under which the published implementation's numbers come out."""

DRAW_COLUMNS = (
    NETWORK_COLUMNS
    | {
        "draw": "which random choice of images",
        "mode": "configured: the options of the configuration; reference: those of the published implementation",
        "node": "where in the network",
    }
    | GEOMETRY_COLUMNS
)


def stimuli_of(data: LabelledImages) -> StimulusSet:
    """Images of a dataset as they are shown to networks."""
    return StimulusSet(data.to_float(), data.labels, data.ids)


def draw_rows(layers: Mapping[str, np.ndarray], labels: np.ndarray, mean_field: Mapping, draw: int) -> Iterator[dict]:
    """`capacity_rows` of one draw of images, with the options given and in reference mode."""
    for mode, options in {"configured": mean_field, "reference": mean_field | REFERENCE_MODE}.items():
        for row in capacity_rows(layers, labels, options):
            yield {"draw": draw, "mode": mode} | row
