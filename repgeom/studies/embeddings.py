"""Embeddings of the stimuli at several nodes: PCA, metric MDS and t-SNE."""

import numpy as np
import pandas as pd
from scipy.spatial.distance import pdist, squareform

from repgeom.measures.embedding import metric_mds, pca, tsne

Grid = dict[str, dict[str, np.ndarray]]
Notes = dict[str, dict[str, str]]


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
    """
    grid: Grid = {"PCA": {}, "MDS": {}, f"t-SNE (perplexity {perplexity:g})": {}}
    notes: Notes = {method: {} for method in grid}
    first, second, third = grid
    for node, x in coordinates.items():
        components = pca(x)
        grid[first][node] = components.scores
        notes[first][node] = f"{100 * components.explained_variance_ratio.sum():.0f} % of the variance"
        scaled = metric_mds(squareform(pdist(x)))
        grid[second][node], notes[second][node] = scaled.points, f"stress {scaled.stress:.2f}"
        grid[third][node], notes[third][node] = tsne(x, perplexity), ""
    return grid, notes


def embedding_table(grid: Grid, notes: Notes, ids: np.ndarray, labels: np.ndarray) -> pd.DataFrame:
    """One row per method, node and stimulus."""
    parts = [
        pd.DataFrame({"method": method, "node": node, "id": ids, "label": labels, "x": p[:, 0], "y": p[:, 1],
                      "note": notes[method][node]})
        for method, nodes in grid.items()
        for node, p in nodes.items()
    ]  # fmt: skip
    return pd.concat(parts, ignore_index=True)
