"""Published numbers beside ours."""

from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from repgeom.config.analyses.base import Analysis
from repgeom.config.networks import Network
from repgeom.config.nouns import Nouns
from repgeom.config.references import unknown
from repgeom.config.section import Name, Section

COMPARED = (
    "history",
    "accuracy",
    "paths",
    "capacity",
    "capacity_draws",
    "readout",
    "perturbation",
    "decoding",
    "auxiliary_decoding",
    "metamers",
)
"""Kinds whose numbers have names that published ones may have too."""


class Numbers(Section):
    """An analysis of the study whose numbers stand in the table; `prefix` tells them from another's of its kind.

    Where published numbers name some of an analysis, only these stand in the table, or `every` one.
    """

    analysis: Name
    prefix: str = ""
    every: bool = False


class Reproduction(Analysis):
    """A table of our numbers, with the published ones of `resources/reference_{references}.csv` beside them.

    It reads the tables of other analyses of its study and computes nothing again. Of an analysis that the published
    numbers name some of, only these stand in the table.
    """

    kind: Literal["reproduction"]
    references: Name
    of: Annotated[list[Numbers], Field(min_length=1)]

    shows_stimuli: ClassVar[bool] = False
    has_figure: ClassVar[bool] = False

    def networks(self, nouns: Nouns) -> list[Network]:  # noqa: D102
        return []

    def faults(self, key: str, nouns: Nouns, siblings: Mapping[str, Analysis]) -> Iterator[str]:  # noqa: D102
        for i, numbers in enumerate(self.of):
            where = f"{key}.of.{i}.analysis"
            for fault in unknown(where, numbers.analysis, siblings):
                yield f"{fault} (or remove {key.rpartition('.')[2]}, too: null)"
            kind = siblings[numbers.analysis].kind if numbers.analysis in siblings else None
            if kind and kind not in COMPARED:
                yield f"{where}: {kind} has no numbers to compare; name an analysis of kind {', '.join(COMPARED)}"
