"""What a run on a SLURM cluster needs beyond the executor plugin."""

import getpass
import logging
import re
import shutil
import subprocess
import time
from pathlib import Path

from repgeom.errors import InputError

OURS = re.compile(r"(rule|group)_\w+")  # how the comment begins that the executor plugin gives its jobs
PATIENCE = 120.0  # seconds within which a cancelled job must have ended

log = logging.getLogger(__name__)


def cancel_leftover_jobs(folder: str | Path = ".") -> list[str]:
    """Cancel jobs that a killed snakemake left behind in `folder`; return their ids once all have ended.

    Snakemake holds a lock on its folder. Jobs that the folder has when a run starts have therefore lost the
    process that would collect them, and would write the same files as the jobs about to be submitted.
    Does nothing where there is no SLURM.

    Raises
    ------
    InputError
        A job does not end.
    """
    folder = Path(folder).resolve()
    leftover = _active_jobs(folder)
    if leftover:
        log.warning("cancelling jobs that an earlier run left behind: %s", " ".join(leftover))
        subprocess.run(["scancel", *leftover], check=False)
        _wait_for_end(leftover, folder)
    return leftover


def _wait_for_end(jobs: list[str], folder: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while running := set(jobs).intersection(_active_jobs(folder)):
        if time.monotonic() > deadline:
            raise InputError(f"jobs of an earlier run do not end: {sorted(running)}; see squeue, then run again")
        time.sleep(1)


def _active_jobs(folder: Path) -> list[str]:
    """Ids of the user's jobs, waiting or running, that a snakemake in `folder` submitted."""
    if not shutil.which("squeue"):
        return []
    command = ["squeue", "--noheader", f"--user={getpass.getuser()}", "--format=%A|%k|%Z"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    rows = (line.split("|", 2) for line in answer.stdout.splitlines())
    return sorted({job for job, comment, workdir in rows if OURS.match(comment) and Path(workdir) == folder})
