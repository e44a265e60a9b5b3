"""Study 3: manifold analyses of stored coordinates as tidy tables."""

import warnings
from collections.abc import Mapping

import numpy as np
import pandas as pd

from repgeom.measures.capacity import WeakCentreWarning, analyse_layers
from repgeom.measures.participation_ratio import participation_ratio

CAPACITY_COLUMNS = {
    "analysis": "which model and stimuli",
    "node": "where in the network",
    "epoch": "epochs trained; empty for the last",
    "capacity": "manifold capacity α_M, pooled harmonically over classes",
    "capacity_se": "its Monte-Carlo standard error",
    "radius": "mean manifold radius R_M, in units of each centre's norm",
    "dimension": "mean manifold dimension D_M",
    "dimension_name": "prx: E(t·ŝ)²; reference: as published analyses, depends on the frame",
    "centre_correlation": "mean |correlation| of class centres ρ",
    "participation_ratio": "participation ratio of all points",
    "note": "what to mind (classes whose centre all but vanishes)",
}


def clouds_of(coordinates: np.ndarray, labels: np.ndarray) -> list[np.ndarray]:
    """The points of every class, classes in ascending order."""
    return [coordinates[labels == label] for label in np.unique(labels)]


def capacity_rows(layers: Mapping[str, np.ndarray], labels: np.ndarray, options: dict, context: dict) -> list[dict]:
    """One row per layer.

    Parameters
    ----------
    layers : dict of (n, c)
        Node (or any name) → uncentred coordinates.
    labels : (n,)
    options : dict
        `margin, draws, k, dim, seed`, as in the configuration.
    context : dict
        Further columns.
    """
    clouds = {name: clouds_of(x, labels) for name, x in layers.items()}
    names = {"margin": "margin", "draws": "n_draws", "k": "k", "dim": "dim", "seed": "seed"}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", WeakCentreWarning)
        found = analyse_layers(clouds, **{names[key]: value for key, value in options.items()})
    notes = [str(w.message) for w in caught if issubclass(w.category, WeakCentreWarning)]
    return [
        context
        | {"node": name, **analysis.summary()}
        | {"participation_ratio": participation_ratio(layers[name])}
        | {"note": "; ".join(n for n in notes if repr(name) in n)}
        for name, analysis in found.items()
    ]


def reproduced_quantities(table: pd.DataFrame, history: pd.DataFrame) -> dict[str, tuple]:
    """Quantity → (value, low, high) under the names of the reference table; α ± 1.96 SE."""
    ours: dict[str, tuple] = {}
    for _, row in table.iterrows():
        half = 1.96 * row["capacity_se"]
        ours[f"capacity at {row['node']}"] = (row["capacity"], row["capacity"] - half, row["capacity"] + half)
        for name in ("radius", "dimension"):
            half = 1.96 * row[f"{name}_se"]
            ours[f"{name} at {row['node']}"] = (row[name], row[name] - half, row[name] + half)
        ours[f"centre correlation at {row['node']}"] = (row["centre_correlation"], None, None)
    for _, row in history[history["epoch"] > 0].iterrows():
        ours[f"test accuracy after epoch {int(row['epoch'])}"] = (row["test_accuracy"], None, None)
    return ours
