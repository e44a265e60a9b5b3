"""How many stimuli networks name correctly."""

from collections.abc import Iterator, Mapping
from typing import ClassVar, Literal

from repgeom.config.analyses.base import Analysis
from repgeom.config.networks import Network
from repgeom.config.nouns import Nouns
from repgeom.config.stimuli import strengths_of
from repgeom.measures.names import RDMMeasure


class Accuracy(Analysis):
    """Accuracy of every network on every set of stimuli."""

    kind: Literal["accuracy"]

    compares_classes: ClassVar[bool] = True
    coloured: ClassVar[bool] = True


class Readout(Analysis):
    """Accuracy of a recurrent network's answers, read out after every step."""

    kind: Literal["readout"]

    compares_classes: ClassVar[bool] = True
    one_model: ClassVar[bool] = True
    one_epoch: ClassVar[bool] = True
    tables: ClassVar[tuple[str, ...]] = ("means",)

    def own_faults(self, key: str, nouns: Nouns, siblings: Mapping[str, Analysis]) -> Iterator[str]:  # noqa: D102
        for name in dict.fromkeys(network.model for network in self.networks(nouns)):
            model = nouns.models[name]
            if model.architecture != "rcnn" and not model.user_file:
                yield (
                    f"{key}.of: {name!r} is a {model.architecture}, which answers once; name a model with "
                    "architecture: rcnn, or your own RecurrentNetwork (docs/own-networks-and-images.md)"
                )


class Sweep(Analysis):
    """Accuracy, and correlation with the label RDM at every node, against the strength of an attack or perturbation."""

    kind: Literal["sweep"]
    measure: RDMMeasure = "correlation"

    compares_classes: ClassVar[bool] = True
    # At every strength, where RDMs are correlated with that of the classes.
    fewest: ClassVar[int] = 3
    fewest_classes: ClassVar[int] = 2
    within_classes: ClassVar[bool] = True
    coloured: ClassVar[bool] = True
    tables: ClassVar[tuple[str, ...]] = ("means",)

    def counted_sets(self, nouns: Nouns) -> list[str]:  # noqa: D102
        sections = {name: nouns.stimuli[name] for name in super().counted_sets(nouns)}
        return [section.of if strengths_of(section) else name for name, section in sections.items()]

    def measured(self, network: Network) -> dict[str, dict]:  # noqa: D102
        return {"sweep": {"measure": self.measure, "nodes": network.nodes}}

    def own_faults(self, key: str, nouns: Nouns, siblings: Mapping[str, Analysis]) -> Iterator[str]:  # noqa: D102
        names = dict.fromkeys(network.set for network in self.networks(nouns))
        for name in names:
            if not strengths_of(nouns.stimuli[name]):
                yield f"{key}.of: {name!r} is no attacked or perturbed stimulus set with a list of strengths"
        whats = dict.fromkeys(found[0] for name in names if (found := strengths_of(nouns.stimuli[name])))
        if len(whats) > 1:
            yield f"{key}.of: the strengths of {' and '.join(whats)} do not share an axis; give each a sweep of its own"
