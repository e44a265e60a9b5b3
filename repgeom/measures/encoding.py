"""Ridge regression from representations to responses, cross-validated, and how much of the responses can be explained.

Ridge sees features through their inner products alone, so that exact coordinates give its predictions exactly. And
what any fit without some stimuli predicts for them follows from the fit to all: with Q the inverse of K + αI, bordered
by an intercept, the errors for left-out stimuli S are Q_SS⁻¹ (Q y)_S (Rasmussen & Williams 2006, Gaussian Processes
for Machine Learning, section 5.4.2, for S of one). So nothing is fitted twice: the outer folds, and within each the
stimuli left out one by one (or group by group) to choose the penalty, all come from one eigendecomposition.
Predictions are those of `sklearn.linear_model.RidgeCV(alphas, alpha_per_target=True)` fitted to each training fold.

Predictions are compared with responses fold by fold: there, predictions of noise correlate by zero on average. (Over
all stimuli at once they come out clearly below it, as every fit knows the mean of all others, and what they covary by.)
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import scipy.linalg
from sklearn.model_selection import GroupKFold, KFold

from repgeom.errors import InputError
from repgeom.measures.uncertainty import Estimate, standard_error_estimate

FEWEST = 3
"""Stimuli in a fold: any two correlate by 1 or −1."""
PENALTIES = tuple(10.0**k for k in range(-2, 8))
"""Relative to the mean squared length of the centred patterns."""


class Encoding(NamedTuple):
    """Cross-validated predictions of responses.

    Attributes
    ----------
    predicted : (n, channels)
        Each stimulus by the fit that did not see its fold.
    penalty : (folds, channels)
        Chosen in each training fold, relative to the mean squared length of patterns.
    loss : (folds, channels)
        Mean squared error of stimuli left out inside the training fold, by the chosen penalty, relative to the variance
        of responses: what a choice between several patterns goes by.
    correlation : (folds, channels)
        Pearson's r of predictions with responses over the stimuli of a fold.
    """

    predicted: np.ndarray
    penalty: np.ndarray
    loss: np.ndarray
    correlation: np.ndarray


def make_folds(n: int, folds: int, seed: int, groups: Sequence | None = None) -> np.ndarray:
    """The fold (n,) of each stimulus; groups stay together.

    Raises
    ------
    InputError
        Fewer groups than folds, or a fold would hold fewer than three stimuli.
    """
    units, most = (n, n // FEWEST) if groups is None else 2 * (len(set(groups)),)
    if not 2 <= folds <= most:
        raise InputError(f"{folds} folds of {units} {'stimuli' if groups is None else 'groups'}; choose 2 to {most}")
    splitter = (KFold if groups is None else GroupKFold)(folds, shuffle=True, random_state=seed)
    found = np.empty(n, dtype=int)
    for fold, (_, test) in enumerate(splitter.split(np.zeros((n, 1)), groups=groups)):
        found[test] = fold
    if (few := np.bincount(found) < FEWEST).any():
        raise InputError(f"{few.sum()} of {folds} folds hold fewer than {FEWEST} stimuli; choose fewer folds")
    return found


def ridge_encoding(
    patterns: np.ndarray,
    responses: np.ndarray,
    folds: np.ndarray,
    groups: Sequence | None = None,
    penalties: Sequence[float] = PENALTIES,
) -> Encoding:
    """Predict responses from patterns by ridge regression, with a penalty of its own for each channel.

    Parameters
    ----------
    patterns : (n, features)
        Exact coordinates will do.
    responses : (n, channels)
    folds : (n,) int
        From `make_folds`.
    groups : (n,), optional
        Stimuli that are left out together when the penalty is chosen; each by itself by default.
    penalties : sequence of float
        Relative to the mean squared length of the centred patterns.

    Raises
    ------
    InputError
        Patterns that are all the same; a channel that responds alike to all stimuli.
    """
    y = responses - responses.mean(axis=0)
    silent = np.flatnonzero(np.ptp(y, axis=0) == 0)
    if len(silent):
        raise InputError(f"channel number {silent[0] + 1} responds alike to all stimuli; leave it out")
    smoother = _Smoother.of(patterns, y)
    inner = None if groups is None else np.unique(np.asarray(groups), return_inverse=True)[1]
    tested = [np.flatnonzero(folds == fold) for fold in range(folds.max() + 1)]
    losses = np.empty((len(penalties), len(tested), y.shape[1]))
    errors = np.empty((len(penalties), *y.shape))
    for a, penalty in enumerate(penalties):
        q, qy = smoother.at(penalty)
        for f, test in enumerate(tested):
            errors[a, test], losses[a, f] = _left_out(q, qy, test, inner)
    chosen = losses.argmin(axis=0)
    error = np.take_along_axis(errors, chosen[folds][None], axis=0)[0]
    loss = np.take_along_axis(losses, chosen[None], axis=0)[0] / y.var(axis=0)
    predicted = responses - error
    correlation = correlation_in_folds(predicted, responses, folds)
    return Encoding(predicted, np.asarray(penalties)[chosen], loss, correlation)


def best_in_training(found: Sequence[Encoding]) -> np.ndarray:
    """Which of several patterns predicts best in each training fold.

    Parameters
    ----------
    found : sequence of Encoding
        From `ridge_encoding` of each, with the same folds.

    Returns
    -------
    (folds,) int
        Of the smallest loss, mean over channels.
    """
    return np.array([one.loss.mean(axis=1) for one in found]).argmin(axis=0)


def correlation_in_folds(x: np.ndarray, y: np.ndarray, folds: np.ndarray) -> np.ndarray:
    """Pearson's r (folds, channels) of the columns of (n, channels) over the rows of each fold (n,)."""
    parts = [folds == fold for fold in range(folds.max() + 1)]
    return np.array([columnwise_correlation(x[part], y[part]) for part in parts])


