"""How much memory a process takes, and how it is shared out."""

import os
import resource
import sys
from dataclasses import dataclass
from pathlib import Path

from repgeom.activations.passes import Found

LARGEST_NODES_AT_ONCE = 4
"""What a network needs for a batch, counted in its largest nodes: what goes in, what comes out, work space."""
BATCH_SHARE = 0.25
"""The part of the memory that a batch may take; where it takes more, fewer stimuli are shown at once."""
BLOCKS_AT_ONCE = 6
"""What the reduction of a block takes, counted in blocks of float32: itself, twice as float64, work space."""
GRAMS_AT_ONCE = 5
"""What an eigendecomposition takes, counted in Gram matrices."""


@dataclass(frozen=True)
class Shares:
    """How many stimuli are shown at once, and how many bytes of what nodes compute may be held."""

    batch: int
    held: int


def share_out(memory: float, found: list[Found], largest: int, n: int, batch_size: int) -> Shares:
    """Share out what is left of a job's memory.

    Parameters
    ----------
    memory : bytes that the process may take in all
    found : what the nodes compute that are to be held
    largest : bytes per stimulus of the largest node of the network
    n, batch_size : how many stimuli there are, and are to be shown at once
    """
    blocks = max(n * min(kind.block(n, batch_size), kind.n_features) * kind.dtype.itemsize for kind in found)
    free = memory - resident_bytes() - BLOCKS_AT_ONCE * blocks - GRAMS_AT_ONCE * 8 * (n + 2) ** 2
    per_stimulus = max(LARGEST_NODES_AT_ONCE * largest, 1)
    batch = int(min(batch_size, max(1, BATCH_SHARE * free // per_stimulus)))
    return Shares(batch, int(free - batch * per_stimulus))


def resident_bytes() -> int:
    """What this process takes of the machine's memory; its peak so far where the system does not say."""
    statm = Path("/proc/self/statm")
    if statm.is_file():
        return int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
