"""Generalisation by similarity: how much the rating of one image moves the rating predicted for another."""

from collections.abc import Iterator

import numpy as np

from repgeom.analyses.networks import NETWORK_COLUMNS
from repgeom.measures.generalisation import Generalisation

GENERALISATION_COLUMNS = NETWORK_COLUMNS | {
    "node": "where in the network",
    "rated": "id of the image that has a rating",
    "predicted": "id of the image whose rating is predicted",
    "dot_product": "inner product of the two images' activations",
    "sensitivity": "∂ predicted rating / ∂ rating; predictions are Σ over rated images of rating × sensitivity",
    "intercept": "∂ intercept of the regression / ∂ rating",
}


def generalisation_rows(node: str, regression: Generalisation, rated: np.ndarray, new: np.ndarray) -> Iterator[dict]:
    """One row per pair of a rated and a predicted image."""
    for i, rated_id in enumerate(rated):
        for j, new_id in enumerate(new):
            yield {
                "node": node,
                "rated": rated_id,
                "predicted": new_id,
                "dot_product": float(regression.dot_products[i, j]),
                "sensitivity": float(regression.sensitivity[i, j]),
                "intercept": float(regression.intercept[i]),
            }
