"""Filters of a convolutional layer over training."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from repgeom.analyses.networks import NETWORK_COLUMNS, about
from repgeom.errors import InputError, nearest

FILTER_COLUMNS = {name: NETWORK_COLUMNS[name] for name in ("model", "seed", "epoch")} | {
    "filter": "of the layer, counted from 0",
    "channel": "of the image that the filter is applied to",
    "row": "in px",
    "column": "in px",
    "weight": "at this place of the filter",
}


def first_filters(weights: Mapping[str, np.ndarray], layer: str, count: int, where: str) -> np.ndarray:
    """The first filters (n, c, h, w) of a layer that sees images of c = 1 or 3 channels.

    Parameters
    ----------
    weights : dict
        Parameter → values.
    layer : str
    count : int
        How many filters at most.
    where : str
        Whose weights these are, for error messages.

    Raises
    ------
    InputError
        No such layer, or one whose filters cannot be drawn as images.
    """
    name = f"{layer}.weight"
    if name not in weights:
        layers = [other.removesuffix(".weight") for other in weights if other.endswith(".weight")]
        raise InputError(f"{where}: no layer {layer!r}; {nearest(layer, layers)}")
    filters = np.asarray(weights[name])
    if filters.ndim != 4 or filters.shape[1] not in (1, 3):
        raise InputError(
            f"{where}: the weights of layer {layer!r} have shape {filters.shape}; only filters of grey or RGB images, "
            "(n, 1 or 3, height, width), can be drawn: name the first convolution"
        )
    return filters[:count]


def filter_table(networks: Sequence[Mapping], filters: Sequence[np.ndarray]) -> pd.DataFrame:
    """One row per weight: `FILTER_COLUMNS`, of the filters (n, c, h, w) of each network."""
    columns = ["filter", "channel", "row", "column"]
    tables = []
    for network, shown in zip(networks, filters, strict=True):
        index = pd.MultiIndex.from_product(map(range, shown.shape), names=columns)
        table = pd.DataFrame({"weight": shown.ravel()}, index=index).reset_index().assign(**about(network))
        tables.append(table[list(FILTER_COLUMNS)])
    return pd.concat(tables, ignore_index=True)
