"""The errors a user of repgeom can cause, and therefore can mend."""

import difflib
from collections.abc import Iterable

MOST = 40
"""So many names a message lists."""


class InputError(ValueError):
    """Bad input, found at the boundary: says what is wrong, where, and what to do."""


def printable(text: object) -> str:
    """Text of somebody else's on one line, without what a terminal would obey."""
    return "".join(letter if letter.isprintable() else " " for letter in str(text))


def first_line(error: Exception) -> str:
    """The first line of what an error says; empty where it says nothing."""
    first, *_ = str(error).splitlines() or [""]
    return first


def nearest(name: str, known: Iterable[str]) -> str:
    """The end of an error message about an unknown name: the nearest known one, or all of them."""
    known = [str(k) for k in known]
    close = difflib.get_close_matches(str(name), known, n=1, cutoff=0.5)
    if close:
        return f"did you mean {close[0]!r}?"
    if not known:
        return "none is defined"
    more = f" and {len(known) - MOST} more" if len(known) > MOST else ""
    return "known: " + ", ".join(sorted(known)[:MOST]) + more
