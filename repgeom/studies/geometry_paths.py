"""Study 2: computation as a path of representational geometries.

After Neuromatch NeuroAI, W1D3, tutorial 2. Turns RDM files into paths, their map and their numbers.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from repgeom.errors import InputError
from repgeom.measures.bootstrap import bootstrap_dissimilarities, jackknife_interval, leave_one_out
from repgeom.measures.comparison import compare_rdms_as_dissimilarity
from repgeom.measures.embedding import metric_mds
from repgeom.measures.path import Paths, distance_to, join_paths, matched_distance, path_length
from repgeom.store.rdms import RDMs

COLUMNS = {
    "quantity": "distance to labels (of a node), path length (of a model), distance between models (at a node)",
    "model": "name of the model, or of both",
    "node": "where in the network; empty for the path length",
    "value": "dissimilarity between RDMs (1 − similarity), or the sum of it along the path",
    "low": "lower end of the interval",
    "high": "upper end of the interval",
    "interval": "what the interval is",
}
ENDS = {"distance to labels": "dissimilarity", "path length": "length", "distance between models": "dissimilarity"}
"""Where each quantity can lie."""
MDS_TOLERANCE, MDS_ITERATIONS = 1e-12, 10_000
LAST_BEFORE_LABELS = -1


@dataclass(frozen=True)
class Geometry:
    """The geometries on some paths, and how far they lie from each other.

    Attributes
    ----------
    paths : Paths
    dissimilarity : (k, k)
    draws : (n, k, k)
        The same without each of the n stimuli.
    classes : (n,)
        Class of each stimulus.
    """

    paths: Paths
    dissimilarity: np.ndarray
    draws: np.ndarray
    classes: np.ndarray


def geometry(files: Mapping[str, RDMs], comparison: str, resamples: int, seed: int) -> Geometry:
    """Compare all nodes of all models, their shared input and the labels.

    Parameters
    ----------
    files : dict
        Model → RDMs of all its nodes, over the same stimuli.
    comparison : str
        As in `repgeom.measures.comparison`.
    resamples, seed : int
        Not used: intervals come from leaving stimuli out, which draws nothing.
    """
    first = next(iter(files.values()))
    for rdms in files.values():
        if not np.array_equal(rdms.ids, first.ids):
            raise InputError(f"{first.path} and {rdms.path} are about different stimuli; a path needs the same ones")
    by_node = {model: dict(zip(r.nodes, r.dissimilarities, strict=True)) for model, r in files.items()}
    paths = join_paths(by_node, first.labels)
    dissimilarity = compare_rdms_as_dissimilarity(paths.rdms, comparison, names=paths.names)
    left_out = leave_one_out(len(first.ids), first.labels)
    draws = bootstrap_dissimilarities(paths.rdms, left_out, comparison, first.labels)
    return Geometry(paths, dissimilarity, draws, first.labels)


def numbers_table(g: Geometry) -> pd.DataFrame:
    """Distances to the labels, path lengths and distances between models, each with its interval."""
    rows = []
    for model, path in g.paths.indices.items():
        nodes = [g.paths.nodes[i] for i in path]
        rows += _rows(g, "distance to labels", model, nodes, lambda d, p=path: distance_to(d, p, g.paths.labels))
        rows += _rows(g, "path length", model, [""], lambda d, p=path: path_length(d, p)[..., None])
    rows += _between_models(g)
    return pd.DataFrame(rows)


def reach_table(g: Geometry) -> dict[str, tuple[float, float, float]]:
    """How a two-model path approaches the labels: quantity → (value, low, high).

    For each model the distance to the labels at the input minus that at the last node (positive: it
    comes closer), and the first model's last distance minus the second's (positive: the second is closer).
    """
    found = {}
    for model, path in g.paths.indices.items():
        found[f"{model}: input minus last node"] = _with_interval(
            g, lambda d, p=path: (t := distance_to(d, p, g.paths.labels))[..., 0] - t[..., LAST_BEFORE_LABELS]
        )
    first, second = g.paths.indices
    a, b = g.paths.indices[first][-1], g.paths.indices[second][-1]
    found[f"{first} minus {second} at the last node"] = _with_interval(
        g, lambda d: d[..., a, g.paths.labels] - d[..., b, g.paths.labels]
    )
    return found


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
    """One row per geometry: model, node, its place in the map, and its distance to every other."""
    table = pd.DataFrame({"model": g.paths.models, "node": g.paths.nodes, "x": points[:, 0], "y": points[:, 1]})
    distances = pd.DataFrame(g.dissimilarity, columns=[f"distance to {name}" for name in g.paths.names])
    return pd.concat([table.assign(stress=stress), distances], axis=1)


def _rows(g: Geometry, quantity: str, model: str, nodes: list[str], number: Callable) -> list[dict]:
    found = jackknife_interval(number(g.dissimilarity), number(g.draws), g.classes, ends=ENDS[quantity])
    columns = {"value": found.value, "low": found.low, "high": found.high, "interval": [found.interval] * len(nodes)}
    numbers = zip(*columns.values(), strict=True)
    return [
        {"quantity": quantity, "model": model, "node": node} | dict(zip(columns, row, strict=True))
        for node, row in zip(nodes, numbers, strict=True)
    ]


def _between_models(g: Geometry) -> list[dict]:
    """Node-matched distances between the first model and every other of the same architecture."""
    (first, path), *others = g.paths.indices.items()
    nodes = [g.paths.nodes[i] for i in path]
    rows = []
    for model, other in others:
        if [g.paths.nodes[i] for i in other] == nodes:
            number = lambda d, o=other: matched_distance(d, path, o)  # noqa: E731
            rows += _rows(g, "distance between models", f"{first} and {model}", nodes, number)
    return rows


def _with_interval(g: Geometry, number: Callable) -> tuple[float, float, float]:
    found = jackknife_interval(number(g.dissimilarity), number(g.draws), g.classes)
    return float(found.value), float(found.low), float(found.high)
