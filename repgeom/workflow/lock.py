"""One run per folder: locks that the operating system releases when their holders end, however they end.

Snakemake's own lock survives a killed process and then stops the next run; profiles set `nolock`, and this
takes its place. A run holds the folder alone. Its jobs hold it too, together: one that outlives its killed snakemake
would otherwise overwrite the files of the next run.
"""

import errno
import fcntl
import os
import stat
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TextIO

from repgeom.errors import InputError

RUN = "REPGEOM_RUN"
"""Tells jobs by the environment which run they belong to: one that starts late must not take itself for another's."""
LINGER_S = 60
"""So long may processes outlive their cancelled job: schedulers ask them to end first (SLURM's KillWait is 30 s)."""
TEMPORARY_BYTES = 1 << 20
_held: list[TextIO] = []


def hold_folder(folder: str | Path = ".", end_jobs: Callable[[Path], Sequence[str]] = lambda place: []) -> None:
    """Hold `folder` for this process until it ends; it may hold it already.

    `end_jobs` is called as soon as no other run can hold the folder, and may end jobs that one has left behind: those
    that a scheduler knows hold the folder, too. It returns which; the last of their processes are then waited for.

    Raises
    ------
    InputError
        Another process holds it, or a job that one has left behind; names it. Or the lock belongs to another user.
    """
    place = Path(folder).resolve()
    if _is_held_by_this_process(folder):
        end_jobs(place)
        return
    run = _open_lock(_run_lock(folder))
    if not _try(run, fcntl.LOCK_EX):
        raise _taken(run, f"another snakemake is running in {place}", "wait for it, or use --directory for another run")
    try:
        patience = LINGER_S if end_jobs(place) else 0
        jobs = _open_lock(_jobs_lock(folder))
        if not _try_for(patience, jobs, fcntl.LOCK_EX):
            raise _taken(jobs, f"a job of an ended run is still at work in {place}", "wait for it, or end it")
    except InputError:
        run.close()
        raise
    name = f"{os.getpid()} {uuid.uuid4().hex}"
    run.truncate(0)
    run.write(name)
    run.flush()
    jobs.close()  # only now: a job that takes the lock next must see that there is a new run
    os.environ[RUN] = name
    _held.append(run)


def hold_as_job(folder: str | Path = ".") -> str:
    """Hold `folder` as one of the jobs of a run until this process ends; returns which run that is.

    Raises
    ------
    InputError
        Another run has begun since the one that started this process, and perhaps ended, too.
    """
    jobs = _open_lock(_jobs_lock(folder))
    if _try(jobs, fcntl.LOCK_SH):
        jobs.seek(0)
        jobs.truncate(0)
        jobs.write(str(os.getpid()))
        jobs.flush()
        _held.append(jobs)
    run = current_run(folder)
    if run and os.environ.get(RUN, run) != run:
        place = Path(folder).resolve()
        raise InputError(f"another run has begun in {place} since this job started; nothing was written")
    return run


def current_run(folder: str | Path = ".") -> str:
    """The run that holds `folder`, or held it last; empty where there never was one."""
    path = _run_lock(folder)
    return path.read_text() if path.is_file() else ""


def _is_held_by_this_process(folder: str | Path) -> bool:
    """And not by one that this one is a copy of."""
    own = os.environ.get(RUN, "").startswith(f"{os.getpid()} ")
    return own and any(Path(held.name) == _run_lock(folder) for held in _held)


def _run_lock(folder: str | Path) -> Path:
    return Path(folder).resolve() / ".snakemake" / "repgeom.lock"


def _jobs_lock(folder: str | Path) -> Path:
    return Path(folder).resolve() / ".snakemake" / "repgeom-jobs.lock"


def _open_lock(path: Path) -> TextIO:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if os.path.lexists(path) and not stat.S_ISREG(path.lstat().st_mode):
            raise OSError(errno.EINVAL, "it is no plain file")
        return open(path, "a+", opener=_open_here)
    except OSError as error:
        owner = f", which belongs to user {path.lstat().st_uid}" if os.path.lexists(path) else ""
        raise InputError(
            f"cannot lock {path}{owner}: {error.strerror}; use --directory for a run of your own, or ask its owner"
        ) from error


def _open_here(path: str, flags: int) -> int:
    """Follow no link: what it leads to would be overwritten. Wait for nobody at the other end of a pipe."""
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK, 0o666)


def _try(handle: TextIO, kind: int) -> bool:
    try:
        fcntl.flock(handle, kind | fcntl.LOCK_NB)
        return True
    except OSError:
        return False


def _try_for(seconds: float, handle: TextIO, kind: int) -> bool:
    deadline = time.monotonic() + seconds
    while not (held := _try(handle, kind)) and time.monotonic() < deadline:
        time.sleep(0.2)
    return held


def _taken(handle: TextIO, what: str, advice: str) -> InputError:
    handle.seek(0)
    holder = handle.read().partition(" ")[0] or "unknown"
    handle.close()
    return InputError(f"{what} (process {holder}); {advice}")


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


def require_plain(folder: str | Path = "results") -> None:
    """Look for links and pipes among the files that runs write to as they stand: results may be somebody else's.

    Raises
    ------
    InputError
        Names the first: what a link leads to would be overwritten, a pipe would wait for its other end.
    """
    for path in filter(os.path.lexists, _written_as_they_stand(Path(folder))):
        if not stat.S_ISDIR(path.lstat().st_mode) and not stat.S_ISREG(path.lstat().st_mode):
            what = f"a link to {os.readlink(path)}" if path.is_symlink() else "no plain file"
            raise InputError(f"{path}: is {what}, and this run would write to it; remove it, or use --directory")


def _written_as_they_stand(folder: Path) -> Iterator[Path]:
    """Logs, measurements of jobs and the notes of runs; all else is written beside its place and renamed."""
    yield folder / ".runs.jsonl"
    for name in ("logs", "benchmarks"):
        yield from (folder / name).rglob("*")


def require_writable(folder: str | Path = "results") -> None:
    """Try to write to `folder` before anything else does.

    Raises
    ------
    InputError
        It is read-only, or the disk is full.
    """
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".writable-") as probe:  # of a name that nobody can foresee
            probe.write(b"repgeom")
            probe.flush()
    except OSError as error:
        raise _not_writable(Path(folder).resolve(), error.strerror or error) from error


def require_temporary() -> None:
    """Try to write to the temporary folder, where Snakemake chooses the next jobs.

    Raises
    ------
    InputError
        It is missing, read-only or full.
    """
    folder = os.environ.get("TMPDIR") or tempfile.gettempdir()
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(TEMPORARY_BYTES))
            file.flush()
    except OSError as error:
        raise InputError(
            f"cannot write to the temporary folder {folder}: {error.strerror}; make room, or set TMPDIR to another"
        ) from error


def _not_writable(folder: Path, why: object) -> InputError:
    return InputError(
        f"cannot write to {folder}: {why}; nothing was changed. "
        "Make the folder writable, make room, or use --directory for a run elsewhere"
    )
