"""Checking that names in the configuration lead somewhere."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from repgeom.errors import nearest
from repgeom.models.nodes import node_names

if TYPE_CHECKING:
    from repgeom.config.configuration import Configuration


def unknown(key: str, name: str, known: Iterable[str]) -> Iterator[str]:
    """A fault if `name`, found at `key`, is not among the known ones."""
    if name not in known:
        yield f"{key}: no such name {name!r}; {nearest(name, known)}"


def node_faults(c: "Configuration", model_key: str, model_name: str, nodes_key: str, nodes: list[str]) -> Iterator[str]:
    """Faults of a model's name and of the nodes that are asked of it.

    Nodes of a user's own network are known only once it is loaded, and checked there.
    """
    yield from unknown(model_key, model_name, c.models)
    model = c.models.get(model_name)
    known = model and node_names(model.architecture, model.options)
    for i, node in enumerate(nodes):
        if known and node not in known:
            yield f"{nodes_key}.{i}: model {model_name!r} has no node {node!r}; {nearest(node, known)}"
