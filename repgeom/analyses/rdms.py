"""RDMs of networks side by side, as tables of pairs of stimuli; over time, how far the classes lie apart."""

import fnmatch
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from scipy.spatial.distance import squareform

from repgeom.analyses.naming import network_labels
from repgeom.analyses.networks import NETWORK_COLUMNS
from repgeom.errors import InputError
from repgeom.measures.rdm import label_rdm
from repgeom.models.nodes import chosen_nodes
from repgeom.store.rdms import RDMs

LABELS_TITLE = "labels (euclidean)"
TIME_COLUMNS = NETWORK_COLUMNS | {
    "layer": "module of the network",
    "timestep": "counted from 1; 0 where the module is called once",
    "node": "where in the network",
    "within": "mean dissimilarity of stimuli of the same class",
    "between": "mean dissimilarity of stimuli of different classes",
    "label_correlation": "Pearson correlation of the RDM with the RDM of the one-hot labels",
}


def nodes_with_rdm(wanted: Sequence[str] | None, rdms: RDMs) -> list[str]:
    """The chosen nodes of an RDM file, in execution order.

    Raises
    ------
    InputError
        A name or pattern matches no node: there is none, or its RDM was left out, being undefined.
    """
    may_lack = not rdms.measure.endswith("euclidean")  # which is defined for any pattern
    for name in wanted or () if may_lack else ():
        if name not in rdms.nodes and not fnmatch.filter(rdms.nodes, name):
            raise InputError(
                f"{rdms.path} has no RDM of node {name!r}: the network has no such node, or the pattern of a stimulus "
                f"there is constant and its {rdms.measure} distance undefined, as the log of rule rdms then says; "
                "choose other nodes, or measure: euclidean"
            )
    return chosen_nodes(wanted, rdms.nodes, rdms.path)


def ordered_by_class(rdms: RDMs) -> RDMs:
    """The same RDMs with the stimuli of a class side by side."""
    order = np.argsort(rdms.labels, kind="stable")
    return replace(
        rdms,
        dissimilarities=np.array([squareform(squareform(d)[np.ix_(order, order)]) for d in rdms.dissimilarities]),
        ids=np.asarray(rdms.ids)[order],
        labels=np.asarray(rdms.labels)[order],
    )


def row_titles(networks: Sequence[Mapping], names: Mapping[str, Mapping]) -> list[str]:
    """`standard, clean` and the like: which network, and what it was shown, in the words of `names`."""
    return [
        f"{label}, {names['stimuli'][n['set']]}" + (f", repetition {n['repetition']}" if n["repetition"] > 1 else "")
        for label, n in zip(network_labels(networks, names), networks, strict=True)
    ]


def node_row(rdms: RDMs, wanted: Sequence[str] | None, labels: bool = False) -> dict[str, np.ndarray]:
    """Node → RDM (n(n-1)/2,); `labels` adds that of the one-hot labels."""
    row = {node: rdms[node] for node in nodes_with_rdm(wanted, rdms)}
    return row | ({LABELS_TITLE: label_rdm(rdms.labels)} if labels else {})


def pairs_table(rows: Iterable[tuple[str, np.ndarray, Mapping[str, np.ndarray]]]) -> pd.DataFrame:
    """One row per pair of stimuli, one column per RDM.

    Parameters
    ----------
    rows : of (title, ids, node → RDM)
        Of each network. A pair that a network was not shown has no number there.

    Returns
    -------
    DataFrame
        Columns `stimulus_a, stimulus_b`, and `title / node` for each RDM.
    """
    parts = [
        pd.DataFrame({f"{title} / {node}": rdm for node, rdm in row.items()}, index=_pairs(ids))
        for title, ids, row in rows
    ]
    return pd.concat(parts, axis=1).reset_index()


def rows_over_time(rdms: RDMs, wanted: Sequence[str] | None) -> dict[str, dict[str, np.ndarray]]:
    """Layer → `t = 1`, … → RDM, of the chosen nodes."""
    return {
        layer: dict(zip(_step_titles(nodes, steps), (rdms[node] for node in nodes), strict=True))
        for layer, (nodes, steps) in _by_layer(rdms, wanted).items()
    }


def nodes_over_time(rdms: RDMs, wanted: Sequence[str] | None) -> list[tuple[str, str, str]]:
    """Each chosen node with its layer and timestep in words; itself and nothing where steps do not tell nodes apart."""
    found = []
    for layer, (nodes, steps) in _by_layer(rdms, wanted).items():
        titles = _step_titles(nodes, steps)
        found += [(n, n, "") if n == title else (n, layer, title) for n, title in zip(nodes, titles, strict=True)]
    return found


def time_rows(rdms: RDMs, wanted: Sequence[str] | None) -> Iterator[dict]:
    """How far the RDM of every chosen node separates the classes, in execution order."""
    target = label_rdm(rdms.labels)
    for node in nodes_with_rdm(wanted, rdms):
        i, d = rdms.nodes.index(node), rdms[node]
        yield {
            "layer": rdms.modules[i],
            "timestep": int(rdms.timesteps[i]),
            "node": node,
            "within": d[target == 0].mean(),
            "between": d[target > 0].mean(),
            "label_correlation": np.corrcoef(d, target)[0, 1],
        }


def _pairs(ids: np.ndarray) -> pd.MultiIndex:
    i, j = np.triu_indices(len(ids), 1)
    ids = np.asarray(ids)
    return pd.MultiIndex.from_arrays([ids[i], ids[j]], names=["stimulus_a", "stimulus_b"])


def _by_layer(rdms: RDMs, wanted: Sequence[str] | None) -> dict[str, tuple[list[str], list[int]]]:
    found: dict[str, tuple[list[str], list[int]]] = {}
    for node in nodes_with_rdm(wanted, rdms):
        i = rdms.nodes.index(node)
        nodes, steps = found.setdefault(rdms.modules[i], ([], []))
        nodes.append(node)
        steps.append(int(rdms.timesteps[i]))
    return found


def _step_titles(nodes: Sequence[str], steps: Sequence[int]) -> list[str]:
    """`t = 1` …; the nodes' names where steps do not tell them apart."""
    tell_apart = min(steps) > 0 and len(set(steps)) == len(steps)
    return [f"t = {step}" for step in steps] if tell_apart else list(nodes)
