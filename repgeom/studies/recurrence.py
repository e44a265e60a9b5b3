"""Study 5: decoding, flow decoding, output accuracy and perturbation of recurrent networks as tidy tables.

After Thorat, Aldegheri & Kietzmann 2021, arXiv 2111.07898.
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import product
from typing import NamedTuple

import numpy as np

from repgeom.measures.decoding import decode
from repgeom.measures.functional_importance import (
    functional_importance,
    importance_standard_error,
    with_properties,
)
from repgeom.measures.uncertainty import wilson_interval
from repgeom.perturbation import PerturbationOutcome
from repgeom.store.activations import NodeTable, StimulusInfo

LAYERS = ("input", "conv1", "conv2", "fc")
FLOW = "flow"
TWO_LEVELS = ("x", "y", "scale", "orientation", "domain")

DECODING_COLUMNS = {
    "seed": "of the network",
    "stimuli": "cluttered: the whole canvas; clean: its target alone",
    "repetition": "counted from 1, each with canvases of its own",
    "kind": "layer: a layer's state; flow: the summed recurrent input to it",
    "layer": "input, conv1, conv2 or fc",
    "modulation": "bias or gain of a flow",
    "timestep": "counted from 1",
    "variable": "property of the target; location is the mean of x and y",
    "accuracy": "fraction of test canvases decoded correctly by a linear support vector machine",
    "chance": "accuracy of guessing",
    "n_fit": "canvases fitted",
    "n_test": "canvases tested",
}
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
PERTURBATION_COLUMNS = {
    "seed": "of the network",
    "repetition": "counted from 1, each with canvases of its own",
    "variable": "the property in which the other canvas differs; location, category: the mean of two swaps",
    "layer": "into which its recurrent flow came",
    "timestep": "at which it came, counted from 1",
    "original": "accuracy without perturbation",
    "perturbed": "accuracy with the other canvas's flow",
    "control": "accuracy with the change of flow shuffled over units",
    "importance": "functional importance, (control − perturbed) / original",
    "standard_error": "of the importance, over canvases",
    "n_images": "canvases",
}


class Place(NamedTuple):
    """What a recorded node of the network is."""

    kind: str
    layer: str
    modulation: str
    timestep: int


def place_of(node: dict) -> Place | None:
    """The place of a node by its descriptors; None for the logits."""
    layer, _, modulation = node["module"].removesuffix(f"_{FLOW}").partition("_")
    if layer not in LAYERS:
        return None
    return Place(FLOW if modulation else "layer", layer, modulation, node["timestep"])


def states(nodes: NodeTable) -> dict[str, Place]:
    """The nodes that are states of layers, in execution order, and their places."""
    places = {name: place_of(node) for name, node in nodes.items()}
    return {name: place for name, place in places.items() if place and place.kind == "layer"}


def decoding_rows(
    nodes: NodeTable, read: Callable[[str], np.ndarray], stimuli: StimulusInfo, n_fit: int, context: dict
) -> Iterator[dict]:
    """Decode category, location, scale, orientation and domain from every layer and flow at every step.

    Parameters
    ----------
    nodes : dict
        Node → module and timestep.
    read : callable
        Node → uncentred coordinates (n, c).
    stimuli : StimulusInfo
        Labels are categories; descriptors hold the other properties.
    n_fit : int
        Canvases fitted; the others are tested.
    context : dict
        Further columns.
    """
    variables = {"category": stimuli.labels} | {name: stimuli.descriptors[name] for name in TWO_LEVELS}
    chance = {name: 1 / len(np.unique(labels)) for name, labels in variables.items()}
    chance["location"] = chance["x"]
    counts = {"n_fit": n_fit, "n_test": len(stimuli.labels) - n_fit}
    for name, node in nodes.items():
        place = place_of(node)
        if place is None:
            continue
        accuracy = {variable: found.accuracy for variable, found in decode(read(name), variables, n_fit).items()}
        accuracy["location"] = (accuracy["x"] + accuracy["y"]) / 2
        for variable, value in accuracy.items():
            yield (
                context
                | place._asdict()
                | {"variable": variable, "accuracy": value, "chance": chance[variable]}
                | counts
            )


def output_rows(logits: Mapping[int, np.ndarray], categories: np.ndarray, context: dict) -> Iterator[dict]:
    """Accuracy of the network's answer, read out after every step: timestep → logits (n, n_categories)."""
    for timestep, values in logits.items():
        correct = int((values.argmax(axis=1) == categories).sum())
        low, high = wilson_interval(correct, len(categories))
        interval = {"accuracy": correct / len(categories), "low": low, "high": high, "n": len(categories)}
        yield context | {"timestep": timestep} | interval


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
                "timestep": timestep,
                "original": float(outcome.original.mean()),
                "perturbed": float(perturbed[i, t].mean()),
                "control": float(control[i, t].mean()),
                "importance": float(importance[i, t]),
                "standard_error": float(error[i, t]),
                "n_images": len(outcome.original),
            }
