"""RDM files in rsatoolbox's HDF5 layout: `rsatoolbox.rdm.load_rdm` reads them unchanged."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from repgeom.errors import InputError, nearest
from repgeom.store.activations import NodeTable, StimulusInfo
from repgeom.store.hdf5 import native, read_tree, write_tree
from repgeom.store.provenance import NOTEBOOK, Provenance, of_kind, provenance_in


@dataclass(frozen=True)
class RDMs:
    """Representational dissimilarity matrices of the same stimuli.

    Attributes
    ----------
    dissimilarities : (k, n(n-1)/2) float64 or float32
        Upper triangles, row by row.
    measure : str
        What was computed, formula included.
    nodes, modules, timesteps : length k
        Where in the network each RDM was measured.
    ids, labels : length n
        The stimuli.
    descriptors : dict of str
        Model, seed, stimulus set and the like.
    """

    dissimilarities: np.ndarray
    measure: str
    nodes: list[str]
    modules: list[str]
    timesteps: np.ndarray
    ids: np.ndarray
    labels: np.ndarray
    descriptors: dict[str, str] = field(default_factory=dict)
    provenance: Provenance = NOTEBOOK
    path: str = ""

    def __post_init__(self):
        k, pairs = self.dissimilarities.shape
        n = len(self.ids)
        if pairs != n * (n - 1) // 2 or len(self.labels) != n:
            raise InputError(f"RDMs: {pairs} pairs and {len(self.labels)} labels do not fit {n} stimulus ids")
        if not len(self.nodes) == len(self.modules) == len(self.timesteps) == k:
            raise InputError(f"RDMs: {len(self.nodes)} node names for {k} RDMs")

    @classmethod
    def of_nodes(
        cls,
        found: Mapping[str, np.ndarray],
        nodes: NodeTable,
        stimuli: StimulusInfo,
        measure: str,
        descriptors: dict[str, str],
        precision: str = "float64",
    ) -> "RDMs":
        """RDMs by node name, with what is known of the nodes and the stimuli.

        Raises
        ------
        InputError
            There is a single stimulus.
        """
        if len(stimuli.ids) < 2:
            raise InputError(f"a single stimulus, {stimuli.ids[0]}, has no dissimilarity to others; choose more")
        return cls(
            dissimilarities=np.array(list(found.values()), dtype=precision),
            measure=measure,
            nodes=list(found),
            modules=[nodes[node]["module"] for node in found],
            timesteps=np.array([nodes[node]["timestep"] for node in found]),
            ids=stimuli.ids,
            labels=stimuli.labels,
            descriptors=descriptors,
        )

    def __getitem__(self, node: str) -> np.ndarray:
        """The RDM of one node as a vector (n(n-1)/2,)."""
        if node not in self.nodes:
            raise InputError(f"{self.path}: no node {node!r}; {nearest(node, self.nodes)}")
        return self.dissimilarities[self.nodes.index(node)]


def write_rdms(path: str | Path, rdms: RDMs, provenance: Provenance = NOTEBOOK) -> None:
    """Write RDMs, in the precision they have, so that both rsatoolbox and `read_rdms` understand them."""
    k, n = len(rdms.nodes), len(rdms.ids)
    stored = {
        "dissimilarities": rdms.dissimilarities,
        "rdm_descriptors/index": np.arange(k),
        "rdm_descriptors/node": rdms.nodes,
        "rdm_descriptors/module": rdms.modules,
        "rdm_descriptors/timestep": np.asarray(rdms.timesteps, dtype=np.int64),
        "pattern_descriptors/index": np.arange(n),
        "pattern_descriptors/id": rdms.ids,
        "pattern_descriptors/label": np.asarray(rdms.labels, dtype=np.int64),
    }
    texts = {
        "dissimilarity_measure": rdms.measure,
        "repgeom_descriptors": json.dumps(rdms.descriptors, sort_keys=True),
        "provenance": provenance.at(path).to_json(),
        "rsatoolbox_version": "0.3",
    }
    write_tree(path, stored, texts, read_rdms, {"descriptors": rdms.descriptors})


def read_rdms(path: str | Path) -> RDMs:
    """Read an RDM file that `write_rdms` wrote.

    Raises
    ------
    InputError
        The file is missing, truncated or altered.
    """
    stored, texts = read_tree(path)
    with of_kind(path, "a file of RDMs"):
        return RDMs(
            dissimilarities=stored["dissimilarities"],
            measure=texts["dissimilarity_measure"],
            nodes=native(stored["rdm_descriptors/node"]).tolist(),
            modules=native(stored["rdm_descriptors/module"]).tolist(),
            timesteps=stored["rdm_descriptors/timestep"],
            ids=native(stored["pattern_descriptors/id"]),
            labels=stored["pattern_descriptors/label"],
            descriptors=json.loads(texts["repgeom_descriptors"]),
            provenance=provenance_in(path, texts["provenance"]),
            path=str(path),
        )


def check_same_stimuli(a: RDMs, b: RDMs) -> None:
    """Raise InputError where two RDM files are not about the same stimuli in the same order."""
    if len(a.ids) != len(b.ids):
        raise InputError(f"{a.path} has {len(a.ids)} stimuli and {b.path} has {len(b.ids)}; they do not compare")
    different = np.flatnonzero(a.ids != b.ids)
    if len(different):
        raise InputError(f"{a.path} and {b.path} are about different stimuli (first at position {different[0]})")
