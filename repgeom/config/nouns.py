"""The nouns of the configuration, datasets, models, stimuli and data, and what they say of each other."""

from collections.abc import Mapping
from typing import NamedTuple, Self

from pydantic import Field, PrivateAttr

from repgeom.config.data import Data
from repgeom.config.datasets import Clutter, Dataset, ImageArrays, ImageFolder, n_images
from repgeom.config.models import Model
from repgeom.config.section import Name, Section
from repgeom.config.stimuli import OWN, REPETITION, Attacked, Canvases, Perturbed, Selection, Stimuli, strengths_of

PATTERN = "*?["
"""Signs of which any makes a name a pattern."""


class Listed(NamedTuple):
    """What the files of a dataset tell: how many classes it has, and how many images to train on."""

    classes: int
    training: int


class Chosen(NamedTuple):
    """What files tell of a stimulus set: how many stimuli, of how many classes, of each of these, and their columns."""

    stimuli: int
    classes: int
    fewest: int
    most: int
    columns: tuple[str, ...]


class Nouns(Section):
    """Datasets, models, stimuli and measured data, by name."""

    datasets: dict[Name, Dataset]
    models: dict[Name, Model]
    stimuli: dict[Name, Stimuli]
    data: dict[Name, Data] = Field(default_factory=dict)
    _listed: dict[str, Listed] = PrivateAttr(default_factory=dict)
    _chosen: dict[str, Chosen] = PrivateAttr(default_factory=dict)

    def told(self, listed: Mapping[str, Listed], chosen: Mapping[str, Chosen]) -> Self:
        """The same, that knows of some datasets and stimulus sets what only their files tell."""
        knows = self.model_copy()
        knows._listed, knows._chosen = dict(listed), dict(chosen)
        return knows

    def stimulus_section(self, name: str) -> Stimuli:
        """The section behind the name of a stimulus set or of a repetition of canvases."""
        if name in self.stimuli:
            return self.stimuli[name]
        base, _, number = name.rpartition(REPETITION)
        return self.stimuli[base].repetition(int(number))

    def is_clutter(self, dataset: str | None) -> bool:
        """Whether a dataset's images are canvases, drawn on the fly."""
        return isinstance(self.datasets.get(dataset), Clutter)

    def model_label(self, model: str) -> str:
        """How figures name a model."""
        return self.models[model].label or model

    def stimuli_label(self, stimuli: str) -> str:
        """How figures name a stimulus set."""
        return self.stimuli[stimuli].label or stimuli

    def data_label(self, data: str) -> str:
        """How figures name measured data."""
        return self.data[data].label or data

    def dataset_of(self, stimuli: str) -> str:
        """The dataset whose images a stimulus set holds, changed or not."""
        section = self.stimuli[stimuli]
        return self.dataset_of(section.of) if isinstance(section, Attacked | Perturbed) else section.dataset

    def attacker_of(self, attacked: Attacked, model: str, seed: int) -> tuple[str, int]:
        """Whose gradients attack what a network is shown: a model, and its seed at the same place."""
        if attacked.model in (OWN, model):
            return model, seed
        seeds = self.models[attacked.model].seeds
        return attacked.model, seeds[self.models[model].seeds.index(seed) % len(seeds)] if model else seeds[0]

    def source_of(self, dataset: str) -> str:
        """Where the images of a dataset come from: `mnist`, or `mnist and fashion-mnist` for canvases."""
        section = self.datasets[dataset]
        if isinstance(section, Clutter):
            return " and ".join(self.datasets[domain].source for domain in section.domains)
        return section.source

    def n_stimuli(self, name: str) -> int | None:
        """How many stimuli a set holds; None where only the files can tell."""
        if name in self._chosen:
            return self._chosen[name].stimuli
        section = self.stimuli[name]
        if isinstance(section, Attacked | Perturbed):
            _, strengths = strengths_of(section) or ("", [0.0])
            n = self.n_stimuli(section.of)
            return n * len(strengths) if n else None
        if isinstance(section, Canvases) or section.first:
            return section.first
        if section.ids:
            return None if any(set(name) & set(PATTERN) for name in section.ids) else len(set(section.ids))
        classes = len(section.classes) if section.classes else self.n_classes(section.dataset)
        return section.per_class * classes if classes else None

    def n_classes_among(self, name: str) -> int | None:
        """Of how many classes the stimuli of a set are; None where only the files can tell."""
        if name in self._chosen:
            return self._chosen[name].classes
        section = self.stimuli[name]
        if isinstance(section, Attacked | Perturbed):
            return self.n_classes_among(section.of)
        if isinstance(section, Canvases) or section.ids or section.first:
            return None
        return len(section.classes) if section.classes else self.n_classes(section.dataset)

    def n_per_class(self, name: str) -> tuple[int, int] | None:
        """How many stimuli any class has at least and at most among those of a set; None where only files can tell."""
        if name in self._chosen:
            return self._chosen[name].fewest, self._chosen[name].most
        section = self.stimuli[name]
        if isinstance(section, Attacked | Perturbed):
            _, strengths = strengths_of(section) or ("", [0.0])
            of = self.n_per_class(section.of)
            return of and (of[0] * len(strengths), of[1] * len(strengths))
        return (section.per_class,) * 2 if isinstance(section, Selection) and section.per_class else None

    def columns(self, name: str) -> tuple[str, ...] | None:
        """What describes the stimuli of a set beside their class; None where only the files can tell."""
        section = self.stimuli[name]
        if isinstance(section, Attacked | Perturbed):
            of = self.columns(section.of)
            return None if of is None else (*of, "epsilon" if isinstance(section, Attacked) else "strength")
        return self._chosen[name].columns if name in self._chosen else None

    def n_classes(self, dataset: str) -> int | None:
        """How many classes a dataset has, 1 where images have none; None where only the files can tell."""
        if dataset in self._listed:
            return self._listed[dataset].classes
        section = self.datasets[dataset]
        if isinstance(section, Clutter):
            counts = [self.n_classes(domain) for domain in section.domains]
            return None if None in counts else sum(counts)
        if not isinstance(section, ImageFolder | ImageArrays):
            return 10
        return None if (classes := section.classes()) is None else max(len(classes), 1)

    def n_training(self, dataset: str) -> int | None:
        """How many images there are to train on; None where only the files can tell."""
        if dataset in self._listed:
            return self._listed[dataset].training
        return n_images(self.datasets[dataset], "train")

    def n_tested(self, model: str) -> int | None:
        """How many images or canvases a model is tested on after every epoch; None where only the files can tell."""
        section = self.models[model]
        if not section.dataset:
            return None
        dataset = self.datasets[section.dataset]
        if isinstance(dataset, Clutter):
            return section.training.validation if section.training else None
        return n_images(dataset, "test")
