"""Flexible models: what is fitted to some subjects and stimuli, and tested on others.

That is a weighted sum of several RDMs, or the best of them: which node is most similar is a choice, too, and the
similarity at which a node was chosen is that of the best of many.

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

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from scipy.optimize import nnls

from repgeom.measures.inference.ceilings import prepared_ceiling
from repgeom.measures.inference.dual_bootstrap import Draws, Samples, mean_over
from repgeom.measures.inference.similarity import MEASURES, Measure, Pairs, measured_similarity, stimuli_of

FEWEST_STIMULI = 3
"""Distinct ones in a fold."""
REPEATS = 10
"""Choices of folds over which the value for the data themselves is averaged."""


class CrossValidated(NamedTuple):
    """Means over folds.

    Attributes
    ----------
    scores : (k + fits,)
        Similarities of the models, and then of what was fitted, to held-out subjects at held-out stimuli.
    ceiling : (2,)
        Noise ceiling at the same stimuli.
    weights : (fits, k)
        What was fitted; of the best model how often it was chosen.
    """

    scores: np.ndarray
    ceiling: np.ndarray
    weights: np.ndarray


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
    fits: Sequence[str] = ("weighted",),
) -> CrossValidated:
    """Similarity of what is fitted, and of every model alone, to held-out subjects at held-out stimuli.

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
    fits : sequence of {"weighted", "best"}

    Returns
    -------
    CrossValidated
        NaN where a fold has fewer than three stimuli, or a similarity is undefined.
    """
    k = len(models)
    of_stimuli, of_subjects = _folds(stimuli, stimulus_folds, rng), _folds(subjects, subject_folds, rng)
    if np.bincount(of_stimuli[stimuli > 0]).min() < FEWEST_STIMULI:
        return CrossValidated(np.full(k + len(fits), np.nan), np.full(2, np.nan), np.full((len(fits), k), np.nan))
    tested = [subjects * (of_subjects == f) for f in range(of_subjects.max() + 1)]
    found = []
    for g in range(of_stimuli.max() + 1):
        held_out = stimuli * (of_stimuli == g)
        train, test = Pairs.of(stimuli - held_out), Pairs.of(held_out)
        fitted = [FITS[name](models, data, method, train) for name in fits]
        trained = [subjects - some if len(tested) > 1 else subjects for some in tested]
        weights = np.array([[fit(some) for fit in fitted] for some in trained])
        similarity = measured_similarity(np.vstack([models, weights.reshape(-1, k) @ models]), data, method, test)
        similarity[k:][~weights.reshape(-1, k).any(axis=1)] = 0
        ceiling = prepared_ceiling(data, method, test)(subjects)
        of_fits = np.arange(len(fits)) + k
        for f, some in enumerate(tested):
            shown = np.concatenate([np.arange(k), of_fits + f * len(fits)])
            found.append(CrossValidated(mean_over(similarity[shown], some), ceiling, weights[f]))
    return _mean(found)


def flexible_value(
    models: np.ndarray, data: np.ndarray, method: str, seed: int, fits: Sequence[str] = ("weighted",)
) -> CrossValidated:
    """`cross_validated` of the data themselves, mean over `REPEATS` choices of folds."""
    rng = np.random.default_rng(seed)
    once = np.ones(stimuli_of(data.shape[1]), dtype=int), np.ones(len(data), dtype=int)
    return _mean([cross_validated(models, data, method, *once, rng, fits) for _ in range(REPEATS)])


def flexible_samples(
    models: np.ndarray, data: np.ndarray, method: str, draws: Draws, seed: int, fits: Sequence[str] = ("weighted",)
) -> Samples:
    """`cross_validated` in every resample, twice with other folds; what is fitted stands after the models."""
    rng = np.random.default_rng(seed)
    scores = np.empty((2, 3, len(draws.stimuli), len(models) + len(fits)))
    ceilings = np.empty((2, 3, len(draws.stimuli), 2))
    all_subjects, all_stimuli = (np.ones(x.shape[1], dtype=int) for x in draws)
    for b, (subjects, stimuli) in enumerate(zip(*draws, strict=True)):
        kinds = ((stimuli, subjects), (all_stimuli, subjects), (stimuli, all_subjects))
        for place in np.ndindex(2, 3):
            found = cross_validated(models, data, method, *kinds[place[1]], rng, fits)
            scores[(*place, b)], ceilings[(*place, b)] = found.scores, found.ceiling
    return Samples(scores, ceilings, len(data), draws.stimuli.shape[1])


def _mean(found: Sequence[CrossValidated]) -> CrossValidated:
    return CrossValidated(*(np.mean(part, axis=0) for part in zip(*found, strict=True)))


Fit = Callable[[np.ndarray], np.ndarray]
"""How often each subject counts (s,) → weights of the models (k,)."""


def _weighted_sum(models: np.ndarray, data: np.ndarray, method: str, pairs: Pairs) -> Fit:
    return lambda subjects: fitted_weights(models, data, method, pairs, subjects)


def _best_model(models: np.ndarray, data: np.ndarray, method: str, pairs: Pairs) -> Fit:
    similarity = measured_similarity(models, data, method, pairs)

    def fit(subjects: np.ndarray) -> np.ndarray:
        means = mean_over(similarity, subjects)
        return (np.arange(len(models)) == np.where(np.isfinite(means), means, -np.inf).argmax()).astype(float)

    return fit


FITS: dict[str, Callable[[np.ndarray, np.ndarray, str, Pairs], Fit]] = {
    "weighted": _weighted_sum,
    "best": _best_model,
}
"""What may be fitted: a weighted sum of the models, or the choice of the best."""


def _folds(times: np.ndarray, how_many, rng: np.random.Generator) -> np.ndarray:
    """The fold of whatever comes up, −1 of what does not; even ones of what is distinct."""
    drawn = np.flatnonzero(times)
    folds = np.full(len(times), -1)
    folds[rng.permutation(drawn)] = np.arange(len(drawn)) % how_many(len(drawn))
    return folds


def _fitted_as(method: str) -> Measure:
    return MEASURES[method] if MEASURES[method].embed else MEASURES["corr"]
