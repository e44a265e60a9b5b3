"""Page for looking into RDMs: both stimuli of a cell, and how dissimilar they are at each node."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.spatial.distance import squareform

from repgeom.pages.matrix import colour_map, packed, stimuli_shown
from repgeom.pages.page import page

MOST_PAIRS = 1_350_000
"""Pairs of stimuli over all RDMs of a page. A number takes up to 1.75 bytes: with images, 3 MB at most."""
MOST_STIMULI = 500


@dataclass(frozen=True)
class Node:
    """One RDM: `layer` and `time` say where in the network, in words; `time` is empty where there is one step only."""

    layer: str
    time: str
    rdm: np.ndarray


@dataclass(frozen=True)
class ShownNetwork:
    """The RDMs of one network, and the stimuli that they are of.

    Attributes
    ----------
    name : str
    nodes : sequence of Node
    ids, classes : length n
    images : (n, h, w) or (n, h, w, 3) in [0, 1]
    """

    name: str
    nodes: Sequence[Node]
    ids: Sequence[str]
    classes: Sequence[str]
    images: np.ndarray


def rdms_page(networks: Sequence[ShownNetwork], measure: str, about: str = "") -> str:
    """The page as text.

    Where RDMs of many stimuli would make it too large, it shows every second or third stimulus, and says so.

    Parameters
    ----------
    networks : sequence of ShownNetwork
    measure : str
        What the numbers are.
    about : str
    """
    kept = [thinned(network, _keep(network, networks)) for network in networks]
    sets = {_stimuli_key(network): network for network in kept}
    rdms = {node.rdm.tobytes(): node.rdm for network in kept for node in network.nodes}
    shown = [
        {
            "name": network.name,
            "stimuli": list(sets).index(_stimuli_key(network)),
            "nodes": [_node(node, list(rdms).index(node.rdm.tobytes())) for node in network.nodes],
        }
        for network in kept
    ]
    stimuli = [stimuli_shown(one.images, one.ids, one.classes) for one in sets.values()]
    data = {"networks": shown, "stimuli": stimuli, "rdms": list(map(packed, rdms.values())), "colours": colour_map()}
    return page("rdms.html", "Dissimilarity of stimuli", about, data, measure=measure, note=_note(networks, kept))


def thinned(network: ShownNetwork, n: int) -> ShownNetwork:
    """The same network shown `n` of its stimuli, as evenly spaced as can be."""
    if n >= len(network.ids):
        return network
    chosen = np.round(np.linspace(0, len(network.ids) - 1, n)).astype(int)
    inside = np.ix_(chosen, chosen)
    return replace(
        network,
        nodes=[replace(node, rdm=squareform(squareform(node.rdm)[inside], checks=False)) for node in network.nodes],
        ids=[network.ids[i] for i in chosen],
        classes=[network.classes[i] for i in chosen],
        images=network.images[chosen],
    )


def _stimuli_key(network: ShownNetwork) -> tuple:
    return tuple(network.ids), network.images.tobytes()


def _keep(network: ShownNetwork, networks: Sequence[ShownNetwork]) -> int:
    """How many stimuli of a network a page has room for; RDMs that are the same are held once."""
    matrices = len({node.rdm.tobytes() for other in networks for node in other.nodes})
    return min(len(network.ids), MOST_STIMULI, int((2 * MOST_PAIRS / matrices) ** 0.5))


def _node(node: Node, rdm: int) -> Mapping:
    name = f"{node.layer}, {node.time}" if node.time else node.layer
    return {"layer": node.layer, "time": node.time, "name": name, "rdm": rdm}


def _note(all_of: Sequence[ShownNetwork], kept: Sequence[ShownNetwork]) -> str:
    counts = {(len(k.ids), len(a.ids)) for k, a in zip(kept, all_of, strict=True) if len(k.ids) < len(a.ids)}
    told = [f"{few} of {many}" for few, many in sorted(counts)]
    return f"So that the page stays small, it shows {' and '.join(told)} stimuli, evenly spaced." if told else ""
