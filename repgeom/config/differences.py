"""What one configuration says otherwise than another."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

ABSENT = object()


class Difference(NamedTuple):
    """One key whose values differ; `ABSENT` where a configuration does not have it."""

    key: str
    before: object
    after: object


def differences(before: object, after: object, key: str = "") -> Iterator[Difference]:
    """Every key that two configurations hold different values of, lists as a whole, in the order of `before`.

    A null and an absent key are the same, since null removes.
    """
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in dict.fromkeys([*before, *after]):
            place = f"{key}.{name}".lstrip(".")
            yield from differences(before.get(name, ABSENT), after.get(name, ABSENT), place)
    elif before != after and not _missing(before) & _missing(after):
        yield Difference(key, before, after)


def _missing(value: object) -> bool:
    return value is None or value is ABSENT
