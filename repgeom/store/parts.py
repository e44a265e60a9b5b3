"""Activations that several jobs have recorded, each of a part of the stimuli: read as one, or joined into one file."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from repgeom.errors import InputError
from repgeom.store.activations import (
    LEFT_OUT,
    ActivationReader,
    ActivationWriter,
    NodeTable,
    StimulusInfo,
    activation_writer,
    open_activations,
    warn_of_left_out,
)
from repgeom.store.provenance import NOTEBOOK, Provenance, of_kind
from repgeom.store.zarr import StoredArray, block_columns, chunk_columns, group_array

Warn = Callable[[str], None]
PART = "part"
"""The attribute that says which part a file holds, of how many."""


def rows_of_part(n: int, batch_size: int, part: int, parts: int) -> range:
    """Which of n stimuli a part holds, `part` counted from 1.

    Parts are whole batches, so that a network is shown the same batches in however many parts: how many images go
    through a convolution together may change its last bits. There may be fewer batches than parts.
    """
    batches = -(-n // batch_size)
    start, stop = (min(n, batches * k // parts * batch_size) for k in (part - 1, part))
    return range(start, stop)


@dataclass(frozen=True)
class PartBlocks:
    """A node of all parts in blocks of features (n, ≤ d), as wide as those of a single file."""

    arrays: Sequence[StoredArray]

    @property
    def shape(self) -> tuple[int, int]:
        """Stimuli of all parts, features."""
        return sum(array.shape[0] for array in self.arrays), self.arrays[0].shape[1]

    @property
    def width(self) -> int:
        """Columns of a block."""
        itemsize, chunk = self.arrays[0].dtype.itemsize, chunk_columns(self.shape, rows_at_once(self.arrays))
        return block_columns(self.shape[0], itemsize, chunk)

    @property
    def nbytes(self) -> int:
        """What a block takes."""
        n, d = self.shape
        return n * min(d, self.width) * self.arrays[0].dtype.itemsize

    def __iter__(self) -> Iterator[np.ndarray]:
        for start in range(0, self.shape[1], self.width):
            yield np.concatenate([array[:, start : start + self.width] for array in self.arrays])


@dataclass(frozen=True)
class ActivationParts:
    """Open files of all parts of a stimulus set, in order.

    Attributes
    ----------
    parts : list of ActivationReader
        Those that hold stimuli.
    nodes : NodeTable
        What all of them recorded, in execution order.
    """

    parts: list[ActivationReader]
    nodes: NodeTable

    @property
    def stimuli(self) -> StimulusInfo:
        """The stimuli of all parts."""
        infos = [part.stimuli for part in self.parts]
        descriptors = {
            name: np.concatenate([info.descriptors[name] for info in infos]) for name in infos[0].descriptors
        }
        ids, labels = (np.concatenate([getattr(info, name) for info in infos]) for name in ("ids", "labels"))
        return StimulusInfo(ids, labels, descriptors)

    def blocks(self, node: str) -> PartBlocks:
        """Activations of one node in blocks of features."""
        return PartBlocks(self._arrays(node))

    def append_to(self, writer: ActivationWriter, node: str) -> None:
        """Write a node to a file of all stimuli, some rows at once."""
        described = {name: value for name, value in self.nodes[node].items() if name != "shape"}
        for array in self._arrays(node):
            for start in range(0, array.shape[0], array.chunks[0]):
                rows = array[start : start + array.chunks[0]]
                writer.append(node, described, rows.reshape(len(rows), *self.nodes[node]["shape"]))

    def rows_at_once(self) -> int:
        """How many stimuli the network was shown at once."""
        return rows_at_once([array for node in self.nodes for array in self._arrays(node)])

    def _arrays(self, node: str) -> list[StoredArray]:
        return [group_array(part.group, node, part.path) for part in self.parts]


def rows_at_once(arrays: Sequence[StoredArray]) -> int:
    """How many rows the chunks of arrays have."""
    return max(array.chunks[0] for array in arrays)


@contextmanager
def open_parts(paths: Sequence[str | Path], warn: Warn = print) -> Iterator[ActivationParts]:
    """Open the files of all parts of a stimulus set; `warn` is told which nodes are left out.

    Raises
    ------
    InputError
        They are not all the parts of one set, in order; no node is in all of them; or a file is missing or damaged.
    """
    with ExitStack() as stack:
        files = [stack.enter_context(open_activations(path)) for path in paths]
        for number, file in enumerate(files, 1):
            found = file.group.attrs.get(PART)
            if found != [number, len(files)]:
                raise InputError(f"{file.path}: not part {number} of {len(files)} of a recording, but {found}")
        filled = [file for file in files if len(file.stimuli.ids)]
        with of_kind(paths[0], "a file of activations"):
            nodes, left_out = _common_nodes(filled)
        warn_of_left_out(left_out, warn)
        yield ActivationParts(filled, nodes)


@contextmanager
def open_recorded(paths: Sequence[str | Path], warn: Warn = print) -> Iterator[ActivationReader | ActivationParts]:
    """Open what one job recorded, or several; see `open_parts`."""
    with open_activations(paths[0]) if len(paths) == 1 else open_parts(paths, warn) as file:
        yield file


def join_parts(
    path: str | Path,
    paths: Sequence[str | Path],
    attributes: dict,
    provenance: Provenance = NOTEBOOK,
    warn: Warn = print,
) -> None:
    """Join parts into the file that one job would have written."""
    attributes = attributes | {PART: [1, 1]}
    with (
        open_parts(paths, warn) as parts,
        activation_writer(path, parts.stimuli, attributes, parts.rows_at_once(), provenance) as writer,
    ):
        for node in parts.nodes:
            parts.append_to(writer, node)


def _common_nodes(files: Sequence[ActivationReader]) -> tuple[NodeTable, dict[str, str]]:
    tables = [file.nodes for file in files]
    left_out = {}
    for file in files:
        left_out |= file.group.attrs[LEFT_OUT]
    for name in dict.fromkeys(name for table in tables for name in table):
        found = [table[name]["shape"] for table in tables if name in table]
        if len(found) < len(files):
            left_out.setdefault(name, "not computed for all stimuli")
        elif different := [shape for shape in found if shape != found[0]]:
            left_out[name] = f"its shape is {found[0]} for some stimuli and {different[0]} for others"
    nodes = {name: row for name, row in tables[0].items() if name not in left_out}
    if not nodes:
        raise InputError(f"no node was recorded for all stimuli: {left_out}")
    return nodes, left_out
