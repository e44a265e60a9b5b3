"""Measured RDMs of several subjects, in rsatoolbox's HDF5 layout: read from users' files, written as ours."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np

from repgeom.datasets.containers import open_hdf5
from repgeom.errors import InputError, nearest
from repgeom.store.hdf5 import native, read_tree, write_tree
from repgeom.store.provenance import NOTEBOOK, Provenance, of_kind, provenance_in

SUBJECT = "subject"
"""The RDM descriptor that names subjects, unless another is given."""


@dataclass(frozen=True)
class MeasuredRDMs:
    """RDMs of several subjects, of the same stimuli.

    Attributes
    ----------
    dissimilarities : (s, n(n-1)/2) float64
        Upper triangles, row by row; NaN where a subject lacks a pair.
    subjects : s names
    ids : (n,) str
        The stimuli.
    measure : str
        What was computed.
    provenance : Provenance
    path : str
    """

    dissimilarities: np.ndarray
    subjects: list[str]
    ids: np.ndarray
    measure: str = ""
    path: str = ""
    provenance: Provenance = NOTEBOOK

    def __post_init__(self):
        if self.dissimilarities.ndim != 2:
            raise InputError(f"{self.path}: dissimilarities of shape {self.dissimilarities.shape}; a row per subject")
        s, pairs = self.dissimilarities.shape
        n = len(self.ids)
        if pairs != n * (n - 1) // 2 or len(self.subjects) != s:
            raise InputError(
                f"{self.path}: {s} RDMs of {pairs} pairs do not fit {n} ids, {len(self.subjects)} subjects"
            )
        for what, names in (("stimulus id", [str(name) for name in self.ids]), ("subject", self.subjects)):
            if twice := [name for name in names if names.count(name) > 1]:
                raise InputError(f"{self.path}: the {what} {twice[0]!r} stands twice; give each one name, one RDM")
        if np.isinf(self.dissimilarities).any():
            raise InputError(f"{self.path}: a dissimilarity is infinite; write NaN for what was not measured")


def import_rdms(path: str | Path, ids: str = "stimulus", subjects: str = SUBJECT) -> MeasuredRDMs:
    """Read a user's RDMs, as `rsatoolbox.rdm.RDMs.save(…, file_type="hdf5")` writes them.

    Parameters
    ----------
    path : file
    ids : str
        The pattern descriptor that holds the ids of the stimuli.
    subjects : str
        The RDM descriptor that names subjects; without `subject` they are numbered from 1.

    Raises
    ------
    InputError
        The file cannot be read, or lacks the descriptor.
    """
    try:
        with open_hdf5(path) as file:
            dissimilarities = np.asarray(file["dissimilarities"][()], dtype=float)
            patterns, rdms = (_descriptors(file[f"{what}_descriptors"]) for what in ("pattern", "rdm"))
            measure = str(file.attrs.get("dissimilarity_measure", ""))
    except InputError as error:
        raise InputError(
            f'{error}; RDMs are in rsatoolbox\'s HDF5 format, as rdms.save("….h5", file_type="hdf5") writes it'
        ) from error
    if ids not in patterns:
        raise InputError(
            f"{path}: no pattern descriptor {ids!r} with the ids of the stimuli; {nearest(ids, patterns)} "
            "(say which one in the key ids)"
        )
    if subjects not in rdms and subjects != SUBJECT:
        raise InputError(f"{path}: no RDM descriptor {subjects!r} that names the subjects; {nearest(subjects, rdms)}")
    names = rdms.get(subjects, [str(i + 1) for i in range(len(dissimilarities))])
    return MeasuredRDMs(dissimilarities, names, np.array(patterns[ids]), measure, str(path))


def write_measured_rdms(path: str | Path, rdms: MeasuredRDMs, provenance: Provenance = NOTEBOOK) -> None:
    """Write measured RDMs so that both rsatoolbox and `read_measured_rdms` understand them."""
    stored = {
        "dissimilarities": np.asarray(rdms.dissimilarities, dtype=np.float64),
        "rdm_descriptors/index": np.arange(len(rdms.subjects)),
        "rdm_descriptors/subject": rdms.subjects,
        "pattern_descriptors/index": np.arange(len(rdms.ids)),
        "pattern_descriptors/stimulus": rdms.ids,
    }
    texts = {
        "dissimilarity_measure": rdms.measure,
        "provenance": provenance.at(path).to_json(),
        "rsatoolbox_version": "0.3",
    }
    write_tree(path, stored, texts, read_measured_rdms, {"descriptors": {}})


def read_measured_rdms(path: str | Path) -> MeasuredRDMs:
    """Read measured RDMs that `write_measured_rdms` wrote.

    Raises
    ------
    InputError
        The file is missing, truncated or altered.
    """
    stored, texts = read_tree(path)
    with of_kind(path, "a file of measured RDMs"):
        return MeasuredRDMs(
            stored["dissimilarities"],
            native(stored["rdm_descriptors/subject"]).tolist(),
            native(stored["pattern_descriptors/stimulus"]),
            texts["dissimilarity_measure"],
            str(path),
            provenance_in(path, texts["provenance"]),
        )


def _descriptors(group: Mapping[str, h5py.Dataset]) -> dict[str, list[str]]:
    """Name → its values as text; rsatoolbox keeps text as bytes, and a list of text as an attribute."""
    arrays = {name: item[()] for name, item in group.items() if isinstance(item, h5py.Dataset) and item.shape}
    arrays |= {name: np.asarray(value) for name, value in group.attrs.items()}
    return {name: [_text(value) for value in np.atleast_1d(array)] for name, array in arrays.items()}


def _text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
