"""Processor time of ridge encoding, beside scikit-learn on raw features.

Run ``python benchmarks/encoding.py``; it exits with an error if predicting 100 channels from 1000 stimuli × 73,728
features in ten folds is less than 20 times faster than `sklearn.linear_model.RidgeCV` on the features, or if a
prediction differs by more than 1e-8. Ours starts from exact coordinates, which the workflow computes once for all
measures; their reduction is timed beside it. scikit-learn fits `THEIR_FOLDS` of the ten folds, which all cost the same,
and its time is scaled. Needs 4 GB of memory.
"""

import sys
import time

import numpy as np
from sklearn.linear_model import RidgeCV

from repgeom.coordinates.reduction import reduce_activations
from repgeom.measures.encoding import PENALTIES, make_folds, ridge_encoding

N, FEATURES, CHANNELS, FOLDS, THEIR_FOLDS, BLOCK = 1000, 73_728, 100, 10, 2, 4096
LEAST_SPEEDUP = 20


def main() -> None:
    """Compare and exit with an error where a bound is missed."""
    rng = np.random.default_rng(0)
    latent = rng.normal(size=(N, 50))
    features = latent @ rng.normal(size=(50, FEATURES)) + 3 * rng.normal(size=(N, FEATURES))
    responses = latent @ rng.normal(size=(50, CHANNELS)) + 5 * rng.normal(size=(N, CHANNELS))
    folds = make_folds(N, FOLDS, seed=0)

    start = time.process_time()
    coordinates = reduce_activations([features[:, i : i + BLOCK] for i in range(0, FEATURES, BLOCK)])
    reducing = time.process_time() - start
    start = time.process_time()
    found = ridge_encoding(coordinates.centred, responses, folds)
    encoding = time.process_time() - start

    alphas = np.array(PENALTIES) * (coordinates.centred**2).sum() / N
    seconds, difference = 0.0, 0.0
    for fold in range(THEIR_FOLDS):
        train, test = folds != fold, folds == fold
        x, y, held_out = features[train], responses[train], features[test]
        start = time.process_time()
        predicted = RidgeCV(alphas, alpha_per_target=True).fit(x, y).predict(held_out)
        seconds += time.process_time() - start
        difference = max(difference, np.abs(predicted - found.predicted[test]).max())
    seconds *= FOLDS / THEIR_FOLDS
    print(
        f"{CHANNELS} channels from {N} × {FEATURES} features, {FOLDS} folds, {len(PENALTIES)} penalties; processor time"
    )
    print(f"  RidgeCV on features       {seconds:8.2f} s")
    print(f"  reduction to coordinates  {reducing:8.2f} s, once for all measures")
    print(f"  encoding of coordinates   {encoding:8.2f} s: {seconds / encoding:.0f} times faster")
    print(
        f"  together                  {reducing + encoding:8.2f} s: {seconds / (reducing + encoding):.0f} times faster"
    )
    print(f"  largest difference of predictions {difference:.1e}")
    sys.exit(not (seconds / encoding >= LEAST_SPEEDUP and difference <= 1e-8))


if __name__ == "__main__":
    main()
