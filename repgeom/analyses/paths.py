"""Computation as a path of representational geometries, from the shared input towards the labels.

After Neuromatch NeuroAI, W1D3, tutorial 2. Turns the RDMs of any networks into paths, their map and their numbers.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from repgeom.analyses.intervals import INTERVAL_COLUMNS
from repgeom.analyses.naming import network_names
from repgeom.analyses.networks import NETWORK_COLUMNS, PAIR, about
from repgeom.errors import InputError
from repgeom.measures.bootstrap import bootstrap_dissimilarities, jackknife_interval, leave_one_out
from repgeom.measures.comparison import compare_rdms_as_dissimilarity, is_defined
from repgeom.measures.embedding import metric_mds, procrustes_disparity
from repgeom.measures.path import INPUT, Paths, distance_to, join_paths, matched_distance, path_length
from repgeom.models.nodes import chosen_nodes
from repgeom.store.rdms import RDMs, check_same_stimuli

MAP_COLUMNS = NETWORK_COLUMNS | {
    "node": "where in the network; input and labels belong to no model",
    "x": "place in the map",
    "y": "place in the map",
    "stress": "Stress-1 of the map",
}
NUMBER_COLUMNS = NETWORK_COLUMNS | {
    "model": "name of the network, or of two; empty for a number of the whole map",
    "seed": "seed of the network, of the first of two; empty for a mean over seeds",
    "quantity": "distance to labels: of a node; path length: of a network; distance between models: at a node; input "
    "minus last node: distance to the labels at the input minus that at the last node (positive: the path comes "
    "closer); first minus other at the last node: the first model's distance to the labels minus the other's "
    "(positive: the other is closer); Procrustes disparity: between this map and another (0: same shape)",
    "node": "where in the network; empty for a number of the whole path",
    "value": "dissimilarity between RDMs (1 − similarity), or a sum or difference of it",
    **INTERVAL_COLUMNS,
}
ENDS = {"distance to labels": "dissimilarity", "path length": "length", "distance between models": "dissimilarity"}
"""Where each quantity can lie; differences, anywhere."""
MDS_TOLERANCE, MDS_ITERATIONS = 1e-12, 10_000


@dataclass(frozen=True)
class Geometry:
    """The geometries on the paths of networks, and how far they lie from each other.

    Attributes
    ----------
    networks : dict
        Name of a path → the network that it is of.
    paths : Paths
        Its `models` are the names of paths.
    dissimilarity : (k, k)
    classes : (n,)
        Class of every stimulus.
    left_out : dict
        Name of a path → nodes at which all stimuli are alike, so that nothing is similar to their geometry.
    """

    networks: dict[str, Mapping]
    paths: Paths
    dissimilarity: np.ndarray
    classes: np.ndarray
    left_out: dict[str, list[str]]


def geometry(networks: Sequence[Mapping], files: Sequence[RDMs], comparison: str) -> Geometry:
    """Compare all nodes of all networks, their shared input and the labels.

    Parameters
    ----------
    networks : sequence of dict
        As in `repgeom.analyses.networks.join_networks`.
    files : sequence of RDMs
        Of each network, over the same stimuli.
    comparison : str
        As in `repgeom.measures.comparison`.
    """
    for rdms in files:
        check_same_stimuli(files[0], rdms)
    names = network_names(networks)
    found = [path_of(rdms, n["nodes"], comparison) for rdms, n in zip(files, networks, strict=True)]
    paths = join_paths({name: path for name, (path, _) in zip(names, found, strict=True)}, files[0].labels)
    return Geometry(
        networks=dict(zip(names, networks, strict=True)),
        paths=paths,
        dissimilarity=compare_rdms_as_dissimilarity(paths.rdms, comparison, names=paths.names),
        classes=files[0].labels,
        left_out={name: nodes for name, (_, nodes) in zip(names, found, strict=True) if nodes},
    )


def geometries(
    networks: Sequence[Mapping], files: Sequence[RDMs], shown: Sequence[str], comparison: str
) -> list[Geometry]:
    """The `geometry` of all networks that were shown the same file of stimuli, for each of these files.

    Seeds of a model see different images where these are attacked with the gradients of different networks.
    """
    groups = pd.Series(range(len(networks))).groupby(list(shown), sort=False)
    return [geometry([networks[i] for i in g], [files[i] for i in g], comparison) for _, g in groups]


def path_of(rdms: RDMs, wanted: Sequence[str] | None, comparison: str) -> tuple[dict[str, np.ndarray], list[str]]:
    """The chosen nodes of a network as a path that begins at its input.

    Returns
    -------
    path : node → RDM
        The first is called `input`, though it be one of several in time (`input_t1`).
    left_out : nodes
        Those whose RDM is zero (constant, for comparisons other than the cosine): it compares with none.

    Raises
    ------
    InputError
        The input is not among the nodes, or all stimuli are alike there.
    """
    nodes = chosen_nodes(wanted, rdms.nodes, rdms.path)
    first = _input_of(rdms, nodes)
    nodes = [first, *(node for node in nodes if node != first)]
    defined = is_defined(np.array([rdms[node] for node in nodes]), comparison)
    if not defined[0]:
        raise InputError(f"{rdms.path}: all stimuli are alike at {first!r}, where the path begins; show others")
    path = {node: rdms[node] for node, kept in zip(nodes, defined, strict=True) if kept and node != first}
    return {INPUT: rdms[first]} | path, [node for node, kept in zip(nodes, defined, strict=True) if not kept]


def without_each_stimulus(g: Geometry, comparison: str) -> np.ndarray:
    """The dissimilarities (n, k, k) without each of the n stimuli."""
    left_out = leave_one_out(len(g.classes), g.classes)
    return bootstrap_dissimilarities(g.paths.rdms, left_out, comparison, g.classes, g.paths.names)


def number_rows(g: Geometry, replicates: np.ndarray) -> Iterator[dict]:
    """Distances to the labels, path lengths, distances between models and how near paths come, with intervals.

    Models are compared with the first one, seed by seed; node by node where both have the same nodes. `replicates` are
    what `without_each_stimulus` gives.
    """
    labels = g.paths.labels

    def rows(whose: dict, quantity: str, nodes: Sequence[str], number: Callable) -> Iterator[dict]:
        ends = ENDS.get(quantity, "real")
        found = jackknife_interval(number(g.dissimilarity), number(replicates), g.classes, ends=ends)
        for node, value, low, high in zip(nodes, found.value, found.low, found.high, strict=True):
            numbers = {"value": value, "low": low, "high": high, "interval": found.interval}
            yield whose | {"quantity": quantity, "node": node} | numbers

    for name, path in g.paths.indices.items():
        whose, nodes = about(g.networks[name]), _nodes(g, name)
        yield from rows(whose, "distance to labels", nodes, lambda d, p=path: distance_to(d, p, labels))
        yield from rows(whose, "path length", [""], lambda d, p=path: path_length(d, p)[..., None])
    for whose, (first, p), (other, q) in _pairs(g):
        if _nodes(g, first) == _nodes(g, other):
            number = lambda d, p=p, q=q: matched_distance(d, p, q)  # noqa: E731
            yield from rows(whose, "distance between models", _nodes(g, first), number)
    for whose, quantity, number in _reaches(g):
        yield from rows(whose, quantity, [""], number)


def mean_rows(groups: Sequence[tuple[Geometry, np.ndarray]]) -> Iterator[dict]:
    """How near paths come, on average over several seeds of a model or of two: intervals are over images alone.

    What networks have in common with further ones is not asked here; the seeds are taken as given.

    Parameters
    ----------
    groups : sequence of (Geometry, replicates)
        Of the same images, or of these as several networks attack them; replicates as of `without_each_stimulus`.
    """
    found: dict[tuple, list] = {}
    for g, replicates in groups:
        for whose, quantity, number in _reaches(g):
            key = (quantity, whose["model"], str(whose["epoch"]), whose["stimuli"])
            found.setdefault(key, []).append((whose, number(g.dissimilarity), number(replicates)))
    for (quantity, *_), numbers in found.items():
        if len(numbers) > 1:
            whose, values, replicates = zip(*numbers, strict=True)
            mean = jackknife_interval(np.mean(values, axis=0), np.mean(replicates, axis=0), groups[0][0].classes)
            interval = f"{mean.interval} (these {len(numbers)} seeds)"
            ends = {"value": mean.value[0], "low": mean.low[0], "high": mean.high[0], "interval": interval}
            yield whose[0] | {"seed": np.nan, "quantity": quantity, "node": ""} | ends


def path_map(g: Geometry) -> tuple[np.ndarray, float]:
    """Geometries in the plane (k, 2) by metric MDS, and its stress (Stress-1).

    Turned so that the labels lie to the right of the input, and mirrored so that the
    path lies above the line between them on average: maps of several paths compare at sight.
    """
    found = metric_mds(g.dissimilarity, tolerance=MDS_TOLERANCE, max_iterations=MDS_ITERATIONS)
    points = found.points - found.points[0]
    x, y = points[g.paths.labels] / np.linalg.norm(points[g.paths.labels])
    points = points @ np.array([[x, -y], [y, x]])
    return points * [1, -1 if points[:, 1].mean() < 0 else 1], found.stress


def map_table(g: Geometry, points: np.ndarray, stress: float) -> pd.DataFrame:
    """One row per geometry: whose it is, its place in the map, and its distance to every other."""
    whose = pd.DataFrame([about(g.networks[name]) if name else _no_model(g) for name in g.paths.models])
    places = {"node": g.paths.nodes, "x": points[:, 0], "y": points[:, 1], "stress": stress}
    distances = pd.DataFrame(g.dissimilarity, columns=[f"distance to {name}" for name in g.paths.names])
    return pd.concat([whose.assign(**places), distances], axis=1)


def disparity_row(g: Geometry, points: np.ndarray, other: Geometry) -> dict:
    """Procrustes disparity between the map of these geometries and that of others, of the same nodes.

    Raises
    ------
    InputError
        The other paths have other names or nodes.
    """
    if g.paths.names != other.paths.names:
        lacking = set(g.paths.names) ^ set(other.paths.names)
        raise InputError(
            f"disparity_with: the two analyses have different nodes ({', '.join(sorted(lacking))}), so that their maps "
            "cannot be laid over each other; choose the same networks and nodes in both"
        )
    value = procrustes_disparity(points, path_map(other)[0])
    return _no_model(g) | {"quantity": "Procrustes disparity", "node": "", "value": value}


def _input_of(rdms: RDMs, nodes: Sequence[str]) -> str:
    inputs = [node for node in nodes if rdms.modules[rdms.nodes.index(node)] == INPUT]
    if not inputs:
        raise InputError(f"{rdms.path}: a path begins at the input, which is not among {nodes}; choose it too")
    return inputs[0]


def _nodes(g: Geometry, name: str) -> list[str]:
    return [g.paths.nodes[i] for i in g.paths.indices[name]]


def _pairs(g: Geometry) -> Iterator[tuple[dict, tuple, tuple]]:
    """The paths of the first model and of every other, at the same place among the seeds, and whose they are."""
    by_model: dict[str, list] = {}
    for name, network in g.networks.items():
        by_model.setdefault(network["model"], []).append((name, g.paths.indices[name]))
    (first, paths), *others = by_model.items()
    for model, theirs in others:
        for ours, other in zip(paths, theirs, strict=False):
            yield about(g.networks[ours[0]]) | {"model": f"{first}{PAIR}{model}"}, ours, other


def _reaches(g: Geometry) -> Iterator[tuple[dict, str, Callable]]:
    """How near each path comes to the labels, and how much nearer another: whose, quantity, function of distances."""
    labels = g.paths.labels
    for name, path in g.paths.indices.items():
        number = lambda d, p=path: d[..., p[:1], labels] - d[..., p[-1:], labels]  # noqa: E731
        yield about(g.networks[name]), "input minus last node", number
    for whose, (_, p), (_, q) in _pairs(g):
        number = lambda d, p=p, q=q: d[..., p[-1:], labels] - d[..., q[-1:], labels]  # noqa: E731
        yield whose, "first minus other at the last node", number


def _no_model(g: Geometry) -> dict:
    return about(next(iter(g.networks.values()))) | {"model": "", "seed": np.nan, "epoch": np.nan}
