"""Study 1: generalisation and representational geometry of a standard and an adversarially trained network.

After Neuromatch NeuroAI, W1D3, tutorial 1. Every function turns artifacts into one tidy table.
A *run* is one network (model, seed) shown one stimulus set under one condition.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from repgeom.coordinates.reduction import Coordinates
from repgeom.errors import InputError
from repgeom.measures.rdm import compute_rdm, label_rdm
from repgeom.measures.separation import bootstrap, rdm_correlation, separation
from repgeom.measures.uncertainty import mean_interval, wilson_interval
from repgeom.store.activations import StimulusInfo
from repgeom.store.coordinates import open_coordinates
from repgeom.store.rdms import RDMs

RESAMPLES = 1000
BOOTSTRAP_SEED = 0

ACCURACY_COLUMNS = {
    "model": "name of the network",
    "seed": "seed of the network",
    "condition": "clean images, or images attacked with the network's own gradients",
    "n": "number of images",
    "correct": "how many are classified correctly",
    "accuracy": "fraction correct",
    "low": "lower end of the 95 % Wilson interval",
    "high": "upper end of the 95 % Wilson interval",
}
LAYER_COLUMNS = {
    "quantity": "separation: mean between-class minus mean within-class dissimilarity; label_correlation: Pearson "
    "correlation of the RDM with the RDM of the one-hot labels; model_correlation: Pearson correlation between "
    "the standard and the adversarially trained network's RDMs",
    "condition": "network and images",
    "seed": "seed of the networks",
    "node": "where in the network",
    "value": "the quantity",
    "low": "lower end of the 95 % bootstrap interval over images (within classes)",
    "high": "upper end of the 95 % bootstrap interval over images (within classes)",
}
SWEEP_COLUMNS = {
    "attack": "stimulus set, named after its attack",
    "model": "name of the network",
    "seed": "seed of the network",
    "epsilon": "attack strength in pixel units (images lie in 0–1)",
    "quantity": "accuracy (fraction correct) or label_correlation (Pearson, at a node)",
    "node": "where in the network; empty for accuracy",
    "value": "the quantity",
}


@dataclass(frozen=True)
class Run:
    """One network shown one stimulus set."""

    model: str
    seed: int
    condition: str


def accuracy_row(run: Run, stimuli: StimulusInfo) -> dict:
    """Accuracy of one run, with its interval."""
    correct = stimuli.labels == stimuli.descriptors["predicted"]
    low, high = wilson_interval(correct.sum(), len(correct))
    return {
        "model": run.model,
        "seed": run.seed,
        "condition": run.condition,
        "n": len(correct),
        "correct": int(correct.sum()),
        "accuracy": float(correct.mean()),
        "low": low,
        "high": high,
    }


def accuracy_table(runs: Sequence[dict], files: Sequence[str]) -> pd.DataFrame:
    """One `accuracy_row` per run, from the coordinates file of each."""
    rows = []
    for run, path in zip(runs, files, strict=True):
        with open_coordinates(path) as coordinates:
            rows.append(accuracy_row(Run(**run), coordinates.stimuli))
    return pd.DataFrame(rows)


def layer_table(runs: Sequence[tuple[Run, RDMs]], nodes: list[str], standard: str, adversarial: str) -> pd.DataFrame:
    """Separation, correlation with the labels, and correlation between the two models, for every node and run."""
    rows = []
    for run, rdms in runs:
        labels, target = rdms.labels, label_rdm(rdms.labels)
        for node in nodes:
            rdm = rdms[node]
            context = {"condition": f"{run.model}, {run.condition}", "seed": run.seed, "node": node}
            rows.append(_row("separation", context, lambda w, r=rdm, y=labels: separation(r, y, w), labels))
            rows.append(_row("label_correlation", context, lambda w, r=rdm, t=target: rdm_correlation(r, t, w), labels))
    rows += _model_correlations(runs, nodes, standard, adversarial)
    return pd.DataFrame(rows)


def over_seeds(table: pd.DataFrame, by: list[str], value: str = "value") -> pd.DataFrame:
    """Mean over seeds with its 95 % interval; for a single seed the interval over stimuli, where there is one."""
    rows = []
    for key, part in table.groupby(by, sort=False, dropna=False):
        mean, low, high = mean_interval(part[value])
        if len(part) == 1 and "low" in part:
            low, high = part["low"].iloc[0], part["high"].iloc[0]
        rows.append(dict(zip(by, key, strict=True)) | {"mean": mean, "low": low, "high": high, "n_seeds": len(part)})
    return pd.DataFrame(rows)


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


def _row(quantity: str, context: dict, statistic, labels: np.ndarray) -> dict:
    n = len(labels)
    value = float(statistic(np.ones(n * (n - 1) // 2)))
    low, high = bootstrap(statistic, labels, RESAMPLES, BOOTSTRAP_SEED)
    return {"quantity": quantity, **context, "value": value, "low": low, "high": high}


def _model_correlations(
    runs: Sequence[tuple[Run, RDMs]], nodes: list[str], standard: str, adversarial: str
) -> list[dict]:
    """Correlation between the two models' RDMs at the same node, seed by seed, condition by condition."""
    by_key = {(run.model, run.condition, i): (run, rdms) for i, (run, rdms) in _numbered(runs)}
    rows = []
    for (model, condition, i), (run, a) in by_key.items():
        other = by_key.get((adversarial, condition, i))
        if model != standard or other is None:
            continue
        b = other[1]
        check_same_labels(a, b)
        for node in nodes:
            context = {"condition": condition, "seed": run.seed, "node": node}
            rows.append(
                _row(
                    "model_correlation",
                    context,
                    lambda w, x=a[node], y=b[node]: rdm_correlation(x, y, w),
                    a.labels,
                )
            )
    return rows


def _numbered(runs: Sequence[tuple[Run, RDMs]]):
    """Number the seeds of each model and condition, so that they pair up."""
    seen: dict[tuple[str, str], int] = {}
    for run, rdms in runs:
        key = (run.model, run.condition)
        seen[key] = seen.get(key, -1) + 1
        yield seen[key], (run, rdms)


def check_same_labels(a: RDMs, b: RDMs) -> None:
    """Raise InputError where two RDM files are not about the same stimuli in the same order."""
    different = np.flatnonzero(a.ids != b.ids) if len(a.ids) == len(b.ids) else [0]
    if len(different):
        raise InputError(f"{a.path} and {b.path} are about different stimuli (first at position {different[0]})")


def reproduced_quantities(accuracy: pd.DataFrame, clean: dict[str, list[float]], names: dict[str, str]) -> dict:
    """Quantity → (mean over seeds, low, high), under the names of the reference table.

    Parameters
    ----------
    accuracy : DataFrame
        Of `accuracy_row`s.
    clean : dict
        Role (standard, adversarial) → accuracy on the whole test split, per seed.
    names : dict
        Role → name of the model.
    """
    ours = {}
    for role, values in clean.items():
        ours[f"clean accuracy of the {role} model"] = mean_interval(values)
    for role, name in names.items():
        attacked = accuracy[(accuracy["model"] == name) & (accuracy["condition"] == "attacked")]
        value, low, high = mean_interval(attacked["accuracy"])
        if len(attacked) == 1:
            low, high = attacked["low"].iloc[0], attacked["high"].iloc[0]
        ours[f"attacked accuracy of the {role} model"] = (value, low, high)
    return ours
