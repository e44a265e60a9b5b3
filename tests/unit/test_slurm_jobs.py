"""Jobs that a killed run left on a cluster, and jobs whose status is unknown; SLURM and the plugin are stood in for."""

import asyncio
import sys
from types import ModuleType

import pytest

from repgeom.errors import InputError
from repgeom.workflow import slurm

SQUEUE = """#!/bin/sh
while IFS='|' read -r job comment folder; do
    test -e "$0.$job.cancelled" || echo "$job|$comment|$folder"
done < "$0.jobs"
"""
SCANCEL = """#!/bin/sh
for job in "$@"; do touch "{folder}/squeue.$job.cancelled"; done
"""


@pytest.fixture
def cluster(tmp_path, monkeypatch):
    """Programs named squeue and scancel, for jobs that are listed in a file; returns a function that lists them."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, script in {"squeue": SQUEUE, "scancel": SCANCEL.format(folder=programs)}.items():
        (programs / name).write_text(script)
        (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(programs), prepend=":")
    return lambda *jobs: (programs / "squeue.jobs").write_text("".join(f"{'|'.join(job)}\n" for job in jobs))


def test_only_jobs_of_this_folder_that_snakemake_submitted_are_cancelled(cluster, tmp_path):
    here, elsewhere = str(tmp_path), str(tmp_path / "other")
    cluster(
        ("1", "rule_train_wildcards_a", here),
        ("2", "rule_train_wildcards_a", elsewhere),
        ("3", "(null)", here),
        ("4", "group_record_activations", here),
        ("5", "my own rule_of_thumb", here),
    )
    assert slurm.cancel_leftover_jobs(tmp_path) == ["1", "4"]
    assert slurm.cancel_leftover_jobs(tmp_path) == []
    cancelled = {path.name for path in (tmp_path / "bin").glob("*.cancelled")}
    assert cancelled == {"squeue.1.cancelled", "squeue.4.cancelled"}


def test_a_job_that_does_not_end_is_an_error(cluster, tmp_path, monkeypatch):
    cluster(("7", "rule_train", str(tmp_path)))
    (tmp_path / "bin" / "scancel").write_text("#!/bin/sh\nexit 1\n")
    monkeypatch.setattr(slurm, "PATIENCE", 0.0)
    with pytest.raises(InputError, match=r"do not end: \['7'\]"):
        slurm.cancel_leftover_jobs(tmp_path)


def test_nothing_happens_without_slurm(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert slurm.cancel_leftover_jobs(tmp_path) == []


class Executor:
    """As the plugin's: reports what has ended, yields what runs, and forgets everything when no query is answered."""

    def __init__(self):
        self.reported = []

    def report_job_success(self, job):
        self.reported.append(job)

    def report_job_error(self, job, msg=None):
        self.reported.append((job, msg))

    async def check_active_jobs(self, jobs):
        for job in jobs if "unanswered" not in jobs else []:
            if job == "ended":
                self.report_job_success(job)
            elif job == "failed":
                self.report_job_error(job, msg="why")
            else:
                yield job


@pytest.fixture
def executor(monkeypatch):
    plugin = ModuleType("snakemake_executor_plugin_slurm")
    plugin.Executor = type("Executor", (Executor,), {"check_active_jobs": Executor.check_active_jobs})
    monkeypatch.setitem(sys.modules, plugin.__name__, plugin)
    slurm.keep_jobs_while_controller_is_away()
    slurm.keep_jobs_while_controller_is_away()
    return plugin.Executor()


def still_active(executor, *jobs):
    async def check():
        return [job async for job in executor.check_active_jobs(list(jobs))]

    return asyncio.run(check())


def test_jobs_are_kept_when_no_query_is_answered(executor):
    assert still_active(executor, "unanswered", "running", "ended") == ["unanswered", "running", "ended"]
    assert executor.reported == []


def test_jobs_are_reported_or_kept_once(executor):
    for _ in range(2):
        assert still_active(executor, "running", "ended", "failed") == ["running"]
    assert executor.reported == ["ended", ("failed", "why")] * 2


def test_nothing_is_changed_without_the_plugin(monkeypatch):
    monkeypatch.delitem(sys.modules, "snakemake_executor_plugin_slurm", raising=False)
    slurm.keep_jobs_while_controller_is_away()
