"""Turning pydantic's errors into sentences a user can act on."""

import types
import typing

from pydantic import BaseModel, ValidationError

from repgeom.config.analyses import KINDS
from repgeom.errors import nearest


def describe(error: ValidationError, root: type[BaseModel]) -> str:
    """All faults of a configuration, each with its key, the value found and what would be right."""
    return as_list([_describe_one(item, root) for item in _most_telling(error.errors())])


def as_list(faults: list[str]) -> str:
    """One message out of several faults."""
    if len(faults) == 1:
        return f"configuration: {faults[0]}"
    return f"configuration: {len(faults)} faults\n" + "\n".join(f"  - {fault}" for fault in faults)


def _most_telling(items: list[dict]) -> list[dict]:
    """One fault per key: a value that fits none of several types is reported once."""
    by_key: dict[str, dict] = {}
    for item in items:
        by_key.setdefault(_key(item["loc"]), item)
    return list(by_key.values())


def _describe_one(item: dict, root: type[BaseModel]) -> str:
    key, value = _key(item["loc"]), item["input"]
    if item["type"] == "extra_forbidden":
        fields = _fields_at(item["loc"][:-1], root)
        return f"{key}: unknown key; {nearest(str(item['loc'][-1]), fields)}"
    if item["type"] == "missing":
        return f"{key}: missing; add it"
    if item["type"] == "union_tag_not_found":
        return f"{key}: needs the key {item['ctx']['discriminator']}, which says of what kind it is"
    if item["type"] == "union_tag_invalid":
        expected = [tag.strip(" '") for tag in item["ctx"]["expected_tags"].split(",")]
        tag = item["ctx"]["discriminator"].strip("'")
        return f"{key}.{tag}: found {item['ctx']['tag']!r}; {nearest(item['ctx']['tag'], expected)}"
    return f"{key}: {_sentence(item)}, found {_shorten(value)}"


def _sentence(item: dict) -> str:
    if item["type"] == "literal_error":
        return f"expected {item['ctx']['expected']}"
    if item["type"] == "value_error":
        return str(item["ctx"]["error"])
    return item["msg"].replace("Input should be", "should be").replace("String should", "should")


def _shorten(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "…"


_TAGS = (
    "select",
    "attack",
    "canvases",
    "digits",
    "letters",
    "mnist",
    "fashion-mnist",
    "mnist-10k",
    "fashion-mnist-10k",
    "folder",
    "clutter",
)
_PLACE_OF_TAG = {"datasets": 2, "stimuli": 2, "studies": 3}
_TYPES = ("function-", "constrained-", "list[", "float", "int", "str", "bool", "[key]")


def _key(loc: tuple) -> str:
    """The path of a key as one writes it, without the union tags and types pydantic puts in between."""
    parts = [str(p) for i, p in enumerate(loc) if not _is_noise(i, p, loc)]
    return ".".join(parts)


def _is_noise(i: int, part: object, loc: tuple) -> bool:
    text = str(part)
    is_tag = i == _PLACE_OF_TAG.get(loc[0]) and text in (*_TAGS, *KINDS)
    return isinstance(part, str) and (is_tag or (i > 0 and text.startswith(_TYPES)))


def _fields_at(loc: tuple, root: type[BaseModel]) -> list[str]:
    """The fields of the section that a path leads to."""
    candidates: list = [root]
    for part in loc:
        candidates = [step for c in candidates for step in _steps(c, part)]
    return sorted({name for c in candidates for name in _model_fields(c)})


def _steps(annotation: object, part: object) -> list:
    """Types that `part` can lead to from a type."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        field = annotation.model_fields.get(str(part))
        if field:
            return _alternatives(field.annotation)
        extra = typing.get_type_hints(annotation, include_extras=True).get("__pydantic_extra__")
        return _alternatives(extra) if typing.get_origin(extra) is dict else [annotation]
    return _alternatives(annotation)


def _alternatives(annotation: object) -> list:
    """The section types inside optionals, unions, annotations, lists and dictionaries."""
    origin = typing.get_origin(annotation)
    if origin in (typing.Union, types.UnionType):
        return [a for arg in typing.get_args(annotation) for a in _alternatives(arg)]
    if origin is typing.Annotated:
        return _alternatives(typing.get_args(annotation)[0])
    if origin in (list, dict):
        return _alternatives(typing.get_args(annotation)[-1])
    return [annotation]


def _model_fields(annotation: object) -> list[str]:
    is_section = isinstance(annotation, type) and issubclass(annotation, BaseModel)
    return list(annotation.model_fields) if is_section else []
