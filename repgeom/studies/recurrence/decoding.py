"""Decoding of the target's properties from layers and flows, as tidy tables."""

from collections.abc import Callable, Iterator

import numpy as np

from repgeom.measures.decoding import decode
from repgeom.store.activations import NodeTable, StimulusInfo
from repgeom.studies.recurrence.places import place_of

TWO_LEVELS = ("x", "y", "scale", "orientation", "domain")

DECODING_COLUMNS = {
    "seed": "of the network",
    "stimuli": "cluttered: the whole canvas; clean: its target alone",
    "repetition": "counted from 1, each with canvases of its own",
    "kind": "layer: a layer's state; flow: the summed recurrent input to it",
    "layer": "of the network",
    "modulation": "bias or gain of a flow",
    "timestep": "counted from 1",
    "variable": "property of the target; location is the mean of x and y",
    "accuracy": "fraction of test canvases decoded correctly by a linear support vector machine",
    "chance": "accuracy of guessing",
    "n_fit": "canvases fitted",
    "n_test": "canvases tested",
}


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
