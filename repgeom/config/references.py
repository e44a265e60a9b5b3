"""Checking that names in the configuration lead somewhere."""

from collections.abc import Iterable, Iterator

from repgeom.errors import nearest


def unknown(key: str, name: str, known: Iterable[str]) -> Iterator[str]:
    """A fault if `name`, found at `key`, is not among the known ones."""
    if name not in known:
        yield f"{key}: no such name {name!r}; {nearest(name, known)}"
