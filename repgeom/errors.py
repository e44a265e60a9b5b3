"""The errors a user of repgeom can cause, and therefore can mend."""

import difflib
import errno
import os
from collections.abc import Iterable
from pathlib import Path

MOST = 40
"""So many names a message lists."""


class InputError(ValueError):
    """Bad input, found at the boundary: says what is wrong, where, and what to do."""


class DamagedError(InputError):
    """A file that cannot be trusted any more: nothing is made of the rest of it."""


def require_file(path: str | Path) -> None:
    """Refuse what is no file, or one that we may not read.

    Raises
    ------
    InputError
        Names the path.
    """
    try:
        found = Path(path).is_file()
        if found and not os.access(path, os.R_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:  # in a folder that we may not look into
        raise InputError(f"{path}: cannot be read: {error.strerror}; ask its owner") from error
    if not found:
        raise InputError(f"{path}: no such file")


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
