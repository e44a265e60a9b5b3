"""The graph of a network as a table."""

from collections.abc import Mapping

import pandas as pd

GRAPH_COLUMNS = {
    "node": "name, in execution order",
    "module": "module of the network that computes it, or what does",
    "timestep": "0 where a node occurs once",
    "inputs": "nodes that it is computed from",
    "shape": "of what it computes for one stimulus",
}


def graph_table(nodes: Mapping[str, Mapping]) -> pd.DataFrame:
    """One row per node: `GRAPH_COLUMNS`, from `repgeom.store.activations.NodeTable`."""
    rows = [
        {
            "node": name,
            "module": node["module"],
            "timestep": node["timestep"],
            "inputs": " ".join(node["inputs"]),
            "shape": "x".join(map(str, node["shape"])),
        }
        for name, node in nodes.items()
    ]
    return pd.DataFrame(rows)
