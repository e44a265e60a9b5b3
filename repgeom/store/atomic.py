"""Writing a file so that it is there whole or not at all."""

import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from repgeom.errors import InputError

PARTIAL = ".partial"
_guards: list[Callable[[], None]] = []


def before_each_replacement(guard: Callable[[], None]) -> None:
    """Have `guard` called before a file takes its place; it raises where the file may no longer be written."""
    _guards.append(guard)


def remove_partial(folder: str | Path) -> list[Path]:
    """Remove what killed processes have left half-written under `folder`; to be called while nobody writes there."""
    left = [path for path in Path(folder).rglob(f".*{PARTIAL}") if not path.is_symlink()]
    for path in left:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            _remove(path)
    return left


@contextmanager
def atomic_path(path: str | Path) -> Iterator[Path]:
    """Yield a path beside `path` to write to; it takes the place of `path` when the block succeeds.

    Whatever goes wrong, `path` is either untouched or complete: the new file is flushed to disk
    and then renamed. A partial file is removed on failure; one left by a killed process carries
    the ending `.partial`, is never read, and removed by `remove_partial`.

    Raises
    ------
    InputError
        The folder cannot be written to, or the disk is full; names the file.
    """
    path = Path(path)
    partial = path.with_name(f".{path.name}.{uuid.uuid4().hex[:12]}{PARTIAL}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield partial
        _flush(partial)
        for guard in _guards:
            guard()
        os.replace(partial, path)
    except OSError as error:
        raise InputError(
            f"cannot write {path}: {error.strerror or error}; nothing was changed there. "
            "Make room or make the folder writable, then run again"
        ) from error
    finally:
        _remove(partial)


def _flush(path: Path) -> None:
    with open(path, "rb+") as file:
        os.fsync(file.fileno())


def _remove(path: Path) -> None:
    # In a read-only or vanished folder there is nothing of ours left to remove.
    with suppress(OSError):
        path.unlink(missing_ok=True)
