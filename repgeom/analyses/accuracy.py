"""Accuracy of networks on the stimuli that they are shown."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from repgeom.analyses.intervals import INTERVAL_COLUMNS
from repgeom.analyses.networks import NETWORK_COLUMNS, about
from repgeom.measures.uncertainty import wilson_estimate
from repgeom.store.activations import StimulusInfo
from repgeom.store.coordinates import open_coordinates
from repgeom.store.stimuli import read_class_names

ACCURACY_COLUMNS = NETWORK_COLUMNS | {
    "n": "number of images",
    "correct": "how many are classified correctly",
    "accuracy": "fraction correct",
    **INTERVAL_COLUMNS,
    "chance": "fraction correct by guessing: 1 / number of classes of the dataset; empty where that is unknown",
}


def accuracy_row(stimuli: StimulusInfo) -> dict:
    """Accuracy of one network, with its interval."""
    correct = stimuli.labels == stimuli.descriptors["predicted"]
    accuracy, low, high, interval = wilson_estimate(int(correct.sum()), len(correct))
    ends = {"low": low, "high": high, "interval": interval}
    return {"n": len(correct), "correct": int(correct.sum()), "accuracy": accuracy} | ends


def known_classes(
    networks: Sequence[Mapping], originals: Sequence[str], classes: Mapping[str, int | None]
) -> dict[str, int | None]:
    """Stimulus set → number of classes: as the configuration says, or else the files of stimuli before any attack."""
    files = dict(zip((network["set"] for network in networks), originals, strict=True))
    return {name: classes[name] or len(read_class_names(file)) or None for name, file in files.items()}


def accuracy_table(
    networks: Sequence[Mapping], files: Sequence[str], classes: Mapping[str, int | None]
) -> pd.DataFrame:
    """One row per network.

    Parameters
    ----------
    networks : sequence of dict
        As in `repgeom.analyses.networks.join_networks`.
    files : paths
        The coordinates of each.
    classes : dict
        Stimulus set → number of classes, None where unknown.
    """
    rows = []
    for network, path in zip(networks, files, strict=True):
        n_classes = classes[network["set"]]
        with open_coordinates(path) as coordinates:
            row = about(network) | accuracy_row(coordinates.stimuli)
        rows.append(row | {"chance": 1 / n_classes if n_classes else np.nan})
    return pd.DataFrame(rows)
