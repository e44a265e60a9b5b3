"""Turning pydantic's errors into sentences a user can act on."""

import itertools
import re
import types
import typing

from pydantic import BaseModel, ValidationError

from repgeom.config.learning_dynamics import LEARNING_DYNAMICS
from repgeom.config.networks import Of
from repgeom.config.section import NAME
from repgeom.errors import MOST, nearest


def describe(error: ValidationError, root: type[BaseModel]) -> str:
    """All faults of a configuration, each with its key, the value found and what would be right."""
    by_key: dict[str, list[dict]] = {}
    for item in error.errors():
        by_key.setdefault(_key(item["loc"]), []).append(item)
    found = (_describe_key(key, items, root) for key, items in by_key.items() if not _is_covered(key, by_key))
    return as_list(list(itertools.islice(found, MOST + 1)))


def as_list(faults: list[str]) -> str:
    """One message out of several faults; of very many, the first."""
    if len(faults) == 1:
        return f"configuration: {faults[0]}"
    count = f"{len(faults)} faults" if len(faults) <= MOST else f"more than {MOST} faults; the first {MOST} are"
    return f"configuration: {count}\n" + "\n".join(f"  - {fault}" for fault in faults[:MOST])


def _is_covered(key: str, by_key: dict[str, list[dict]]) -> bool:
    """Whether a value was taken for one of several types, and a part of it then found wrong."""
    parts_fail = any(other.startswith(f"{key}.") for other in by_key)
    return parts_fail and all(item["type"] in EXPECTED for item in by_key[key])


def _describe_key(key: str, items: list[dict], root: type[BaseModel]) -> str:
    """The fault of a key. A value that may be of several types has the right one, or we tell what any of them is."""
    item = next((item for item in items if not _expected(item)), items[0])
    if item["type"] == "extra_forbidden":
        return f"{key}: {_unknown_key(item, root)}"
    if item["type"] == "missing":
        return f"{key}: missing; add it"
    if item["type"] == "union_tag_not_found":
        return f"{key}: needs the key {item['ctx']['discriminator']}, which says of what kind it is"
    if item["type"] == "union_tag_invalid":
        known = [tag.strip(" '") for tag in item["ctx"]["expected_tags"].split(",")]
        tag = item["ctx"]["discriminator"].strip("'")
        return f"{key}.{tag}: found {item['ctx']['tag']!r}; {nearest(item['ctx']['tag'], known)}"
    expected = " or ".join(dict.fromkeys(found for item in items if (found := _expected(item))))
    sentence = f"expected {expected}" if _expected(item) else _sentence(item)
    return f"{key}: {sentence}, found {_shorten(item['input'])}"


def _unknown_key(item: dict, root: type[BaseModel]) -> str:
    name = str(item["loc"][-1])
    if item["loc"][0] == "studies" and len(item["loc"]) == PLACE_OF_TAG["studies"] + 2 and name in Of.model_fields:
        return f"unknown key; networks are named in a list, of: [{{{name}: …}}]"
    return f"unknown key; {nearest(name, _fields_at(item['loc'][:-1], root))}"


EXPECTED = {
    "bool_type": "true or false",
    "dict_type": "keys with values",
    "float_type": "a number",
    "int_from_float": "a whole number",
    "int_type": "a whole number",
    "list_type": "a list",
    "model_attributes_type": "keys with values",
    "model_type": "keys with values",
    "string_type": "text",
}
"""Pydantic's name of an error → what was expected."""


def _expected(item: dict) -> str | None:
    return item["ctx"]["expected"] if item["type"] == "literal_error" else EXPECTED.get(item["type"])


def _sentence(item: dict) -> str:
    if item["type"] == "value_error":
        return str(item["ctx"]["error"])
    if item["type"] == "string_pattern_mismatch" and item["ctx"]["pattern"] == NAME:
        return "should be a name: letters, digits and underscores, a letter first"
    what = item["msg"].partition(" after validation")[0]
    return re.sub("^(Input|String|List) should", "should", what)


def _shorten(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "…"


PLACE_OF_TAG = {"datasets": 2, "stimuli": 2, "studies": 3}
"""Where in a path pydantic says of what kind a section is."""
TYPES = ("int", "float", "bool", "str")
TYPES_WITH_ARGUMENTS = ("function-", "constrained-", "list[", "literal[")


def _key(loc: tuple) -> str:
    """The path of a key as one writes it, without the union tags and types pydantic puts in between."""
    parts = [str(p) for i, p in enumerate(loc) if not _is_noise(i, p, loc)]
    return ".".join(parts)


def _is_noise(i: int, part: object, loc: tuple) -> bool:
    text, place = str(part), PLACE_OF_TAG.get(loc[0])
    is_tag = i == place and loc[:2] != ("studies", LEARNING_DYNAMICS)
    is_type = i > (place or 1) and (text in TYPES or text.startswith(TYPES_WITH_ARGUMENTS))
    return isinstance(part, str) and (is_tag or is_type or text == "[key]")


def _fields_at(loc: tuple, root: type[BaseModel]) -> list[str]:
    """The fields of the section that a path leads to."""
    candidates: list = [root]
    for part in loc:
        of_kind = [c for c in candidates if part in _kinds(c)]
        candidates = of_kind or [step for c in candidates for step in _steps(c, part)]
    return sorted({name for c in candidates if _is_section(c) for name in c.model_fields})


def _kinds(annotation: object) -> tuple[str, ...]:
    """What a section may say it is, where several are told apart by that."""
    fields = annotation.model_fields if _is_section(annotation) else {}
    return tuple(
        tag for name in ("kind", "source") if name in fields for tag in typing.get_args(fields[name].annotation)
    )


def _steps(annotation: object, part: object) -> list:
    """Types that `part` can lead to from a type."""
    if _is_section(annotation):
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


def _is_section(annotation: object) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)
