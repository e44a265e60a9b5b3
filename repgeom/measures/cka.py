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
    unit = _units(patterns, names, debiased)
    n = unit.shape[1]
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
    if own <= ROUND_OFF * max(length, np.linalg.norm(x @ x.T)):
        raise InputError(f"{name}: all stimuli have the same pattern, which leaves CKA undefined; leave it out")
    return kernel / own


def u_centred(kernel: np.ndarray) -> np.ndarray:
    """The kernel (n, n) with zero diagonal and rows that sum to zero off it.

    Inner products of two such matrices, ÷ n(n − 3), are the unbiased HSIC.

    Raises
    ------
    InputError
        Fewer than four stimuli.
    """
    n = len(kernel)
    if n < FEWEST:
        raise InputError(f"{n} stimuli have no debiased CKA; give at least {FEWEST}")
    off = kernel - np.diag(np.diag(kernel))
    rows = off.sum(axis=0)
    centred = off - (rows[:, None] + rows) / (n - 2) + rows.sum() / ((n - 1) * (n - 2))
    np.fill_diagonal(centred, 0)
    return centred
