"""Coordinates of every node of a network, in one Zarr zip file.

An array for each node holds the stimuli, a row each, less their mean; one of the same name in the group `_frame` holds
that mean and the all-ones vector of feature space.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import zarr

from repgeom.coordinates.reduction import Coordinates
from repgeom.errors import InputError
from repgeom.store.activations import NodeTable, StimulusInfo, describe_stimuli, nodes_of, stimuli_of
from repgeom.store.projected import PROJECTION, with_bounds
from repgeom.store.provenance import NOTEBOOK, Provenance, of_kind
from repgeom.store.zarr import FRAME, create_array, group_array, key_of, new_group, open_group, plain_array


class CoordinateWriter:
    """Receives one node after the other."""

    def __init__(self, group: zarr.Group, nodes: NodeTable):
        self._group, self._nodes = group, nodes

    def add(self, node: str, coordinates: Coordinates) -> None:
        """Write the coordinates of a node."""
        self._write(key_of(node), coordinates.centred, {"n_features": coordinates.n_features})
        self._write(f"{FRAME}/{key_of(node)}", np.vstack([coordinates.mean, coordinates.ones]))

    def leave_out(self, node: str, why: object) -> None:
        """Forget a node that was announced and cannot be reduced.

        Raises
        ------
        InputError
            It was the last one that was left.
        """
        del self._nodes[node]
        if not self._nodes:
            raise InputError(f"no node is left; {why}")
        self._group.attrs["nodes"], self._group.attrs["node_order"] = self._nodes, list(self._nodes)

    def describe(self, descriptors: dict[str, np.ndarray]) -> None:
        """Add descriptors of the stimuli that are known only in the end."""
        describe_stimuli(self._group, descriptors)

    def _write(self, name: str, rows: np.ndarray, attributes: dict | None = None) -> None:
        create_array(self._group, name, rows.shape, "<f8", len(rows), attributes)[:] = rows


@contextmanager
def coordinate_writer(
    path: str | Path, stimuli: StimulusInfo, nodes: NodeTable, attributes: dict, provenance: Provenance = NOTEBOOK
) -> Iterator[CoordinateWriter]:
    """Write coordinates to `path`; nothing is there until the block ends well."""
    described = attributes | stimuli.to_attributes() | {"nodes": nodes, "node_order": list(nodes)}
    with new_group(path, described, provenance) as group:
        yield CoordinateWriter(group, dict(nodes))


@dataclass(frozen=True)
class CoordinateReader:
    """An open coordinates file."""

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

    def told(self, provenance: Provenance) -> Provenance:
        """The provenance of what is made of these coordinates, which says how far off they may be."""
        return with_bounds(provenance, self.group.attrs.get(PROJECTION))

    def read(self, node: str) -> Coordinates:
        """The coordinates of one node."""
        array = group_array(self.group, node, self.path)
        frame = plain_array(self.group, f"{FRAME}/{key_of(node)}", self.path)[:]
        with of_kind(self.path, "a file of coordinates"):
            mean, ones = frame
            return Coordinates(centred=array[:], mean=mean, ones=ones, n_features=int(array.attrs["n_features"]))


@contextmanager
def open_coordinates(path: str | Path) -> Iterator[CoordinateReader]:
    """Open a coordinates file for reading."""
    with open_group(path) as group:
        yield CoordinateReader(group, str(path))
