"""What a recorded node of a network is: the state of a layer, the recurrent flow into it, or an answer; and when."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from repgeom.store.activations import NodeTable

LOGITS = "logits"
FLOW = re.compile(r"([A-Za-z0-9]+)_(\w+)_flow")
"""Module of a flow: layer and modulation."""

STATE, INFLOW, ANSWER = "layer", "flow", "answer"
"""Kinds of nodes."""


class Place(NamedTuple):
    """What a recorded node is.

    `kind` is `layer` (its state), `flow` (the summed recurrent input to it) or `answer` (the logits); `modulation` is
    what a flow does to its layer. Timesteps count from 1; 0 is where a node occurs once.
    """

    kind: str
    layer: str
    modulation: str
    timestep: int


def place_of(node: Mapping) -> Place:
    """The place of a node by its descriptors `module` and `timestep`."""
    module, timestep = node["module"], node["timestep"]
    if module == LOGITS:
        return Place(ANSWER, LOGITS, "", timestep)
    flow = FLOW.fullmatch(module) if timestep else None
    return Place(INFLOW, *flow.groups(), timestep) if flow else Place(STATE, module, "", timestep)


def states(nodes: NodeTable) -> dict[str, Place]:
    """The nodes that are states of layers, in execution order, and their places."""
    places = {name: place_of(node) for name, node in nodes.items()}
    return {name: place for name, place in places.items() if place.kind == STATE}
