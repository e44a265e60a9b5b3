"""Processor time of inference against measured RDMs, beside rsatoolbox.

Run ``python benchmarks/inference.py``; it exits with an error if the dual bootstrap of 20 nodes against 10 subjects ×
92 stimuli is less than 20 times faster than `rsatoolbox.inference.eval_dual_bootstrap`, or if a similarity differs by
more than 1e-8 in the same resamples. Ours draws 1000 resamples; rsatoolbox, which takes about a minute for 1000 of the
cosine and half an hour of the whitened one, so many as `THEIR_SAMPLES` says, and its time is scaled.
"""

import sys
import time
import warnings

import numpy as np
import rsatoolbox
import rsatoolbox.inference.evaluate as evaluate
from scipy.spatial.distance import pdist

from repgeom.measures.inference.dual_bootstrap import Draws, bootstrap_samples, draw

NODES, SUBJECTS, STIMULI, SAMPLES = 20, 10, 92, 1000
THEIR_SAMPLES = {"cosine": 40, "corr": 40, "spearman": 10, "rho-a": 10, "tau-a": 5, "cosine_cov": 5, "corr_cov": 5}
LEAST_SPEEDUP = 20


def make_rdms() -> tuple[np.ndarray, np.ndarray]:
    """RDMs of nodes, and of subjects who are like one of them."""
    rng = np.random.default_rng(0)
    patterns = rng.normal(size=(NODES, STIMULI, 20))
    data = [pdist(patterns[3] + rng.normal(size=(STIMULI, 20))) ** 2 for _ in range(SUBJECTS)]
    return np.array([pdist(x) ** 2 for x in patterns]), np.array(data)


def theirs(models: np.ndarray, data: np.ndarray, method: str, samples: int) -> tuple[np.ndarray, Draws, float]:
    """rsatoolbox's similarities, its resamples and its processor time."""
    drawn, sample = [], evaluate.bootstrap_sample

    def recorded(*arguments, **options):
        found = sample(*arguments, **options)
        counts = (np.bincount(x, minlength=n) for x, n in zip(found[1:], (SUBJECTS, STIMULI), strict=True))
        drawn.append(tuple(counts))
        return found

    evaluate.bootstrap_sample, evaluate.tqdm.trange = recorded, range
    rdms = rsatoolbox.rdm.RDMs(data)
    fixed = [rsatoolbox.model.ModelFixed(str(i), rdm) for i, rdm in enumerate(models)]
    start = time.process_time()
    result = rsatoolbox.inference.eval_dual_bootstrap(fixed, rdms, method=method, N=samples)
    seconds = time.process_time() - start
    evaluate.bootstrap_sample = sample
    return np.moveaxis(result.evaluations[:, :, 0, 0], -1, 0), Draws(*map(np.array, zip(*drawn, strict=True))), seconds


def compare(models: np.ndarray, data: np.ndarray, method: str) -> bool:
    samples = THEIR_SAMPLES[method]
    expected, draws, their_seconds = theirs(models, data, method, samples)
    difference = np.abs(bootstrap_samples(models, data, method, draws).scores[0] - expected).max()
    start = time.process_time()
    bootstrap_samples(models, data, method, draw(SUBJECTS, STIMULI, SAMPLES, seed=0))
    seconds = time.process_time() - start
    their_seconds *= SAMPLES / samples
    speedup = their_seconds / seconds
    print(
        f"  {method:10s} {seconds:7.2f} s, rsatoolbox {their_seconds:8.1f} s: {speedup:6.1f} times faster, "
        f"largest difference {difference:.1e}",
        flush=True,
    )
    return difference <= 1e-8 and speedup >= LEAST_SPEEDUP


def main() -> None:
    """Compare all measures and exit with an error where a bound is missed."""
    warnings.simplefilter("ignore")
    models, data = make_rdms()
    print(f"{NODES} nodes, {SUBJECTS} subjects, {STIMULI} stimuli, {SAMPLES} resamples; processor time")
    sys.exit(not all([compare(models, data, method) for method in THEIR_SAMPLES]))


if __name__ == "__main__":
    main()
