"""Choosing images of a dataset as stimuli."""

import numpy as np

from repgeom.datasets.images import LabelledImages
from repgeom.errors import InputError
from repgeom.store.stimuli import StimulusSet


def first_per_class(data: LabelledImages, per_class: int, within: int | None = None) -> np.ndarray:
    """Indices of the first `per_class` images of every class, ordered by class.

    Parameters
    ----------
    data : LabelledImages
    per_class : int
    within : int, optional
        Only among the first so many images.

    Raises
    ------
    InputError
        A class holds fewer images; names the class and how many there are.
    """
    labels = data.labels[:within]
    chosen = []
    for label, name in enumerate(data.class_names):
        indices = np.flatnonzero(labels == label)
        if len(indices) < per_class:
            place = f"the first {within} images" if within else "the dataset"
            raise InputError(
                f"{per_class} images of class {name!r} asked for, but {place} ({data.split} split) "
                f"hold{'' if within else 's'} only {len(indices)}; lower per_class or raise within"
            )
        chosen.append(indices[:per_class])
    return np.concatenate(chosen)


def random_per_class(data: LabelledImages, per_class: int, rng: np.random.Generator) -> np.ndarray:
    """Indices of `per_class` random images of every class, ordered by class; none occurs twice.

    Raises
    ------
    InputError
        A class holds fewer images; names the class and how many there are.
    """
    first_per_class(data, per_class)
    of_class = [np.flatnonzero(data.labels == label) for label in range(len(data.class_names))]
    return np.concatenate([rng.choice(indices, per_class, replace=False) for indices in of_class])


def first_images(data: LabelledImages, n: int) -> np.ndarray:
    """Indices of the first `n` images, as they come."""
    if n > len(data):
        raise InputError(f"the first {n} images asked for, but the {data.split} split holds only {len(data)}")
    return np.arange(n)


def select(
    data: LabelledImages, per_class: int | None = None, first: int | None = None, within: int | None = None
) -> StimulusSet:
    """A stimulus set of the first images of every class, or of the first images as they come."""
    indices = first_per_class(data, per_class, within) if per_class else first_images(data, first or 0)
    chosen = data.take(indices)
    return StimulusSet(chosen.to_float(), chosen.labels, chosen.ids)


def repeat_for_epsilons(stimuli: StimulusSet, epsilons: list[float]) -> StimulusSet:
    """The stimuli once per ε, ε as a descriptor and, where there are several, as part of the ids."""
    n, k = len(stimuli.ids), len(epsilons)
    several = [f"{i}-eps{epsilon:g}" for epsilon in epsilons for i in stimuli.ids]
    ids = np.array(several) if k > 1 else stimuli.ids
    return StimulusSet(
        images=np.tile(stimuli.images, (k,) + (1,) * (stimuli.images.ndim - 1)),
        labels=np.tile(stimuli.labels, k),
        ids=ids,
        descriptors={"epsilon": np.repeat(np.asarray(epsilons, dtype=float), n)},
    )
