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

FEWEST = 4
"""Stimuli that the debiased estimate needs."""
ROUND_OFF = 1e-12
"""A kernel is constant whose centred length is below this fraction of its own."""
CENTRED = 1e-14
"""Features are centred whose means are below this fraction of the largest value."""


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
    if _cheaper_by_features([x.shape for x in patterns]):
        return _cka_by_features(patterns, names, debiased)
    unit = np.stack([_unit(x, name, debiased) for x, name in zip(patterns, names, strict=True)])
    similarity = unit @ unit.T
    np.fill_diagonal(similarity, 1)
    return similarity


def _unit(x: np.ndarray, name: str, debiased: bool) -> np.ndarray:
    """(n²,): the centred inner products, such that CKA is the inner product of two of these."""
    centred = x - x.mean(axis=0)
    kernel = centred @ centred.T
    length = np.linalg.norm(kernel)
    if debiased:
        kernel = u_centred(kernel)
    own = np.linalg.norm(kernel)
    _check_varies(own, max(length, np.linalg.norm(x @ x.T)), name)
    return (kernel / own).ravel()


def _check_varies(own: float, scale: float, name: str) -> None:
    if own <= ROUND_OFF * scale:
        raise InputError(f"{name}: all stimuli have the same pattern, which leaves CKA undefined; leave it out")


def _cheaper_by_features(shapes: Sequence[tuple[int, int]]) -> bool:
    """Whether products of features with features take fewer operations than those of stimuli with stimuli."""
    n, total = shapes[0][0], sum(c for _, c in shapes)
    by_features = sum(a * b for _, a in shapes for _, b in shapes) / 2
    return by_features < n * total + len(shapes) ** 2 * n / 2


def _cka_by_features(patterns: Sequence[np.ndarray], names: Sequence[str], debiased: bool) -> np.ndarray:
    """The same where there are many more stimuli than features: nothing of size n × n is formed.

    With K = XXᵀ and L = YYᵀ of centred X and Y, tr(KL) is ‖XᵀY‖² and K1 = 0. Taking the diagonals k and l out leaves
    tr(K̃L̃) = ‖XᵀY‖² − k·l, ΣK̃ = −Σk and 1ᵀK̃L̃1 = k·l.
    """
    centred = [_centred(x) for x in patterns]
    squares = [np.einsum("ij,ij->i", x, x) for x in centred]
    inner = np.empty((len(patterns), len(patterns)))
    for i, x in enumerate(centred):
        for j in range(i, len(centred)):
            product = x.T @ centred[j]
            inner[i, j] = inner[j, i] = np.vdot(product, product)
    lengths = np.sqrt(np.diag(inner))
    if debiased:
        inner = _unbiased(inner, np.stack(squares))
    own = np.sqrt(np.maximum(np.diag(inner), 0))
    for x, length, size, name in zip(patterns, lengths, own, names, strict=True):
        _check_varies(size, max(length, np.vdot(x, x)), name)
    similarity = inner / np.outer(own, own)
    np.fill_diagonal(similarity, 1)
    return similarity


def _centred(x: np.ndarray) -> np.ndarray:
    """The features less their means; themselves where they are centred, as they may be large."""
    mean = x.mean(axis=0)
    return x if np.abs(mean).max() <= CENTRED * max(x.max(), -x.min()) else x - mean


def _unbiased(inner: np.ndarray, squares: np.ndarray) -> np.ndarray:
    """n(n−3) HSIC₁ (k, k) from tr(KL) and the diagonals (k, n) of centred kernels."""
    n = squares.shape[1]
    if n < FEWEST:
        raise InputError(f"{n} stimuli have no debiased CKA; give at least {FEWEST}")
    diagonals, sums = squares @ squares.T, squares.sum(axis=1)
    return inner - diagonals + np.outer(sums, sums) / ((n - 1) * (n - 2)) - 2 / (n - 2) * diagonals


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
