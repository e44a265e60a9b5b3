"""Representational dissimilarity matrices from exact coordinates.

The measures follow rsatoolbox's definitions, so that files carrying its names hold its numbers.
All return the upper triangle row by row, (n(n-1)/2,) float64.
"""

from collections.abc import Callable, Iterable

import numpy as np

from repgeom.coordinates.reduction import Coordinates
from repgeom.errors import DamagedError, InputError, nearest

UNDEFINED_BELOW = 1e-12
"""A pattern whose length is below this fraction of its scale has no direction."""


def euclidean_rdm(coordinates: Coordinates, where: str = "activations") -> np.ndarray:
    """Squared euclidean distance ÷ number of features (rsatoolbox's `euclidean`).

    Computed on coordinates centred over stimuli, so that a mean far larger than the spread does no harm.
    """
    return _squared_distances(coordinates.centred) / coordinates.n_features


def correlation_rdm(coordinates: Coordinates, where: str = "activations") -> np.ndarray:
    """Pearson distance, 1 − r over features (rsatoolbox's `correlation`).

    Raises
    ------
    InputError
        A constant pattern has no correlation; names the stimulus.
    """
    return _one_minus_cosine(coordinates.feature_centred, coordinates.uncentred, where, "constant")


def cosine_rdm(coordinates: Coordinates, where: str = "activations") -> np.ndarray:
    """Cosine distance, 1 − cos over features.

    Raises
    ------
    InputError
        A pattern of zeros has no direction; names the stimulus.
    """
    return _one_minus_cosine(coordinates.uncentred, None, where, "zero")


MEASURES: dict[str, Callable[..., np.ndarray]] = {
    "correlation": correlation_rdm,
    "euclidean": euclidean_rdm,
    "cosine": cosine_rdm,
}
FORMULAS = {
    "correlation": "correlation",
    "euclidean": "squared euclidean",
    "cosine": "cosine",
}
"""The name a file carries as its dissimilarity measure."""
LABELS = {
    "correlation": "Pearson distance (1 − r)",
    "euclidean": "squared euclidean distance / features",
    "cosine": "cosine distance (1 − cos)",
}
"""How a figure names a measure."""


def compute_rdm(coordinates: Coordinates, measure: str, where: str = "activations") -> np.ndarray:
    """The RDM by the name of its measure: `correlation`, `euclidean` or `cosine`."""
    if measure not in MEASURES:
        raise InputError(f"unknown RDM measure {measure!r}; {nearest(measure, MEASURES)}")
    if len(coordinates.centred) < 2:
        raise InputError(f"{where}: a single stimulus has no dissimilarity to others; show at least two")
    return MEASURES[measure](coordinates, where)


def label_rdm(labels: np.ndarray) -> np.ndarray:
    """RDM of the one-hot labels: euclidean (squared ÷ number of classes), 0 within and 2/classes between."""
    one_hot = (np.asarray(labels)[:, None] == np.unique(labels)[None, :]).astype(float)
    squared = ((one_hot[:, None, :] - one_hot[None, :, :]) ** 2).sum(axis=2)
    return _upper(squared) / one_hot.shape[1]


def _one_minus_cosine(x: np.ndarray, scale_of: np.ndarray | None, where: str, what: str) -> np.ndarray:
    lengths = np.linalg.norm(x, axis=1)
    scale = lengths.max() if scale_of is None else np.linalg.norm(scale_of, axis=1)
    undefined = np.flatnonzero(lengths <= UNDEFINED_BELOW * scale)
    if len(undefined):
        raise InputError(
            f"{where}: the pattern of stimulus {undefined[0]} is {what}, its distance to others is undefined; "
            "leave the stimulus out or use the euclidean measure"
        )
    # ½|u − v|² keeps the digits that 1 − u·v cancels where patterns are nearly parallel.
    unit = x / lengths[:, None]
    return np.minimum(_squared_distances(unit - unit.mean(axis=0)) / 2, 2)


def _squared_distances(x: np.ndarray) -> np.ndarray:
    """Squared distances between the rows of `x`, which are centred."""
    squared = np.einsum("ij,ij->i", x, x)
    return np.maximum(_upper(squared[:, None] + squared[None, :] - 2 * (x @ x.T)), 0)


def _upper(matrix: np.ndarray) -> np.ndarray:
    return matrix[np.triu_indices(len(matrix), 1)]


def rdms_of_nodes(
    compute: Callable[[str], np.ndarray], nodes: Iterable[str], warn: Callable[[str], None]
) -> dict[str, np.ndarray]:
    """RDM of every node, by node name.

    A node at which some stimulus has no direction (all units silent, say) is left out, of which `warn` is told:
    whoever looks for it says that it is missing.

    Parameters
    ----------
    compute : callable
        Node name → its RDM.
    nodes : iterable of str
    warn : callable

    Raises
    ------
    DamagedError
        A file that `compute` reads is damaged.
    """
    rdms = {}
    for node in nodes:
        try:
            rdms[node] = compute(node)
        except DamagedError:
            raise
        except InputError as error:
            warn(f"left out: {error}")
    return rdms
