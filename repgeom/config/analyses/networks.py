"""What training did, and what the network is."""

from collections.abc import Iterator, Mapping
from typing import ClassVar, Literal

from repgeom.config.analyses.base import Analysis
from repgeom.config.analyses.recurrence import ARCHITECTURE
from repgeom.config.nouns import Nouns


class History(Analysis):
    """Loss and accuracy over training: means over the seeds of each model, and every seed.

    Imported weights have the accuracy that they came with, and no more.
    """

    kind: Literal["history"]

    coloured: ClassVar[bool] = True
    shows_stimuli: ClassVar[bool] = False
    tables: ClassVar[tuple[str, ...]] = ("means",)

    def own_faults(self, key: str, nouns: Nouns, siblings: Mapping[str, Analysis]) -> Iterator[str]:  # noqa: D102
        for i, of in enumerate(self.of):
            if of.epochs or of.nodes:
                yield f"{key}.of.{i}: history shows every epoch of whole networks; leave epochs and nodes out"


class Filters(Analysis):
    """The first filters of a convolutional `layer` that sees images, at some epochs."""

    kind: Literal["filters"]
    layer: str

    shows_stimuli: ClassVar[bool] = False
    one_network: ClassVar[bool] = True


class FeatureMaps(Analysis):
    """What the first channels of one node make of the first image at some epochs, and of all images at the last."""

    kind: Literal["feature_maps"]

    one_network: ClassVar[bool] = True

    def own_faults(self, key: str, nouns: Nouns, siblings: Mapping[str, Analysis]) -> Iterator[str]:  # noqa: D102
        if any(len(network.nodes or ()) != 1 for network in self.networks(nouns)):
            yield f"{key}.of.0.nodes: name one node"


class Graph(Analysis):
    """The graph of a network, its nodes in execution order."""

    kind: Literal["graph"]

    one_network: ClassVar[bool] = True


class Connections(Analysis):
    """The connections of a recurrent network: bottom-up, lateral and top-down."""

    kind: Literal["connections"]

    shows_stimuli: ClassVar[bool] = False
    one_network: ClassVar[bool] = True

    def own_faults(self, key: str, nouns: Nouns, siblings: Mapping[str, Analysis]) -> Iterator[str]:  # noqa: D102
        for name in dict.fromkeys(network.model for network in self.networks(nouns)):
            model = nouns.models[name]
            if model.architecture != ARCHITECTURE and not model.user_file:
                yield (
                    f"{key}.of: {name!r} is a {model.architecture}; connections are drawn of models with architecture: "
                    f"{ARCHITECTURE}, or of your own RecurrentNetwork (docs/own-networks-and-images.md)"
                )
