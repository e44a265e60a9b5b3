"""What the channels of a node make of images."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from repgeom.analyses.networks import NETWORK_COLUMNS, about
from repgeom.errors import InputError

MAP_COLUMNS = {name: NETWORK_COLUMNS[name] for name in ("model", "seed", "epoch", "stimuli")} | {
    "id": "of the image",
    "channel": "of the node, counted from 0",
    "mean": "mean of the map (activation units)",
    "min": "min of the map (activation units)",
    "max": "max of the map (activation units)",
}


def first_maps(response: np.ndarray, node: str, count: int) -> np.ndarray:
    """The maps (n, channels, h, w) of the first channels.

    Raises
    ------
    InputError
        The node computes no maps.
    """
    if response.ndim != 4:
        raise InputError(f"node {node!r} computes no maps, but {response.shape[1:]} for each image; name a convolution")
    return response[:, :count]


def map_table(networks: Sequence[Mapping], ids: Sequence[str], maps: Sequence[np.ndarray]) -> pd.DataFrame:
    """One row per map: `MAP_COLUMNS`, of what each network makes of the images, (n, channels, h, w)."""
    tables = []
    for network, found in zip(networks, maps, strict=True):
        index = pd.MultiIndex.from_product([ids, range(found.shape[1])], names=["id", "channel"])
        statistics = {name: getattr(found, name)(axis=(2, 3)).ravel() for name in ("mean", "min", "max")}
        table = pd.DataFrame(statistics, index=index).reset_index().assign(**about(network))
        tables.append(table[list(MAP_COLUMNS)])
    return pd.concat(tables, ignore_index=True)
