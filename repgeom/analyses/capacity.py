"""Mean-field capacity, radius, dimension and centre correlation of classes at the nodes of networks."""

import warnings
from collections.abc import Iterable, Mapping

import numpy as np

from repgeom.analyses.networks import NETWORK_COLUMNS
from repgeom.measures.capacity import WeakCentreWarning, analyse_layers, manifolds_of, participation_ratio
from repgeom.store.activations import NodeTable

PLACE = ("module", "timestep")
"""Descriptors of a node: what computes it, and when."""

NODE_NAMES = ("node", "module")
"""Columns that hold names, though some may look like numbers."""

GEOMETRY_COLUMNS = {
    "capacity": "manifold capacity α_M, pooled harmonically over classes",
    "capacity_se": "its Monte-Carlo standard error",
    "radius": "mean manifold radius R_M, in units of each centre's norm",
    "radius_se": "its Monte-Carlo standard error",
    "radius_median": "median over classes, which a class without a centre of its own does not inflate",
    "radius_sd": "standard deviation over classes",
    "dimension": "mean manifold dimension D_M",
    "dimension_se": "its Monte-Carlo standard error",
    "dimension_median": "median over classes",
    "dimension_sd": "standard deviation over classes",
    "dimension_name": "prx: E(t·ŝ)²; reference: as published analyses, depends on the frame",
    "centre_correlation": "mean |correlation| of class centres ρ",
    "centre_correlation_se": "its standard error, by the jackknife over classes",
    "centre_correlation_floor": "what uncorrelated centres would have, 1/(P − 1)",
    "centre_correlation_residual": "ρ after k shared directions are projected out",
    "k": "shared directions of the centres that are projected out",
    "weak_centres": "classes whose residual centre all but vanishes",
    "n_manifolds": "classes P",
    "n_points": "points of the smallest class",
    "margin": "κ, in units of each centre's norm",
    "n_draws": "Gaussian vectors per class",
    "kkt_residual": "largest violation of the optimality conditions in any projection",
    "participation_ratio": "participation ratio of all points",
    "note": "what to mind (classes whose centre all but vanishes)",
}

CAPACITY_COLUMNS = (
    NETWORK_COLUMNS
    | {
        "node": "where in the network",
        "module": "what computes it, the same at every timestep",
        "timestep": "counted from 1; 0 where it is computed once",
    }
    | GEOMETRY_COLUMNS
)


def capacity_rows(layers: Mapping[str, np.ndarray], labels: np.ndarray, mean_field: Mapping) -> list[dict]:
    """The geometry of the classes in each layer, `node` and `GEOMETRY_COLUMNS`.

    Parameters
    ----------
    layers : dict of (n, c)
        Node → coordinates of the stimuli, wherever their origin is.
    labels : (n,)
        Classes of the stimuli.
    mean_field : dict
        `margin, draws, k, dim, seed`, as in the configuration.
    """
    manifolds = {node: manifolds_of(points, labels) for node, points in layers.items()}
    options = {name: mean_field[name] for name in ("margin", "k", "dim", "seed")}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", WeakCentreWarning)
        found = analyse_layers(manifolds, n_draws=mean_field["draws"], **options)
    notes = [str(w.message) for w in caught if issubclass(w.category, WeakCentreWarning)]
    return [
        {"node": node, **analysis.summary()}
        | {"participation_ratio": participation_ratio(layers[node])}
        | {"note": "; ".join(note for note in notes if repr(node) in note)}
        for node, analysis in found.items()
    ]


def with_places(rows: Iterable[Mapping], nodes: NodeTable) -> list[dict]:
    """Rows with what computes their `node`, and at which step."""
    return [{"node": row["node"]} | {name: nodes[row["node"]][name] for name in PLACE} | row for row in rows]
