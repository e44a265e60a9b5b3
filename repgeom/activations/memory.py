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

from repgeom.coordinates.reduction import tile_columns

LARGEST_NODES_AT_ONCE = 4
"""What a network needs for a batch, counted in its largest nodes: what goes in, what comes out, work space."""
BATCH_SHARE = 0.25
"""The part of the memory that a batch may take; where it takes more, fewer stimuli are shown at once."""
TILES_AT_ONCE = 4
"""What the sum of inner products takes, counted in tiles of float64."""
GRAMS_AT_ONCE = 6
"""What an eigendecomposition takes, or a step of a blocked QR, counted in what is summed."""


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
    free = memory - resident_bytes() - tiles - GRAMS_AT_ONCE * 8 * (n + 2) * (columns + 2)
    per_stimulus = max(LARGEST_NODES_AT_ONCE * largest, 1)
    batch = int(min(batch_size, max(1, BATCH_SHARE * free // per_stimulus)))
    return Shares(batch, int(free - batch * per_stimulus), memory - batch * per_stimulus)


def give_back_freed() -> None:
    """Have the C library give freed memory back that lies between what is in use, where it knows how (glibc)."""
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).malloc_trim(0)


def mapped(size: int) -> np.ndarray:
    """So many bytes of memory, which goes back as a whole, in large pages where the system has them.

    What nodes compute is written by rows and read by columns: in pages of 4 kB, each row would be on another page.
    """
    memory = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    if hasattr(mmap, "MADV_HUGEPAGE"):
        with suppress(OSError):  # a kernel without them
            memory.madvise(mmap.MADV_HUGEPAGE)
    return np.frombuffer(memory, dtype=np.uint8)


def resident_bytes() -> int:
    """What this process takes of the machine's memory; its peak so far where the system does not say."""
    statm = Path("/proc/self/statm")
    if statm.is_file():
        return int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
