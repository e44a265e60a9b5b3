"""Accuracy and geometry at every strength of an attack."""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from repgeom.analyses.intervals import MEAN_COLUMNS, over_seeds, with_intervals
from repgeom.analyses.limits import CORRELATION
from repgeom.analyses.networks import NETWORK_COLUMNS
from repgeom.coordinates.reduction import Coordinates
from repgeom.measures.rdm import compute_rdm, label_rdm
from repgeom.measures.separation import rdm_correlation
from repgeom.measures.uncertainty import Estimate, mean_of_proportions
from repgeom.store.activations import StimulusInfo
from repgeom.store.stimuli import STRENGTHS

SWEEP_COLUMNS = NETWORK_COLUMNS | {
    "strength": "of the attack (ε in pixel units; images lie in 0–1) or of the perturbation",
    "quantity": "accuracy (fraction correct) or label_correlation (Pearson, at a node)",
    "node": "where in the network; empty for accuracy",
    "value": "the quantity",
    "n": "stimuli",
}
POINT_COLUMNS = {
    "line": "the line of the figure",
    **{name: SWEEP_COLUMNS[name] for name in ("stimuli", "strength", "quantity", "node")},
    **MEAN_COLUMNS,
}
AXES = {
    "attack": "attack strength ε (pixel units, 0–1)",
    "gaussian_noise": "standard deviation of the noise (pixel units, 0–1)",
    "contrast": "share of contrast that is lost",
    "blur": "standard deviation of the blur (pixels)",
    "occlusion": "share of the area that is occluded",
    "rotation": "angle of rotation (degrees)",
}
"""What was done to the stimuli → what its strength is called."""


def sweep_rows(
    stimuli: StimulusInfo, coordinates: Mapping[str, Coordinates], measure: str, where: str
) -> Iterator[dict]:
    """Accuracy, and correlation with the label RDM at every node, at each strength of a changed stimulus set.

    Parameters
    ----------
    stimuli : StimulusInfo
        With descriptors `predicted`, and `epsilon` (of an attack) or `strength` (of a perturbation).
    coordinates : dict
        Node → coordinates of the same stimuli.
    measure : str
        Of the RDMs.
    where : str
        Whose coordinates these are, for error messages.
    """
    of_stimuli = next(stimuli.descriptors[name] for name in STRENGTHS if name in stimuli.descriptors)
    for level in np.unique(of_stimuli):
        chosen = of_stimuli == level
        labels = stimuli.labels[chosen]
        correct = labels == stimuli.descriptors["predicted"][chosen]
        strength = {"strength": float(level), "n": len(labels)}
        yield strength | {"quantity": "accuracy", "node": "", "value": float(correct.mean())}
        for node, everything in coordinates.items():
            rdm = compute_rdm(subset(everything, chosen), measure, f"{where}, strength {level:g}, node {node!r}")
            value = float(rdm_correlation(rdm, label_rdm(labels)))
            yield strength | {"quantity": "label_correlation", "node": node, "value": value}


def sweep_means(table: pd.DataFrame) -> pd.DataFrame:
    """Means over seeds of every line at every strength, with intervals that stay within the quantity's range.

    Parameters
    ----------
    table : DataFrame
        `SWEEP_COLUMNS` and `line`, which tells models and epochs apart.
    """
    by = ["stimuli", "line", "strength", "quantity", "node"]
    is_accuracy = table["quantity"] == "accuracy"
    shares = with_intervals(table[is_accuracy], by, _share)
    return pd.concat([shares, over_seeds(table[~is_accuracy], by, **CORRELATION)], ignore_index=True)


def _share(part: pd.DataFrame) -> Estimate:
    return mean_of_proportions(part.groupby("seed")["value"].mean(), int(part["n"].iloc[0]), over="seeds")


def subset(coordinates: Coordinates, chosen: np.ndarray) -> Coordinates:
    """The coordinates of some of the stimuli, centred on their own mean."""
    part = coordinates.centred[chosen]
    shift = part.mean(axis=0)
    return Coordinates(part - shift, coordinates.mean + shift, coordinates.ones, coordinates.n_features)
