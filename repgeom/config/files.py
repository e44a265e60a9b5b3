"""Configuration files: read, and laid over each other."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import yaml

from repgeom.errors import InputError

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def merged(files: Iterable[str | Path]) -> dict:
    """The first file with the others laid over it, as `snakemake --configfile` does: lists are replaced.

    Raises
    ------
    InputError
        A file cannot be read as YAML, or says something twice.
    """
    found: dict = {}
    for file in files:
        _lay_over(found, read(file))
    return found


def read(file: str | Path) -> dict:
    """What a configuration file says.

    Raises
    ------
    InputError
        It cannot be read as YAML, says something twice, or is no dictionary.
    """
    try:
        loader = LOADER(Path(file).read_text(encoding="utf-8"))
        node = loader.get_single_node()
        for fault in _repeated_keys(node):
            raise InputError(f"{file}, {fault}")
        found = loader.construct_document(node) if node else {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InputError(f"{file}: cannot be read as YAML ({error})") from error
    if not isinstance(found, dict):
        raise InputError(f"{file}: holds no keys; write `key: value`")
    return found


def refuse_repeated_keys(files: Iterable[str | Path]) -> None:
    """Refuse files that say something twice, of which YAML would take the last without a word.

    Raises
    ------
    InputError
        Names the file, the line and the key.
    """
    for file in files:
        read(file)


def _repeated_keys(node: yaml.Node | None) -> Iterator[str]:
    """A fault for each key that its dictionary holds already."""
    waiting, seen = [("", node)], set()
    while waiting:
        place, node = waiting.pop()
        if id(node) in seen:  # behind an alias
            continue
        seen.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            waiting += [(f"{place}.{i}", value) for i, value in enumerate(node.value)]
        elif isinstance(node, yaml.MappingNode):
            waiting += [(f"{place}.{key.value}".lstrip("."), value) for key, value in node.value]
            yield from _repeated_here(place, node)


def _repeated_here(place: str, node: yaml.MappingNode) -> Iterator[str]:
    lines: dict[str, int] = {}
    for key, _ in node.value:
        name, line = str(key.value), key.start_mark.line + 1
        if name in lines:
            path = f"{place}.{name}".lstrip(".")
            yield f"line {line}: {path} stands in line {lines[name]} already; remove one of the two"
        lines[name] = line


def _lay_over(below: dict, above: dict) -> None:
    for key, value in above.items():
        if isinstance(value, dict):
            under = below.get(key)
            below[key] = dict(under) if isinstance(under, dict) else {}
            _lay_over(below[key], value)
        else:
            below[key] = value
