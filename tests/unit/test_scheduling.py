"""How often Snakemake looks for jobs that could start."""

import threading

import pytest

from repgeom.workflow import scheduling
from repgeom.workflow.scheduling import JobScheduler


@pytest.fixture
def scheduler(monkeypatch):
    """One that runs nothing, as ours look again; the timers that it has started are kept."""
    for name in ("_schedule_reevalutation", "job_selector"):
        monkeypatch.setattr(JobScheduler, name, JobScheduler.__dict__[name])
    scheduling.look_again_sparingly()
    scheduler = object.__new__(JobScheduler)
    scheduler._open_jobs = threading.Semaphore(0)
    return scheduler


def looks(scheduler, wait):
    """Looks that are due after a time."""
    found = 0
    while scheduler._open_jobs.acquire(timeout=wait):
        found += 1
    return found


def test_one_look_lies_ahead_however_often_it_is_asked_for(scheduler):
    for _ in range(5):
        scheduler._schedule_reevalutation(0.02)
    assert looks(scheduler, 0.5) == 1


def test_after_a_look_there_can_be_another(scheduler):
    for _ in range(3):
        scheduler._schedule_reevalutation(0.01)
        assert looks(scheduler, 0.3) == 1


def test_snakemake_itself_looks_as_often_as_it_is_asked():
    """What this is for; where it fails, Snakemake has mended it, and it is no longer needed."""
    scheduler = object.__new__(JobScheduler)
    scheduler._open_jobs = threading.Semaphore(0)
    for _ in range(5):
        JobScheduler._schedule_reevalutation(scheduler, 0.02)
    assert looks(scheduler, 0.5) == 5


@pytest.mark.parametrize(("cores", "selected"), [(0, []), (1, ["a job"])])
def test_jobs_are_looked_at_where_there_is_a_core_for_them(scheduler, cores, selected, monkeypatch):
    monkeypatch.setattr(scheduling, "_select", lambda scheduler, jobs: list(jobs))
    scheduler.resources = {"_cores": cores}
    assert scheduler.job_selector(["a job"]) == selected
