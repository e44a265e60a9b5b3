"""Subjects whose responses are known to come from one representation: what an inference must find again."""

import numpy as np

from repgeom.errors import InputError


def simulated_responses(
    patterns: np.ndarray, subjects: int, channels: int, repetitions: int, noise: float, seed: int
) -> list[np.ndarray]:
    """Noisy responses of channels that are random sums of a representation's dimensions.

    Weights are independent normal numbers, another set for each subject, which leaves every squared distance as it is
    on average (Johnson & Lindenstrauss 1984); exact coordinates therefore serve as well as the features themselves.

    Parameters
    ----------
    patterns : (n, c)
        Any coordinates of the n stimuli.
    subjects, channels, repetitions : int
    noise : float
        Standard deviation of a repetition's noise, where that of the responses over stimuli and channels is 1.
    seed : int

    Returns
    -------
    list of (n, repetitions, channels) float64
        One for each subject.

    Raises
    ------
    InputError
        All patterns are the same.
    """
    centred = patterns - patterns.mean(axis=0)
    size = np.sqrt((centred**2).sum() / len(centred))
    if size == 0:
        raise InputError("the patterns of all stimuli are the same; there is nothing that responses could tell of")
    found = []
    for rng in np.random.default_rng(seed).spawn(subjects):
        signal = centred @ rng.normal(size=(centred.shape[1], channels)) / size
        found.append(signal[:, None] + noise * rng.normal(size=(len(centred), repetitions, channels)))
    return found
