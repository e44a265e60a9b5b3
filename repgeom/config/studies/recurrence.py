"""Study recurrence: recurrent networks that recognise objects in clutter, read out, perturbed and compared."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from repgeom.config.datasets import Clutter
from repgeom.config.references import unknown
from repgeom.config.section import Count, Name, Section, Seed
from repgeom.config.stimuli import Canvases
from repgeom.config.studies.manifolds import Capacity
from repgeom.config.studies.paths import Comparison
from repgeom.models.nodes import rcnn_nodes
from repgeom.stimuli.clutter.versions import SwapDefinition

if TYPE_CHECKING:
    from repgeom.config.configuration import Configuration

ARCHITECTURE = "rcnn"
PUBLISHED_IMAGES = "mnist and fashion-mnist"


class Decoding(Section):
    """Linear decoding of the target's properties: the first `fit` canvases are fitted, the others tested."""

    fit: Count = 800
    repetitions: Count = 10


class Perturbation(Section):
    """Recurrent flows exchanged between canvases that differ in one property of the target."""

    images: Count = 1000
    repetitions: Count = 5
    swaps: SwapDefinition = "corrected"
    seed: Seed = 0


class Path(Section):
    """How geometries of layers and steps are compared, and resampled for intervals."""

    comparison: Comparison = "cosine"
    resamples: Count = 1000
    seed: Seed = 0


class Recurrence(Section):
    """Study 5: category-orthogonal features in recurrent networks.

    Every seed of a model is a network; intervals are over networks where there are at least three.
    """

    models: Annotated[list[Name], Field(min_length=1)]
    cluttered: Name
    clean: Name
    maps: Count = 3
    decoding: Decoding = Decoding()
    perturbation: Perturbation = Perturbation()
    capacity: Capacity = Capacity()
    path: Path = Path()

    def faults(self, c: "Configuration") -> Iterator[str]:
        """Names that lead nowhere, and numbers that do not fit what they name."""
        key = "studies.recurrence"
        for i, model in enumerate(self.models):
            yield from self._model_faults(c, f"{key}.models.{i}", model)
        for field in ("cluttered", "clean"):
            yield from self._canvas_faults(c, f"{key}.{field}", getattr(self, field), field)

    def _model_faults(self, c: "Configuration", key: str, name: str) -> Iterator[str]:
        yield from unknown(key, name, c.models)
        model = c.models.get(name)
        if model is None:
            return
        if model.architecture != ARCHITECTURE and not model.user_file:
            yield (
                f"{key}: {name!r} is a {model.architecture}; this study is about models with architecture: rcnn, or "
                "your own RecurrentNetwork (docs/own-networks-and-images.md)"
            )
        elif model.architecture == ARCHITECTURE and not any("flow" in node for node in rcnn_nodes(model.options)):
            yield f"{key}: {name!r} has no recurrent flow; give it pathways, bias or gain, and two steps"
        elif not c.is_clutter(model.dataset):
            yield f"{key}: {name!r} is trained on {model.dataset!r}; this study needs a dataset with source: clutter"

    def _canvas_faults(self, c: "Configuration", key: str, name: str, version: str) -> Iterator[str]:
        yield from unknown(key, name, c.stimuli)
        stimuli = c.stimuli.get(name)
        if stimuli is None:
            return
        if not isinstance(stimuli, Canvases):
            yield f"{key}: {name!r} holds no canvases; name stimuli with kind: canvases"
            return
        if stimuli.version != version:
            yield f"{key}: {name!r} shows the version {stimuli.version!r}; name canvases with version: {version}"
        if stimuli.first <= self.decoding.fit:
            yield (
                f"{key}: {name!r} has {stimuli.first} canvases, of which decoding.fit = {self.decoding.fit}; "
                "leave some to test"
            )

    def images(self, c: "Configuration", model: str) -> str:
        """Where the objects on a model's canvases come from, such as `digits and letters`."""
        domains = c.datasets[c.models[model].dataset].domains
        return " and ".join(c.datasets[domain].source for domain in domains)

    def as_published(self, c: "Configuration", model: str) -> bool:
        """Whether the source's numbers may stand beside a model's: same images, canvases and network."""
        clutter, options = c.datasets[c.models[model].dataset], c.models[model].options
        canvases = clutter.recipe() == Clutter(source="clutter", domains=clutter.domains).recipe()
        network = {name: value for name, value in options.items() if name != "canvas"}
        is_ours = c.models[model].architecture == ARCHITECTURE
        return canvases and is_ours and network in ({}, {"gain": True}) and self.images(c, model) == PUBLISHED_IMAGES
