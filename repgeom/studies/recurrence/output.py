"""Accuracy of the networks' answers over time, as tidy tables."""

from collections.abc import Iterator, Mapping

import numpy as np

from repgeom.measures.uncertainty import wilson_interval

OUTPUT_COLUMNS = {
    "seed": "of the network",
    "stimuli": "cluttered or clean",
    "repetition": "counted from 1, each with canvases of its own",
    "timestep": "the readout sees the fc states until this step; those after it count as zero",
    "accuracy": "fraction of canvases whose category is right",
    "low": "lower end of the 95 % interval over canvases (Wilson)",
    "high": "upper end of the 95 % interval over canvases (Wilson)",
    "n": "canvases",
}


def output_rows(logits: Mapping[int, np.ndarray], categories: np.ndarray, context: dict) -> Iterator[dict]:
    """Accuracy of the network's answer, read out after every step: timestep → logits (n, n_categories)."""
    for timestep, values in logits.items():
        correct = int((values.argmax(axis=1) == categories).sum())
        low, high = wilson_interval(correct, len(categories))
        interval = {"accuracy": correct / len(categories), "low": low, "high": high, "n": len(categories)}
        yield context | {"timestep": timestep} | interval
