"""The base of every section of the configuration, and field types that several share."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class Section(BaseModel):
    """A part of the configuration: unknown keys and wrong types are errors, nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    def plain(self) -> dict:
        """As plain JSON values, the form in which Snakemake hands it to a script."""
        return self.model_dump(mode="json")


Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")]
"""A name that may stand in a file name: letters, digits and underscores."""

Seed = Annotated[int, Field(ge=0, lt=2**31)]
Count = Annotated[int, Field(ge=1)]
Epsilon = Annotated[float, Field(ge=0, le=1)]
Fraction = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]
Colour = Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")]
Nodes = Annotated[list[str], Field(min_length=1)]
"""Nodes of a network, by name."""
