"""Dates of files, by which Snakemake tells what is older than what it was made from."""

import datetime
import shlex
import time
from collections.abc import Iterable
from pathlib import Path

from repgeom.errors import InputError

SKEW_S = 60.0
"""How far the clocks of a machine and of its file server may be apart."""


def refuse_future(paths: Iterable[str | Path]) -> None:
    """Refuse files that are dated later than now: all that is made of them would seem older than they are.

    Raises
    ------
    InputError
        Names the first, its date and what to do.
    """
    latest = time.time() + SKEW_S
    for path in paths:
        try:
            dated = Path(path).stat().st_mtime
        except OSError:
            continue  # whoever reads it says what is wrong
        if dated > latest:
            date = datetime.datetime.fromtimestamp(dated).isoformat(sep=" ", timespec="seconds")
            raise InputError(f"{path}: is dated {date}, which is yet to come; run: touch {shlex.quote(str(path))}")
