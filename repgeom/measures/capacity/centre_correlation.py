"""Correlations between the centres of manifolds, and the low-dimensional subspace that carries them.

Mean-field capacity assumes that the centres point in independent directions. Real centres share
directions; these are found as the K-dimensional subspace V whose removal minimises the residual
correlations (Cohen, Chung, Lee & Sompolinsky 2020, Nat. Commun. 11:746, Methods)

    f(V) = ½ Σ_{i≠j} corr(c_i − VVᵀc_i, c_j − VVᵀc_j)²

within the span of the centres. (A subspace that leaves the span removes directions in part; K would then be
an upper bound on what is removed, and no K too large.)

P unit vectors in d dimensions satisfy Σ_ij corr² ≥ P²/d (Welch 1974, IEEE Trans. Inf. Theory 20:397), so
that f ≥ ½(P²/(r − K) − P) for centres of rank r. The bound rises with K: no larger K can do better once it
passes the best value found, and the search ends there.
"""

from dataclasses import dataclass
from itertools import combinations, islice

import numpy as np
from scipy.optimize import minimize

from repgeom.errors import InputError

RANK_TOLERANCE = 1e-12
"""Squared singular values below this fraction of the largest are round-off."""

WEAK_CENTRE = 0.05
"""A residual centre shorter than this fraction of the median centre hardly says where its class is."""

SCREENED = 24
"""Starts of each kind that are tried for K = 1; divided by K² for larger K."""

REFINED = 4
"""Starts that are followed to the end: those which had come lowest."""

NEWTON_STEPS = 20
"""Enough to reach machine precision from where L-BFGS stops; four or five are usual."""


@dataclass(frozen=True)
class CentreCorrelation:
    """Correlations of class centres and the subspace that explains them.

    Attributes
    ----------
    correlation : float
        ρ, mean absolute correlation of the centred class centres, before any projection.
    standard_error : float
        Jackknife over classes; NaN for two.
    floor : float
        1/(P − 1): ρ of centres that are uncorrelated but for having been centred.
    residual : float
        Mean absolute correlation after projection.
    subspace : (n_features, K)
        Orthonormal basis of what is projected out.
    strength : (P,)
        Norm of each residual centre, in units of the median norm before projection.
    avoided : bool
        Whether a subspace with less residual correlation was passed over since it took a centre away.
    """

    correlation: float
    standard_error: float
    floor: float
    residual: float
    subspace: np.ndarray
    strength: np.ndarray
    avoided: bool


def centre_correlation(centres: np.ndarray, k: str | int = "auto", where: str = "centres") -> CentreCorrelation:
    """Correlations between class centres, and the K directions that carry them.

    Parameters
    ----------
    centres : (P, n_features)
        Class centres; their mean is subtracted here.
    k : "auto", "reference" or int
        Dimension of the subspace. "auto" takes the K ≥ 0 and the minimum of f with the least residual
        correlation that takes no centre below `WEAK_CENTRE` of the median centre's norm. "reference" takes
        the least of K ≥ 1, whatever it leaves of the centres, as the published analyses do. A number fixes K.
    where : str
        What errors call these centres.

    Raises
    ------
    InputError
        Fewer than two centres, one that coincides with their mean, or `k` out of range.
    """
    vectors, basis = _centred(np.asarray(centres, dtype=float), where)
    _check_k(k, vectors.shape[1], where)
    lengths = np.linalg.norm(vectors, axis=1)
    unit, relative = vectors / lengths[:, None], lengths / np.median(lengths)
    local, avoided = _best_subspace(unit, relative, k)
    return CentreCorrelation(
        correlation=_mean_correlation(unit),
        standard_error=_jackknife(unit),
        floor=1.0 / (len(unit) - 1),
        residual=_mean_correlation(_residual(unit, local)),
        subspace=basis.T @ local,
        strength=_strength(unit, relative, local),
        avoided=avoided,
    )


def _centred(centres: np.ndarray, where: str) -> tuple[np.ndarray, np.ndarray]:
    """Centres minus their mean, (P, r), in an orthonormal basis (r, n_features) of their span."""
    if len(centres) < 2:
        raise InputError(f"{where}: they are compared with each other, need at least two, got {len(centres)}")
    centred = centres - centres.mean(axis=0)
    length = np.linalg.norm(centred, axis=1)
    if length.min() <= 1e-12 * np.linalg.norm(centres, axis=1).max():
        raise InputError(
            f"{where}: the centre of manifold {int(length.argmin())} has norm zero: it coincides with the mean of "
            "all centres, so that its cone is undefined; leave that class out"
        )
    _, singular, basis = np.linalg.svd(centred, full_matrices=False)
    basis = basis[singular**2 > RANK_TOLERANCE * singular[0] ** 2]
    return centred @ basis.T, basis


