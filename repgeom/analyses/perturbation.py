"""Functional importance of recurrent flows: of one network, and over networks."""

from collections.abc import Iterator
from itertools import product

import pandas as pd

from repgeom.analyses.intervals import MEAN_COLUMNS, proportions, with_intervals, with_standard_errors
from repgeom.analyses.networks import NETWORK_COLUMNS
from repgeom.measures.functional_importance import (
    PerturbationOutcome,
    functional_importance,
    importance_standard_error,
    with_properties,
)

FLOW_COLUMNS = {
    "variable": "the property in which the other canvas differs; location, category: the mean of two swaps",
    "layer": "into which its recurrent flow came",
    "modulation": "what this flow is to the layer, such as gain",
    "timestep": "at which it came, counted from 1",
}
PERTURBATION_COLUMNS = (
    NETWORK_COLUMNS
    | FLOW_COLUMNS
    | {
        "draw": "set of canvases, counted from 1",
        "original": "accuracy without perturbation",
        "perturbed": "accuracy with the other canvas's flow",
        "control": "accuracy with the change of flow shuffled over units",
        "importance": "functional importance, (control − perturbed) / original",
        "standard_error": "of the importance, over canvases",
        "n_images": "canvases",
    }
)
IMPORTANCE_COLUMNS = (
    NETWORK_COLUMNS
    | FLOW_COLUMNS
    | MEAN_COLUMNS
    | {"measure": "functional importance; and, in the last row, accuracy without perturbation"}
)


def perturbation_rows(outcome: PerturbationOutcome, draw: int) -> Iterator[dict]:
    """Accuracies and functional importance for every swap and property, layer and step."""
    swaps = {name: (outcome.perturbed[i], outcome.control[i]) for i, name in enumerate(outcome.swaps)}
    for variable, (perturbed, control) in with_properties(swaps).items():
        importance = functional_importance(outcome.original, perturbed, control)
        error = importance_standard_error(outcome.original, perturbed, control)
        for (i, layer), (t, timestep) in product(enumerate(outcome.layers), enumerate(outcome.timesteps)):
            yield {
                "draw": draw,
                "variable": variable,
                "layer": layer,
                "modulation": " and ".join(outcome.modulations[layer]),
                "timestep": timestep,
                "original": float(outcome.original.mean()),
                "perturbed": float(perturbed[i, t].mean()),
                "control": float(control[i, t].mean()),
                "importance": float(importance[i, t]),
                "standard_error": float(error[i, t]),
                "n_images": len(outcome.original),
            }


def importance_summary(table: pd.DataFrame) -> pd.DataFrame:
    """Functional importance of flows for every swap and property, over the networks of a model.

    Parameters
    ----------
    table : DataFrame
        Tables of all networks, with the columns `PERTURBATION_COLUMNS`.
    """
    by = ["model", "layer", "modulation", "timestep", "variable"]
    summary = with_intervals(table, by, with_standard_errors("importance", "standard_error", "draw"))
    return summary.assign(measure="functional importance of " + summary["modulation"] + " flow")


def unperturbed_summary(table: pd.DataFrame) -> pd.DataFrame:
    """Accuracy on the same canvases without perturbation: one row per model."""
    once = table.drop_duplicates(["model", "seed", "draw"]).assign(measure="output accuracy, perturbation stimuli")
    summary = with_intervals(once, ["model", "measure"], proportions("original", "n_images", "draw"))
    return summary.assign(layer="output", variable="category")
