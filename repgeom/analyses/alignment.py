"""Stimuli of networks and of measured data, matched by id."""

from typing import NamedTuple

import numpy as np

from repgeom.errors import InputError

FEWEST = 5
"""Stimuli in common, with fewer of which nothing can be said."""


class Alignment(NamedTuple):
    """Which stimuli two arrays share, in the order of the first.

    Attributes
    ----------
    first, second : (c,) int
        Where the shared stimuli stand in each.
    ids : (c,) str
    only_first, only_second : list of str
        What the other lacks.
    """

    first: np.ndarray
    second: np.ndarray
    ids: np.ndarray
    only_first: list[str]
    only_second: list[str]

    def told(self) -> str:
        """What was left out, in words."""
        parts = [f"{len(self.ids)} stimuli in common"]
        for ids, where in ((self.only_first, "the data lack"), (self.only_second, "the network was not shown")):
            if ids:
                parts.append(f"{where} {len(ids)} ({', '.join(ids[:3])}{', …' if len(ids) > 3 else ''})")
        return "; ".join(parts)


def align(network_ids: np.ndarray, data_ids: np.ndarray, where: str) -> Alignment:
    """Match stimuli by id.

    Parameters
    ----------
    network_ids, data_ids : arrays of str
        Unique in each.
    where : str
        Begins the error message.

    Raises
    ------
    InputError
        They share fewer than five.
    """
    network_ids, data_ids = np.asarray(network_ids).astype(str), np.asarray(data_ids).astype(str)
    place = {name: i for i, name in enumerate(data_ids)}
    first = np.array([i for i, name in enumerate(network_ids) if name in place], dtype=int)
    if len(first) < FEWEST:
        raise InputError(
            f"{where}: {len(first)} stimuli in common, at least {FEWEST} are needed; the network was shown "
            f"{_some(network_ids)}, the data are of {_some(data_ids)}: give the data the ids of the stimuli"
        )
    shared = network_ids[first]
    known = set(shared)
    return Alignment(
        first,
        np.array([place[name] for name in shared]),
        shared,
        [name for name in network_ids if name not in known],
        [name for name in data_ids if name not in known],
    )


def of_stimuli(rdms: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """RDMs (k, n(n-1)/2) of some of their stimuli, in the order of `chosen` (c,): (k, c(c-1)/2)."""
    n = round((1 + np.sqrt(1 + 8 * rdms.shape[1])) / 2)
    a, b = np.triu_indices(len(chosen), 1)
    i, j = np.minimum(chosen[a], chosen[b]), np.maximum(chosen[a], chosen[b])
    return rdms[:, i * n - i * (i + 1) // 2 + j - i - 1]


def _some(ids: np.ndarray) -> str:
    return ", ".join(repr(str(name)) for name in ids[:3]) + (", …" if len(ids) > 3 else "")
