"""What a run on a SLURM cluster needs beyond the executor plugin."""

import functools
import getpass
import logging
import re
import shutil
import subprocess
import sys
import time
from collections.abc import AsyncIterator
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


def keep_jobs_while_controller_is_away() -> None:
    """Make the executor plugin go on watching jobs whose status it could not learn.

    Version 2.8 forgets its jobs, and then waits for them for ever, if no status query is answered in one round:
    a controller that is restarting is enough. To be called before jobs are submitted; does nothing where
    snakemake has not loaded the plugin.
    """
    plugin = sys.modules.get("snakemake_executor_plugin_slurm")
    if plugin and not hasattr(plugin.Executor.check_active_jobs, "__wrapped__"):
        plugin.Executor.check_active_jobs = _keeping_jobs(plugin.Executor.check_active_jobs)


def _keeping_jobs(check_active_jobs):
    """`check_active_jobs`, which yields jobs still running and reports the others; now never neither."""

    @functools.wraps(check_active_jobs)
    async def check(executor, jobs) -> AsyncIterator:
        known: list = []
        _note_reports(executor, known)
        async for job in check_active_jobs(executor, jobs):
            known.append(job)
            yield job
        for job in jobs:
            if not any(job is other for other in known):
                yield job

    return check


def _note_reports(executor, known: list) -> None:
    """Let `executor` put each job that it reports as ended into `known`, too."""
    for name in ("report_job_success", "report_job_error"):
        report = getattr(type(executor), name)

        def noting(job, *args, report=report, **kwargs):
            known.append(job)
            return report(executor, job, *args, **kwargs)

        setattr(executor, name, noting)