def _check_k(k: str | int, rank: int, where: str) -> None:
    if k == "auto" or (k == "reference" and rank >= 2):
        return
    if k == "reference":
        raise InputError(f"{where}: k='reference' removes a direction, but the centres span only one; take k='auto'")
    if isinstance(k, bool) or not isinstance(k, int | np.integer) or not 0 <= k < rank:
        raise InputError(f"{where}: k must be 'auto', 'reference' or a number from 0 to {rank - 1}, got {k!r}")


def _best_subspace(unit: np.ndarray, relative: np.ndarray, k: str | int) -> tuple[np.ndarray, bool]:
    """The chosen subspace (r, K), and whether a better one was passed over for the sake of weak centres."""
    found = _minima(unit, k)
    strong = relative >= WEAK_CENTRE
    best = found[0]
    if k == "auto":  # K = 0 keeps all centres, so that one is always found
        best = next(v for v in found if _strength(unit, relative, v)[strong].min() >= WEAK_CENTRE)
    return _polish(unit, best), best is not found[0]


def _minima(unit: np.ndarray, k: str | int) -> list[np.ndarray]:
    """Minima of f, the least first: of one K if it is fixed, else of every K that Welch's bound allows."""
    n, rank = unit.shape
    fixed = not isinstance(k, str)
    smaller = np.zeros((rank, 0))
    found = [smaller] if k in ("auto", 0) else []
    for size in range(1, k + 1 if fixed else rank):
        least = min((_cost(unit, v) for v in found), default=np.inf)
        if not fixed and (n * n / (rank - size) - n) / 2 >= least:
            break
        minima = _descend_all(unit, _starts(unit, smaller))
        smaller = minima[0]
        found = minima if fixed else found + minima
    return sorted(found, key=lambda v: _cost(unit, v))


