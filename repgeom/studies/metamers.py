"""What metamers look like and are called: tidy rows."""

from collections.abc import Iterator

import numpy as np

from repgeom.store.hdf5 import Arrays

METAMER_COLUMNS = {
    "node": "where in the network the metamer responds as the original",
    "id": "the original",
    "label": "its class",
    "loss_start": "mean squared difference of activations at the start",
    "loss_best": "the lowest reached",
    "pixel_correlation": "Pearson correlation of the best metamer's pixels with the original's",
    "pixel_correlation_start": "the same of the noise it started from",
    "predicted": "class that the model reports for the metamer",
    "held_out": "class that another model reports for it",
}


def metamer_rows(content: Arrays, node: str) -> Iterator[dict]:
    """One row per original (and start) of one node."""
    loss = content[f"{node}_loss"]
    for i, (name, label) in enumerate(zip(content["ids"], content["labels"], strict=True)):
        original = content["originals"][i]
        yield {
            "node": node,
            "id": name,
            "label": int(label),
            "loss_start": float(loss[0, i]),
            "loss_best": float(loss[:, i].min()),
            "pixel_correlation": _correlation(content[f"{node}_best"][i], original),
            "pixel_correlation_start": _correlation(content[f"{node}_step0"][i], original),
            "predicted": int(content[f"{node}_predicted"][i]),
            "held_out": int(content[f"{node}_held_out"][i]),
        }


def _correlation(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.corrcoef(a.ravel(), b.ravel())[0, 1])