def mean_over_folds(correlation: np.ndarray) -> Estimate:
    """Mean of (folds,) with a t-interval, whose variance allows for what training folds have in common.

    It is (1/k + 1/(k − 1)) times that over k folds (Nadeau & Bengio 2003, Mach. Learn. 52:239); without the second term
    intervals would cover about 90 % where they say 95.
    """
    k = len(correlation)
    error = correlation.std(ddof=1) * np.sqrt(1 / k + 1 / (k - 1))
    return standard_error_estimate(
        float(correlation.mean()), error, "t over folds (Nadeau & Bengio)", degrees=k - 1, lowest=-1, highest=1
    )


def columnwise_correlation(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Pearson's r (channels,) of the columns of (n, channels); NaN where one is constant."""
    a, b = x - x.mean(axis=0), y - y.mean(axis=0)
    length = np.linalg.norm(a, axis=0) * np.linalg.norm(b, axis=0)
    return np.divide((a * b).sum(axis=0), length, out=np.full(x.shape[1], np.nan), where=length > 0)


def reliability(responses: np.ndarray, seed: int, splits: int = 20) -> np.ndarray:
    """How well the mean response of each channel would be predicted by another measurement like it.

    Pearson's r over stimuli of the means of two halves of the repetitions, averaged over random halves, and corrected
    for their length (Spearman 1910; Brown 1910): 2r ÷ (1 + r). It can be negative where there is noise alone.

    Parameters
    ----------
    responses : (n, repetitions, channels)
        NaN where a stimulus lacks a repetition.
    seed, splits : int

    Returns
    -------
    (channels,) float64
        NaN where fewer than three stimuli have two repetitions.
    """
    present = np.isfinite(responses).all(axis=2)
    repeated = present.sum(axis=1) > 1
    if repeated.sum() < 3:
        return np.full(responses.shape[2], np.nan)
    x, shown = responses[repeated], present[repeated]
    rng, found = np.random.default_rng(seed), []
    for _ in range(splits):
        order = np.argsort(np.where(shown, rng.random(shown.shape), np.inf), axis=1)
        half = shown.sum(axis=1) // 2
        rank = np.argsort(order, axis=1)
        first, second = rank < half[:, None], (rank >= half[:, None]) & (rank < 2 * half[:, None])
        found.append(columnwise_correlation(_mean_of(x, first), _mean_of(x, second)))
    r = np.mean(found, axis=0)
    return 2 * r / (1 + r)


class _Smoother(NamedTuple):
    """Eigenvectors and eigenvalues of the centred kernel, without the constant; responses in that basis."""

    vectors: np.ndarray
    values: np.ndarray
    projected: np.ndarray
    scale: float

    @classmethod
    def of(cls, patterns: np.ndarray, y: np.ndarray) -> "_Smoother":
        centred = patterns - patterns.mean(axis=0)
        scale = float((centred**2).sum() / len(centred))
        if scale == 0:
            raise InputError("all stimuli have the same pattern, which predicts nothing; leave the node out")
        n = len(centred)
        ones = np.full((n, n), 1 / n)
        # The constant, which the intercept takes, is moved to the end of the spectrum and left out.
        values, vectors = scipy.linalg.eigh(centred @ centred.T - ones * scale * n, driver="evd", overwrite_a=True)
        return cls(vectors[:, 1:], np.maximum(values[1:], 0), vectors[:, 1:].T @ y, scale)

    def at(self, penalty: float) -> tuple[np.ndarray, np.ndarray]:
        """Q (n, n) and Q y (n, channels) for a penalty."""
        inverse = 1 / (self.values + penalty * self.scale)
        weighted = self.vectors * np.sqrt(inverse)
        return weighted @ weighted.T, self.vectors @ (inverse[:, None] * self.projected)


def _left_out(
    q: np.ndarray, qy: np.ndarray, test: np.ndarray, groups: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray]:
    """Errors (t, channels) for a fold, and (channels,) mean squared errors for stimuli left out of the rest."""
    errors = np.linalg.solve(q[np.ix_(test, test)], qy[test])
    train = np.delete(np.arange(len(q)), test)
    across = q[np.ix_(train, test)]
    rest = qy[train] - across @ errors
    solved = np.linalg.solve(q[np.ix_(test, test)], across.T)
    if groups is None:
        own = np.diagonal(q)[train] - np.einsum("ij,ji->i", across, solved)
        return errors, ((rest / own[:, None]) ** 2).mean(axis=0)
    squares = np.zeros(qy.shape[1])
    for group in np.unique(groups[train]):
        members = np.flatnonzero(groups[train] == group)
        own = q[np.ix_(train[members], train[members])] - across[members] @ solved[:, members]
        squares += (np.linalg.solve(own, rest[members]) ** 2).sum(axis=0)
    return errors, squares / len(train)


def _mean_of(x: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    return np.where(chosen[..., None], x, 0).sum(axis=1) / chosen.sum(axis=1)[:, None]
