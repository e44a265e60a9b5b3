"""The base of every section of the configuration, and field types that several share."""

import re
from typing import Annotated, get_args

from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator


def numbers_of_text(value: object) -> object:
    """`1e-3`, which YAML 1.1 takes for text as it has no point, as the number it is; in lists and dictionaries, too."""
    if isinstance(value, list):
        return [numbers_of_text(item) for item in value]
    if isinstance(value, dict):
        return {key: numbers_of_text(item) for key, item in value.items()}
    is_number = isinstance(value, str) and re.fullmatch(r"[-+]?\d+(\.\d*)?[eE][-+]?\d+", value)
    return float(value) if is_number else value


class Section(BaseModel):
    """A part of the configuration: unknown keys and wrong types are errors, nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _numbers_in_text(cls, raw: object) -> object:
        if not isinstance(raw, dict):
            return raw
        floats = {name for name, field in cls.model_fields.items() if _holds_floats(field.annotation)}
        return {key: numbers_of_text(value) if key in floats else value for key, value in raw.items()}

    def plain(self) -> dict:
        """As plain JSON values, the form in which Snakemake hands it to a script."""
        return self.model_dump(mode="json")


def _holds_floats(annotation: object) -> bool:
    return annotation is float or annotation is JsonValue or any(_holds_floats(part) for part in get_args(annotation))


NAME = r"^[A-Za-z][A-Za-z0-9_]*$"
Name = Annotated[str, Field(pattern=NAME)]
"""A name that may stand in a file name: letters, digits and underscores."""

Seed = Annotated[int, Field(ge=0, lt=2**31)]
Count = Annotated[int, Field(ge=1)]
Epsilon = Annotated[float, Field(ge=0, le=1)]
Fraction = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]
Colour = Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")]
Nodes = Annotated[list[str], Field(min_length=1)]
"""Nodes of a network, by name."""
