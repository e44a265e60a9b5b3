"""Time the recorded training of a deep linear network against an SVD of the full map at every step.

Run ``python benchmarks/deep_linear.py``; it exits with an error if the recorded run is less than 20 times
faster or its modes differ by more than 1e-5 of the largest. Both sides compute in float64 with NumPy in
one process, in turn, and the median of several repetitions counts.
"""

import sys
import time
from collections.abc import Callable
from itertools import islice
from statistics import median

import numpy as np

from repgeom.datasets.tree import BranchingTree, sample_features
from repgeom.models.deep_linear import initial_weights, total_map
from repgeom.training.deep_linear import Training, descent_rate, gradient_descent, train, train_grid

TRAINING = Training()
REPETITIONS = 5
OUTPUTS = (1_000, 10_000, 30_000)


def tree_features(n_features: int) -> np.ndarray:
    return sample_features(BranchingTree(), n_features, np.random.default_rng(2021))


def full_maps(features: np.ndarray):
    """Train on all outputs with the same update and yield the full map at every step."""
    sizes = (len(features), *TRAINING.hidden, features.shape[1])
    start = initial_weights(sizes, TRAINING.gamma, np.random.default_rng(TRAINING.seed))
    course = gradient_descent(start, np.eye(len(features)), features, descent_rate(TRAINING.lr, features.size))
    return (total_map(weights) for weights in islice(course, TRAINING.n_steps + 1))


def full_run(features: np.ndarray) -> np.ndarray:
    """Train on all outputs and decompose the full map at every step, as the tutorial does."""
    return np.array([np.linalg.svd(m, full_matrices=False)[1] for m in full_maps(features)])


def timed(work: Callable, *arguments) -> tuple[float, object]:
    began = time.perf_counter()
    result = work(*arguments)
    return time.perf_counter() - began, result


def compare_runs() -> bool:
    features, recorded_times, full_times = tree_features(10_000), [], []
    train(features, TRAINING)  # loads what the first call loads
    for _ in range(REPETITIONS):
        seconds, history = timed(train, features, TRAINING)
        recorded_times.append(seconds)
        seconds, modes = timed(full_run, features)
        full_times.append(seconds)
    ratio = median(full_times) / median(recorded_times)
    difference = np.abs(history.modes - modes).max() / modes.max()
    print(f"recorded run           {1e3 * median(recorded_times):9.1f} ms")
    print(f"SVD of full map/step   {1e3 * median(full_times):9.1f} ms   {ratio:.0f} times as long")
    print(f"largest difference of modes {difference:.1e} of the largest")
    return ratio >= 20 and difference < 1e-5


def compare_decompositions() -> None:
    """Time the decompositions alone, on maps that are already there."""
    features = tree_features(10_000)
    full = list(full_maps(features))
    basis, _ = np.linalg.qr(np.hstack([features.T, full[0]]))
    small = np.array([basis.T @ m for m in full])
    ours = median(timed(lambda: np.linalg.svd(small, compute_uv=False))[0] for _ in range(REPETITIONS))
    theirs = median(timed(lambda: [np.linalg.svd(m, full_matrices=False) for m in full])[0] for _ in range(REPETITIONS))
    print(f"decompositions alone: recorded {1e3 * ours:.1f} ms, full {1e3 * theirs:.1f} ms ({theirs / ours:.0f}×)")


def show_growth() -> None:
    """Show that after the one reduction at the start nothing depends on the number of outputs."""
    for n_outputs in OUTPUTS:
        features = tree_features(n_outputs)
        long, short = (Training(lr=10.0, n_steps=n) for n in (2_000, 1_000))
        fastest = [min(timed(train, features, t)[0] for _ in range(REPETITIONS)) for t in (long, short)]
        per_step = (fastest[0] - fastest[1]) / 1_000
        print(f"{n_outputs:6d} outputs: {per_step * 1e6:8.1f} µs per recorded step")


def time_grid() -> None:
    lrs, gammas = np.geomspace(1, 200, 12), np.logspace(-15, 1, 17)
    seconds, loss = timed(train_grid, tree_features(10_000), lrs, gammas, TRAINING)
    print(f"grid of {loss[0].size} networks: {seconds:.2f} s")


def main() -> None:
    held = compare_runs()
    compare_decompositions()
    show_growth()
    time_grid()
    if not held:
        sys.exit("The recorded run is not 20 times faster with the same modes.")


if __name__ == "__main__":
    main()
