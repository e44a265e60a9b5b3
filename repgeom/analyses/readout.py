"""Accuracy of a network's answers, read out after every step."""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from repgeom.analyses.intervals import INTERVAL_COLUMNS, MEAN_COLUMNS, proportions, with_intervals
from repgeom.analyses.networks import NETWORK_COLUMNS
from repgeom.analyses.recurrent_nodes import ANSWER, place_of
from repgeom.errors import InputError
from repgeom.measures.uncertainty import wilson_estimate
from repgeom.store.activations import NodeTable

READOUT_COLUMNS = NETWORK_COLUMNS | {
    "timestep": "the readout sees the states until this step; those after it count as zero",
    "accuracy": "fraction of stimuli whose category is right",
    **INTERVAL_COLUMNS,
    "n": "stimuli",
}
POINT_COLUMNS = {
    **{name: READOUT_COLUMNS[name] for name in ("model", "stimuli", "timestep")},
    **MEAN_COLUMNS,
}


def answer_nodes(nodes: NodeTable, where: str) -> dict[int, str]:
    """Timestep → the node with the network's answer after it; `where` begins the message if there is none."""
    places = {name: place_of(node) for name, node in nodes.items()}
    found = {place.timestep: name for name, place in places.items() if place.kind == ANSWER}
    if not found:
        raise InputError(
            f"{where}: no node is called logits_t1; readout is about networks that answer after every step"
        )
    return found


def readout_rows(logits: Mapping[int, np.ndarray], categories: np.ndarray) -> Iterator[dict]:
    """Accuracy of the network's answer, read out after every step: timestep → logits (n, n_categories)."""
    for timestep, values in logits.items():
        correct = int((values.argmax(axis=1) == categories).sum())
        accuracy, low, high, interval = wilson_estimate(correct, len(categories))
        ends = {"low": low, "high": high, "interval": interval}
        yield {"timestep": timestep, "accuracy": accuracy} | ends | {"n": len(categories)}


def readout_summary(table: pd.DataFrame) -> pd.DataFrame:
    """Accuracy over the networks of a model, after every step, for every stimulus set."""
    summary = with_intervals(table, ["model", "stimuli", "timestep"], proportions("accuracy", "n"))
    return summary.assign(measure="output accuracy, " + summary["stimuli"], layer="output", variable="category")
