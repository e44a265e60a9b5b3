"""Functional importance of recurrent flows, as tidy tables."""

from collections.abc import Iterator
from itertools import product

from repgeom.measures.functional_importance import (
    functional_importance,
    importance_standard_error,
    with_properties,
)
from repgeom.perturbation import PerturbationOutcome

PERTURBATION_COLUMNS = {
    "seed": "of the network",
    "repetition": "counted from 1, each with canvases of its own",
    "variable": "the property in which the other canvas differs; location, category: the mean of two swaps",
    "layer": "into which its recurrent flow came",
    "modulation": "what this flow is to the layer, such as gain",
    "timestep": "at which it came, counted from 1",
    "original": "accuracy without perturbation",
    "perturbed": "accuracy with the other canvas's flow",
    "control": "accuracy with the change of flow shuffled over units",
    "importance": "functional importance, (control − perturbed) / original",
    "standard_error": "of the importance, over canvases",
    "n_images": "canvases",
}


def perturbation_rows(outcome: PerturbationOutcome, context: dict) -> Iterator[dict]:
    """Accuracies and functional importance for every swap and property, layer and step."""
    swaps = {name: (outcome.perturbed[i], outcome.control[i]) for i, name in enumerate(outcome.swaps)}
    for variable, (perturbed, control) in with_properties(swaps).items():
        importance = functional_importance(outcome.original, perturbed, control)
        error = importance_standard_error(outcome.original, perturbed, control)
        for (i, layer), (t, timestep) in product(enumerate(outcome.layers), enumerate(outcome.timesteps)):
            yield context | {
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
