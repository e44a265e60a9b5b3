"""Accuracy of every run, and the numbers the study is known for."""

from collections.abc import Sequence

import pandas as pd

from repgeom.measures.uncertainty import mean_interval, wilson_interval
from repgeom.store.activations import StimulusInfo
from repgeom.store.coordinates import open_coordinates
from repgeom.studies.robustness.runs import Run

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
