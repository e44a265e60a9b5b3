"""Dataset and stimulus files: images with labels and ids, in HDF5."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from repgeom.datasets.images import SPLITS, LabelledImages
from repgeom.errors import InputError
from repgeom.store.hdf5 import native, open_arrays, read_arrays, write_arrays
from repgeom.store.provenance import NOTEBOOK, Provenance, of_kind

DESCRIPTOR = "descriptor_"
"""Begins the names of arrays that describe each image."""
STRENGTHS = {"epsilon": "-eps", "strength": "-strength"}
"""Descriptors that tell the strength of an attack or a perturbation → what comes before it in an id."""


@dataclass(frozen=True)
class StimulusSet:
    """Stimuli in the order in which everything derived from them is ordered.

    Attributes
    ----------
    images : (n, h, w) or (n, c, h, w) float32 in [0, 1]
        In memory, or on disk as `open_stimuli` leaves them.
    labels : (n,) int64
    ids : (n,) str, unique
    descriptors : dict of (n,) arrays
        Further properties of each stimulus, such as the ε it was attacked with.
    """

    images: np.ndarray
    labels: np.ndarray
    ids: np.ndarray
    descriptors: dict[str, np.ndarray] = field(default_factory=dict)

    def __post_init__(self):
        lengths = {"labels": len(self.labels), "ids": len(self.ids)}
        lengths |= {name: len(values) for name, values in self.descriptors.items()}
        for name, length in lengths.items():
            if length != len(self.images):
                raise InputError(f"stimuli: {length} {name} for {len(self.images)} images")
        unique, counts = np.unique(self.ids, return_counts=True)
        if len(unique) != len(self.ids):
            raise InputError(f"stimuli: the id {unique[counts > 1][0]!r} occurs more than once; ids must be unique")

    def channels_first(self, rows: slice = slice(None)) -> np.ndarray:
        """(n, c, h, w), as networks take them; of all images or some."""
        images = self.images[rows]
        return images[:, None] if images.ndim == 3 else images


def write_dataset(path: str | Path, splits: dict[str, LabelledImages], provenance: Provenance = NOTEBOOK) -> None:
    """Write both splits of a dataset into one file."""
    arrays = {}
    for split, data in splits.items():
        arrays |= {f"{split}_images": data.images, f"{split}_labels": data.labels, f"{split}_ids": data.ids}
        arrays |= {f"{split}_{DESCRIPTOR}{name}": values for name, values in data.descriptors.items()}
    class_names = next(iter(splits.values())).class_names
    write_arrays(path, arrays, {"class_names": list(class_names)}, provenance)


def read_split(path: str | Path, split: str) -> LabelledImages:
    """One split of a dataset file."""
    if split not in SPLITS:
        raise InputError(f"{path}: no split {split!r}; known: {', '.join(SPLITS)}")
    content = read_arrays(path)
    if f"{split}_images" not in content.arrays:
        raise InputError(f"{path}: this dataset has no {split} images")
    with of_kind(path, "a dataset"):
        return LabelledImages(
            images=content[f"{split}_images"],
            labels=content[f"{split}_labels"],
            ids=content[f"{split}_ids"],
            class_names=tuple(content.attributes["class_names"]),
            split=split,
            descriptors=_descriptors(content.arrays, f"{split}_{DESCRIPTOR}"),
        )


def write_stimuli(
    path: str | Path, stimuli: StimulusSet, attributes: dict | None = None, provenance: Provenance = NOTEBOOK
) -> None:
    """Write a stimulus set."""
    arrays = {"images": stimuli.images, "labels": stimuli.labels, "ids": np.asarray(stimuli.ids)}
    arrays |= {f"{DESCRIPTOR}{name}": np.asarray(values) for name, values in stimuli.descriptors.items()}
    write_arrays(path, arrays, attributes, provenance)


def read_stimuli(path: str | Path) -> StimulusSet:
    """Read a stimulus set whole."""
    with open_stimuli(path) as stimuli:
        return replace(stimuli, images=stimuli.images[:])


def read_class_names(path: str | Path) -> list[str]:
    """What the classes of a stimulus set are called, by label; empty where it does not say."""
    with open_arrays(path) as content, of_kind(path, "a stimulus set"):
        return list(content.attributes.get("class_names", []))


@contextmanager
def open_stimuli(path: str | Path) -> Iterator[StimulusSet]:
    """Open a stimulus set whose images stay on disk: slices of them are read as they are asked for."""
    with open_arrays(path) as content:
        names = [name for name in content.arrays if name.startswith(DESCRIPTOR)]
        with of_kind(path, "a stimulus set"):
            labels, ids, *descriptors = (native(content[name][()]) for name in ("labels", "ids", *names))
            described = {name.removeprefix(DESCRIPTOR): d for name, d in zip(names, descriptors, strict=True)}
            stimuli = StimulusSet(content["images"], labels, ids, described)
        yield stimuli


def original_ids(ids: Sequence[str], descriptors: Mapping[str, np.ndarray]) -> list[str]:
    """The ids before an attack or a perturbation, which add their strength to them where there are several."""
    found = [str(i) for i in ids]
    for name, mark in STRENGTHS.items():
        if name in descriptors:
            found = [i.removesuffix(f"{mark}{s:g}") for i, s in zip(found, descriptors[name], strict=True)]
    return found


def repeat_for_strengths(stimuli: StimulusSet, name: str, strengths: Sequence[float]) -> StimulusSet:
    """The stimuli once per strength, which becomes a descriptor and, where there are several, part of the ids.

    Parameters
    ----------
    stimuli : StimulusSet
    name : str
        Of the descriptor, one of `STRENGTHS`.
    strengths : sequence of float
    """
    n, k = len(stimuli.ids), len(strengths)
    several = [f"{i}{STRENGTHS[name]}{strength:g}" for strength in strengths for i in stimuli.ids]
    return StimulusSet(
        images=np.tile(stimuli.images, (k,) + (1,) * (stimuli.images.ndim - 1)),
        labels=np.tile(stimuli.labels, k),
        ids=np.array(several) if k > 1 else stimuli.ids,
        descriptors={key: np.tile(values, k) for key, values in stimuli.descriptors.items()}
        | {name: np.repeat(np.asarray(strengths, dtype=float), n)},
    )


def _descriptors(arrays: Mapping[str, np.ndarray], prefix: str) -> dict[str, np.ndarray]:
    return {n.removeprefix(prefix): a for n, a in arrays.items() if n.startswith(prefix)}
