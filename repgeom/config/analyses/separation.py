"""How far nodes separate classes."""

from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from repgeom.config.analyses.base import Analysis
from repgeom.config.networks import Network
from repgeom.config.nouns import Nouns
from repgeom.config.references import unknown
from repgeom.config.section import Name
from repgeom.measures.names import RDMMeasure

Pair = Annotated[list[Name], Field(min_length=2, max_length=2)]


class Separation(Analysis):
    """Between- minus within-class dissimilarity, and correlation with the label RDM, node by node.

    `agreement` names pairs of models whose RDMs are correlated with each other, seed by seed.
    """

    kind: Literal["separation"]
    measure: RDMMeasure = "correlation"
    agreement: list[Pair] = Field(default_factory=list)

    compares_classes: ClassVar[bool] = True
    fewest: ClassVar[int] = 2
    fewest_classes: ClassVar[int] = 2
    within_classes: ClassVar[bool] = True
    coloured: ClassVar[bool] = True
    tables: ClassVar[tuple[str, ...]] = ("means",)

    def measured(self, network: Network) -> dict[str, dict]:  # noqa: D102
        return {"separation": {"measure": self.measure, "nodes": network.nodes}}

    def own_faults(self, key: str, nouns: Nouns, siblings: Mapping[str, Analysis]) -> Iterator[str]:  # noqa: D102
        models = {network.model for network in self.networks(nouns)}
        for i, pair in enumerate(self.agreement):
            for j, model in enumerate(pair):
                yield from unknown(f"{key}.agreement.{i}.{j}", model, models)
