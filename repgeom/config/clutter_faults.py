"""What may be wrong with datasets of canvases, and with models and stimuli that use them."""

from collections.abc import Iterator

from repgeom.config.datasets import Clutter, ImageFolder, images_per_class
from repgeom.config.models import Model
from repgeom.config.nouns import Nouns
from repgeom.config.references import unknown
from repgeom.config.stimuli import Canvases
from repgeom.errors import InputError
from repgeom.stimuli.clutter.spec import ClutterSpec

SIDE = 28
N_CLASSES = 10
"""Height and width in px, and number of classes, of every dataset that is not a folder."""
NEEDED_FOR_CANVASES = ("iterations", "validation")
ONLY_FOR_CANVASES = (*NEEDED_FOR_CANVASES, "curriculum")
NOT_FOR_CANVASES = ("shuffle", "drop_last")


def dataset_faults(c: Nouns, key: str, clutter: Clutter) -> Iterator[str]:
    """Domains that do not exist or are canvases themselves, and a recipe that cannot be drawn."""
    for i, domain in enumerate(clutter.domains):
        yield from unknown(f"{key}.domains.{i}", domain, c.datasets)
        if c.is_clutter(domain):
            yield f"{key}.domains.{i}: {domain!r} holds canvases itself; name a dataset of single images"
    sides = {side for domain in clutter.domains if (side := _side(c, domain))}
    try:
        ClutterSpec(**_recipe(clutter), object_size=min(sides, default=SIDE))
    except InputError as error:
        yield f"{key}: {error}"
    yield from _held_out_faults(c, key, clutter)


def training_faults(c: Nouns, key: str, model: Model) -> Iterator[str]:
    """Training options that do not go with the kind of dataset, and a canvas that the network is not built for."""
    if model.training is None:
        if c.is_clutter(model.dataset):
            yield from _canvas_faults(c.datasets[model.dataset], key, model)
        return
    given = model.training.model_fields_set
    if not c.is_clutter(model.dataset):
        for field in ONLY_FOR_CANVASES:
            if field in given:
                yield f"{key}.training.{field}: only for datasets with source: clutter; leave it out"
        return
    for field in NEEDED_FOR_CANVASES:
        if getattr(model.training, field) is None:
            yield f"{key}.training.{field}: missing; canvases are drawn on the fly, so say how many"
    for field in NOT_FOR_CANVASES:
        if field in given:
            yield f"{key}.training.{field}: canvases are drawn on the fly; leave it out"
    yield from _canvas_faults(c.datasets[model.dataset], key, model)


def canvases_faults(c: Nouns, key: str, stimuli: Canvases) -> Iterator[str]:
    """A dataset that does not exist or holds no canvases."""
    yield from unknown(f"{key}.dataset", stimuli.dataset, c.datasets)
    if stimuli.dataset in c.datasets and not c.is_clutter(stimuli.dataset):
        yield f"{key}.dataset: {stimuli.dataset!r} has no canvases; name a dataset with source: clutter"


def _canvas_faults(clutter: Clutter, key: str, model: Model) -> Iterator[str]:
    canvas = model.options.get("canvas", [100, 100])
    expected = [clutter.canvas_size, clutter.canvas_size]
    if model.architecture == "rcnn" and canvas != expected:
        yield f"{key}.options.canvas: {canvas}, but canvases of {model.dataset!r} measure {expected}; write {expected}"


def _held_out_faults(c: Nouns, key: str, clutter: Clutter) -> Iterator[str]:
    for domain in clutter.domains:
        available = _fewest_training_images(c, domain)
        if available is not None and clutter.held_out >= available:
            yield (
                f"{key}.held_out: {clutter.held_out} training images kept for validation, but {domain!r} has about "
                f"{available}; leave some to train on"
            )


def _fewest_training_images(c: Nouns, domain: str) -> int | None:
    """At least so many training images a domain has; None where only the files can tell."""
    per_class = images_per_class(c.datasets[domain], "train") if domain in c.datasets else None
    return N_CLASSES * per_class if per_class else None


def _side(c: Nouns, domain: str) -> int | None:
    dataset = c.datasets.get(domain)
    if isinstance(dataset, ImageFolder):
        return dataset.size[0] if dataset.size else None
    return SIDE


def _recipe(clutter: Clutter) -> dict:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in clutter.recipe().items()}
