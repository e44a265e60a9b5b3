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
from repgeom.measures.bootstrap import bootstrap_dissimilarities, jackknife_interval, leave_one_out
from repgeom.measures.cka import cka_estimates
from repgeom.measures.comparison import as_dissimilarity, compare_rdms
from repgeom.measures.inference.similarity import stimuli_of
from repgeom.measures.rdm import compute_rdm
from repgeom.measures.shape import shape_estimates
from repgeom.measures.uncertainty import ENOUGH_NETWORKS, Estimate, standard_error_estimate

SIMILARITY_COLUMNS = {
    "network_a": "model, seed and whatever else tells networks apart",
    "node_a": "where in the network",
    "network_b": "model, seed and whatever else tells networks apart",
    "node_b": "where in the network",
    "relation": "seeds: two seeds of one model at one node; models: two models at one node; nodes: anything else",
    "similarity": "of the two, by the method; empty for the angle",
    **(INTERVAL_COLUMNS | {"low": "lower end of the interval of the similarity, or else of the angle"}),
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


class Compared(NamedTuple):
    """All nodes of all networks with each other.

    Attributes
    ----------
    estimate : Estimate of (k, k)
        Similarity, or the angle, with its interval for other stimuli.
    is_angle : bool
    """

    estimate: Estimate
    is_angle: bool

    @property
    def dissimilarity(self) -> np.ndarray:
        """(k, k): 1 − similarity, or the angle."""
        return self.estimate.value if self.is_angle else as_dissimilarity(self.estimate.value)


def compare_nodes(items: Sequence[Item], options: Mapping) -> Compared:
    """Similarity of nodes of networks, or the angle between them.

    Raises
    ------
    InputError
        A node at which the method is undefined; names it.
    """
    names, method = [f"{item.label}, node {item.node!r}" for item in items], options["method"]
    if method == "rsa":
        rdms = [compute_rdm(x.coordinates, options["measure"], name) for x, name in zip(items, names, strict=True)]
        return Compared(_of_rdms(np.array(rdms), options["comparison"], names), is_angle=False)
    patterns = [item.coordinates.centred for item in items]
    if method == "procrustes":
        return Compared(shape_estimates(patterns, names), is_angle=True)
    return Compared(cka_estimates(patterns, names, debiased=method == "cka"), is_angle=False)


def _of_rdms(rdms: np.ndarray, comparison: str, names: Sequence[str]) -> Estimate:
    similarity = compare_rdms(rdms, comparison, names)
    without = 1 - bootstrap_dissimilarities(rdms, leave_one_out(stimuli_of(rdms.shape[1])), comparison, names=names)
    return jackknife_interval(similarity, without, ends="correlation")


def similarity_rows(items: Sequence[Item], compared: Compared) -> Iterator[dict]:
    """One row for each pair of nodes of networks; `SIMILARITY_COLUMNS`."""
    value, low, high, interval = compared.estimate
    dissimilarity = compared.dissimilarity
    for i, j in combinations(range(len(items)), 2):
        a, b = items[i], items[j]
        yield {
            "network_a": a.label,
            "node_a": a.node,
            "network_b": b.label,
            "node_b": b.node,
            "relation": _relation(a, b),
            "similarity": np.nan if compared.is_angle else value[i, j],
            "low": low[i, j],
            "high": high[i, j],
            "interval": interval,
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
