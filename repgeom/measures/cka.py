"""Centred kernel alignment: how alike the inner products are that two representations have between stimuli.

The biased estimate nears 1 for unrelated data wherever features outnumber stimuli (Murphy et al. 2024,
arXiv:2405.01012). The debiased one is 0 on average there, and may be negative: it uses the unbiased HSIC,

    HSIC₁(K, L) = [tr(K̃L̃) + ΣK̃ ΣL̃ / ((n−1)(n−2)) − 2/(n−2) · 1ᵀK̃L̃1] / (n(n−3)),

K̃ and L̃ being inner products with zero diagonals, which equals the inner product of U-centred matrices. The half that
belongs to one representation is done once; what belongs to a pair is one inner product. Both take the features as
they are; sampling them from a larger population has a bias of its own (Chun et al. 2025).

References
----------
Kornblith et al. 2019, ICML (CKA); Song et al. 2012, J. Mach. Learn. Res. 13:1393 (HSIC₁); Székely & Rizzo 2014,
Ann. Stat. 42:2382 (U-centring).
"""

from collections.abc import Sequence

import numpy as np

from repgeom.errors import InputError
from repgeom.measures.uncertainty import INFINITESIMAL, Estimate, fisher_estimate

FEWEST = 4
"""Stimuli that the debiased estimate needs."""
ROUND_OFF = 1e-12
"""A kernel is constant whose centred length is below this fraction of its own."""
CENTRED = 1e-14
"""Features are centred whose means are below this fraction of the largest value."""
ROWS = 4096
"""Stimuli whose products with features are formed at a time."""


def cka(patterns: Sequence[np.ndarray], names: Sequence[str], debiased: bool = True) -> np.ndarray:
    """Linear CKA between all pairs of representations.

    Parameters
    ----------
    patterns : sequence of (n, features)
        Of the same n stimuli; exact coordinates will do.
    names : sequence of str
        What error messages call them.
    debiased : bool

    Returns
    -------
    (k, k) float64
        Symmetric, 1 on the diagonal.

    Raises
    ------
    InputError
        Fewer than four stimuli for the debiased estimate; a representation that does not vary, or so little
        beside its noise that its own unbiased HSIC is not positive, which leaves CKA undefined.
    """
    if cheaper_by_features([x.shape for x in patterns]):
        similarity = _rows_by_features(patterns, names, debiased).sum(axis=0)
    else:
        unit = _units(patterns, names, debiased).reshape(len(patterns), -1)
        similarity = unit @ unit.T
    np.fill_diagonal(similarity, 1)
    return similarity


def cka_estimates(patterns: Sequence[np.ndarray], names: Sequence[str], debiased: bool = True) -> Estimate:
    """`cka` with intervals for other stimuli, (k, k) each.

    CKA is ⟨K, L⟩ of centred kernels of length one. By how much it changes with the weight of stimulus i follows from
    row i alone, 2(K∘L)ᵢ1 − CKA·((K∘K)ᵢ1 + (L∘L)ᵢ1); the squares of these changes add up to its variance (Jaeckel 1972;
    Efron 1982, The jackknife, the bootstrap and other resampling plans, chapter 6). Ends are on Fisher's z.
    """
    n = len(patterns[0])
    if cheaper_by_features([x.shape for x in patterns]):
        rows = _rows_by_features(patterns, names, debiased)
    else:
        unit = _units(patterns, names, debiased)
        rows = np.array([unit[:, i] @ unit[:, i].T for i in range(n)])
    similarity, own = rows.sum(axis=0), np.diagonal(rows, axis1=1, axis2=2)
    changes = 2 * rows - similarity * (own[:, :, None] + own[:, None, :])
    error = np.sqrt((changes**2).sum(axis=0) * n / (n - 1))
    for array, value in ((similarity, 1), (error, 0)):
        np.fill_diagonal(array, value)
    return fisher_estimate(similarity, error, n - 1, INFINITESIMAL)


def _units(patterns: Sequence[np.ndarray], names: Sequence[str], debiased: bool) -> np.ndarray:
    return np.stack([_unit(x, name, debiased) for x, name in zip(patterns, names, strict=True)])


