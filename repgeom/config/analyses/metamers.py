"""Metamers: images to which a node responds as to the originals."""

from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from repgeom.config.analyses.base import Analysis
from repgeom.config.networks import Epoch, Network
from repgeom.config.nouns import Nouns
from repgeom.config.references import unknown
from repgeom.config.section import Count, Name, Positive, Seed


class Metamers(Analysis):
    """Metamers of the stimuli for some nodes, and what the network and those of another model, `held_out`, call them.

    `others` are the stimuli whose images stand for their classes when pixels are compared.
    """

    kind: Literal["metamers"]
    held_out: Name
    others: Name
    steps: Count = 100
    learning_rate: Positive = 0.01
    seed: Seed = 0
    starts: Count = 1
    snapshots: Annotated[list[Epoch], Field(min_length=1)]

    one_network: ClassVar[bool] = True
    page: ClassVar[bool] = True
    tables: ClassVar[tuple[str, ...]] = ("means",)

    def stimulus_sets(self, nouns: Nouns) -> list[str]:  # noqa: D102
        return [*super().stimulus_sets(nouns), self.others]

    def measured(self, network: Network) -> dict[str, dict]:  # noqa: D102
        names = {"held_out", "steps", "learning_rate", "seed", "starts", "snapshots"}
        return {"metamers": self.model_dump(include=names) | {"nodes": network.nodes}}

    def own_faults(self, key: str, nouns: Nouns, siblings: Mapping[str, Analysis]) -> Iterator[str]:  # noqa: D102
        yield from unknown(f"{key}.held_out", self.held_out, nouns.models)
        yield from unknown(f"{key}.others", self.others, nouns.stimuli)
        for network in self.networks(nouns):
            if not network.nodes:
                yield f"{key}.of.0.nodes: missing; name the nodes to synthesise metamers for"
        if len(self.networks(nouns)) > 1:
            yield f"{key}.of.0: metamers has room for one network; name one epoch and one repetition, or none"
