"""Networks against measured data."""

from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from repgeom.config.analyses.base import Analysis
from repgeom.config.networks import Network
from repgeom.config.nouns import Nouns
from repgeom.config.references import unknown
from repgeom.config.section import Name, Positive, Seed
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
    `correction` of p-values is by Holm's method, or of the false discovery rate (`fdr`). Student's t has
    `effective` `degrees` of freedom, or the smaller of subjects and stimuli, less one (`smallest`). `weighted` adds
    the weighted sum of the nodes' RDMs that fits best, `best` the node that is the most similar one; either
    cross-validates everything over subjects and stimuli.
    """

    kind: Literal["inference"]
    measure: RDMMeasure = "correlation"
    comparison: DataComparison = "corr"
    samples: Annotated[int, Field(ge=100)] = 1000
    seed: Seed = 0
    correction: Literal["holm", "fdr"] = "holm"
    degrees: Literal["effective", "smallest"] = "effective"
    weighted: bool = False
    best: bool = False

    tables: ClassVar[tuple[str, ...]] = ("numbers",)

    def measured(self, network: Network) -> dict[str, dict]:  # noqa: D102
        options = self.model_dump(include={"data", "measure", "comparison", "samples", "seed", "weighted", "best"})
        return {"inference": options | {"nodes": network.nodes}}


class Encoding(Measured):
    """Ridge regression from every node to the responses of every channel of every subject, in cross-validated `folds`.

    `groups` is a label column of the stimuli (`category`, their class, or another): those of one group are never split.
    The penalty is chosen among `penalties`, relative to the mean squared length of patterns, inside training folds.
    """

    kind: Literal["encoding"]
    folds: Annotated[int, Field(ge=2)] = 5
    groups: str | None = None
    penalties: Annotated[list[Positive], Field(min_length=1)] = Field(
        default_factory=lambda: [10.0**k for k in range(-2, 8)]
    )
    seed: Seed = 0

    tables: ClassVar[tuple[str, ...]] = ("numbers",)

    def measured(self, network: Network) -> dict[str, dict]:  # noqa: D102
        options = self.model_dump(include={"data", "folds", "groups", "penalties", "seed"})
        return {"encoding": options | {"nodes": network.nodes}}

    def own_faults(self, key: str, nouns: Nouns, siblings: Mapping[str, Analysis]) -> Iterator[str]:  # noqa: D102
        yield from super().own_faults(key, nouns, siblings)
        if self.data in nouns.data and not nouns.data[self.data].has_responses:
            yield f"{key}.data: {self.data!r} holds RDMs; encoding needs responses"
