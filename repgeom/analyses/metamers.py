"""What metamers look like and are called: tidy rows."""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from repgeom.analyses.intervals import MEAN_COLUMNS
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
    "held_out": "class that most seeds of another model report for it",
    "held_out_share": "share of these seeds that report the original's class",
}
POINT_COLUMNS = {
    "node": "where in the network metamers respond as their originals",
    "quantity": "pixel correlation with the own original, or with others of its class; share of metamers that the "
    "model, or the held-out one, calls by the original's class",
    **MEAN_COLUMNS,
    "mean": "over originals, of whose starts the mean is taken first",
    "n": "how many originals",
}
QUANTITIES = {
    "own": "pixel correlation with the own original",
    "same_class": "pixel correlation with others of its class",
    "model": "named correctly by the model",
    "held_out": "named correctly by the held-out model, mean over its seeds",
}


def metamer_rows(content: Arrays, node: str, others: StimulusSet) -> Iterator[dict]:
    """One row per original and start of one node; `others` are the images that stand for their classes."""
    loss, best, asked = (content[f"{node}_{name}"] for name in ("loss", "best", "held_out"))
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
            "held_out": int(np.bincount(asked[:, i]).argmax()),
            "held_out_share": float(np.mean(asked[:, i] == label)),
        }


def summary(rows: pd.DataFrame) -> dict[str, float]:
    """What the metamers of one node have in common: means over `n` of them, standard errors over originals.

    Starts of one original are averaged first, since they are not independent of each other.
    """
    means = by_original(rows)
    errors = means.std() / np.sqrt(len(means))
    return {"n": len(rows), "originals": len(means), **means.mean(), **errors.add_suffix("_se")}


def summary_table(summaries: Mapping[str, Mapping[str, float]]) -> pd.DataFrame:
    """Node → `summary` as a table: `POINT_COLUMNS`."""
    rows = [
        {"node": node, "quantity": spoken, "mean": found[name], "low": found[name] - found[f"{name}_se"],
         "high": found[name] + found[f"{name}_se"], "interval": "± 1 standard error over originals",
         "n": found["originals"]}
        for node, found in summaries.items()
        for name, spoken in QUANTITIES.items()
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(POINT_COLUMNS))


def by_original(rows: pd.DataFrame) -> pd.DataFrame:
    """Means over the starts from each original: correlations `own` and `same_class`, shares that `model` and, over its
    seeds, `held_out` name correctly.
    """
    asked = {"model": rows["predicted"] == rows["label"], "held_out": rows["held_out_share"]}
    quantities = {"own": rows["pixel_correlation"], "same_class": rows["pixel_correlation_class"]} | asked
    return pd.DataFrame(quantities).astype(float).groupby(rows["id"]).mean()


def _mean_correlation(image: np.ndarray, others: np.ndarray) -> float:
    return float(np.mean([_correlation(image, other) for other in others])) if len(others) else float("nan")


def _correlation(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.corrcoef(a.ravel(), b.ravel())[0, 1])
