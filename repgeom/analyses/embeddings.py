"""Embeddings of the stimuli in the plane at several nodes: PCA, metric MDS and t-SNE."""

import numpy as np
import pandas as pd
from scipy.spatial.distance import pdist, squareform

from repgeom.analyses.networks import NETWORK_COLUMNS
from repgeom.errors import InputError
from repgeom.measures.embedding import PCA, metric_mds, pca, tsne

Grid = dict[str, dict[str, np.ndarray]]
Notes = dict[str, dict[str, str]]

EMBEDDING_COLUMNS = NETWORK_COLUMNS | {
    "method": "how the stimuli were laid out in the plane",
    "node": "where in the network",
    "id": "of the stimulus",
    "label": "class of the stimulus",
    "x": "first dimension",
    "y": "second dimension",
    "note": "explained variance (PCA) or stress (MDS)",
}
TEXT = ("method", "node", "id", "note")
"""Columns that hold names."""


def embed_nodes(coordinates: dict[str, np.ndarray], perplexity: float) -> tuple[Grid, Notes]:
    """Embed every node's stimuli in the plane.

    Parameters
    ----------
    coordinates : dict of (n, c)
        Node → centred coordinates.
    perplexity : float
        Of t-SNE.

    Returns
    -------
    grid : method → node → (n, 2)
    notes : method → node → explained variance, or stress

    Raises
    ------
    InputError
        All stimuli are alike at a node, or it has fewer than two dimensions.
    """
    grid: Grid = {"PCA": {}, "MDS": {}, f"t-SNE (perplexity {perplexity:g})": {}}
    notes: Notes = {method: {} for method in grid}
    first, second, third = grid
    for node, x in coordinates.items():
        components = pca_at(node, x)
        grid[first][node] = components.scores
        notes[first][node] = f"{100 * components.explained_variance_ratio.sum():.0f} % of the variance"
        scaled = metric_mds(squareform(pdist(x)))
        grid[second][node], notes[second][node] = scaled.points, f"stress {scaled.stress:.2f}"
        grid[third][node], notes[third][node] = tsne(x, perplexity), ""
    return grid, notes


def pca_at(node: str, x: np.ndarray) -> PCA:
    """Principal components of the stimuli (n, c) at a node; whatever is wrong with them names the node."""
    try:
        return pca(x)
    except InputError as error:
        raise InputError(f"node {node!r}: {error}, or choose other nodes") from None


def embedding_table(grid: Grid, notes: Notes, ids: np.ndarray, labels: np.ndarray) -> pd.DataFrame:
    """One row per method, node and stimulus."""
    parts = [
        pd.DataFrame({"method": method, "node": node, "id": ids, "label": labels, "x": p[:, 0], "y": p[:, 1],
                      "note": notes[method][node]})
        for method, nodes in grid.items()
        for node, p in nodes.items()
    ]  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def embedded(table: pd.DataFrame) -> tuple[Grid, Notes, np.ndarray]:
    """Points and notes by method and node, and the stimuli's classes (n,): what `embedding_table` wrote down."""
    grid: Grid = {}
    notes: Notes = {}
    for (method, node), part in table.groupby(["method", "node"], sort=False):
        grid.setdefault(method, {})[node] = part[["x", "y"]].to_numpy()
        notes.setdefault(method, {})[node] = "" if part["note"].isna().all() else part["note"].iloc[0]
    return grid, notes, part["label"].to_numpy()
