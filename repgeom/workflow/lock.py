"""One run per folder: a lock that the operating system releases when its holder ends, however it ends.

Snakemake's own lock survives a killed process and then stops the next run; profiles set `nolock`, and this
takes its place.
"""

import fcntl
import os
from pathlib import Path
from typing import TextIO

from repgeom.errors import InputError

_held: list[TextIO] = []


def hold_folder(folder: str | Path = ".") -> None:
    """Hold `folder` for this process until it ends.

    Raises
    ------
    InputError
        Another process holds it; names it.
    """
    path = Path(folder).resolve() / ".snakemake" / "repgeom.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = open(path, "a+")  # noqa: SIM115 (held until the process ends)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        handle.seek(0)
        holder = handle.read().strip() or "unknown"
        handle.close()
        raise InputError(
            f"another snakemake is running in {path.parents[1]} (process {holder}); "
            "wait for it, or use --directory for a run of its own"
        ) from error
    handle.truncate(0)
    handle.write(str(os.getpid()))
    handle.flush()
    _held.append(handle)


def require_permission(folder: str | Path = ".") -> None:
    """Ask whether we may write where Snakemake keeps its notes, before it finds out halfway.

    Raises
    ------
    InputError
        The folder, or `.snakemake` in it, is read-only.
    """
    for place in (Path(folder).resolve(), Path(folder).resolve() / ".snakemake"):
        if place.exists() and not os.access(place, os.W_OK):
            raise _not_writable(place, "not permitted, or on a read-only file system")


def require_writable(folder: str | Path = "results") -> None:
    """Try to write to `folder` before anything else does.

    Raises
    ------
    InputError
        It is read-only, or the disk is full.
    """
    probe = Path(folder) / f".writable-{os.getpid()}"
    try:
        probe.parent.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"repgeom")
        probe.unlink()
    except OSError as error:
        raise _not_writable(probe.parent.resolve(), error.strerror or error) from error


def _not_writable(folder: Path, why: object) -> InputError:
    return InputError(
        f"cannot write to {folder}: {why}; nothing was changed. "
        "Make the folder writable, make room, or use --directory for a run elsewhere"
    )
