"""Time linear decoding against LIBLINEAR on the raw features.

Run ``python benchmarks/decoding.py``; it exits with an error if decoding 20 categories from 1000 × 73,728
features is less than 30 times faster than `sklearn.svm.LinearSVC` with the same settings (with the
reduction to coordinates counted on our side), if fewer than 99.5 % of the predictions agree, or if one
network's whole decoding would take more than 20 minutes. Both sides run in turn in one process.
"""

import sys
import time
import warnings
from collections.abc import Callable

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.svm import LinearSVC

from repgeom.coordinates.reduction import reduce_activations
from repgeom.measures.decoding import decode

N, N_FIT, FEATURES, BLOCK = 1000, 800, 73_728, 4096
LEAST_SPEEDUP, LEAST_AGREEMENT, MOST_MINUTES = 30, 0.995, 20
REPETITIONS = 10
LAYERS = 4 * 4 + 4 * 3  # states at four steps, flows at three
CONDITIONS = 2  # cluttered, clean
SIGNAL = 0.25  # category is then decoded at about 60 %, where predictions are easily upset


def make_variables(rng: np.random.Generator) -> dict[str, np.ndarray]:
    category = rng.integers(20, size=N)
    binary = {name: rng.integers(2, size=N) for name in ("x", "y", "scale", "orientation")}
    return {"category": category, "domain": category // 10, **binary}


def make_features(variables: dict[str, np.ndarray], d: int, rng: np.random.Generator) -> np.ndarray:
    """Rectified features, smooth over channels: the variables, nuisances of falling variance, a common mean."""
    signal = [SIGNAL * rng.normal(size=(values.max() + 1, 20))[values] for values in variables.values()]
    nuisance = rng.normal(size=(N, 300)) * 6 / np.sqrt(np.arange(1, 301))
    latent = np.hstack([*signal, nuisance])
    features = latent @ rng.normal(size=(latent.shape[1], d)) / np.sqrt(latent.shape[1])
    return np.maximum(features + 0.5, 0)


def timed(call: Callable):
    start = time.perf_counter()
    result = call()
    return result, time.perf_counter() - start


def liblinear(features: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, bool]:
    """Predictions of LinearSVC at its default settings, and whether it converged."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        machine = LinearSVC(C=1.0, dual=True, random_state=0).fit(features[:N_FIT], labels[:N_FIT])
    converged = not any(issubclass(w.category, ConvergenceWarning) for w in caught)
    return machine.predict(features[N_FIT:]), converged


def against_liblinear(rng: np.random.Generator) -> bool:
    variables = make_variables(rng)
    features = make_features(variables, FEATURES, rng)
    blocks = [features[:, i : i + BLOCK] for i in range(0, FEATURES, BLOCK)]
    coordinates, reducing = timed(lambda: reduce_activations(blocks).uncentred)
    category = {"category": variables["category"]}
    ours, decoding = timed(lambda: decode(coordinates, category, N_FIT)["category"])
    (theirs, converged), seconds = timed(lambda: liblinear(features, variables["category"]))
    agreement = np.mean(ours.predicted == theirs)
    speedup = seconds / (reducing + decoding)
    print(f"20 categories from {N} × {FEATURES} features, accuracy {ours.accuracy:.3f}")
    print(f"  LinearSVC on features     {seconds:8.2f} s{'' if converged else ' (stopped before convergence)'}")
    print(f"  reduction to coordinates  {reducing:8.2f} s")
    print(f"  decoding of coordinates   {decoding:8.2f} s: {seconds / decoding:.0f} times faster")
    print(f"  together                  {reducing + decoding:8.2f} s: {speedup:.0f} times faster")
    print(f"  equal predictions         {agreement:8.1%}")
    return speedup >= LEAST_SPEEDUP and agreement >= LEAST_AGREEMENT


def whole_network(rng: np.random.Generator) -> bool:
    """One network's decoding, extrapolated from three sets of coordinates."""
    seconds = []
    for _ in range(3):
        variables = make_variables(rng)
        coordinates = reduce_activations([make_features(variables, 3000, rng)]).uncentred
        seconds.append(timed(lambda v=variables, x=coordinates: decode(x, v, N_FIT))[1])
    minutes = np.mean(seconds) * LAYERS * REPETITIONS * CONDITIONS / 60
    print(f"six variables of one layer: {np.mean(seconds):.2f} s on {coordinates.shape[1]} coordinates")
    print(f"one network, {LAYERS} layers × {REPETITIONS} repetitions × {CONDITIONS} conditions: {minutes:.1f} minutes")
    return minutes <= MOST_MINUTES


def main() -> None:
    """Run both parts and exit with an error where a bound is missed."""
    rng = np.random.default_rng(0)
    passed = [whole_network(rng), against_liblinear(rng)]
    sys.exit(not all(passed))


if __name__ == "__main__":
    main()
