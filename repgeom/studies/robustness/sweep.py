"""Accuracy and geometry at every attack strength."""

import numpy as np

from repgeom.coordinates.reduction import Coordinates
from repgeom.measures.rdm import compute_rdm, label_rdm
from repgeom.measures.separation import rdm_correlation
from repgeom.store.activations import StimulusInfo
from repgeom.studies.robustness.runs import Run

SWEEP_COLUMNS = {
    "attack": "stimulus set, named after its attack",
    "model": "name of the network",
    "seed": "seed of the network",
    "epsilon": "attack strength in pixel units (images lie in 0–1)",
    "quantity": "accuracy (fraction correct) or label_correlation (Pearson, at a node)",
    "node": "where in the network; empty for accuracy",
    "value": "the quantity",
}


def sweep_rows(run: Run, stimuli: StimulusInfo, coordinates: dict[str, Coordinates], measure: str) -> list[dict]:
    """Accuracy, and correlation with the labels at every node, at each ε of an attacked stimulus set."""
    rows = []
    for epsilon in np.unique(stimuli.descriptors["epsilon"]):
        chosen = stimuli.descriptors["epsilon"] == epsilon
        labels = stimuli.labels[chosen]
        correct = labels == stimuli.descriptors["predicted"][chosen]
        context = {"attack": run.condition, "model": run.model, "seed": run.seed, "epsilon": float(epsilon)}
        rows.append(context | {"quantity": "accuracy", "node": "", "value": float(correct.mean())})
        for node, everything in coordinates.items():
            rdm = compute_rdm(subset(everything, chosen), measure, f"{run.model}, ε = {epsilon:g}, node {node!r}")
            value = float(rdm_correlation(rdm, label_rdm(labels)))
            rows.append(context | {"quantity": "label_correlation", "node": node, "value": value})
    return rows


def subset(coordinates: Coordinates, chosen: np.ndarray) -> Coordinates:
    """The coordinates of some of the stimuli, centred on their own mean."""
    part = coordinates.centred[chosen]
    shift = part.mean(axis=0)
    return Coordinates(part - shift, coordinates.mean + shift, coordinates.ones, coordinates.n_features)
