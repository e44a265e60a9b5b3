"""Page for looking into RDMs: both stimuli of a cell, and how dissimilar they are at each node."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.spatial.distance import squareform

from repgeom.pages.matrix import colour_map, packed, stimuli_shown
from repgeom.pages.page import page

LARGEST_PAGE = 1_600_000
"""Pairs of stimuli over all RDMs of a page; each takes about 1.4 bytes."""
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
    sets: dict[tuple, int] = {}
    shown = []
    for network in kept:
        key = (tuple(network.ids), network.images.tobytes())
        nodes = [_node(node) for node in network.nodes]
        shown.append({"name": network.name, "stimuli": sets.setdefault(key, len(sets)), "nodes": nodes})
    first = {sets[tuple(n.ids), n.images.tobytes()]: n for n in reversed(kept)}
    stimuli = [stimuli_shown(first[i].images, first[i].ids, first[i].classes) for i in range(len(sets))]
    data = {"networks": shown, "stimuli": stimuli, "colours": colour_map()}
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


def _keep(network: ShownNetwork, networks: Sequence[ShownNetwork]) -> int:
    """How many stimuli of a network a page has room for."""
    matrices = sum(len(other.nodes) for other in networks)
    return min(len(network.ids), MOST_STIMULI, int((2 * LARGEST_PAGE / matrices) ** 0.5))


def _node(node: Node) -> Mapping:
    name = f"{node.layer}, {node.time}" if node.time else node.layer
    return {"layer": node.layer, "time": node.time, "name": name, "rdm": packed(node.rdm)}


def _note(all_of: Sequence[ShownNetwork], kept: Sequence[ShownNetwork]) -> str:
    counts = {(len(k.ids), len(a.ids)) for k, a in zip(kept, all_of, strict=True) if len(k.ids) < len(a.ids)}
    told = [f"{few} of {many}" for few, many in sorted(counts)]
    return f"So that the page stays small, it shows {' and '.join(told)} stimuli, evenly spaced." if told else ""
