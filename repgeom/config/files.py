"""Configuration files: read, and laid over each other."""

import itertools
from collections.abc import Iterable, Iterator
from pathlib import Path

import yaml

from repgeom.errors import InputError

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
EXPRESSIONS = ("__use_yte__", "__definitions__", "__variables__")
"""Keys by which Snakemake takes a configuration for a template, and runs the expressions in it."""
MAX_BYTES = 1_000_000
MAX_NODES = 1_000_000
"""Values, with those that aliases stand for."""
MAX_DEPTH = 100
"""Levels of keys and lists in each other."""
MAX_KEYS = 10_000
"""Of one dictionary."""
LONGEST_NUMBER = 100
"""Letters: `1:00:00:…` would take hours to read."""
LONGEST_REASON = 300
NUMBERS = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")


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
        It cannot be read as YAML, says something twice, is no dictionary, or would run code or never come to an end.
    """
    try:
        text = _text(file)
        for fault in _depth_faults(text):  # before anything of it is put together, level by level
            raise InputError(f"{file}, {fault}")
        loader = LOADER(text)
        node = loader.get_single_node()
        for fault in itertools.chain(_alias_faults(node), _size_faults(node), _repeated_keys(node)):
            raise InputError(f"{file}, {fault}")
        found = loader.construct_document(node) if node else {}
    except InputError:
        raise
    except Exception as error:  # of any type, where a file was made to break what reads it
        raise InputError(f"{file}: cannot be read as YAML ({_in_one_line(error)})") from error
    if not isinstance(found, dict):
        raise InputError(f"{file}: holds no keys; write `key: value`")
    for key in EXPRESSIONS:
        if key in found:
            raise InputError(f"{file}: {key} would let the file run code; write values in place of expressions")
    return found


def _in_one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:LONGEST_REASON] or type(error).__name__


def _text(file: str | Path) -> str:
    size = Path(file).stat().st_size
    if size > MAX_BYTES or not Path(file).is_file():
        raise InputError(f"{file}: {size} bytes are no configuration; at most {MAX_BYTES}, in a file")
    return Path(file).read_text(encoding="utf-8")


def _depth_faults(text: str) -> Iterator[str]:
    """A fault where levels are so many that the library would end the process."""
    depth = 0
    for event in yaml.parse(text, Loader=LOADER):
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            yield f"line {event.start_mark.line + 1}: more than {MAX_DEPTH} levels; write fewer"
            return


def _size_faults(node: yaml.Node | None) -> Iterator[str]:
    """A fault for each dictionary and number that is larger than anything that makes sense."""
    for found in _nodes(node):
        if isinstance(found, yaml.MappingNode) and len(found.value) > MAX_KEYS:
            yield f"line {found.start_mark.line + 1}: {len(found.value)} keys; at most {MAX_KEYS}"
        elif found.tag in NUMBERS and len(found.value) > LONGEST_NUMBER:
            yield f"line {found.start_mark.line + 1}: a number of {len(found.value)} letters; at most {LONGEST_NUMBER}"


def _nodes(node: yaml.Node | None) -> Iterator[yaml.Node]:
    """All values, those behind an alias once."""
    waiting, seen = [node] if node else [], set()
    while waiting:
        node = waiting.pop()
        if id(node) not in seen:
            seen.add(id(node))
            waiting += _parts(node)
            yield node


def _alias_faults(node: yaml.Node | None) -> Iterator[str]:
    """A fault where aliases stand for so much, one in the other, that writing it out would never end."""
    sizes: dict[int, int] = {}
    waiting, open_nodes = [(node, False)] if node else [], set()
    while waiting:
        node, is_done = waiting.pop()
        parts = _parts(node)
        if is_done:
            sizes[id(node)] = 1 + sum(sizes[id(part)] for part in parts)
            open_nodes.discard(id(node))
            if sizes[id(node)] > MAX_NODES:
                yield f"line {node.start_mark.line + 1}: aliases stand for more than {MAX_NODES} values; write fewer"
                return
        elif id(node) in open_nodes:
            yield f"line {node.start_mark.line + 1}: an alias stands for what it is part of"
            return
        elif id(node) not in sizes:
            open_nodes.add(id(node))
            waiting += [(node, True), *((part, False) for part in parts if id(part) not in sizes)]


def _parts(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [part for pair in node.value for part in pair]
    return node.value if isinstance(node, yaml.SequenceNode) else []


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
