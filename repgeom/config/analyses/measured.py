"""Networks against measured data."""

from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from repgeom.config.analyses.base import Analysis
from repgeom.config.networks import Network
from repgeom.config.nouns import Nouns
from repgeom.config.references import unknown
from repgeom.config.section import Name, Seed
from repgeom.measures.names import DataComparison, RDMMeasure


class Measured(Analysis):
    """Any networks against the measured `data` of that name, at the stimuli that both have."""

    data: Name

    coloured: ClassVar[bool] = True

    def own_faults(self, key: str, nouns: Nouns, siblings: Mapping[str, Analysis]) -> Iterator[str]:  # noqa: D102
        yield from unknown(f"{key}.data", self.data, nouns.data)


class Inference(Measured):
    """Similarity of every node's RDM (by `measure`) to the RDMs of subjects, by `comparison`, with its noise ceiling.

    Intervals and tests are of the dual bootstrap over subjects and stimuli, of so many `samples` drawn with `seed`;
    `correction` of p-values is by Holm's method, or of the false discovery rate (`fdr`).
    """

    kind: Literal["inference"]
    measure: RDMMeasure = "correlation"
    comparison: DataComparison = "corr"
    samples: Annotated[int, Field(ge=100)] = 1000
    seed: Seed = 0
    correction: Literal["holm", "fdr"] = "holm"

    def measured(self, network: Network) -> dict[str, dict]:  # noqa: D102
        options = self.model_dump(include={"data", "measure", "comparison", "samples", "seed"})
        return {"inference": options | {"nodes": network.nodes}}
