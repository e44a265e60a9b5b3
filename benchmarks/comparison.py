"""Time comparisons between many RDMs, and their bootstrap, against rsatoolbox.

Run ``python benchmarks/comparison.py``; it exits with an error if τ-a is less than 30 times faster than
`rsatoolbox.rdm.compare` or any method differs from it by more than 1e-8. Both run in turn in one process
on the same 22 RDMs of 500 stimuli; then ours alone on 44 RDMs of 1000 stimuli. Compiling, which happens
once per installation, counts for neither.
"""

import os
import sys
import time
from collections.abc import Callable

import numpy as np
import rsatoolbox
from scipy.spatial.distance import pdist

from repgeom.measures.bootstrap import bootstrap_dissimilarities, resample
from repgeom.measures.comparison import METHODS, compare_rdms
from repgeom.measures.rdm import label_rdm

LEAST_SPEEDUP = 30
LARGEST_DIFFERENCE = 1e-8


def make_rdms(k: int, n: int) -> np.ndarray:
    """RDMs on a way from class structure to noise, the last of them that of the labels."""
    rng = np.random.default_rng(0)
    labels = np.arange(n) * 10 // n
    signal = rng.normal(size=(10, 20))[labels]
    walk = [pdist(signal + s * rng.normal(size=signal.shape), "sqeuclidean") for s in np.geomspace(0.2, 5, k - 1)]
    return np.stack([*walk, label_rdm(labels)])


def timed(call: Callable):
    start = time.perf_counter()
    result = call()
    return result, time.perf_counter() - start


def against_rsatoolbox(rdms: np.ndarray, threads: int) -> bool:
    print(f"{len(rdms)} RDMs, {rdms.shape[1]} pairs of stimuli, all pairs of RDMs, {threads} threads")
    theirs = rsatoolbox.rdm.RDMs(rdms)
    passed = True
    for method in METHODS:
        compare_rdms(rdms[:, :100], method)
        ours, seconds = timed(lambda m=method: compare_rdms(rdms, m, threads=threads))
        expected, their_seconds = timed(lambda m=method: rsatoolbox.rdm.compare(theirs, theirs, m))
        difference, speedup = np.abs(ours - expected).max(), their_seconds / seconds
        print(
            f"  {method:9s} {seconds:7.2f} s, rsatoolbox {their_seconds:7.2f} s: "
            f"{speedup:5.1f} times faster, largest difference {difference:.1e}"
        )
        passed &= difference <= LARGEST_DIFFERENCE and (method != "tau-a" or speedup >= LEAST_SPEEDUP)
    return passed


def large(rdms: np.ndarray, threads: int) -> None:
    print(f"{len(rdms)} RDMs, {rdms.shape[1]} pairs of stimuli, all pairs of RDMs, {threads} threads")
    for method in METHODS:
        _, seconds = timed(lambda m=method: compare_rdms(rdms, m, threads=threads))
        print(f"  {method:9s} {seconds:7.2f} s")


def bootstrap(k: int, n: int, resamples: int) -> None:
    rdms, multiplicity = make_rdms(k, n), resample(n, resamples, seed=0)
    for method in ("cosine", "corr"):
        _, seconds = timed(lambda m=method: bootstrap_dissimilarities(rdms, multiplicity, m))
        print(f"bootstrap, {method}: {k} RDMs of {n} stimuli, {resamples} resamples: {seconds:.2f} s")


def main() -> None:
    """Compare, time the large case, and exit with an error where a bound is missed."""
    threads = len(os.sched_getaffinity(0))
    passed = against_rsatoolbox(make_rdms(22, 500), threads)
    large(make_rdms(44, 1000), threads)
    bootstrap(22, 200, 1000)
    bootstrap(44, 1000, 1000)
    sys.exit(not passed)


if __name__ == "__main__":
    main()
