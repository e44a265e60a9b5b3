"""How much memory a process takes, and how it is shared out."""

import ctypes
import math
import mmap
import os
import resource
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from torch import nn

from repgeom.coordinates.reduction import tile_columns

LARGEST_NODES_AT_ONCE = 4
"""What a network needs for a batch, counted in its largest nodes: what goes in, what comes out, work space."""
BATCH_SHARE = 0.05
"""The part of the memory that a batch may take; where it takes more, fewer stimuli are shown at once.

Little: what does not fit into a processor's cache takes no less time for coming all at once.
"""
FEWEST_AT_ONCE = 2
"""A stimulus shown alone takes as long as two: layers may squeeze its axis away."""
TILES_AT_ONCE = 4
"""What the sum of inner products takes, counted in tiles of float64."""
SPARE = 0.03
"""The part of the memory that is left for what comes back of libraries, and for holes between what is in use."""
GRAMS_AT_ONCE = 6
"""What an eigendecomposition takes, or a step of a blocked QR, counted in what is summed."""
WEIGHTS = ".safetensors"
"""How files of weights end."""


@dataclass(frozen=True)
class Shares:
    """How a job's memory is used.

    Attributes
    ----------
    batch : int
        Stimuli shown at once.
    held : int
        Bytes of what nodes compute that may be held, and kept from one pass to the next.
    ceiling : float
        Bytes that the process may take before the next batch.
    """

    batch: int
    held: int
    ceiling: float = math.inf


def share_out(memory: float, largest: int, n: int, batch_size: int, columns: int) -> Shares:
    """Share out what is left of a job's memory.

    Parameters
    ----------
    memory : bytes that the process may take in all
    largest : bytes per stimulus of the largest node of the network
    n, batch_size : how many stimuli there are, and are to be shown at once
    columns : about how many columns coordinates have
    """
    give_back_freed()
    tiles = TILES_AT_ONCE * 8 * (n + 2) * tile_columns(n)
    free = memory * (1 - SPARE) - resident_bytes() - tiles - GRAMS_AT_ONCE * 8 * (n + 2) * (columns + 2)
    per_stimulus = max(LARGEST_NODES_AT_ONCE * largest, 1)
    batch = int(min(batch_size, max(FEWEST_AT_ONCE, BATCH_SHARE * free // per_stimulus)))
    return Shares(batch, int(free - batch * per_stimulus), memory * (1 - SPARE) - batch * per_stimulus)


def give_back_freed() -> None:
    """Have the C library give freed memory back that lies between what is in use, where it knows how (glibc)."""
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).malloc_trim(0)


class Room:
    """So many bytes of memory, which goes back as a whole, in large pages where the system has them.

    What nodes compute is written by rows and read by columns: in pages of 4 kB, each row would be on another page.

    Attributes
    ----------
    bytes : (size,) uint8
    """

    def __init__(self, size: int):
        self._memory = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        self._advise("MADV_HUGEPAGE", 0)
        self.bytes = np.frombuffer(self._memory, dtype=np.uint8)

    def give_back_beyond(self, start: int) -> None:
        """Whatever is written after `start` is no longer needed, and takes no memory until it is written again."""
        start = -(-max(start, 0) // mmap.PAGESIZE) * mmap.PAGESIZE
        if start < len(self.bytes):
            self._advise("MADV_DONTNEED", start)

    def _advise(self, advice: str, start: int) -> None:
        if hasattr(mmap, advice):
            with suppress(OSError):  # a kernel that does not know it
                self._memory.madvise(getattr(mmap, advice), start)


def give_back_libraries() -> None:
    """Let go of what only the import of libraries has read; what is needed again comes back from their files."""
    for mapping in _mappings():
        if mapping.is_of_file and "w" not in mapping.permissions:
            mapping.give_back()


def give_back_weights(network: nn.Module) -> dict[str, int]:
    """Let go of weights that lie in memory as they lie in a file, until they are read again.

    Returns
    -------
    dict
        Name of a parameter → bytes that come back when it is read.
    """
    mappings = [m for m in _mappings() if m.is_of_file and m.name.endswith(WEIGHTS)]
    for mapping in mappings:
        mapping.give_back()
    return {
        name: weight.nbytes
        for name, weight in network.named_parameters()
        if any(m.start <= weight.data_ptr() < m.stop for m in mappings)
    }


@dataclass
class _Mapping:
    """A part of this process's memory."""

    start: int
    stop: int
    permissions: str
    name: str
    anonymous: int = 0

    @property
    def is_of_file(self) -> bool:
        """Whether it holds what a file holds: nothing has been written to it."""
        return self.name.startswith("/") and self.permissions[3] == "p" and not self.anonymous

    def give_back(self) -> None:
        """What it holds comes back from the file."""
        with suppress(AttributeError, OSError):
            advice = (ctypes.c_void_p(self.start), ctypes.c_size_t(self.stop - self.start), mmap.MADV_DONTNEED)
            ctypes.CDLL(None).madvise(*advice)


def _mappings() -> list[_Mapping]:
    """What Linux tells of this process's memory; nothing elsewhere."""
    smaps, found = Path("/proc/self/smaps"), []
    for line in smaps.read_text().splitlines() if smaps.is_file() else ():
        first, *rest = line.split(maxsplit=5)
        if first == "Anonymous:":
            found[-1].anonymous = int(rest[0])
        elif "-" in first:
            start, stop = (int(address, 16) for address in first.split("-"))
            found.append(_Mapping(start, stop, rest[0], rest[4] if len(rest) > 4 else ""))
    return found


def resident_bytes() -> int:
    """What this process takes of the machine's memory; its peak so far where the system does not say."""
    statm = Path("/proc/self/statm")
    if statm.is_file():
        return int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
