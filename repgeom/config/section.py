"""The base of every section of the configuration, and field types that several share."""

import re
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


class Section(BaseModel):
    """A part of the configuration: unknown keys and wrong types are errors, nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    def plain(self) -> dict:
        """As plain JSON values, the form in which Snakemake hands it to a script."""
        return self.model_dump(mode="json")


def number_of_text(value: object) -> object:
    """`1e-3`, which YAML 1.1 takes for text as it has no point, as the number it is; anything else as it is."""
    is_number = isinstance(value, str) and re.fullmatch(r"[-+]?\d+(\.\d*)?[eE][-+]?\d+", value)
    return float(value) if is_number else value


Number = Annotated[float, BeforeValidator(number_of_text)]

Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")]
"""A name that may stand in a file name: letters, digits and underscores."""

Seed = Annotated[int, Field(ge=0, lt=2**31)]
Count = Annotated[int, Field(ge=1)]
Epsilon = Annotated[Number, Field(ge=0, le=1)]
Fraction = Annotated[Number, Field(ge=0, le=1)]
Positive = Annotated[Number, Field(gt=0)]
Colour = Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")]
Nodes = Annotated[list[str], Field(min_length=1)]
"""Nodes of a network, by name."""
