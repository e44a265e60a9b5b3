"""What is particular to recurrent networks that recognise objects in clutter."""

from collections.abc import Iterator, Mapping
from typing import ClassVar, Literal

from pydantic import Field

from repgeom.config.analyses.base import Analysis
from repgeom.config.networks import Network, Of
from repgeom.config.nouns import Nouns
from repgeom.config.references import unknown
from repgeom.config.section import Count, Name, Seed
from repgeom.models.nodes import rcnn_nodes
from repgeom.stimuli.clutter.versions import SwapDefinition

ARCHITECTURE = "rcnn"


class CanvasGallery(Analysis):
    """How the canvases of a dataset are made: objects, canvases, and every swap of one."""

    kind: Literal["canvas_gallery"]
    of: list[Of] = Field(default_factory=list, max_length=0)
    dataset: Name
    swaps: SwapDefinition = "corrected"
    seed: Seed = 0

    shows_stimuli: ClassVar[bool] = False

    def own_faults(self, key: str, nouns: Nouns, siblings: Mapping[str, Analysis]) -> Iterator[str]:  # noqa: D102
        yield from unknown(f"{key}.dataset", self.dataset, nouns.datasets)
        if self.dataset in nouns.datasets and not nouns.is_clutter(self.dataset):
            yield f"{key}.dataset: {self.dataset!r} has no canvases; name a dataset with source: clutter"


class InputMaps(Analysis):
    """The input layer over time for the first `canvases`: its activation, and the recurrent flow into it."""

    kind: Literal["input_maps"]
    canvases: Count = 3

    one_network: ClassVar[bool] = True
    one_epoch: ClassVar[bool] = True

    def own_faults(self, key: str, nouns: Nouns, siblings: Mapping[str, Analysis]) -> Iterator[str]:  # noqa: D102
        if any(network.repetition > 1 for network in self.networks(nouns)):
            yield f"{key}.of: input_maps shows the first canvases of one set; leave repetitions out"


class Perturbation(Analysis):
    """Functional importance of recurrent flows: they are exchanged between canvases that differ in one property."""

    kind: Literal["perturbation"]
    images: Count = 1000
    repetitions: Count = 5
    swaps: SwapDefinition = "corrected"
    seed: Seed = 0

    shows_stimuli: ClassVar[bool] = False
    one_model: ClassVar[bool] = True
    one_epoch: ClassVar[bool] = True

    def measured(self, network: Network) -> dict[str, dict]:  # noqa: D102
        return {"perturbation": self.model_dump(include={"images", "repetitions", "swaps", "seed"})}

    def own_faults(self, key: str, nouns: Nouns, siblings: Mapping[str, Analysis]) -> Iterator[str]:  # noqa: D102
        for name in dict.fromkeys(network.model for network in self.networks(nouns)):
            model = nouns.models[name]
            if model.architecture != ARCHITECTURE and not model.user_file:
                yield (
                    f"{key}.of: {name!r} is a {model.architecture}; flows are exchanged in models with architecture: "
                    "rcnn, or your own RecurrentNetwork (docs/own-networks-and-images.md)"
                )
            elif model.architecture == ARCHITECTURE and not any("flow" in n for n in rcnn_nodes(model.options)):
                yield f"{key}.of: {name!r} has no recurrent flow; give it pathways, bias or gain, and two steps"
            elif not nouns.is_clutter(model.dataset):
                yield f"{key}.of: {name!r} is trained on {model.dataset!r}; this needs a dataset with source: clutter"