def _unit(x: np.ndarray, name: str, debiased: bool) -> np.ndarray:
    """(n, n): the centred inner products, such that CKA is the inner product of two of these."""
    centred = x - x.mean(axis=0)
    kernel = centred @ centred.T
    length = np.linalg.norm(kernel)
    if debiased:
        kernel = u_centred(kernel)
    own = np.linalg.norm(kernel)
    _check_varies(own, max(length, np.linalg.norm(x @ x.T)), name)
    return kernel / own


def _check_varies(own: float, scale: float, name: str) -> None:
    if own <= ROUND_OFF * scale:
        raise InputError(f"{name}: all stimuli have the same pattern, which leaves CKA undefined; leave it out")


def cheaper_by_features(shapes: Sequence[tuple[int, int]]) -> bool:
    """Whether products of features with features take fewer operations than those of stimuli with stimuli."""
    n, widths = shapes[0][0], [c for _, c in shapes]
    return sum(widths) ** 2 < n * sum(widths) + n * len(widths) ** 2 / 2


def _rows_by_features(patterns: Sequence[np.ndarray], names: Sequence[str], debiased: bool) -> np.ndarray:
    """(n, k, k): sums over the rows of K∘L of all pairs of kernels of length one, with nothing of size n × n formed.

    With K = XXᵀ and L = YYᵀ of centred X and Y, (K∘L)ᵢ1 is xᵢᵀ(XᵀY)yᵢ.
    """
    centred = [_centred(x) for x in patterns]
    k, n = len(centred), len(centred[0])
    rows = np.empty((n, k, k))
    for i, x in enumerate(centred):
        for j in range(i, k):
            rows[:, i, j] = rows[:, j, i] = _row_sums(x, centred[j])
    lengths = np.sqrt(np.diagonal(rows.sum(axis=0)))
    if debiased:
        rows = _u_centred_rows(rows, centred)
    own = np.sqrt(np.maximum(np.diagonal(rows.sum(axis=0)), 0))
    for x, length, size, name in zip(patterns, lengths, own, names, strict=True):
        _check_varies(size, max(length, np.vdot(x, x)), name)
    return rows / np.outer(own, own)


def _row_sums(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """(n,): xᵢᵀ(XᵀY)yᵢ, for so many stimuli at a time that no third array of their size is needed."""
    across = x.T @ y
    blocks = (slice(start, start + ROWS) for start in range(0, len(x), ROWS))
    return np.concatenate([np.einsum("ij,ij->i", x[block] @ across, y[block]) for block in blocks])


def _u_centred_rows(rows: np.ndarray, centred: Sequence[np.ndarray]) -> np.ndarray:
    """The same of U-centred kernels: Kᵢⱼ + aᵢ + aⱼ − c off the diagonal, a = diag K/(n−2), c = tr K/((n−1)(n−2))."""
    n = len(rows)
    _check_enough(n)
    diagonal = np.stack([np.einsum("ij,ij->i", x, x) for x in centred], axis=1)
    a = diagonal / (n - 2)
    c = diagonal.sum(axis=0) / ((n - 1) * (n - 2))
    along = np.stack([x @ (x.T @ a) for x in centred], axis=1)  # (n, k, k): Ka of every kernel with every a
    less, sums = a - c, a.sum(axis=0)
    added = n * less[:, :, None] * less[:, None] + less[:, :, None] * sums + sums[:, None] * less[:, None] + a.T @ a
    own = diagonal + 2 * a - c
    return rows + along + along.transpose(0, 2, 1) + added - own[:, :, None] * own[:, None]


def _centred(x: np.ndarray) -> np.ndarray:
    """The features less their means; themselves where they are centred, as they may be large."""
    mean = x.mean(axis=0)
    return x if np.abs(mean).max() <= CENTRED * max(x.max(), -x.min()) else x - mean


def _check_enough(n: int) -> None:
    if n < FEWEST:
        raise InputError(f"{n} stimuli have no debiased CKA; give at least {FEWEST}")


def u_centred(kernel: np.ndarray) -> np.ndarray:
    """The kernel (n, n) with zero diagonal and rows that sum to zero off it.

    Inner products of two such matrices, ÷ n(n − 3), are the unbiased HSIC.

    Raises
    ------
    InputError
        Fewer than four stimuli.
    """
    n = len(kernel)
    _check_enough(n)
    off = kernel - np.diag(np.diag(kernel))
    rows = off.sum(axis=0)
    centred = off - (rows[:, None] + rows) / (n - 2) + rows.sum() / ((n - 1) * (n - 2))
    np.fill_diagonal(centred, 0)
    return centred
