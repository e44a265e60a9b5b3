"""Activations of a network: one array per node, streamed in by batches, out by blocks of features.

Group attributes hold `nodes` (in execution order, each with `module` and `timestep`), stimulus `ids`,
`labels` and any further per-stimulus `descriptors`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import zarr

from repgeom.errors import InputError
from repgeom.store.provenance import NOTEBOOK, Provenance, of_kind
from repgeom.store.zarr import ColumnBlocks, create_array, group_array, key_of, new_group, open_group

LEFT_OUT = "left_out"
"""The attribute that says which nodes are left out, and why."""
NodeTable = dict[str, dict]
"""Node name → module (str), timestep (int, 0 where a node occurs once), inputs and shape (lists)."""


@dataclass(frozen=True)
class StimulusInfo:
    """Ids, labels and further descriptors of n stimuli, as they travel with every array."""

    ids: np.ndarray
    labels: np.ndarray
    descriptors: dict[str, np.ndarray]

    def to_attributes(self) -> dict:
        """JSON-able form."""
        return {
            "ids": [str(i) for i in self.ids],
            "labels": np.asarray(self.labels).tolist(),
            "descriptors": {k: np.asarray(v).tolist() for k, v in self.descriptors.items()},
        }

    @classmethod
    def from_attributes(cls, attributes: dict) -> "StimulusInfo":
        """Read back what `to_attributes` wrote."""
        return cls(
            ids=np.asarray(attributes["ids"]),
            labels=np.asarray(attributes["labels"], dtype=np.int64),
            descriptors={k: np.asarray(v) for k, v in attributes["descriptors"].items()},
        )


class ActivationWriter:
    """Receives batches of activations and writes each node's rows as they come."""

    def __init__(self, group: zarr.Group, n: int, batch: int):
        self._group, self._n, self._batch = group, n, batch
        self._nodes: NodeTable = {}
        self._filled: dict[str, int] = {}
        self.left_out: dict[str, str] = {}

    def append(self, name: str, descriptors: dict, values: np.ndarray) -> None:
        """Add the next rows of node `name`; `values` is (rows, ...) and is flattened to features.

        `descriptors` (module, timestep, inputs) are kept from the first call. A node whose features change from
        call to call is left out.
        """
        if name in self.left_out:
            return
        rows = values.reshape(len(values), -1)
        shape = list(values.shape[1:])
        if name in self._nodes and shape != (known := self._nodes[name]["shape"]):
            self._leave_out(name, f"its shape is {known} for some stimuli and {shape} for others")
            return
        if name not in self._nodes:
            self._nodes[name] = descriptors | {"shape": shape}
            create_array(self._group, key_of(name), (self._n, rows.shape[1]), rows.dtype.str, self._batch)
            self._filled[name] = 0
        start = self._filled[name]
        self._group[key_of(name)][start : start + len(rows)] = rows
        self._filled[name] = start + len(rows)

    def describe(self, descriptors: dict[str, np.ndarray]) -> None:
        """Add descriptors of the stimuli that are known only in the end."""
        describe_stimuli(self._group, descriptors)

    def finish(self) -> None:
        """Leave out nodes that were not computed for every stimulus, and note these and the others.

        Raises
        ------
        InputError
            There are stimuli, and no node is left.
        """
        for name, count in list(self._filled.items()):
            if count != self._n:
                self._leave_out(name, f"computed for {count} of {self._n} stimuli")
        if self._n and not self._nodes:
            raise InputError(f"no node was recorded for all {self._n} stimuli: {self.left_out or 'there are none'}")
        self._group.attrs[LEFT_OUT] = self.left_out
        self._group.attrs["nodes"] = self._nodes
        self._group.attrs["node_order"] = list(self._nodes)

    def _leave_out(self, name: str, why: str) -> None:
        self.left_out[name] = why
        del self._nodes[name], self._filled[name], self._group[key_of(name)]


def describe_stimuli(group: zarr.Group, descriptors: dict[str, np.ndarray]) -> None:
    """Add descriptors to those of the stimuli of an open file."""
    added = {name: np.asarray(values).tolist() for name, values in descriptors.items()}
    group.attrs["descriptors"] = dict(group.attrs["descriptors"]) | added


@contextmanager
def activation_writer(
    path: str | Path, stimuli: StimulusInfo, attributes: dict, batch: int, provenance: Provenance = NOTEBOOK
) -> Iterator[ActivationWriter]:
    """Write activations to `path`; nothing is there until the block ends well."""
    with new_group(path, attributes | stimuli.to_attributes(), provenance) as group:
        writer = ActivationWriter(group, len(stimuli.ids), batch)
        yield writer
        writer.finish()


@dataclass(frozen=True)
class ActivationReader:
    """An open activations file."""

    group: zarr.Group
    path: str

    @property
    def nodes(self) -> NodeTable:
        """All nodes in execution order."""
        return nodes_of(self.group, self.path)

    @property
    def stimuli(self) -> StimulusInfo:
        """The stimuli, in the order of the rows."""
        return stimuli_of(self.group, self.path)

    def read(self, node: str, rows: slice | np.ndarray = slice(None)) -> np.ndarray:
        """Activations of one node, (n, d), as stored."""
        return group_array(self.group, node, self.path)[rows]

    def blocks(self, node: str) -> ColumnBlocks:
        """The same in blocks of features, (n, ≤ d) each."""
        return ColumnBlocks(group_array(self.group, node, self.path))


def nodes_of(group: zarr.Group, path: str) -> NodeTable:
    """The nodes of an open file, in execution order."""
    with of_kind(path, "a file of nodes"):
        table = dict(group.attrs["nodes"])
        return {name: table[name] for name in group.attrs["node_order"]}


def stimuli_of(group: zarr.Group, path: str) -> StimulusInfo:
    """The stimuli of an open file, in the order of the rows."""
    with of_kind(path, "a file of nodes"):
        return StimulusInfo.from_attributes(dict(group.attrs))


@contextmanager
def open_activations(path: str | Path) -> Iterator[ActivationReader]:
    """Open an activations file for reading."""
    with open_group(path) as group:
        yield ActivationReader(group, str(path))


def warn_of_left_out(left_out: dict[str, str], warn: Callable[[str], None]) -> None:
    """Say of each node why it is left out."""
    for name, why in left_out.items():
        warn(f"node {name!r} is left out: {why}")
