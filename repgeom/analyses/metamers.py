"""What metamers look like and are called: tidy rows."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from repgeom.analyses.networks import NETWORK_COLUMNS
from repgeom.store.hdf5 import Arrays
from repgeom.store.stimuli import StimulusSet

METAMER_COLUMNS = NETWORK_COLUMNS | {
    "node": "where in the network the metamer responds as the original",
    "id": "the original",
    "start": "which of the noise images it began with",
    "label": "the original's class",
    "loss_start": "mean squared difference of activations at the start",
    "loss_best": "the lowest reached",
    "pixel_correlation": "Pearson correlation of the best metamer's pixels with the original's",
    "pixel_correlation_start": "the same of the noise it started from",
    "pixel_correlation_class": "mean correlation of its pixels with those of other images of the original's class",
    "predicted": "class that the model reports for the metamer",
    "held_out": "class that another model reports for it",
}


def metamer_rows(content: Arrays, node: str, others: StimulusSet) -> Iterator[dict]:
    """One row per original and start of one node; `others` are the images that stand for their classes."""
    loss, best = content[f"{node}_loss"], content[f"{node}_best"]
    for i, (name, label) in enumerate(zip(content["ids"], content["labels"], strict=True)):
        original = content["originals"][i]
        same_class = others.channels_first()[(others.labels == label) & (others.ids != name)]
        yield {
            "node": node,
            "id": name,
            "start": int(content["starts"][i]),
            "label": int(label),
            "loss_start": float(loss[0, i]),
            "loss_best": float(loss[:, i].min()),
            "pixel_correlation": _correlation(best[i], original),
            "pixel_correlation_start": _correlation(content[f"{node}_step0"][i], original),
            "pixel_correlation_class": _mean_correlation(best[i], same_class),
            "predicted": int(content[f"{node}_predicted"][i]),
            "held_out": int(content[f"{node}_held_out"][i]),
        }


def summary(rows: pd.DataFrame) -> dict[str, float]:
    """What the metamers of one node have in common: means over `n` of them, standard errors over originals.

    Starts of one original are averaged first, since they are not independent of each other.
    """
    means = by_original(rows)
    errors = means.std() / np.sqrt(len(means))
    return {"n": len(rows), **means.mean(), **errors.add_suffix("_se")}


def by_original(rows: pd.DataFrame) -> pd.DataFrame:
    """Means over the starts from each original: correlations `own` and `same_class`, shares that `model` and `held_out`
    name correctly.
    """
    asked = {"model": rows["predicted"] == rows["label"], "held_out": rows["held_out"] == rows["label"]}
    quantities = {"own": rows["pixel_correlation"], "same_class": rows["pixel_correlation_class"]} | asked
    return pd.DataFrame(quantities).astype(float).groupby(rows["id"]).mean()


def _mean_correlation(image: np.ndarray, others: np.ndarray) -> float:
    return float(np.mean([_correlation(image, other) for other in others])) if len(others) else float("nan")


def _correlation(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.corrcoef(a.ravel(), b.ravel())[0, 1])
