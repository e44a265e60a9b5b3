"""The JSON Schema of the configuration, by which editors complete and check files."""

from pydantic import BaseModel

from repgeom.config.descriptions import describe_keys

REMOVABLE = ("datasets", "models", "stimuli", "data")
NULL = {"type": "null"}


def overlay_schema(configuration: type[BaseModel]) -> dict:
    """What a file that is laid over another may hold.

    As in a whole configuration, but nothing is required, since the other file may say it; and what has a name may be
    null, which removes it.
    """
    schema = _of_overlay(configuration.model_json_schema())
    for noun in REMOVABLE:
        _allow_null(schema["properties"][noun])
    studies = schema["$defs"]["Studies"]["additionalProperties"]
    _allow_null(studies)
    schema["$defs"]["Studies"]["additionalProperties"] = {"anyOf": [studies, NULL]}
    describe_keys(schema)
    return schema


def _of_overlay(part: object) -> object:
    """Without what tells kinds apart by keys that need not be there."""
    if isinstance(part, list):
        return [_of_overlay(item) for item in part]
    if not isinstance(part, dict):
        return part
    found = {key: _of_overlay(value) for key, value in part.items() if key not in ("required", "discriminator")}
    if "oneOf" in found:
        found["anyOf"] = found.pop("oneOf")
    return found


def _allow_null(named: dict) -> None:
    """Let what has a name be null, in a dictionary whose keys are names."""
    named["patternProperties"] = {
        pattern: {"anyOf": [section, NULL]} for pattern, section in named["patternProperties"].items()
    }
    named["additionalProperties"] = False
