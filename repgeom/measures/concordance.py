"""What τ-a counts, compiled: pairs of positions that two rankings order alike, minus those they order differently."""

import numba
import numpy as np


@numba.njit(nogil=True, cache=True)
def concordant_minus_discordant(y: np.ndarray, levels: int, x_ends: np.ndarray, weights: np.ndarray) -> float:
    """Concordant minus discordant pairs, in O(p log p).

    `y` holds the levels of y in the order of x, whose ties end at `x_ends`, and `weights` how much each counts.
    Weights are summed in a binary indexed tree (Fenwick 1994, Softw. Pract. Exper. 24:327); a group of ties in x is
    looked up before it is entered, so ties of either kind count for nothing.
    """
    tree = np.zeros(levels + 1, dtype=weights.dtype)
    entered = np.zeros(levels, dtype=weights.dtype)
    zero = weights[0] - weights[0]
    excess, total = zero, zero
    start = 0
    for end in x_ends:
        for i in range(start, end):
            at_or_below = zero
            node = y[i] + 1
            while node > 0:
                at_or_below += tree[node]
                node &= node - 1
            below, above = at_or_below - entered[y[i]], total - at_or_below
            excess += weights[i] * (below - above)
        for i in range(start, end):
            total += weights[i]
            entered[y[i]] += weights[i]
            node = y[i] + 1
            while node <= levels:
                tree[node] += weights[i]
                node += node & -node
        start = end
    return excess
