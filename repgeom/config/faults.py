"""What may be wrong with datasets, models, stimuli and data, each beside the others."""

from collections.abc import Iterator

from repgeom.config.clutter_faults import canvases_faults, dataset_faults, training_faults
from repgeom.config.data import Data
from repgeom.config.datasets import Clutter, ImageArrays, ImageFolder, images_per_class, n_images
from repgeom.config.models import Model
from repgeom.config.nouns import Nouns
from repgeom.config.references import unknown
from repgeom.config.stimuli import OWN, REPETITION, Attacked, Canvases, Perturbed, Selection, Stimuli
from repgeom.errors import nearest
from repgeom.labels import label_fault
from repgeom.models.nodes import node_names


def noun_faults(c: Nouns) -> Iterator[str]:
    """Names that lead nowhere or mean something else, and numbers that do not fit what they name."""
    for name, dataset in c.datasets.items():
        if isinstance(dataset, Clutter):
            yield from dataset_faults(c, f"datasets.{name}", dataset)
        elif isinstance(dataset, ImageFolder | ImageArrays):
            faults = map(label_fault, dataset.classes() or [])
            yield from (f"datasets.{name}: a class, {fault}" for fault in faults if fault)
    for name, model in c.models.items():
        yield from _model_faults(c, name, model)
    for name, stimuli in c.stimuli.items():
        yield from _stimuli_faults(c, f"stimuli.{name}", stimuli)
        if REPETITION in name:
            yield f"stimuli.{name}: names with {REPETITION!r} are those of further canvases; choose another"
    for name, data in c.data.items():
        yield from _data_faults(c, f"data.{name}", data)


def _model_faults(c: Nouns, name: str, model: Model) -> Iterator[str]:
    if model.dataset:
        yield from unknown(f"models.{name}.dataset", model.dataset, c.datasets)
    yield from training_faults(c, f"models.{name}", model)
    if model.dataset in c.datasets:
        for split in ("train", "test") if model.training else ("test",):
            yield from _split_faults(c, f"models.{name}.dataset", model.dataset, split)
    yield from _start_faults(c, f"models.{name}.start", name)
    if name == OWN:
        yield f"models.{name}: this name means the network that is shown the stimuli; choose another"


def _data_faults(c: Nouns, key: str, data: Data) -> Iterator[str]:
    simulated = data.simulated
    if simulated is None:
        return
    key = f"{key}.simulated"
    yield from unknown(f"{key}.model", simulated.model, c.models)
    yield from unknown(f"{key}.stimuli", simulated.stimuli, c.stimuli)
    if simulated.model in c.models:
        model = c.models[simulated.model]
        known = node_names(model.architecture, model.options)
        if known:
            yield from unknown(f"{key}.node", simulated.node, known)


def _start_faults(c: Nouns, key: str, name: str) -> Iterator[str]:
    """A model to begin with that does not exist, is another network, lacks a seed, or begins with this one."""
    model = c.models[name]
    if model.start is None:
        return
    yield from unknown(key, model.start, c.models)
    line = _line_of_starts(c, name)
    if line[-1] in line[:-1]:
        yield f"{key}: {' starts with '.join(line)}; one of them must start anew"
    first = c.models.get(model.start, model)
    if (first.architecture, first.options) != (model.architecture, model.options):
        yield f"{key}: {model.start!r} is another network; both need the same architecture and options"
    yield from _start_seed_faults(key, model, first)


def _line_of_starts(c: Nouns, name: str) -> list[str]:
    """A model, the one it starts with, the one that starts with, …; ends with a name that comes twice, if one does."""
    line = [name]
    while (start := c.models[line[-1]].start) in c.models and line[-1] not in line[:-1]:
        line.append(start)
    return line


def _start_seed_faults(key: str, model: Model, first: Model) -> Iterator[str]:
    missing = set(model.seeds) - set(first.seeds)
    if missing and len(first.seeds) > 1:
        yield f"{key}: {model.start!r} has no seed {min(missing)}, but several others; give it that one, or only one"


def _stimuli_faults(c: Nouns, key: str, stimuli: Stimuli) -> Iterator[str]:
    if isinstance(stimuli, Selection):
        yield from unknown(f"{key}.dataset", stimuli.dataset, c.datasets)
        if c.is_clutter(stimuli.dataset):
            yield f"{key}.kind: {stimuli.dataset!r} holds canvases, drawn on the fly; write kind: canvases"
        elif stimuli.dataset in c.datasets:
            yield from _too_many(c, key, stimuli)
            yield from _split_faults(c, f"{key}.split", stimuli.dataset, stimuli.split)
            yield from _class_faults(c, key, stimuli)
    elif isinstance(stimuli, Canvases):
        yield from canvases_faults(c, key, stimuli)
    elif isinstance(stimuli, Perturbed):
        yield from _perturbation_faults(c, key, stimuli)
    else:
        yield from _attack_faults(c, key, stimuli)


def _split_faults(c: Nouns, key: str, dataset: str, split: str) -> Iterator[str]:
    """A split that a user's own dataset does not hold."""
    section = c.datasets.get(dataset)
    known = section.splits() if isinstance(section, ImageFolder | ImageArrays) else None
    if known is not None and split not in known:
        yield f"{key}: {dataset!r} has no {split} images; it holds {' and '.join(known)}"


def _class_faults(c: Nouns, key: str, stimuli: Selection) -> Iterator[str]:
    section = c.datasets[stimuli.dataset]
    known = section.classes() if isinstance(section, ImageFolder | ImageArrays) else None
    if known is None:
        return
    for i, name in enumerate(stimuli.classes or []):
        if name not in known:
            yield f"{key}.classes.{i}: {stimuli.dataset!r} has no class {name!r}; {nearest(name, known)}"
    if stimuli.per_class and not known:
        yield f"{key}.per_class: the images of {stimuli.dataset!r} have no classes; write first, or ids"


def _perturbation_faults(c: Nouns, key: str, stimuli: Perturbed) -> Iterator[str]:
    yield from unknown(f"{key}.of", stimuli.of, c.stimuli)
    if isinstance(c.stimuli.get(stimuli.of), Attacked | Perturbed):
        yield f"{key}.of: {stimuli.of!r} is changed already; name the stimuli it was made of"


def _attack_faults(c: Nouns, key: str, stimuli: Attacked) -> Iterator[str]:
    yield from unknown(f"{key}.of", stimuli.of, c.stimuli)
    of = c.stimuli.get(stimuli.of)
    if isinstance(of, Attacked | Perturbed):
        how = "attacked" if isinstance(of, Attacked) else "perturbed"
        yield f"{key}.of: {stimuli.of!r} is {how} already; name the stimuli it was made of"
    if stimuli.model != OWN:
        yield from unknown(f"{key}.model", stimuli.model, {**c.models, OWN: None})


def _too_many(c: Nouns, key: str, stimuli: Selection) -> Iterator[str]:
    available = images_per_class(c.datasets[stimuli.dataset], stimuli.split, stimuli.classes or ())
    if stimuli.per_class and available is not None and stimuli.per_class > available:
        yield (
            f"{key}.per_class: {stimuli.per_class} images of every class asked for, but a class of "
            f"{stimuli.dataset!r} ({stimuli.split}) may have only {available}; give at most {available}"
        )
    n = n_images(c.datasets[stimuli.dataset], stimuli.split)
    if stimuli.first and n is not None and stimuli.first > n:
        yield (
            f"{key}.first: the first {stimuli.first} images asked for, but {stimuli.dataset!r} ({stimuli.split}) holds "
            f"{n}; give at most {n}"
        )
