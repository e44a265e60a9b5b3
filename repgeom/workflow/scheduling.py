"""What keeps Snakemake from asking again and again which jobs could start while none can.

After each look at the jobs that are ready it takes another one a second later, and after that one more: every job that
ends adds a look per second until the run does, and each asks for the size of every file that is ready to be read. In a
run of 359 jobs that was more than half of the time that Snakemake itself computed.
"""

import threading
from collections.abc import Callable, Iterable, Sequence
from weakref import WeakSet

import snakemake.api  # noqa: F401 (before the scheduler, which cannot be the first to be imported)
from snakemake.jobs import AbstractJob
from snakemake.scheduling.job_scheduler import JobScheduler

_select = JobScheduler.job_selector
_WAITING: WeakSet[JobScheduler] = WeakSet()
"""Those that will look again anyway."""


def look_again_sparingly() -> None:
    """Let one look at a time lie ahead, and let no files be asked for while all cores are taken."""
    JobScheduler._schedule_reevalutation = _look_again_once
    JobScheduler.job_selector = _select_for_free_cores


def _look_again_once(scheduler: JobScheduler, delay: float) -> None:
    if scheduler in _WAITING:
        return
    _WAITING.add(scheduler)
    threading.Timer(delay, _looking(scheduler)).start()


def _looking(scheduler: JobScheduler) -> Callable[[], None]:
    def look() -> None:
        _WAITING.discard(scheduler)
        scheduler._open_jobs.release()

    return look


def _select_for_free_cores(scheduler: JobScheduler, jobs: Iterable[AbstractJob]) -> Sequence[AbstractJob]:
    return _select(scheduler, jobs) if scheduler.resources["_cores"] else []
