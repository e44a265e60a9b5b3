"""A configuration, with one key changed."""

import copy
from pathlib import Path

from repgeom.config.configuration import load_configuration
from repgeom.config.files import read

ROOT = Path(__file__).parents[2]
EXAMPLE = read(Path(__file__).with_suffix(".yaml"))
REMOVED = object()


def changed(path: str, value: object, raw: dict = EXAMPLE) -> dict:
    """A configuration with one key set, or taken out by `REMOVED`; numbers in the path count places of a list."""
    raw = copy.deepcopy(raw)
    *parents, last = path.split(".")
    section = raw
    for key in parents:
        section = section[int(key) if isinstance(section, list) else key]
    if value is REMOVED:
        del section[last]
    else:
        section[int(last) if isinstance(section, list) else last] = value
    return raw


def loaded(path: str, value: object, raw: dict = EXAMPLE):
    """The same, loaded."""
    return load_configuration(changed(path, value, raw))
