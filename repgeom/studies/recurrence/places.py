"""Where in the network and when a recorded node is."""

from typing import NamedTuple

from repgeom.store.activations import NodeTable

LOGITS = "logits"
FLOW = "flow"


class Place(NamedTuple):
    """What a recorded node of the network is."""

    kind: str
    layer: str
    modulation: str
    timestep: int


def place_of(node: dict) -> Place | None:
    """The place of a node by its descriptors; None for the logits."""
    if node["module"] == LOGITS:
        return None
    layer, _, modulation = node["module"].removesuffix(f"_{FLOW}").partition("_")
    return Place(FLOW if modulation else "layer", layer, modulation, node["timestep"])


def states(nodes: NodeTable) -> dict[str, Place]:
    """The nodes that are states of layers, in execution order, and their places."""
    places = {name: place_of(node) for name, node in nodes.items()}
    return {name: place for name, place in places.items() if place and place.kind == "layer"}
