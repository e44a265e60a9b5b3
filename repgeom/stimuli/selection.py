"""Choosing images of a dataset as stimuli."""

import unicodedata
from collections.abc import Sequence
from fnmatch import fnmatchcase
from urllib.parse import unquote

import numpy as np

from repgeom.datasets.images import LabelledImages
from repgeom.errors import InputError, nearest
from repgeom.store.stimuli import StimulusSet


def first_per_class(
    data: LabelledImages, per_class: int, within: int | None = None, classes: Sequence[str] | None = None
) -> np.ndarray:
    """Indices of the first `per_class` images of every class, ordered by class.

    Parameters
    ----------
    data : LabelledImages
    per_class : int
    within : int, optional
        Only among the first so many images.
    classes : names, optional
        Only of these, in the order of the dataset.

    Raises
    ------
    InputError
        A class holds fewer images; names the class and how many there are.
    """
    labels = data.labels[:within]
    chosen = []
    for label, name in enumerate(data.class_names):
        if classes and name not in classes:
            continue
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
    data: LabelledImages,
    per_class: int | None = None,
    first: int | None = None,
    within: int | None = None,
    ids: Sequence[str] | None = None,
    classes: Sequence[str] | None = None,
) -> StimulusSet:
    """A stimulus set: the first images of every class, the first as they come, or those of some ids, in their order.

    Parameters
    ----------
    data : LabelledImages
    per_class, first, within : int, optional
        See `first_per_class` and `first_images`.
    ids : names or patterns, optional
        Of the images, in the order wanted.
    classes : names, optional
        Only of these classes.
    """
    data = of_classes(data, classes) if classes else data
    if ids:
        indices = with_ids(data, ids)
    else:
        indices = first_per_class(data, per_class, within, classes) if per_class else first_images(data, first or 0)
    chosen = data.take(indices)
    return StimulusSet(chosen.to_float(), chosen.labels, chosen.ids, chosen.descriptors)


def of_classes(data: LabelledImages, classes: Sequence[str]) -> LabelledImages:
    """The images of some classes, by name.

    Raises
    ------
    InputError
        A class that there is not; names the nearest.
    """
    for name in classes:
        if name not in data.class_names:
            raise InputError(f"the dataset has no class {name!r}; {nearest(name, data.class_names)}")
    return data.take(np.isin(data.labels, [data.class_names.index(name) for name in classes]))


def with_ids(data: LabelledImages, wanted: Sequence[str]) -> np.ndarray:
    """Indices of the images that are named or matched by patterns, in the order in which these stand.

    Names may be written as they are read, too: `Bär 1.png` for `B%C3%A4r%201.png`.

    Raises
    ------
    InputError
        A name or pattern matches no image.
    """
    known = {str(name): i for i, name in enumerate(data.ids)}
    as_read = [_as_read(name) for name in known]
    found: list[int] = []
    for name in wanted:
        matches = [known[name]] if name in known else [i for key, i in known.items() if fnmatchcase(key, name)]
        matches = matches or [i for i, key in enumerate(as_read) if fnmatchcase(key, _as_read(name))]
        if not matches:
            raise InputError(f"the {data.split} split has no image {name!r}; {nearest(_as_read(name), as_read)}")
        found += matches
    return np.array(list(dict.fromkeys(found)))


def _as_read(name: str) -> str:
    """An id with the letters that its percent signs stand for, each with its accent as one sign (NFC)."""
    return unicodedata.normalize("NFC", unquote(name))
