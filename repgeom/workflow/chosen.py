"""Which of a user's own images are chosen as stimuli, found before any of them is made into one."""

from collections.abc import Mapping
from functools import cache

from repgeom.config.datasets import Dataset, ImageArrays, ImageFolder
from repgeom.config.nouns import Nouns
from repgeom.config.stimuli import Attacked, Perturbed, Selection
from repgeom.datasets.arrays import load_arrays
from repgeom.datasets.images import LabelledImages
from repgeom.errors import InputError
from repgeom.stimuli.selection import select
from repgeom.workflow.plan import Plan


def check_stimuli(plan: Plan) -> list[str]:
    """What is wrong with the stimuli that analyses look at: names that no image has, too few images or classes.

    Of datasets that cannot be listed nothing is said here.
    """
    listed = cache(lambda dataset: _listed(plan.c.datasets[dataset]))
    faults = []
    for name, analysis in plan.analyses.items():
        for shown in dict.fromkeys(network.set for network in plan.networks(name) if network.set):
            chosen = _base(plan.c, shown)
            section = plan.c.stimuli[chosen]
            images = listed(section.dataset).get(section.split) if isinstance(section, Selection) else None
            try:
                stimuli = select(images, **_how(section)) if images else None
            except InputError as error:
                faults.append(f"stimuli.{chosen}: {error}")
                continue
            if stimuli:
                count, classes = len(stimuli.ids), len(set(stimuli.labels.tolist()))
                faults += analysis.too_few(f"studies.{name.replace('/', '.')}", shown, count, classes)
    return list(dict.fromkeys(faults))


def _base(c: Nouns, stimuli: str) -> str:
    """The set that another one was made of."""
    section = c.stimuli[stimuli]
    return _base(c, section.of) if isinstance(section, Attacked | Perturbed) else stimuli


def _how(section: Selection) -> dict:
    return {name: value for name, value in section.chosen().items() if name != "split"}


def _listed(section: Dataset) -> Mapping[str, LabelledImages]:
    """Split → the user's own images; none where they come from elsewhere, or are not as they should be."""
    try:
        if isinstance(section, ImageFolder):
            return section.listed()
        if isinstance(section, ImageArrays):
            return load_arrays(section.path, section.plain(), section.class_names)
    except InputError:  # which is told where a network is shown them
        pass
    return {}
