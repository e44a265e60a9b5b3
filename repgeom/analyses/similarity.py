"""How alike nodes of networks are: all pairs, and how seeds differ beside how models differ."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.cluster.hierarchy import linkage
from scipy.spatial.distance import squareform

from repgeom.analyses.intervals import INTERVAL_COLUMNS
from repgeom.analyses.networks import about
from repgeom.coordinates.reduction import Coordinates
from repgeom.measures.cka import cka
from repgeom.measures.comparison import compare_rdms
from repgeom.measures.rdm import compute_rdm
from repgeom.measures.shape import shape_angles
from repgeom.measures.uncertainty import ENOUGH_NETWORKS, Estimate, standard_error_estimate

SIMILARITY_COLUMNS = {
    "network_a": "model, seed and whatever else tells networks apart",
    "node_a": "where in the network",
    "network_b": "model, seed and whatever else tells networks apart",
    "node_b": "where in the network",
    "relation": "seeds: two seeds of one model at one node; models: two models at one node; nodes: anything else",
    "similarity": "of the two, by the method; empty for the angle",
    "dissimilarity": "1 − similarity, or the angle in radians; not below 0 where a debiased similarity exceeds 1",
}
SPREAD_COLUMNS = {
    "node": "where in the networks",
    "relation": "seeds: between seeds of one model; models: between models",
    "mean": "dissimilarity over pairs of networks",
    **INTERVAL_COLUMNS,
    "pairs": "how many pairs of networks",
}


class Item(NamedTuple):
    """One node of one network."""

    network: dict
    label: str
    node: str
    coordinates: Coordinates


def dissimilarities(items: Sequence[Item], options: Mapping) -> tuple[np.ndarray | None, np.ndarray]:
    """Similarity (k, k), None for the angle, and dissimilarity (k, k) of nodes of networks.

    Raises
    ------
    InputError
        A node at which the method is undefined; names it.
    """
    names = [f"{item.label}, node {item.node!r}" for item in items]
    similarity = _similarity(items, names, options)
    if similarity is None:
        return None, shape_angles([item.coordinates.centred for item in items], names)
    dissimilarity = np.maximum(1 - similarity, 0)
    np.fill_diagonal(dissimilarity, 0)
    return similarity, dissimilarity


def similarity_rows(items: Sequence[Item], similarity: np.ndarray | None, dissimilarity: np.ndarray) -> Iterator[dict]:
    """One row for each pair of nodes of networks; `SIMILARITY_COLUMNS`."""
    for i, j in combinations(range(len(items)), 2):
        a, b = items[i], items[j]
        yield {
            "network_a": a.label,
            "node_a": a.node,
            "network_b": b.label,
            "node_b": b.node,
            "relation": _relation(a, b),
            "similarity": np.nan if similarity is None else similarity[i, j],
            "dissimilarity": dissimilarity[i, j],
        }


def spread_table(items: Sequence[Item], dissimilarity: np.ndarray) -> pd.DataFrame:
    """How far seeds of a model differ, and how far models differ, at every node; `SPREAD_COLUMNS`.

    The interval is a jackknife over networks: pairs that share one are not independent.
    """
    rows = []
    for node in dict.fromkeys(item.node for item in items):
        at = [i for i, item in enumerate(items) if item.node == node]
        for relation in ("seeds", "models"):
            pairs = [(i, j) for i, j in combinations(at, 2) if _relation(items[i], items[j]) == relation]
            if pairs:
                estimate = _over_networks(pairs, dissimilarity)._asdict()
                mean = {"mean": estimate.pop("value")}
                rows.append({"node": node, "relation": relation} | mean | estimate | {"pairs": len(pairs)})
    return pd.DataFrame(rows, columns=list(SPREAD_COLUMNS))


def tree(dissimilarity: np.ndarray) -> np.ndarray:
    """Average-linkage clustering of (k, k), as SciPy's linkage matrix (k − 1, 4), leaves in their best order."""
    condensed = squareform(dissimilarity, checks=False)
    return linkage(condensed, "average", optimal_ordering=True)


def _similarity(items: Sequence[Item], names: list[str], options: Mapping) -> np.ndarray | None:
    method = options["method"]
    if method == "procrustes":
        return None
    if method == "rsa":
        rdms = [compute_rdm(x.coordinates, options["measure"], name) for x, name in zip(items, names, strict=True)]
        return compare_rdms(np.array(rdms), options["comparison"], names)
    return cka([item.coordinates.centred for item in items], names, debiased=method == "cka")


def _relation(a: Item, b: Item) -> str:
    first, second = about(a.network), about(b.network)
    if a.node != b.node or first["stimuli"] != second["stimuli"]:
        return "nodes"
    if first["model"] != second["model"]:
        return "models"
    return "seeds" if first["seed"] != second["seed"] else "nodes"


def _over_networks(pairs: Sequence[tuple[int, int]], dissimilarity: np.ndarray) -> Estimate:
    mean = _mean_of(dissimilarity, pairs)
    networks = sorted({i for pair in pairs for i in pair})
    left = [[pair for pair in pairs if network not in pair] for network in networks]
    if len(networks) < ENOUGH_NETWORKS or not all(left):
        return Estimate(mean, np.nan, np.nan, "none (too few networks)")
    replicates = np.array([_mean_of(dissimilarity, rest) for rest in left])
    k = len(networks)
    error = np.sqrt((k - 1) / k * ((replicates - replicates.mean()) ** 2).sum())
    return standard_error_estimate(mean, error, "jackknife t over networks", degrees=k - 1, lowest=0)


def _mean_of(dissimilarity: np.ndarray, pairs: Sequence[tuple[int, int]]) -> float:
    return float(np.mean([dissimilarity[pair] for pair in pairs]))
