"""How similar to the subjects' RDMs the RDM of any model could be: the noise ceiling.

The subjects' RDMs are averaged as the measure demands: divided by their root mean square for the cosines, z-scored for
the correlations, ranked for the rank correlations. The mean over subjects of their similarity to the average of all is
the upper bound (no model could do better on these very subjects), of that to the average of all others the lower bound
(the true model may do better). Numbers are those of `rsatoolbox.inference.boot_noise_ceiling`: copies of a subject in
a resample count in averages, but each subject is compared once, and left out with all its copies.

References
----------
Nili et al. 2014, PLoS Comput. Biol. 10(4):e1003553; Schütt et al. 2023, eLife 12:e82566.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from repgeom.measures.inference.similarity import Half, Measure, Pairs, mask_groups, measure_named, stimuli_of


class Ceiling(NamedTuple):
    """Lower and upper bound; NaN for fewer than two subjects."""

    lower: float
    upper: float


def noise_ceiling(
    data: np.ndarray, method: str, pairs: Pairs | None = None, subjects: np.ndarray | None = None
) -> Ceiling:
    """The noise ceiling of subjects' RDMs.

    Parameters
    ----------
    data : (s, n(n-1)/2)
        NaN where a subject lacks a pair.
    method : str
        A name in `repgeom.measures.inference.similarity.MEASURES`.
    pairs : Pairs, optional
        The resample of stimuli; all once by default.
    subjects : (s,) int, optional
        How often each subject comes up; once by default.
    """
    pairs = pairs or Pairs.of(np.ones(stimuli_of(data.shape[1]), dtype=int))
    return prepared_ceiling(data, method, pairs)(np.ones(len(data)) if subjects is None else subjects)


def prepared_ceiling(data: np.ndarray, method: str, pairs: Pairs) -> Callable[[np.ndarray], Ceiling]:
    """The noise ceiling for any resample of the subjects; what does not depend on it is done once.

    Parameters as those of `noise_ceiling`; the callable takes how often each subject comes up, (s,).
    """
    measure, x = measure_named(method), data[:, pairs.columns]
    pooled, complete = np.zeros(x.shape), np.isfinite(x).all()
    for members, mask in mask_groups(x):
        pooled[np.ix_(members, mask)] = measure.pooled(x[np.ix_(members, mask)], pairs.weights[mask])
    if measure.embed and complete:
        embedded = measure.embed(pooled, pairs)
        products = embedded @ embedded.T
    elif complete:
        own = measure.half(x, pairs)

    def ceiling(times: np.ndarray) -> Ceiling:
        drawn = np.flatnonzero(times)
        if len(drawn) < 2:
            return Ceiling(np.nan, np.nan)
        if measure.embed and complete:
            return Ceiling(*_of_products(products[np.ix_(drawn, drawn)], times[drawn]).mean(axis=1))
        if complete:
            return Ceiling(*_of_ranks(measure, own.some(drawn), pooled[drawn], times[drawn], pairs).mean(axis=1))
        return Ceiling(*_of_averages(measure, x[drawn], pooled[drawn], times[drawn], pairs).mean(axis=1))

    return ceiling


def _of_products(products: np.ndarray, times: np.ndarray) -> np.ndarray:
    """(2, s): each subject's cosine to the average of the others, and to that of all, from inner products (s, s)."""
    own, to_all = np.diagonal(products), products @ times
    of_all = times @ to_all
    of_others = of_all - 2 * times * to_all + times**2 * own
    return np.stack([(to_all - times * own) / np.sqrt(of_others * own), to_all / np.sqrt(of_all * own)])


def _of_ranks(measure: Measure, own: Half, pooled: np.ndarray, times: np.ndarray, pairs: Pairs) -> np.ndarray:
    """(2, s): each subject's similarity to the average of the others, and to that of all, where averages are ranked."""
    total = times @ pooled
    others = measure.half(total - times[:, None] * pooled, pairs)
    return np.stack([others.matched(own), measure.half(total[None], pairs).between(own)[0]])


def _of_averages(measure: Measure, x: np.ndarray, pooled: np.ndarray, times: np.ndarray, pairs: Pairs) -> np.ndarray:
    """(2, s): each subject's similarity to the average of the others, and to that of all, where pairs are missing."""
    valid = np.isfinite(x)
    total, count = times @ pooled, times @ valid
    found = np.empty((2, len(x)))
    for members, mask in mask_groups(x):
        own = times[members, None]
        shared = mask & (count > own * mask).all(axis=0)
        others = (total - own * pooled[members])[:, shared] / (count - own)[:, shared]
        everyone = (total[shared] / count[shared])[None]
        some = pairs.only(shared)
        subjects = measure.half(x[members][:, shared], some)
        found[0, members] = measure.half(others, some).matched(subjects)
        found[1, members] = measure.half(everyone, some).between(subjects)[0]
    return found
