"""Which images are chosen as stimuli, counted before any of them is made into one."""

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING

from repgeom.config.configuration import Configuration, analysis_faults
from repgeom.config.datasets import Dataset, ImageArrays, ImageFolder, n_images
from repgeom.config.nouns import Chosen, Listed
from repgeom.config.stimuli import Attacked, Perturbed, Selection
from repgeom.errors import InputError
from repgeom.workflow.plan import Plan

if TYPE_CHECKING:
    from repgeom.datasets.images import LabelledImages

SURE = 0.5
"""Share of the first images of one of the project's datasets, which mix classes, that is surely there of each class."""


def counted(c: Configuration, sets: Iterable[str], datasets: Iterable[str] = ()) -> tuple[Configuration, list[str]]:
    """A configuration that knows what files tell of stimulus sets and datasets, and what is wrong with the sets.

    Such as names that no image has, and too few images of a class. What the configuration itself tells needs no file;
    of datasets that cannot be listed nothing is said.
    """
    listed = cache(lambda dataset: _listed(c.datasets[dataset]))
    chosen, faults = {}, []
    for name in dict.fromkeys(_base(c, shown) for shown in sets):
        section = c.stimuli[name]
        images = listed(section.dataset).get(section.split) if _is_told_by_files(c, section) else None
        if images is None:
            continue
        try:
            chosen[name] = _chosen(images, section)
        except InputError as error:
            faults.append(f"stimuli.{name}: {error}")
    own = {name: listed(name) for name in datasets if isinstance(c.datasets[name], ImageFolder | ImageArrays)}
    return c.told({name: _counts(splits) for name, splits in own.items() if splits}, chosen), faults


def check_stimuli(c: Configuration) -> tuple[Configuration, list[str]]:
    """A configuration that knows what files tell of all that analyses look at, and what is wrong with it."""
    analyses = c.analyses()
    sets = [name for analysis in analyses.values() for name in analysis.stimulus_sets(c)]
    sets += [data.simulated.stimuli for data in c.data.values() if data.simulated]
    shown = [*(c.models[model].dataset for model in Plan(c).models()), *map(c.dataset_of, sets)]
    counting, faults = counted(c, sets, dict.fromkeys(filter(None, shown)))
    return counting, list(dict.fromkeys([*faults, *analysis_faults(counting, analyses)]))


def stimuli_faults(c: Configuration, sets: Iterable[str], analyses: Iterable[str]) -> list[str]:
    """What is wrong with sets that are to be made, and with what analyses, `study/analysis`, are shown."""
    if not any(_is_told_by_files(c, section) for section in c.stimuli.values()):
        return []
    sections = c.analyses()
    known = [name for name in analyses if name in sections]
    counting, faults = counted(c, [*sets, *(shown for name in known for shown in sections[name].stimulus_sets(c))])
    return list(dict.fromkeys([*faults, *analysis_faults(counting, known)]))


def _base(c: Configuration, stimuli: str) -> str:
    """The set that another one was made of."""
    section = c.stimuli[stimuli]
    return _base(c, section.of) if isinstance(section, Attacked | Perturbed) else stimuli


def _is_told_by_files(c: Configuration, section: object) -> bool:
    """Whether only files tell which images are chosen, and how many."""
    if not isinstance(section, Selection):
        return False
    dataset = c.datasets[section.dataset]
    if isinstance(dataset, ImageFolder | ImageArrays):
        return True
    n, within = n_images(dataset, section.split) or 0, section.within or 0
    is_close = 0 < within < n and section.per_class * c.n_classes(section.dataset) > within * SURE
    return bool(section.ids or section.classes or is_close)


def _listed(section: Dataset) -> "Mapping[str, LabelledImages]":
    """Split → images; none where these are not here, or not as they should be."""
    from repgeom.datasets.sources import list_dataset

    try:
        return list_dataset(section.plain())
    except InputError:  # which is told where a network is shown them
        return {}


def _chosen(images: "LabelledImages", section: Selection) -> Chosen:
    from repgeom.stimuli.selection import select

    stimuli = select(images, **{name: value for name, value in section.chosen().items() if name != "split"})
    of_class = Counter(stimuli.labels.tolist()).values()
    return Chosen(len(stimuli.ids), len(of_class), min(of_class), max(of_class), tuple(stimuli.descriptors))


def _counts(splits: "Mapping[str, LabelledImages]") -> Listed:
    return Listed(len(splits["test"].class_names), len(splits["train"]) if "train" in splits else 0)
