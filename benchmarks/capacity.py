"""Time manifold analysis against the same analysis with an interior-point program per draw.

Run ``python benchmarks/capacity.py``; it exits with an error if the analysis of 50 manifolds of 50 points in
5000 features is less than 15 times faster than with cvxopt solving the quadratic programs one by one, if α, R
or D differ by more than 1e-6, or if it needs more than 500 MB (of the whole process, data included). Both run
in turn in one process and one thread on the same draws, and only the solver differs. Compiling, which happens
once per installation, counts for neither.
"""

import resource
import sys
import time
from unittest import mock

import numpy as np
from threadpoolctl import threadpool_limits

from repgeom.measures.capacity import ManifoldAnalysis, analyse_manifolds, cone_geometry
from repgeom.measures.capacity.cone import Projection, project_onto_cone

N_MANIFOLDS, N_POINTS, N_FEATURES, N_DRAWS = 50, 50, 5000, 300
LEAST_SPEEDUP, LARGEST_DIFFERENCE, MOST_MEGABYTES = 15, 1e-6, 500
STATISTICS = ("capacity", "radius", "dimension")


def timed(manifolds: np.ndarray) -> tuple[ManifoldAnalysis, float]:
    start = time.perf_counter()
    analysis = analyse_manifolds(manifolds, n_draws=N_DRAWS)
    return analysis, time.perf_counter() - start


def project_by_interior_point(gram: np.ndarray, targets: np.ndarray) -> Projection:
    """The same projections, one quadratic program per vector: min ½μᵀSᵀSμ − tᵀSμ, μ ≥ 0."""
    from cvxopt import matrix, solvers  # here, so that its memory is not counted with ours

    quadratic, bound, zero = matrix(gram), matrix(-np.eye(len(gram))), matrix(np.zeros(len(gram)))
    options = {"show_progress": False, "abstol": 1e-12, "reltol": 1e-12, "feastol": 1e-12}
    solutions = (solvers.qp(quadratic, matrix(-t), bound, zero, options=options) for t in targets)
    weights = np.array([np.ravel(solution["x"]) for solution in solutions])
    weights[(targets <= 0).all(axis=1)] = 0.0
    projected = weights @ gram
    kkt_residual = np.abs((targets - projected) * weights).max(axis=1)
    return Projection(weights, np.sum(weights * projected, axis=1), kkt_residual)


def report(label: str, analysis: ManifoldAnalysis, seconds: float, megabytes: float | None = None) -> None:
    row = analysis.summary()
    values = "".join(f"{row[name]:>14.9f}" for name in STATISTICS)
    memory = f"{megabytes:>9.0f}" if megabytes is not None else f"{'':>9}"
    print(f"{label:<20}{seconds:>9.2f}{memory}{values}")


def main() -> None:
    """Run both, print a table, and exit with an error where a bound is missed."""
    manifolds = np.random.default_rng(0).standard_normal((N_MANIFOLDS, N_POINTS, N_FEATURES))
    project_onto_cone(np.eye(2), np.ones((1, 2)))
    ours, seconds = timed(manifolds)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    with mock.patch.object(cone_geometry, "project_onto_cone", project_by_interior_point):
        theirs, their_seconds = timed(manifolds)
    print(f"{N_MANIFOLDS} manifolds, {N_POINTS} points, {N_FEATURES} features, {N_DRAWS} draws, one thread")
    print(f"{'solver':<20}{'seconds':>9}{'peak MB':>9}" + "".join(f"{name:>14}" for name in STATISTICS))
    report("cone projection", ours, seconds, peak)
    report("cvxopt, one by one", theirs, their_seconds)
    difference = max(abs(ours.summary()[name] - theirs.summary()[name]) for name in STATISTICS)
    speedup = their_seconds / seconds
    print(f"{speedup:.1f} times faster, largest difference {difference:.1e}")
    sys.exit(speedup < LEAST_SPEEDUP or difference > LARGEST_DIFFERENCE or peak > MOST_MEGABYTES)


if __name__ == "__main__":
    with threadpool_limits(1):
        main()
