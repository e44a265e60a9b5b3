"""How far a geometry separates the classes."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from repgeom.errors import InputError
from repgeom.measures.comparison import compare_rdms
from repgeom.measures.rdm import label_rdm


class Separation(NamedTuple):
    """Mean dissimilarity of pairs of stimuli of different classes, of the same class, and the difference."""

    between: np.ndarray
    within: np.ndarray

    @property
    def difference(self) -> np.ndarray:
        """Between minus within: above 0 where classes lie apart."""
        return self.between - self.within


def class_separation(rdms: np.ndarray, labels: Sequence) -> Separation:
    """Between- and within-class dissimilarity of RDMs (..., n(n-1)/2) of stimuli with `labels` (n,).

    Raises
    ------
    InputError
        Labels of another number of stimuli, or without a pair of either kind.
    """
    labels = np.asarray(labels)
    first, second = np.triu_indices(len(labels), 1)
    if np.shape(rdms)[-1] != len(first):
        raise InputError(
            f"{len(labels)} labels have {len(first)} pairs, the RDM {np.shape(rdms)[-1]}; give both the same stimuli"
        )
    same = labels[first] == labels[second]
    if same.all() or not same.any():
        raise InputError("separation needs at least two classes, and two stimuli of one; choose other stimuli")
    return Separation(between=rdms[..., ~same].mean(axis=-1), within=rdms[..., same].mean(axis=-1))


def label_correlation(
    rdms: np.ndarray, labels: Sequence, method: str = "corr", names: Sequence[str] | None = None
) -> np.ndarray:
    """Similarity of RDMs (k, n(n-1)/2) to the RDM of the one-hot labels: (k,).

    `method` and errors as in `repgeom.measures.comparison.compare_rdms`.
    """
    stack = np.vstack([rdms, label_rdm(np.asarray(labels))])
    names = None if names is None else [*names, "labels"]
    return compare_rdms(stack, method, names)[:-1, -1]
