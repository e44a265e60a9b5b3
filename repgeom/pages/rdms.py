"""Page for looking into RDMs: both stimuli of a cell, and how dissimilar they are at each node."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.spatial.distance import squareform

from repgeom.pages.matrix import COARSE_LEVELS, colour_map, packed, stimuli_shown
from repgeom.pages.page import page

MOST_BYTES = 2_900_000
"""Of a page, so that it stays below 3 MB with what is said of its making."""
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

    Where RDMs of many stimuli would make it too large, their numbers are rounded to 255 steps, and if that is not
    enough it shows every second or third stimulus, and says so.

    Parameters
    ----------
    networks : sequence of ShownNetwork
    measure : str
        What the numbers are.
    about : str
    """
    most, text = MOST_STIMULI, _page(networks, MOST_STIMULI, False, measure, about)
    if len(text) > MOST_BYTES:
        text = _page(networks, most, True, measure, about)
    while len(text) > MOST_BYTES and most > 2:
        most = max(2, int(most * (0.99 * MOST_BYTES / len(text)) ** 0.5))
        text = _page(networks, most, True, measure, about)
    return text


def _page(networks: Sequence[ShownNetwork], most: int, coarse: bool, measure: str, about: str) -> str:
    """With at most so many stimuli, and numbers in few steps or as fine as usual."""
    kept = [thinned(network, most) for network in networks]
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
    held = [packed(rdm, coarse) for rdm in rdms.values()]
    data = {"networks": shown, "stimuli": stimuli, "rdms": held, "colours": colour_map()}
    note = _note(networks, kept, coarse)
    return page("rdms.html", "Dissimilarity of stimuli", about, data, measure=measure, note=note)


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


def _node(node: Node, rdm: int) -> Mapping:
    name = f"{node.layer}, {node.time}" if node.time else node.layer
    return {"layer": node.layer, "time": node.time, "name": name, "rdm": rdm}


def _note(all_of: Sequence[ShownNetwork], kept: Sequence[ShownNetwork], coarse: bool) -> str:
    counts = {(len(k.ids), len(a.ids)) for k, a in zip(kept, all_of, strict=True) if len(k.ids) < len(a.ids)}
    shows = [f"{few} of {many}" for few, many in sorted(counts)]
    rounded = [f"numbers are rounded to {COARSE_LEVELS} steps up to the largest of each RDM"] if coarse else []
    thin = [f"it shows {' and '.join(shows)} stimuli, evenly spaced"] if shows else []
    return f"So that the page stays small, {', and '.join(rounded + thin)}." if rounded or thin else ""
