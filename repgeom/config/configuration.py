"""The whole configuration: one typed model, checked before any job starts."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from repgeom.config import messages
from repgeom.config.clutter_faults import canvases_faults, dataset_faults, training_faults
from repgeom.config.datasets import Clutter, Dataset, images_per_class
from repgeom.config.models import Model
from repgeom.config.references import unknown
from repgeom.config.section import Name, Section
from repgeom.config.stimuli import OWN, REPETITION, Attacked, Canvases, Selection, Stimuli
from repgeom.config.studies.every import Studies
from repgeom.errors import InputError


class Configuration(Section):
    """Everything a run depends on, by name."""

    device: Literal["auto", "cpu", "cuda"] = "auto"
    data_dir: str | None = None
    batch_size: Annotated[int, Field(ge=1)] = 100
    datasets: dict[Name, Dataset]
    models: dict[Name, Model]
    stimuli: dict[Name, Stimuli]
    studies: Studies = Studies()

    def stimulus_section(self, name: str) -> Stimuli:
        """The section behind the name of a stimulus set or of a repetition of canvases."""
        if name in self.stimuli:
            return self.stimuli[name]
        base, _, number = name.rpartition(REPETITION)
        return self.stimuli[base].repetition(int(number))

    def is_clutter(self, dataset: str) -> bool:
        """Whether a dataset's images are canvases, drawn on the fly."""
        return isinstance(self.datasets.get(dataset), Clutter)


def load_configuration(raw: dict) -> Configuration:
    """Check a configuration as Snakemake hands it over.

    Raises
    ------
    InputError
        Lists every fault: the path of the key, the value found, and the nearest valid name or the range.
    """
    try:
        configuration = Configuration.model_validate(raw)
    except ValidationError as error:
        raise InputError(messages.describe(error, Configuration)) from None
    faults = list(cross_reference_faults(configuration))
    if faults:
        raise InputError(messages.as_list(faults))
    return configuration


def cross_reference_faults(c: Configuration) -> Iterator[str]:
    """Names that lead nowhere, and numbers that do not fit what they name."""
    for name, dataset in c.datasets.items():
        if isinstance(dataset, Clutter):
            yield from dataset_faults(c, f"datasets.{name}", dataset)
    for name, model in c.models.items():
        yield from unknown(f"models.{name}.dataset", model.dataset, c.datasets)
        yield from training_faults(c, f"models.{name}", model)
    for name, stimuli in c.stimuli.items():
        yield from _stimuli_faults(c, f"stimuli.{name}", name, stimuli)
    for _, study in c.studies:
        if study:
            yield from study.faults(c)


def _stimuli_faults(c: Configuration, key: str, name: str, stimuli: Stimuli) -> Iterator[str]:
    if isinstance(stimuli, Selection):
        yield from unknown(f"{key}.dataset", stimuli.dataset, c.datasets)
        if c.is_clutter(stimuli.dataset):
            yield f"{key}.kind: {stimuli.dataset!r} holds canvases, drawn on the fly; write kind: canvases"
        elif stimuli.dataset in c.datasets:
            yield from _too_many(c, key, stimuli)
        return
    if isinstance(stimuli, Canvases):
        yield from canvases_faults(c, key, stimuli)
        return
    yield from unknown(f"{key}.of", stimuli.of, c.stimuli)
    if isinstance(c.stimuli.get(stimuli.of), Attacked):
        yield f"{key}.of: {stimuli.of!r} is attacked already; name the stimuli it was made of"
    if stimuli.model != OWN:
        yield from unknown(f"{key}.model", stimuli.model, {**c.models, OWN: None})


def _too_many(c: Configuration, key: str, stimuli: Selection) -> Iterator[str]:
    available = images_per_class(c.datasets[stimuli.dataset], stimuli.split)
    if stimuli.per_class and available is not None and stimuli.per_class > available:
        yield (
            f"{key}.per_class: {stimuli.per_class} images of every class asked for, but a class of "
            f"{stimuli.dataset!r} ({stimuli.split}) may have only {available}; give at most {available}"
        )
