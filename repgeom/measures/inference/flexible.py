"""Flexible models: a weighted sum of several RDMs, its weights fitted to some subjects and stimuli, tested on others.

Weights are not negative. Those that make the sum most similar to the average of the training subjects' RDMs, at pairs
of training stimuli, follow from non-negative least squares in the space in which the similarity is a cosine: the
nearest point of the cone of all sums has the smallest angle, too. For rank correlations it is Pearson's. Subjects and
stimuli are crossed: the sum is compared with the RDMs of held-out subjects at pairs of held-out stimuli. Copies of
one subject or stimulus in a resample stay on one side. A sum of which all weights are zero predicts nothing: its
similarity is 0.

References
----------
Schütt et al. 2023, eLife 12:e82566 (cross-validation inside the bootstrap, twice a resample, with the variance that
chance in the folds adds taken out); Kaniuth & Hebart 2022, NeuroImage 257:119294 (weights of RDMs).
"""

import numpy as np
from scipy.optimize import nnls

from repgeom.measures.inference.ceilings import prepared_ceiling
from repgeom.measures.inference.dual_bootstrap import Draws, Samples, mean_over
from repgeom.measures.inference.similarity import MEASURES, Measure, Pairs, measured_similarity, stimuli_of

FEWEST_STIMULI = 3
"""Distinct ones in a fold."""
REPEATS = 10
"""Choices of folds over which the value for the data themselves is averaged."""


def stimulus_folds(n: float) -> int:
    """How many folds of so many stimuli, as rsatoolbox chooses: 2 to 5."""
    return int(np.searchsorted([12, 24, 40], n, side="right")) + 2


def subject_folds(n: float) -> int:
    """How many folds of so many subjects, as rsatoolbox chooses: 2 to 5; 1, none left out, of a single one."""
    return 1 if n < 2 else int(np.searchsorted([6, 12, 20], n, side="right")) + 2


def fitted_weights(models: np.ndarray, data: np.ndarray, method: str, pairs: Pairs, subjects: np.ndarray) -> np.ndarray:
    """Weights (k,) of the sum of models that is most similar to the average of subjects' RDMs.

    Parameters
    ----------
    models : (k, n(n-1)/2)
    data : (s, n(n-1)/2)
        NaN where a subject lacks a pair; a pair that any lacks is left out.
    method : str
        A name in `repgeom.measures.inference.similarity.MEASURES`.
    pairs : Pairs
    subjects : (s,)
        How often each counts.
    """
    measure = _fitted_as(method)
    drawn = subjects > 0
    x = data[drawn][:, pairs.columns]
    some = pairs.only(np.isfinite(x).all(axis=0))
    x = data[drawn][:, some.columns]
    target = subjects[drawn] @ measure.pooled(x, some.weights)
    embedded = measure.embed(np.vstack([models[:, some.columns], target]), some)
    lengths = np.linalg.norm(embedded, axis=1)
    lengths[lengths == 0] = 1
    unit = embedded / lengths[:, None]
    return nnls(unit[:-1].T, unit[-1])[0] / lengths[:-1]


def cross_validated(
    models: np.ndarray,
    data: np.ndarray,
    method: str,
    stimuli: np.ndarray,
    subjects: np.ndarray,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """Similarity of the weighted sum, and of every model alone, to held-out subjects at held-out stimuli.

    Fewer stimuli are compared than there are, which matters to some measures: so what is fixed is tested alike.

    Parameters
    ----------
    models : (k, n(n-1)/2)
    data : (s, n(n-1)/2)
    method : str
    stimuli, subjects : (n,), (s,) int
        How often each comes up; once each for the data themselves.
    rng : Generator
        Draws the folds.

    Returns
    -------
    (k + 1,), (2,) float64
        Means over folds: of the models, the sum last; and of the noise ceiling at the same stimuli. NaN where a fold
        has fewer than three stimuli, or a similarity is undefined.
    """
    of_stimuli, of_subjects = _folds(stimuli, stimulus_folds, rng), _folds(subjects, subject_folds, rng)
    if np.bincount(of_stimuli[stimuli > 0]).min() < FEWEST_STIMULI:
        return np.full(len(models) + 1, np.nan), np.full(2, np.nan)
    scores, ceilings = [], []
    for g in range(of_stimuli.max() + 1):
        held_out = stimuli * (of_stimuli == g)
        train, test = Pairs.of(stimuli - held_out), Pairs.of(held_out)
        ceilings.append(prepared_ceiling(data, method, test)(subjects))
        for f in range(of_subjects.max() + 1):
            tested = subjects * (of_subjects == f)
            weights = fitted_weights(models, data, method, train, subjects - tested if of_subjects.max() else subjects)
            found = mean_over(measured_similarity(np.vstack([models, weights @ models]), data, method, test), tested)
            found[-1] = found[-1] if weights.any() else 0
            scores.append(found)
    return np.mean(scores, axis=0), np.mean(ceilings, axis=0)


def flexible_value(models: np.ndarray, data: np.ndarray, method: str, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """`cross_validated` of the data themselves, mean over `REPEATS` choices of folds."""
    rng = np.random.default_rng(seed)
    once = np.ones(stimuli_of(data.shape[1]), dtype=int), np.ones(len(data), dtype=int)
    found = [cross_validated(models, data, method, *once, rng) for _ in range(REPEATS)]
    return np.mean([scores for scores, _ in found], axis=0), np.mean([ceiling for _, ceiling in found], axis=0)


def flexible_samples(models: np.ndarray, data: np.ndarray, method: str, draws: Draws, seed: int) -> Samples:
    """`cross_validated` in every resample, twice with other folds; the weighted sum is the last model."""
    rng = np.random.default_rng(seed)
    scores = np.empty((2, 3, len(draws.stimuli), len(models) + 1))
    ceilings = np.empty((2, 3, len(draws.stimuli), 2))
    all_subjects, all_stimuli = (np.ones(x.shape[1], dtype=int) for x in draws)
    for b, (subjects, stimuli) in enumerate(zip(*draws, strict=True)):
        kinds = ((stimuli, subjects), (all_stimuli, subjects), (stimuli, all_subjects))
        for place in np.ndindex(2, 3):
            scores[(*place, b)], ceilings[(*place, b)] = cross_validated(models, data, method, *kinds[place[1]], rng)
    return Samples(scores, ceilings, len(data), draws.stimuli.shape[1])


def _folds(times: np.ndarray, how_many, rng: np.random.Generator) -> np.ndarray:
    """The fold of whatever comes up, −1 of what does not; even ones of what is distinct."""
    drawn = np.flatnonzero(times)
    folds = np.full(len(times), -1)
    folds[rng.permutation(drawn)] = np.arange(len(drawn)) % how_many(len(drawn))
    return folds


def _fitted_as(method: str) -> Measure:
    return MEASURES[method] if MEASURES[method].embed else MEASURES["corr"]
