"""What the input layer of a recurrent network does over time."""

from collections.abc import Callable, Iterator

import numpy as np

from repgeom.analyses.recurrent_nodes import place_of
from repgeom.errors import InputError
from repgeom.store.activations import NodeTable

INPUT = "input"
Maps = dict[tuple[str, float | None], dict[int, np.ndarray]]
"""Title and centre of a diverging scale (None: sequential) → timestep → maps (n, h, w)."""

MAP_COLUMNS = {
    "quantity": "activation of the input layer, the factor or the summand that recurrent flow is to it",
    "image": "counted from 0",
    "timestep": "counted from 1",
    "mean": "over pixels",
    "standard_deviation": "over pixels",
    "smallest": "over pixels",
    "largest": "over pixels",
}


def input_maps(nodes: NodeTable, read: Callable[[str], np.ndarray]) -> Maps:
    """Activation of the input layer at every step, and the flows into it: gain as the factor 1 + gain.

    Parameters
    ----------
    nodes : dict
        Node → module, timestep and shape (1, h, w).
    read : callable
        Node → activations (n, h·w).

    Raises
    ------
    InputError
        There is no input layer, or it is no image.
    """
    maps: Maps = {}
    for name, node in nodes.items():
        place = place_of(node)
        if place.layer != INPUT:
            continue
        if len(node["shape"]) != 3 or node["shape"][0] != 1:
            raise InputError(f"node {name}: shape {node['shape']}; the layer {INPUT!r} must be an image, (1, h, w)")
        values = read(name).reshape(-1, *node["shape"][1:])
        key, values = _titled(place.modulation, values)
        maps.setdefault(key, {})[place.timestep] = values
    if not maps:
        raise InputError(f"no node is of a layer {INPUT!r}, only: {', '.join(nodes)}; record the input layer")
    return maps


def _titled(modulation: str, values: np.ndarray) -> tuple[tuple[str, float | None], np.ndarray]:
    if not modulation:
        return ("activation", None), values
    return (("1 + gain", 1.0), 1 + values) if modulation == "gain" else ((modulation, 0.0), values)


def map_table(maps: Maps) -> Iterator[dict]:
    """What every map amounts to, in a few numbers."""
    for (title, _), by_timestep in maps.items():
        for timestep, values in by_timestep.items():
            for i, image in enumerate(values):
                yield {
                    "quantity": title,
                    "image": i,
                    "timestep": timestep,
                    "mean": float(image.mean()),
                    "standard_deviation": float(image.std()),
                    "smallest": float(image.min()),
                    "largest": float(image.max()),
                }
