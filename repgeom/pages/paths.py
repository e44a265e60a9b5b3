"""Page for looking into paths of geometries: the node of each point, its RDM, how far it is from input and labels."""

from collections.abc import Mapping, Sequence

import numpy as np
from scipy.spatial.distance import squareform

from repgeom.measures.path import Paths
from repgeom.pages.matrix import colour_map, packed
from repgeom.pages.page import page

MOST_STIMULI = 100
"""RDMs of more stimuli are shown for so many of them, evenly spaced."""
DIGITS = 6


def paths_page(
    paths: Paths,
    points: np.ndarray,
    dissimilarity: np.ndarray,
    classes: np.ndarray,
    looks: Mapping[str, Mapping[str, str]],
    measure: str,
    about: str = "",
) -> str:
    """The page as text.

    Parameters
    ----------
    paths : Paths
        The k geometries.
    points : (k, 2)
        Places in the map.
    dissimilarity : (k, k)
    classes : (n,)
        Class of every stimulus.
    looks : dict
        Name of a path → its `label` and `colour`.
    measure : str
        What `dissimilarity` holds.
    about : str
    """
    order = thinned_order(classes, MOST_STIMULI)
    data = {
        "points": np.round(points, DIGITS).tolist(),
        "distances": np.round(dissimilarity, DIGITS).tolist(),
        "nodes": list(paths.nodes),
        "rdms": [packed(_reordered(rdm, order)) for rdm in paths.rdms],
        "paths": [{**looks[name], "nodes": indices.tolist()} for name, indices in paths.indices.items()],
        "n": len(order),
        "colours": colour_map(),
    }
    note = (
        f"RDMs are shown for {len(order)} of {len(classes)} stimuli, evenly spaced."
        if len(order) < len(classes)
        else ""
    )
    return page("paths.html", "Paths through the space of geometries", about, data, measure=measure, note=note)


def thinned_order(classes: Sequence[int], most: int) -> np.ndarray:
    """At most so many stimuli, ordered by class."""
    order = np.argsort(classes, kind="stable")
    return order[np.round(np.linspace(0, len(order) - 1, min(most, len(order)))).astype(int)]


def _reordered(rdm: np.ndarray, order: np.ndarray) -> np.ndarray:
    return squareform(squareform(rdm)[np.ix_(order, order)], checks=False)
