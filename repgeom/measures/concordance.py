"""What τ-a counts, compiled: pairs of positions that two rankings order alike, minus those they order differently."""

import numba
import numpy as np

from repgeom.jit import njit

WORDS = 128
"""Words of 64 bits in a block."""


@njit(nogil=True)
def concordant_minus_discordant(
    x_order: np.ndarray, y: np.ndarray, levels: int, x_ends: np.ndarray, weights: np.ndarray
) -> float:
    """Concordant minus discordant pairs, in O(p log p).

    `x_order` lists positions in the order of x, whose ties end at `x_ends`; `y` holds the level of y at each position,
    and `weights` how much each counts.
    Weights are summed in a binary indexed tree (Fenwick 1994, Softw. Pract. Exper. 24:327); a group of ties in x is
    looked up before it is entered, so ties of either kind count for nothing.
    """
    tree = np.zeros(levels + 1, dtype=weights.dtype)
    entered = np.zeros(levels, dtype=weights.dtype)
    zero = weights[0] - weights[0]
    excess, total = zero, zero
    start = 0
    for end in x_ends:
        for place in range(start, end):
            i = x_order[place]
            at_or_below = zero
            node = y[i] + 1
            while node > 0:
                at_or_below += tree[node]
                node &= node - 1
            below, above = at_or_below - entered[y[i]], total - at_or_below
            excess += weights[i] * (below - above)
        for place in range(start, end):
            i = x_order[place]
            total += weights[i]
            entered[y[i]] += weights[i]
            node = y[i] + 1
            while node <= levels:
                tree[node] += weights[i]
                node += node & -node
        start = end
    return excess


@njit(nogil=True)
def concordant_without_ties(y: np.ndarray) -> int:
    """Concordant minus discordant pairs of a permutation `y` of 0 … p − 1.

    A bit is set for every value that has been met; counts before each word of 64 bits, within its block of words, and
    before each block lie in so little memory that raising all the later ones is quicker than walking a tree.
    """
    n_blocks = len(y) // (64 * WORDS) + 1
    words = np.zeros(n_blocks * WORDS, dtype=np.uint64)
    in_block = np.zeros(n_blocks * WORDS, dtype=np.int16)
    in_blocks = np.zeros(n_blocks, dtype=np.int32)
    lanes, block_lanes = np.arange(WORDS).astype(np.int16), np.arange(n_blocks).astype(np.int32)
    excess = 0
    for i in range(len(y)):
        value = np.uint64(y[i])
        word, bit = value >> np.uint64(6), np.uint64(1) << (value & np.uint64(63))
        block, lane = word // np.uint64(WORDS), np.int16(word % np.uint64(WORDS))
        below = in_blocks[block] + np.int64(in_block[word]) + _ones(words[word] & (bit - np.uint64(1)))
        excess += 2 * below - i
        words[word] |= bit
        start = block * np.uint64(WORDS)
        for k in range(WORDS):
            in_block[start + np.uint64(k)] += np.int16(lanes[k] > lane)
        for k in range(n_blocks):
            in_blocks[k] += np.int32(block_lanes[k] > np.int32(block))
    return excess


@numba.njit(inline="always")
def _ones(word: np.uint64) -> np.int64:
    """How many bits of a word are set (Warren 2013, Hacker's Delight, section 5-1)."""
    word = word - ((word >> np.uint64(1)) & np.uint64(0x5555555555555555))
    word = (word & np.uint64(0x3333333333333333)) + ((word >> np.uint64(2)) & np.uint64(0x3333333333333333))
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.int64((word * np.uint64(0x0101010101010101)) >> np.uint64(56))
