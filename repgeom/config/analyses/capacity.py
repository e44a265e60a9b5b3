"""Manifold capacity; every class of a stimulus set is one manifold."""

from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from repgeom.config.analyses.base import Analysis
from repgeom.config.networks import Network
from repgeom.config.nouns import Nouns
from repgeom.config.section import Count, Section, Seed
from repgeom.config.stimuli import Selection


class MeanField(Section):
    """How manifolds are analysed by mean-field theory."""

    margin: Annotated[float, Field(ge=0)] = 0.0
    draws: Count = 300
    k: Literal["auto", "reference"] | int = "auto"
    dim: Literal["prx", "reference"] = "prx"
    seed: Seed = 0


class Capacity(Analysis):
    """Mean-field capacity, radius, dimension and centre correlation over nodes, epochs or time."""

    kind: Literal["capacity"]
    over: Literal["nodes", "epochs", "time"] = "nodes"
    mean_field: MeanField = MeanField()

    compares_classes: ClassVar[bool] = True
    fewest_classes: ClassVar[int] = 2
    coloured: ClassVar[bool] = True
    tables: ClassVar[tuple[str, ...]] = ("means",)

    def measured(self, network: Network) -> dict[str, dict]:  # noqa: D102
        return {"capacity": self.mean_field.plain() | {"nodes": network.nodes}}

    def own_faults(self, key: str, nouns: Nouns, siblings: Mapping[str, Analysis]) -> Iterator[str]:  # noqa: D102
        yield from _point_faults(key, self, nouns)
        if self.over != "nodes" and self._n_shown(nouns) > 1:
            yield f"{key}.of: capacity over {self.over} has room for one network; give each an analysis of its own"
        if self.over == "epochs" and any(of.epochs is None for of in self.of):
            yield f"{key}.of: capacity over epochs needs epochs; name those to look at"

    def _n_shown(self, nouns: Nouns) -> int:
        """How many networks there are beside each other, rather than after each other."""
        alike = {"nodes": None} | ({"epoch": ""} if self.over == "epochs" else {})
        return len({network._replace(**alike) for network in self.networks(nouns)})


class CapacityMethods(Analysis):
    """Mean-field capacity beside what needs none of its assumptions: conic and simulated capacity."""

    kind: Literal["capacity_methods"]
    mean_field: MeanField = MeanField()
    conic_draws: Annotated[int, Field(ge=10)] = 100
    dichotomies: Annotated[int, Field(ge=10)] = 30
    seed: Seed = 0

    compares_classes: ClassVar[bool] = True
    fewest_classes: ClassVar[int] = 2
    tables: ClassVar[tuple[str, ...]] = ("means",)

    def measured(self, network: Network) -> dict[str, dict]:  # noqa: D102
        methods = self.model_dump(include={"conic_draws", "dichotomies", "seed"})
        return {
            "capacity": self.mean_field.plain() | {"nodes": network.nodes},
            "capacity_methods": methods | {"nodes": network.nodes},
        }

    def own_faults(self, key: str, nouns: Nouns, siblings: Mapping[str, Analysis]) -> Iterator[str]:  # noqa: D102
        yield from _point_faults(key, self, nouns)


class CapacityDraws(Analysis):
    """Mean-field capacity of random images of each class, as many as in the stimuli: how far the choice matters."""

    kind: Literal["capacity_draws"]
    mean_field: MeanField = MeanField()
    draws: Annotated[int, Field(ge=2)] = 20
    seed: Seed = 0

    compares_classes: ClassVar[bool] = True
    fewest_classes: ClassVar[int] = 2
    one_network: ClassVar[bool] = True
    tables: ClassVar[tuple[str, ...]] = ("means",)

    def measured(self, network: Network) -> dict[str, dict]:  # noqa: D102
        draws = {"draws": self.draws, "seed": self.seed, "mean_field": self.mean_field.plain()}
        return {"capacity_draws": draws | {"nodes": network.nodes}}

    def own_faults(self, key: str, nouns: Nouns, siblings: Mapping[str, Analysis]) -> Iterator[str]:  # noqa: D102
        for network in self.networks(nouns):
            stimuli = nouns.stimuli[network.set]
            if not (isinstance(stimuli, Selection) and stimuli.per_class):
                yield f"{key}.of: {network.set!r} does not select images per class, of which others could be drawn"
            if not network.nodes:
                yield f"{key}.of.0.nodes: missing; every draw is recorded anew, so name nodes"
        if len(self.networks(nouns)) > 1:
            yield f"{key}.of.0.epochs: capacity_draws has room for one network; name one epoch, or none"


def _point_faults(key: str, analysis: Analysis, nouns: Nouns) -> Iterator[str]:
    """Classes of one stimulus, which have no radius or dimension, beside classes of several."""
    for name in analysis.stimulus_sets(nouns):
        fewest, most = nouns.n_per_class(name) or (1, 1)
        if fewest == 1 < most:
            yield (
                f"{key}.of: {analysis.kind} compares manifolds, and {name!r} holds one stimulus of some classes and up "
                f"to {most} of others; choose more, or leave those classes out"
            )
