"""Tables of single networks, and how an analysis joins those of all networks that it looks at."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from repgeom.errors import InputError
from repgeom.store.names import LAST, NOTHING
from repgeom.store.tables import read_table

NETWORK_COLUMNS = {
    "model": "name of the network",
    "seed": "seed of the network",
    "epoch": "epochs trained; empty for the last",
    "stimuli": "what the network was shown",
    "repetition": "which set of canvases, counted from 1",
}


PAIR = " and "
"""Between the names of two models that a row of a table compares."""


def of_network(rows: Iterable[dict] | pd.DataFrame, descriptors: Mapping[str, object]) -> pd.DataFrame:
    """A table of one network that says whose it is: `model`, `seed`, `epoch`, `stimuli` come first."""
    table = pd.DataFrame(rows)
    about = {name: descriptors[name] for name in ("model", "seed", "epoch", "stimuli")}
    return pd.concat([pd.DataFrame([about] * len(table), index=table.index), table], axis=1)


def join_networks(networks: Sequence[Mapping], paths: Sequence[str | Path], text: Sequence[str] = ()) -> pd.DataFrame:
    """The tables of all networks below each other, in their order.

    Parameters
    ----------
    networks : sequence of dict
        `model, seed, epoch, set, repetition` of each, as `repgeom.config.networks.Network` names them.
    paths : files
        The table of each, from `of_network`.
    text : names
        Columns that hold names, though some may look like numbers.

    Raises
    ------
    InputError
        A table is about another network.
    """
    tables = []
    for network, path in zip(networks, paths, strict=True):
        table = read_table(path, text)
        _check_network(table, network, path)
        tables.append(table.assign(**about(network))[[*about(network), *table.columns.drop(list(_IDENTITY))]])
    return pd.concat(tables, ignore_index=True)


def about(network: Mapping) -> dict[str, object]:
    """The first columns of a table that holds several networks: `NETWORK_COLUMNS`."""
    epoch = np.nan if network["epoch"] == LAST else int(network["epoch"].removeprefix("epoch"))
    return {
        "model": network["model"],
        "seed": network["seed"],
        "epoch": epoch,
        "stimuli": network["set"],
        "repetition": network["repetition"],
    }


_IDENTITY = ("model", "seed", "epoch", "stimuli")


def _check_network(table: pd.DataFrame, network: Mapping, path: str | Path) -> None:
    expected = {**network, "stimuli": network["stimuli"] or NOTHING}
    for name in _IDENTITY:
        found = set(table[name].astype(str)) - {str(expected[name])}
        if found:
            raise InputError(
                f"{path}: is about {name} {found.pop()!r}, not {expected[name]!r}; delete it and run again"
            )