def _starts(unit: np.ndarray, smaller: np.ndarray) -> list[np.ndarray]:
    """Starts from PCA: sets of K principal directions; the best smaller subspace with one residual
    direction; and with a sum or a difference of two of these.
    """
    size, rank = smaller.shape[1] + 1, unit.shape[1]
    count = max(SCREENED // size**2, 1)
    axes = np.linalg.svd(unit, full_matrices=False)[2]
    leading = sorted(combinations(range(min(rank, size + 3)), size), key=sum)[:count]
    rest = np.linalg.svd(_residual(unit, smaller))[2][: rank - size + 1]
    pairs = (rest[i] + sign * rest[j] for j in range(len(rest)) for i in range(j) for sign in (1, -1))
    added = [*rest[:count], *islice(pairs, count)]
    return [axes[list(rows)].T for rows in leading] + [np.column_stack([smaller, row]) for row in added]


def _descend_all(unit: np.ndarray, starts: list[np.ndarray]) -> list[np.ndarray]:
    """Follow every start loosely and the lowest few to the end; minima, the least first."""
    screened = sorted((_descend(unit, v, ftol=1e-5) for v in starts), key=lambda v: _cost(unit, v))
    refined = [_descend(unit, v, ftol=1e-12) for v in _distinct(unit, screened)[:REFINED]]
    return sorted(refined, key=lambda v: _cost(unit, v))


def _distinct(unit: np.ndarray, subspaces: list[np.ndarray]) -> list[np.ndarray]:
    """Of subspaces in order of f, those whose f exceeds their predecessor's by more than descent left open."""
    cost = np.array([_cost(unit, v) for v in subspaces])
    new = np.diff(cost, prepend=-np.inf) > 1e-3 * np.abs(cost)
    return [v for v, keep in zip(subspaces, new, strict=True) if keep]


def _descend(unit: np.ndarray, start: np.ndarray, ftol: float) -> np.ndarray:
    """L-BFGS over the entries of any basis of the subspace: f does not depend on the basis."""
    shape = start.shape

    def objective(flat: np.ndarray) -> tuple[float, np.ndarray]:
        q, r = np.linalg.qr(flat.reshape(shape))
        value, gradient = _cost_and_gradient(unit, q)
        return value, np.linalg.solve(r, gradient.T).T.ravel()

    options = {"maxiter": 1000, "ftol": ftol, "gtol": 1e-9}
    found = minimize(objective, start.ravel(), jac=True, method="L-BFGS-B", options=options)
    return np.linalg.qr(found.x.reshape(shape))[0]


def _polish(unit: np.ndarray, subspace: np.ndarray) -> np.ndarray:
    """Newton steps to machine precision, so that round-off in the data stays round-off in the subspace."""
    for _ in range(NEWTON_STEPS if subspace.size else 0):
        normal = np.linalg.qr(subspace, mode="complete")[0][:, subspace.shape[1] :]
        step = normal @ _newton_step(*_local_derivatives(unit, subspace, normal)).reshape(normal.shape[1], -1)
        subspace = _advance(unit, subspace, step)
        if np.linalg.norm(step) < 1e-13:
            break
    return subspace


def _newton_step(gradient: np.ndarray, hessian: np.ndarray) -> np.ndarray:
    """Step downhill with the curvatures' absolute values; none along directions in which f is flat."""
    curvature, directions = np.linalg.eigh(hessian)
    curvature = np.abs(curvature)
    curved = curvature > 1e-8 * curvature.max()
    return -directions[:, curved] @ ((directions[:, curved].T @ gradient) / curvature[curved])


def _advance(unit: np.ndarray, subspace: np.ndarray, step: np.ndarray) -> np.ndarray:
    """Take the step, or the first of its halves that does not raise f beyond round-off."""
    limit = _cost(unit, subspace) * (1 + 1e-14)
    for halvings in range(30):
        moved = np.linalg.qr(subspace + step / 2**halvings)[0]
        if _cost(unit, moved) <= limit:
            return moved
    return subspace


def _local_derivatives(unit: np.ndarray, subspace: np.ndarray, normal: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Gradient and (central-difference) Hessian of f in the chart B ↦ span(V + V⊥B), at B = 0."""

    def gradient(flat: np.ndarray) -> np.ndarray:
        q, r = np.linalg.qr(subspace + normal @ flat.reshape(normal.shape[1], -1))
        return (normal.T @ np.linalg.solve(r, _cost_and_gradient(unit, q)[1].T).T).ravel()

    steps = 1e-5 * np.eye(normal.shape[1] * subspace.shape[1])
    hessian = np.array([gradient(h) - gradient(-h) for h in steps]) / 2e-5
    return gradient(np.zeros(len(steps))), (hessian + hessian.T) / 2


def _cost(unit: np.ndarray, subspace: np.ndarray) -> float:
    return _cost_and_gradient(unit, subspace)[0]


def _cost_and_gradient(unit: np.ndarray, subspace: np.ndarray) -> tuple[float, np.ndarray]:
    """f(V) and ∂f/∂V for orthonormal V (r, K), the gradient tangent to the Grassmann manifold."""
    residual = _residual(unit, subspace)
    length = np.linalg.norm(residual, axis=1, keepdims=True)
    direction = residual / length
    correlation = direction @ direction.T
    np.fill_diagonal(correlation, 0.0)
    pull = correlation @ direction
    squares = np.sum(pull * direction, axis=1, keepdims=True)  # Σ_j corr_ij²
    mixed = unit.T @ (2 * (pull - squares * direction) / length)
    gradient = -(mixed + mixed.T) @ subspace
    return 0.5 * float(squares.sum()), gradient - subspace @ (subspace.T @ gradient)


def _residual(vectors: np.ndarray, subspace: np.ndarray) -> np.ndarray:
    return vectors - (vectors @ subspace) @ subspace.T


def _strength(unit: np.ndarray, relative: np.ndarray, subspace: np.ndarray) -> np.ndarray:
    return relative * np.linalg.norm(_residual(unit, subspace), axis=1)


def _correlations(vectors: np.ndarray) -> np.ndarray:
    direction = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return direction @ direction.T


def _mean_correlation(vectors: np.ndarray) -> float:
    """Mean absolute cosine between different rows."""
    pairs = _correlations(vectors)[np.triu_indices(len(vectors), k=1)]
    return float(np.abs(pairs).mean())


def _jackknife(unit: np.ndarray) -> float:
    """Standard error of ρ over classes, from leaving each out in turn; NaN for two."""
    n = len(unit)
    if n < 3:
        return float("nan")
    absolute = np.abs(_correlations(unit))
    np.fill_diagonal(absolute, 0.0)
    left_out = (absolute.sum() - 2 * absolute.sum(axis=1)) / ((n - 1) * (n - 2))
    return float(np.sqrt((n - 1) / n * np.sum((left_out - left_out.mean()) ** 2)))
