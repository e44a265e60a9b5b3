"""Random numbers addressed by (seed, image, draw) instead of drawn in sequence.

Each number is a hash of its address, so the numbers of one image depend neither on the other images of a batch
nor on the order of drawing, and a whole batch is hashed at once. The hash is the output function of SplitMix64
(Steele, Lea & Flood 2014, *Fast splittable pseudorandom number generators*), whose state is a plain counter.
"""

import numpy as np

_GAMMA = np.uint64(0x9E3779B97F4A7C15)
_TO_UNIT = 2.0**-53


def uniforms(seed: int, ids: np.ndarray, draws: np.ndarray) -> np.ndarray:
    """Uniform numbers in [0, 1).

    Parameters
    ----------
    seed
        Non-negative, below 2⁶³.
    ids : (n,) int
        Image numbers, not negative.
    draws : (m,) int
        Which draws of each image, not negative.

    Returns
    -------
    (n, m) float64, the number at (i, j) a function of (seed, ids[i], draws[j]) alone.
    """
    stream = splitmix64(np.array([seed], dtype=np.uint64), np.zeros(1, dtype=np.uint64))
    image = splitmix64(stream, ids.astype(np.uint64))
    bits = splitmix64(image[:, None], draws.astype(np.uint64)[None, :])
    return (bits >> np.uint64(11)) * _TO_UNIT


def integers(uniform: np.ndarray, stop: int | np.ndarray) -> np.ndarray:
    """Integers in [0, stop) from uniform numbers in [0, 1); `stop` is below 2⁵³ and broadcasts."""
    return (uniform * stop).astype(np.int64)


def splitmix64(key: np.ndarray, counter: np.ndarray) -> np.ndarray:
    """Output number `counter` of the SplitMix64 generator seeded with `key`; both uint64 arrays."""
    z = key + (counter + np.uint64(1)) * _GAMMA
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def permutations(ranks: np.ndarray, n: int) -> np.ndarray:
    """The permutations of ``range(n)`` with the given ranks in lexicographic order (0 is the identity).

    Parameters
    ----------
    ranks : (...) int
        In [0, n!).

    Returns
    -------
    (..., n) int64
    """
    permutation = np.empty((*ranks.shape, n), dtype=np.int64)
    for place in range(n - 1, -1, -1):  # Lehmer code, least significant digit first
        ranks, digit = np.divmod(ranks, n - place)
        tail = permutation[..., place + 1 :]
        tail += tail >= digit[..., None]
        permutation[..., place] = digit
    return permutation
