"""Projection of vectors onto a finitely generated cone, from inner products alone.

The projection of t onto {Sμ : μ ≥ 0} is the non-negative least-squares problem min ‖Sμ − t‖. It depends
on the generators (columns of S) only through the Gram matrix SᵀS and on t only through Sᵀt. Solved by
the active-set method of Lawson & Hanson (Solving Least Squares Problems, 1974, ch. 23) on the normal
equations, with a Cholesky factor that grows and shrinks with the active set.

The loop is compiled by Numba when it is first called and cached beside the source or, where that is read-only, in
the user's cache directory. Only the outermost function is cached, and it is only ever called with float64 arrays
in C order: jobs that start together write one and the same entry.
"""

from dataclasses import dataclass

import numba
import numpy as np

TOLERANCE = 1e-13
"""Largest inner product of residual and generator that counts as none; relative to the largest |Sᵀt|."""

DEPENDENT = 1e-15
"""Squared sine of the angle between a generator and the span of the active ones that counts as 0."""

MAX_CHANGES = 30
"""Bound on the changes of the active set, per generator; in practice one or two suffice."""


@dataclass(frozen=True)
class Projection:
    """Projections of n vectors onto one cone with m generators.

    Attributes
    ----------
    weights : (n, m)
        μ ≥ 0; the projection is Sμ.
    squared_norm : (n,)
        ‖Sμ‖².
    kkt_residual : (n,)
        How far each solution is from optimal: the largest of max Sᵀ(t − Sμ) and |μ·Sᵀ(t − Sμ)|.
    """

    weights: np.ndarray
    squared_norm: np.ndarray
    kkt_residual: np.ndarray


def project_onto_cone(gram: np.ndarray, targets: np.ndarray) -> Projection:
    """Project n vectors onto the cone spanned by m generators.

    Parameters
    ----------
    gram : (m, m)
        SᵀS, inner products of the generators; none of them is zero.
    targets : (n, m)
        Sᵀt, inner products of each vector with the generators.
    """
    length = np.sqrt(np.diag(gram))
    targets = np.ascontiguousarray(targets, dtype=float)
    unit_gram = np.ascontiguousarray(gram / np.outer(length, length))
    unit_targets = targets / length
    weights = np.zeros_like(targets)
    _lawson_hanson(unit_gram, unit_targets, np.abs(unit_targets).max(axis=1), weights)
    weights /= length
    projected = weights @ gram
    slack = targets - projected
    complementarity = np.abs(np.einsum("ij,ij->i", weights, slack))
    return Projection(
        weights=weights,
        squared_norm=np.einsum("ij,ij->i", weights, projected),
        kkt_residual=np.maximum(slack.max(axis=1), complementarity).clip(min=0.0),
    )


@numba.njit(nogil=True, cache=True)
def _lawson_hanson(gram, targets, scales, weights):
    """Fill `weights` (n, m) for unit generators, one Lawson–Hanson run per row of `targets`."""
    n, m = targets.shape
    factor = np.empty((m, m))
    goal, slack = np.empty(m), np.empty(m)
    active = np.empty(m, np.int64)
    excluded = np.empty(m, np.bool_)
    for i in range(n):
        tolerance = TOLERANCE * scales[i]
        size = 0
        excluded[:] = False
        for _ in range(MAX_CHANGES * m):
            j = _steepest(gram, targets[i], weights[i], active, size, excluded, tolerance, slack)
            if j < 0:
                break
            active[size] = j
            if _append(factor, gram, active, size):
                _least_squares(factor, targets[i], active, size + 1, goal)
                if goal[size] > 0.0:
                    size = _restore_feasibility(gram, targets[i], weights[i], factor, active, size + 1, goal)
                    excluded[:] = False
                    continue
            excluded[j] = True


@numba.njit(nogil=True)
def _steepest(gram, target, weights, active, size, excluded, tolerance, slack):
    """The inactive generator with the largest inner product with the residual; −1 if none exceeds 0."""
    m = len(target)
    for j in range(m):
        slack[j] = target[j]
    for i in range(size):
        weight = weights[active[i]]
        for j in range(m):
            slack[j] -= weight * gram[active[i], j]
    best, largest = -1, tolerance
    for j in range(m):
        if slack[j] > largest and weights[j] == 0.0 and not excluded[j]:
            best, largest = j, slack[j]
    return best


@numba.njit(nogil=True)
def _append(factor, gram, active, k):
    """Extend the Cholesky factor by active generator k; False if it depends on those before it."""
    new = active[k]
    pivot = gram[new, new]
    for i in range(k):
        value = gram[new, active[i]]
        for j in range(i):
            value -= factor[i, j] * factor[k, j]
        factor[k, i] = value / factor[i, i]
        pivot -= factor[k, i] ** 2
    factor[k, k] = max(pivot, DEPENDENT) ** 0.5
    return pivot > DEPENDENT


@numba.njit(nogil=True)
def _least_squares(factor, target, active, size, goal):
    """Unconstrained weights of the active generators, by forward and back substitution."""
    for i in range(size):
        goal[i] = target[active[i]]
        for j in range(i):
            goal[i] -= factor[i, j] * goal[j]
        goal[i] /= factor[i, i]
    for i in range(size - 1, -1, -1):
        for j in range(i + 1, size):
            goal[i] -= factor[j, i] * goal[j]
        goal[i] /= factor[i, i]


@numba.njit(nogil=True)
def _restore_feasibility(gram, target, weights, factor, active, size, goal):
    """Move to the least-squares weights, dropping each generator that reaches 0; the new active size."""
    while True:
        step, limit = 1.0, -1
        for i in range(size):
            weight = weights[active[i]]
            if goal[i] <= 0.0 and weight <= step * (weight - goal[i]):
                step, limit = weight / (weight - goal[i]), i
        for i in range(size):
            weights[active[i]] += step * (goal[i] - weights[active[i]])
        if limit < 0:
            return size
        weights[active[limit]] = 0.0
        size -= 1
        for i in range(limit, size):
            active[i] = active[i + 1]
        for i in range(limit, size):
            _append(factor, gram, active, i)
        _least_squares(factor, target, active, size, goal)
