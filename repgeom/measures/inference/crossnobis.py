"""RDMs of measured responses, free of the bias of noise where stimuli were repeated.

A squared distance of noisy patterns is too large by the noise in both, and by how much depends on how often a
stimulus was shown. Products of patterns of different repetitions have no such bias; distances may come out negative,
and stay so.

    dᵢⱼ = mean over repetitions r ≠ q of (xᵢʳ − xⱼʳ) Σ⁻¹ (xᵢᵠ − xⱼᵠ)ᵀ ÷ channels

Numbers are those of `rsatoolbox.rdm.calc_rdm(…, method="crossnobis")`, where every stimulus has every repetition.

References
----------
Walther et al. 2016, NeuroImage 137:188 (crossnobis); Schäfer & Strimmer 2005, Stat. Appl. Genet. Mol. Biol. 4:32
(shrinkage towards the diagonal).
"""

from collections.abc import Callable, Mapping

import numpy as np
from scipy.spatial.distance import pdist

from repgeom.errors import InputError, nearest


def measured_rdm(responses: np.ndarray, distance: str, where: str = "responses") -> np.ndarray:
    """RDM of one subject's responses.

    Parameters
    ----------
    responses : (n, repetitions, channels)
        NaN where a stimulus lacks a repetition.
    distance : {"crossnobis", "unbiased", "euclidean", "correlation", "cosine"}
        The first two need repetitions: with the channels whitened by their noise, and as they are. The others are
        distances of means over repetitions, defined as those of networks (`repgeom.measures.rdm`).
    where : str
        Whose responses these are, for error messages.

    Returns
    -------
    (n(n-1)/2,) float64
        Upper triangle, row by row; NaN where a stimulus has too few repetitions.

    Raises
    ------
    InputError
        Unknown distance; no stimulus was repeated; a pattern without a direction, for correlation and cosine.
    """
    if distance not in DISTANCES:
        raise InputError(f"unknown distance {distance!r}; {nearest(distance, DISTANCES)}")
    return DISTANCES[distance](np.asarray(responses, dtype=float), where)


def subject_rdms(responses: Mapping[str, np.ndarray], distance: str, where: str = "responses") -> np.ndarray:
    """`measured_rdm` of every subject (s, n(n-1)/2), from subject → (n, repetitions, channels)."""
    return np.array([measured_rdm(x, distance, f"{where}, subject {name}") for name, x in responses.items()])


def noise_covariance(responses: np.ndarray, where: str = "responses") -> np.ndarray:
    """Covariance of channels over repetitions (channels, channels), shrunk towards its diagonal.

    Parameters as those of `measured_rdm`. The weight of the diagonal follows from the data (Schäfer & Strimmer 2005);
    it counts stimuli with two repetitions or more.

    Raises
    ------
    InputError
        No stimulus was repeated; a channel never varies over repetitions.
    """
    present = _present(responses)
    repeated = present.sum(axis=1) > 1
    _check_repeated(repeated, where)
    x, shown = responses[repeated], present[repeated]
    residuals = (x - np.nanmean(x, axis=1, keepdims=True))[shown]
    degrees = len(residuals) - len(x)
    covariance = residuals.T @ residuals / degrees
    variance = np.diag(covariance).copy()
    silent = np.flatnonzero(variance <= 0)
    if len(silent):
        raise InputError(f"{where}: channel number {silent[0] + 1} never varies over repetitions; leave it out")
    weight = _diagonal_weight(residuals / np.sqrt(variance), degrees)
    return covariance * (1 - weight) + np.diag(variance * weight)


def cross_validated_rdm(responses: np.ndarray, where: str = "responses") -> np.ndarray:
    """Squared distances ÷ channels from products of different repetitions; see `measured_rdm`."""
    present = _present(responses)
    _check_repeated(present.sum(axis=1) > 1, where)
    x = np.where(present[..., None], responses, 0)
    total, count = x.sum(axis=1), present.sum(axis=1)
    of_same = sum(x[:, r] @ x[:, r].T for r in range(x.shape[1]))
    n_same = present.astype(float) @ present.T
    n_products = np.outer(count, count) - n_same
    with np.errstate(invalid="ignore", divide="ignore"):
        product = np.where(n_products > 0, (total @ total.T - of_same) / n_products, np.nan)
    i, j = np.triu_indices(len(x), 1)
    return (product[i, i] + product[j, j] - 2 * product[i, j]) / x.shape[2]


def _crossnobis(responses: np.ndarray, where: str) -> np.ndarray:
    try:
        root = np.linalg.cholesky(np.linalg.inv(noise_covariance(responses, where)))
    except np.linalg.LinAlgError:
        raise InputError(
            f"{where}: too few repetitions to tell how the noise of channels covaries; choose distance: unbiased"
        ) from None
    return cross_validated_rdm(responses @ root, where)


def _of_means(metric: str, scale: Callable[[np.ndarray, int], np.ndarray]) -> Callable[[np.ndarray, str], np.ndarray]:
    def rdm(responses: np.ndarray, where: str) -> np.ndarray:
        shown = np.flatnonzero(_present(responses).any(axis=1))
        means = np.nanmean(responses[shown], axis=1)
        directed = means - means.mean(axis=1, keepdims=True) * (metric == "correlation")
        undefined = np.flatnonzero(np.linalg.norm(directed, axis=1) == 0) if metric != "sqeuclidean" else []
        if len(undefined):
            raise InputError(
                f"{where}: stimulus number {shown[undefined[0]] + 1} has no direction to be compared: its channels "
                f"{'all respond alike' if metric == 'correlation' else 'are silent'}; leave it out, or choose "
                "distance: euclidean"
            )
        square = np.full(2 * [len(responses)], np.nan)
        found = scale(pdist(means, metric), means.shape[1])
        i, j = np.triu_indices(len(shown), 1)
        square[shown[i], shown[j]] = found
        return square[np.triu_indices(len(responses), 1)]

    return rdm


def _diagonal_weight(residuals: np.ndarray, degrees: int) -> float:
    """How far correlations are shrunk, in [0, 1], from residuals (m, channels) at unit variance."""
    m = len(residuals)
    correlation = residuals.T @ residuals / (m - 1)
    squares = (residuals**2).T @ residuals**2 / (m - 1)
    variance = m / degrees**2 * (squares - correlation**2)
    off = ~np.eye(len(correlation), dtype=bool)
    of_squares = (correlation[off] ** 2).sum()
    return float(np.clip(variance[off].sum() / of_squares, 0, 1)) if of_squares > 0 else 1.0


def _present(responses: np.ndarray) -> np.ndarray:
    return np.isfinite(responses).all(axis=2)


def _check_repeated(repeated: np.ndarray, where: str) -> None:
    if not repeated.any():
        raise InputError(
            f"{where}: no stimulus was shown twice, without which a distance cannot be free of noise; "
            "choose distance: correlation, euclidean or cosine"
        )


DISTANCES: dict[str, Callable[[np.ndarray, str], np.ndarray]] = {
    "crossnobis": _crossnobis,
    "unbiased": cross_validated_rdm,
    "euclidean": _of_means("sqeuclidean", lambda d, channels: d / channels),
    "correlation": _of_means("correlation", lambda d, channels: d),
    "cosine": _of_means("cosine", lambda d, channels: d),
}
