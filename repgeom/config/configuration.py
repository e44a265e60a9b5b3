"""The whole configuration: one typed model, checked before any job starts."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from repgeom.config import messages
from repgeom.config.datasets import Dataset, images_per_class
from repgeom.config.models import Model
from repgeom.config.section import Name, Section
from repgeom.config.stimuli import OWN, Attacked, Selection, Stimuli
from repgeom.config.studies import Studies
from repgeom.errors import InputError, nearest
from repgeom.models.nodes import node_names


class Configuration(Section):
    """Everything a run depends on, by name."""

    device: Literal["auto", "cpu", "cuda"] = "auto"
    data_dir: str | None = None
    batch_size: Annotated[int, Field(ge=1)] = 100
    datasets: dict[Name, Dataset]
    models: dict[Name, Model]
    stimuli: dict[Name, Stimuli]
    studies: Studies = Studies()


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
    for name, model in c.models.items():
        yield from _unknown(f"models.{name}.dataset", model.dataset, c.datasets)
    for name, stimuli in c.stimuli.items():
        yield from _stimuli_faults(c, f"stimuli.{name}", name, stimuli)
    if c.studies.robustness:
        yield from _robustness_faults(c)


def _stimuli_faults(c: Configuration, key: str, name: str, stimuli: Stimuli) -> Iterator[str]:
    if isinstance(stimuli, Selection):
        yield from _unknown(f"{key}.dataset", stimuli.dataset, c.datasets)
        if stimuli.dataset in c.datasets:
            yield from _too_many(c, key, stimuli)
        return
    yield from _unknown(f"{key}.of", stimuli.of, c.stimuli)
    if isinstance(c.stimuli.get(stimuli.of), Attacked):
        yield f"{key}.of: {stimuli.of!r} is attacked already; name the stimuli it was made of"
    if stimuli.model != OWN:
        yield from _unknown(f"{key}.model", stimuli.model, {**c.models, OWN: None})


def _too_many(c: Configuration, key: str, stimuli: Selection) -> Iterator[str]:
    available = images_per_class(c.datasets[stimuli.dataset], stimuli.split)
    if stimuli.per_class and available is not None and stimuli.per_class > available:
        yield (
            f"{key}.per_class: {stimuli.per_class} images of every class asked for, but a class of "
            f"{stimuli.dataset!r} ({stimuli.split}) may have only {available}; give at most {available}"
        )


def _robustness_faults(c: Configuration) -> Iterator[str]:
    study, key = c.studies.robustness, "studies.robustness"
    for field in ("standard", "adversarial"):
        yield from _model_nodes_faults(c, f"{key}.{field}", getattr(study, field), study.nodes, f"{key}.nodes")
    for field in ("clean", "attacked"):
        yield from _unknown(f"{key}.{field}", getattr(study, field), c.stimuli)
    g = study.generalisation
    yield from _model_nodes_faults(
        c, f"{key}.generalisation.model", g.model, g.nodes, f"{key}.generalisation.nodes"
    )
    for field in ("train", "test"):
        yield from _unknown(f"{key}.generalisation.{field}", getattr(g, field), c.stimuli)
    for i, name in enumerate(study.sweep.stimuli):
        yield from _unknown(f"{key}.sweep.stimuli.{i}", name, c.stimuli)
        stimuli = c.stimuli.get(name)
        if stimuli and not (isinstance(stimuli, Attacked) and isinstance(stimuli.attack.epsilon, list)):
            yield f"{key}.sweep.stimuli.{i}: {name!r} is not an attacked stimulus set with a list of epsilon"


def _model_nodes_faults(
    c: Configuration, model_key: str, model_name: str, nodes: list[str], nodes_key: str
) -> Iterator[str]:
    yield from _unknown(model_key, model_name, c.models)
    model = c.models.get(model_name)
    known = model and node_names(model.architecture, model.options)
    for i, node in enumerate(nodes):
        if known and node not in known:
            yield f"{nodes_key}.{i}: model {model_name!r} has no node {node!r}; {nearest(node, known)}"


def _unknown(key: str, name: str, known: dict) -> Iterator[str]:
    if name not in known:
        yield f"{key}: no such name {name!r}; {nearest(name, known)}"
