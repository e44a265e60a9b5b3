"""Linear decoding of the stimuli's properties at every node: of one network, and over networks."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from repgeom.analyses.intervals import MEAN_COLUMNS, proportions, with_intervals
from repgeom.analyses.networks import NETWORK_COLUMNS
from repgeom.analyses.recurrent_nodes import INFLOW, place_of
from repgeom.errors import InputError
from repgeom.measures.decoding import cross_validate, decode, stratified_folds
from repgeom.store.activations import StimulusInfo
from repgeom.store.stimuli import original_ids

CATEGORY, LOCATION = "category", "location"
OF_TARGETS = ("x", "y", "scale", "orientation", "domain")
"""Properties of targets on canvases, in the order of tables and figures."""
ANSWERS = ("predicted",)
"""Descriptors that are the network's, not the stimuli's."""
FEW = 20
"""Numbers that are no integers are levels of something where there are at most so many different ones."""

NODE_COLUMNS = {
    "node": "where in the network",
    "kind": "layer: a layer's state; flow: the summed recurrent input to it; answer: the logits",
    "layer": "of the network",
    "modulation": "what a flow is to its layer, such as bias or gain",
    "timestep": "counted from 1; 0 where a node occurs once",
    "variable": "property of the stimuli; category is their class, location the mean of x and y",
    "chance": "accuracy of guessing, 1 / number of classes",
}
DECODING_COLUMNS = (
    NETWORK_COLUMNS
    | NODE_COLUMNS
    | {
        "module": "layer or operation that the node is of, the same at all timesteps",
        "accuracy": "fraction of tested stimuli decoded correctly by a linear support vector machine",
        "n_fit": "stimuli fitted; in cross-validation, by every fit at least",
        "n_test": "images tested, each once",
    }
)
SUMMARY_COLUMNS = (
    NETWORK_COLUMNS | NODE_COLUMNS | MEAN_COLUMNS | {"measure": "what was decoded from, and what was shown"}
)
TEXT = ("node", "module", "layer", "variable")
"""Columns that hold names, though some may look like numbers."""


@dataclass(frozen=True)
class Task:
    """What is decoded, and which stimuli are fitted and tested.

    Attributes
    ----------
    variables : {name: (n,) labels}
    images : (n,)
        The image behind each stimulus.
    fit : int or None
        The first so many stimuli are fitted, the others tested.
    folds : {name: (n,) folds}
        Of cross-validation, for every variable; empty where `fit` is given.
    """

    variables: dict[str, np.ndarray]
    images: np.ndarray
    fit: int | None
    folds: dict[str, np.ndarray]

    def accuracy(self, x: np.ndarray) -> dict[str, float]:
        """Accuracy of every variable, decoded from uncentred coordinates (n, c)."""
        if self.fit:
            return {name: found.accuracy for name, found in decode(x, self.variables, self.fit).items()}
        return {
            name: cross_validate(x, labels, self.folds[name], name).accuracy for name, labels in self.variables.items()
        }

    def counts(self) -> dict[str, int]:
        """How many stimuli are fitted and images tested."""
        if self.fit:
            return {"n_fit": self.fit, "n_test": len(np.unique(self.images[self.fit :]))}
        largest = max(np.bincount(folds).max() for folds in self.folds.values())
        return {"n_fit": int(len(self.images) - largest), "n_test": len(np.unique(self.images))}


def decoding_task(stimuli: StimulusInfo, options: Mapping, where: str) -> Task:
    """What is decoded of stimuli.

    Parameters
    ----------
    stimuli : StimulusInfo
    options : dict
        `variables`: names of label columns, or None for all. `fit`, or `folds` and `seed`.
    where : str
        Begins messages: whose stimuli these are.
    """
    variables, images = chosen_columns(stimuli, options["variables"], where), image_ids(stimuli)
    if fit := options.get("fit"):
        return Task(variables, images, fit, {})
    folds = {
        name: stratified_folds(labels, images, options["folds"], options["seed"]) for name, labels in variables.items()
    }
    return Task(variables, images, None, folds)


def decoding_rows(node: str, described: Mapping, x: np.ndarray, task: Task) -> Iterator[dict]:
    """Decoding accuracy of every variable at one node; `described` is its module and timestep.

    `location`, the mean of x and y, is added where both are decoded.
    """
    accuracy = task.accuracy(x)
    chance = {name: 1 / len(np.unique(labels)) for name, labels in task.variables.items()}
    if {"x", "y"} <= accuracy.keys():
        for values in (accuracy, chance):
            values.setdefault(LOCATION, (values["x"] + values["y"]) / 2)
    about = {"node": node, "module": described["module"]} | place_of(described)._asdict()
    for name, value in accuracy.items():
        yield about | {"variable": name, "accuracy": value, "chance": chance[name]} | task.counts()


def chosen_columns(stimuli: StimulusInfo, wanted: Sequence[str] | None, where: str) -> dict[str, np.ndarray]:
    """Label columns of stimuli by name, (n,) each: those wanted, or all that may be decoded where `wanted` is None.

    Raises
    ------
    InputError
        Names that are no columns, or nothing that may be decoded.
    """
    columns = label_columns(stimuli)
    if wanted is not None:
        if unknown := [name for name in wanted if name not in columns]:
            names = " and ".join(repr(name) for name in unknown)
            raise InputError(f"{where}: the stimuli have no label column {names}; choose among {', '.join(columns)}")
        return {name: columns[name] for name in wanted}
    images = image_ids(stimuli)
    found = {name: labels for name, labels in columns.items() if _has_classes(labels, images)}
    if not found:
        raise InputError(f"{where}: no label of the stimuli has two classes of several images; show more of each class")
    return found


def label_columns(stimuli: StimulusInfo) -> dict[str, np.ndarray]:
    """What is known about each stimulus, (n,) each: its category first, then properties of targets, then all else."""
    known = {name: values for name, values in stimuli.descriptors.items() if name not in ANSWERS}
    order = [name for name in OF_TARGETS if name in known]
    return {CATEGORY: stimuli.labels} | {name: known[name] for name in dict.fromkeys([*order, *known])}


def image_ids(stimuli: StimulusInfo) -> np.ndarray:
    """The image behind each stimulus, (n,): an image attacked at several strengths is one."""
    return np.array(original_ids(stimuli.ids, stimuli.descriptors))


def _has_classes(labels: np.ndarray, images: np.ndarray) -> bool:
    """Whether values are classes: two or more, of two images each on average; levels, where they are no integers."""
    values = np.unique(labels)
    is_fractional = labels.dtype.kind == "f" and not np.array_equal(values, np.round(values))
    if len(values) < 2 or (is_fractional and (len(values) > FEW or np.isnan(values).any())):
        return False
    return len(set(zip(labels.tolist(), images.tolist(), strict=True))) >= 2 * len(values)


def decoding_summary(table: pd.DataFrame) -> pd.DataFrame:
    """Decoding accuracy over the networks of each model, at every node, for every stimulus set.

    Parameters
    ----------
    table : DataFrame
        Tables of all networks, with the columns `DECODING_COLUMNS`.
    """
    by = ["model", "epoch", "stimuli", "node", "kind", "modulation", "layer", "timestep", "variable", "chance"]
    summary = with_intervals(table.fillna({"modulation": ""}), by, proportions("accuracy", "n_test"))
    what = np.where(summary["kind"] == INFLOW, summary["modulation"] + " flow", summary["kind"])
    return summary.assign(measure=what + " decoding, " + summary["stimuli"])
