"""Published numbers of recurrent networks in clutter, and whether they may stand beside a configuration's."""

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from repgeom.config.analyses.base import Analysis
from repgeom.config.datasets import Clutter
from repgeom.config.networks import LAST, Network
from repgeom.config.nouns import Nouns
from repgeom.config.stimuli import Canvases
from repgeom.workflow.references import read_references

ARCHITECTURE, OPTIONS = "rcnn", ({}, {"gain": True})
IMAGES = "mnist and fashion-mnist"
"""What the published canvases are made of."""
MEASURES = {
    "readout": ("output accuracy",),
    "decoding": ("layer decoding", "gain flow decoding"),
    "auxiliary_decoding": ("auxiliary decoding",),
    "perturbation": ("functional importance",),
}
"""Kind of analysis → how the names of the published measures begin that it has."""
REDEFINED = ("scale", "orientation")
"""Swaps of which ours are others than the published ones, unless the configuration asks for these."""
NUMBERS = {"timestep": int, "ci95": float}


@cache
def reference_rows(root: Path) -> list[dict]:
    """The published numbers: rows with `measure`, `layer`, `timestep`, `variable`, `reference`, `ci95`, or ''."""
    rows = read_references(root, "recurrence")
    return [row | {name: kind(row[name]) for name, kind in NUMBERS.items() if row[name]} for row in rows]


def as_published(c: Nouns, model: str) -> bool:
    """Whether a model is the published network, on canvases made as the published ones, of the same images."""
    section = c.models[model]
    clutter = c.datasets.get(section.dataset or "")
    if not isinstance(clutter, Clutter) or section.architecture != ARCHITECTURE:
        return False
    canvases = clutter.recipe() == Clutter(source="clutter", domains=clutter.domains).recipe()
    options = {name: value for name, value in section.options.items() if name != "canvas"}
    return canvases and options in OPTIONS and c.source_of(section.dataset) == IMAGES


def comparable(references: Sequence[dict], swaps: str | None) -> list[dict]:
    """The published numbers without those of swaps that were defined otherwise; `swaps` says how ours are."""
    return [
        row
        for row in references
        if swaps == "as_published" or not _is_importance(row) or row["variable"] not in REDEFINED
    ]


def published_beside(
    c: Nouns, analysis: Analysis, networks: Sequence[Network], references: Sequence[dict]
) -> list[dict]:
    """The published numbers to draw beside an analysis; none where it is about something else.

    Each row says which of the configuration's `stimuli` it is about, and in its `measure` too.
    """
    if not all(as_published(c, n.model) and n.epoch == LAST for n in networks) or not _as_measured(analysis):
        return []
    found = [row for row in references if row["measure"].startswith(MEASURES[analysis.kind])]
    found = comparable(found, getattr(analysis, "swaps", None))
    if not analysis.shows_stimuli:
        return found
    versions = {n.set: _version(c, n) for n in networks}
    return [row for name, version in versions.items() for row in _of_version(found, name, version)]


def _is_importance(row: dict) -> bool:
    return row.get("measure", "").startswith(MEASURES["perturbation"])


def _as_measured(analysis: Analysis) -> bool:
    """Published decoding fits the first canvases and tests the others."""
    return getattr(analysis, "fit", True) is not None


def _version(c: Nouns, network: Network) -> str | None:
    """How the published study calls what a network is shown: `cluttered` or `clean`; None if it is something else."""
    stimuli = c.stimuli[network.set]
    same = isinstance(stimuli, Canvases) and stimuli.noise and stimuli.split == "test"
    return stimuli.version if same and stimuli.dataset == c.models[network.model].dataset else None


def _of_version(rows: Sequence[dict], stimuli: str, version: str | None) -> Iterator[dict]:
    for row in rows:
        what, _, shown = row["measure"].rpartition(", ")
        if shown == version:
            yield row | {"measure": f"{what}, {stimuli}", "stimuli": stimuli}
        elif version == "cluttered" and row["measure"].startswith(MEASURES["auxiliary_decoding"]):
            yield row | {"stimuli": stimuli}
