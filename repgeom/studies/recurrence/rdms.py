"""Study 5: RDMs of layers over time."""

from dataclasses import replace

import numpy as np
import pandas as pd
from scipy.spatial.distance import squareform

from repgeom.analyses.recurrent_nodes import states
from repgeom.measures.path import INPUT
from repgeom.measures.rdm import label_rdm
from repgeom.store.rdms import RDMs

RDM_COLUMNS = {
    "layer": "of the network",
    "timestep": "counted from 1",
    "within": "mean dissimilarity of canvases of the same category",
    "between": "mean dissimilarity of canvases of different categories",
    "label_correlation": "Pearson correlation of the RDM with that of the categories",
}


def states_of(rdms: RDMs) -> RDMs:
    """The RDMs of layers at all steps, in execution order; those of flows and logits are left out."""
    table = (
        {"module": module, "timestep": timestep} for module, timestep in zip(rdms.modules, rdms.timesteps, strict=True)
    )
    kept = states(dict(zip(rdms.nodes, table, strict=True)))
    chosen = [i for i, node in enumerate(rdms.nodes) if node in kept]
    return replace(
        rdms,
        dissimilarities=rdms.dissimilarities[chosen],
        nodes=[rdms.nodes[i] for i in chosen],
        modules=[rdms.modules[i] for i in chosen],
        timesteps=np.asarray(rdms.timesteps)[chosen],
    )


def path_of(rdms: RDMs) -> RDMs:
    """The same as a path: it begins at the input of the first step."""
    states = states_of(rdms)
    return replace(states, nodes=[INPUT, *states.nodes[1:]])


def ordered_by_category(rdms: RDMs) -> RDMs:
    """The RDMs of layers with the stimuli of a category side by side."""
    order = np.argsort(rdms.labels, kind="stable")
    states = states_of(rdms)
    return replace(
        states,
        dissimilarities=np.array([squareform(squareform(d)[np.ix_(order, order)]) for d in states.dissimilarities]),
        ids=np.asarray(rdms.ids)[order],
        labels=np.asarray(rdms.labels)[order],
    )


def by_layer(rdms: RDMs) -> dict[str, dict[str, np.ndarray]]:
    """Layer → `t = 1` … → RDM."""
    found: dict[str, dict[str, np.ndarray]] = {}
    for module, timestep, values in zip(rdms.modules, rdms.timesteps, rdms.dissimilarities, strict=True):
        found.setdefault(module, {})[f"t = {timestep}"] = values
    return found


def rdm_table(rdms: RDMs) -> pd.DataFrame:
    """How far every RDM separates the categories."""
    labels = label_rdm(rdms.labels)
    rows = [
        (module, timestep, d[labels == 0].mean(), d[labels > 0].mean(), np.corrcoef(d, labels)[0, 1])
        for module, timestep, d in zip(rdms.modules, rdms.timesteps, rdms.dissimilarities, strict=True)
    ]
    return pd.DataFrame(rows, columns=list(RDM_COLUMNS))
