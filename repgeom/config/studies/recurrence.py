"""Study recurrence: recurrent networks that recognise objects in clutter, read out, perturbed and compared."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from repgeom.config.datasets import Clutter
from repgeom.config.references import unknown
from repgeom.config.section import Count, Name, Section, Seed
from repgeom.config.stimuli import Canvases
from repgeom.config.studies.manifolds import Capacity
from repgeom.stimuli.clutter.versions import SwapDefinition

if TYPE_CHECKING:
    from repgeom.config.configuration import Configuration

ARCHITECTURE = "rcnn"


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
        if model and model.architecture != ARCHITECTURE:
            yield f"{key}: {name!r} is a {model.architecture}; this study is about models with architecture: rcnn"
        elif model and not c.is_clutter(model.dataset):
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

    def as_published(self, clutter: Clutter) -> bool:
        """Whether canvases are made as in the source, whatever images they are made of."""
        return clutter.recipe() == Clutter(source="clutter", domains=clutter.domains).recipe()
