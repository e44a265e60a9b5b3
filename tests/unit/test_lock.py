"""Who may write in a folder: one run, its jobs, and nobody after them."""

import asyncio
import fcntl
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest
from small_disk import small_disk
from snakemake.caching.local import OutputFileCache
from snakemake.exceptions import WorkflowError
from snakemake_interface_common.exceptions import ApiError

from repgeom.errors import InputError
from repgeom.store import atomic
from repgeom.store.atomic import atomic_path, remove_partial
from repgeom.workflow import lock, progress
from repgeom.workflow.cache import _keeping, require_cache
from repgeom.workflow.clock import refuse_future
from repgeom.workflow.lock import (
    current_run,
    hold_as_job,
    hold_folder,
    require_plain,
    require_temporary,
    require_writable,
)
from repgeom.workflow.targets import before_deleting

HOLD = """
import sys, time
from repgeom.workflow.lock import {function}
{function}(sys.argv[1])
print("held", flush=True)
time.sleep(60)
"""


@pytest.fixture
def held(monkeypatch):
    """Locks that this process takes are given back after the test."""
    mine = []
    monkeypatch.setattr(lock, "_held", mine)
    yield mine
    os.environ.pop(lock.RUN, None)
    for handle in mine:
        handle.close()


@pytest.fixture
def holder(tmp_path):
    """Start a process that holds the folder in one way or the other."""
    started = []

    def start(function):
        command = [sys.executable, "-c", HOLD.format(function=function), str(tmp_path)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        started.append(process)
        assert process.stdout.readline() == "held\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()


def test_a_second_run_is_told_of_the_first(tmp_path, holder, held):
    first = holder("hold_folder")
    with pytest.raises(InputError, match=rf"another snakemake is running .* \(process {first.pid}\)"):
        hold_folder(tmp_path)


def test_a_killed_run_leaves_no_lock(tmp_path, holder, held):
    first = holder("hold_folder")
    first.kill()
    first.wait()
    hold_folder(tmp_path)
    assert current_run(tmp_path).startswith(f"{os.getpid()} ")


def test_a_job_that_outlives_its_run_keeps_the_folder(tmp_path, holder, held):
    orphan = holder("hold_as_job")
    with pytest.raises(InputError, match=rf"a job of an ended run is still at work .* \(process {orphan.pid}"):
        hold_folder(tmp_path)
    orphan.kill()
    orphan.wait()
    hold_folder(tmp_path)


def test_jobs_that_a_scheduler_knows_are_ended_before_the_folder_is_asked_for(tmp_path, holder, held):
    orphan = holder("hold_as_job")

    def end_jobs(place):
        assert place == tmp_path.resolve()
        assert not _is_free(tmp_path), "another run could begin meanwhile"
        threading.Timer(0.5, orphan.kill).start()  # what is cancelled need not end at once
        return ["7"]

    hold_folder(tmp_path, end_jobs)
    assert orphan.wait(0) == -signal.SIGKILL
    assert current_run(tmp_path).startswith(f"{os.getpid()} ")


def test_no_job_is_waited_for_that_no_scheduler_knows(tmp_path, holder, held, monkeypatch):
    monkeypatch.setattr(lock.time, "sleep", lambda seconds: pytest.fail("it waits"))
    holder("hold_as_job")
    with pytest.raises(InputError, match="a job of an ended run is still at work"):
        hold_folder(tmp_path, lambda place: [])


def test_a_run_whose_jobs_do_not_end_lets_the_folder_go(tmp_path, held):
    def end_jobs(place):
        raise InputError("jobs of an earlier run do not end")

    with pytest.raises(InputError, match="do not end"):
        hold_folder(tmp_path, end_jobs)
    assert _is_free(tmp_path)


def _is_free(folder) -> bool:
    """Whether a run could hold the folder."""
    with open(folder / ".snakemake" / "repgeom.lock") as run:
        try:
            fcntl.flock(run, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
    return True


def test_jobs_of_one_run_hold_the_folder_together(tmp_path, holder, held):
    holder("hold_folder")
    holder("hold_as_job")
    holder("hold_as_job")
    assert hold_as_job(tmp_path) == current_run(tmp_path) != ""


def test_a_job_that_starts_after_another_run_has_begun_writes_nothing(tmp_path, held):
    hold_folder(tmp_path)  # the job's own run, which is killed before the job gets so far as to hold the folder
    held.pop().close()
    own = os.environ[lock.RUN]
    hold_folder(tmp_path)
    os.environ[lock.RUN] = own
    with pytest.raises(InputError, match=r"another run has begun in .* nothing was written"):
        hold_as_job(tmp_path)


def test_every_run_has_a_name_of_its_own(tmp_path, held):
    hold_folder(tmp_path)
    first = current_run(tmp_path)
    held.pop().close()
    hold_folder(tmp_path)
    assert current_run(tmp_path) != first


def test_a_file_does_not_take_its_place_where_a_guard_objects(tmp_path, monkeypatch):
    def object_to_it():
        raise InputError("another run")

    monkeypatch.setattr(atomic, "_guards", [object_to_it])
    (tmp_path / "a").write_text("old")
    with pytest.raises(InputError, match="another run"), atomic_path(tmp_path / "a") as partial:
        partial.write_text("new")
    assert (tmp_path / "a").read_text() == "old" and [p.name for p in tmp_path.iterdir()] == ["a"]


def test_what_killed_runs_left_is_removed_and_nothing_else(tmp_path):
    (tmp_path / "models").mkdir()
    kept = [tmp_path / "models/weights", tmp_path / "models/.hidden", tmp_path / "models/x.partial"]
    left = [tmp_path / "models/.weights.0123.partial", tmp_path / ".store.zip.ab.partial"]
    for path in [*kept, left[0]]:
        path.write_text("content")
    left[1].mkdir()
    (left[1] / "chunk").write_text("content")
    (link := tmp_path / ".link.partial").symlink_to(tmp_path / "models")
    assert sorted(remove_partial(tmp_path)) == sorted(left)
    assert all(path.exists() for path in [*kept, link]) and not any(path.exists() for path in left)


@pytest.mark.parametrize(
    "folder, message", [("relative", "write its whole path"), ("/nowhere/cache", "no such folder; make it")]
)
def test_an_unusable_cache_is_refused_before_any_work(folder, message):
    with pytest.raises(InputError, match=message):
        require_cache(folder)


def test_a_usable_cache_or_none_is_accepted(tmp_path):
    require_cache(str(tmp_path))
    require_cache(None)


class Cache(OutputFileCache):
    """One in a given folder."""

    def __init__(self, path):
        self.path, self.file_permissions = path, 0o644

    async def get_outputfiles_and_cachefiles(self, job):
        return [(file, self.path / f"key{i}") for i, file in enumerate(job.output)]


def test_results_that_find_no_place_in_the_cache_stay_where_they_are(tmp_path, caplog):
    """Before, the job counted as failed, and its results were deleted."""
    job, sizes = SimpleNamespace(output=[str(tmp_path / "a.h5"), str(tmp_path / "b.h5")]), (1 << 12, 1 << 17)
    for file, size in zip(job.output, sizes, strict=True):
        Path(file).write_bytes(bytes(size))
    with small_disk(tmp_path / "small", "64k") as full:
        asyncio.run(_keeping(OutputFileCache.store)(Cache(full), job))
        assert tuple(Path(file).stat().st_size for file in job.output) == sizes
        assert Path(job.output[0]).is_symlink() and not Path(job.output[1]).is_symlink()
    assert f"not kept in the shared cache, but here: {job.output[0]}, {job.output[1]} ([Errno 28]" in caplog.text
    with pytest.raises(WorkflowError):
        asyncio.run(_keeping(OutputFileCache.store)(Cache(tmp_path), job))


def test_a_terminal_that_cannot_be_taken_costs_the_bar_and_no_more(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert progress._own_terminal() is None  # there is no folder to lock in
    (tmp_path / ".snakemake").mkdir()
    first = progress._own_terminal()
    assert first is not None and progress._own_terminal() is None
    first.close()


def a_link(path):
    (path.parent / "victim").write_text("precious")
    path.symlink_to(path.parent / "victim")


@pytest.mark.parametrize("put", [a_link, os.mkfifo, os.mkdir])
@pytest.mark.parametrize("name", ["repgeom.lock", "repgeom-jobs.lock", "repgeom-terminal.lock"])
def test_locks_are_plain_files(tmp_path, monkeypatch, held, put, name):
    """A link would have its target emptied, a pipe would wait for its other end."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".snakemake").mkdir()
    put(tmp_path / ".snakemake" / name)
    if name == "repgeom-terminal.lock":
        assert progress._own_terminal() is None
    else:
        with pytest.raises(
            InputError, match=r"cannot lock .* belongs to user \d+: it is no plain file; use --directory"
        ):
            hold_folder()
    if put is a_link:
        assert (tmp_path / ".snakemake/victim").read_text() == "precious"


@pytest.mark.parametrize("put, what", [(a_link, "a link to .*/victim"), (os.mkfifo, "no plain file")])
@pytest.mark.parametrize("name", [".runs.jsonl", "logs/train/standard.log", "benchmarks/rdms.tsv"])
def test_results_of_somebody_else_lead_a_run_to_write_nowhere_else(tmp_path, put, what, name):
    """Before, what a link led to was emptied, and a pipe kept the run waiting for ever."""
    path = tmp_path / "results" / name
    path.parent.mkdir(parents=True)
    require_plain(tmp_path / "results")
    put(path)
    with pytest.raises(InputError, match=f"{path}: is {what}, and this run would write to it; remove it"):
        require_plain(tmp_path / "results")


def test_a_look_whether_one_may_write_follows_no_link(tmp_path):
    """Its name was foreseeable."""
    (tmp_path / "victim").write_text("precious")
    (tmp_path / f".writable-{os.getpid()}").symlink_to(tmp_path / "victim")
    require_writable(tmp_path)
    assert (tmp_path / "victim").read_text() == "precious" and len(list(tmp_path.iterdir())) == 2


def test_nothing_is_deleted_under_a_run_at_work(tmp_path, monkeypatch, holder, held):
    monkeypatch.chdir(tmp_path)
    first, deleted = holder("hold_folder"), []
    with pytest.raises(ApiError, match=rf"another snakemake is running .* \(process {first.pid}\)"):
        before_deleting(deleted.append)("results")
    assert deleted == []
    first.kill()
    first.wait()
    before_deleting(deleted.append)("results")
    assert deleted == ["results"]


def test_files_from_the_future_are_told_before_any_work(tmp_path):
    (tmp_path / "a b").write_text("")
    refuse_future([tmp_path / "a b", tmp_path / "missing"])
    os.utime(tmp_path / "a b", (4e9, 4e9))
    with pytest.raises(InputError, match=r"a b: is dated 2096-10-02 .*, which is yet to come; run: touch '.*/a b'"):
        refuse_future([tmp_path / "a b"])


def test_a_temporary_folder_that_is_full_or_missing_is_told_before_any_work(tmp_path, monkeypatch):
    """Snakemake ended in a traceback when it chose the first jobs."""
    monkeypatch.setenv("TMPDIR", str(tmp_path / "nowhere"))
    with pytest.raises(InputError, match=f"temporary folder {tmp_path}/nowhere: No such file.*set TMPDIR to another"):
        require_temporary()
    with small_disk(tmp_path / "small", "64k") as small:
        monkeypatch.setenv("TMPDIR", str(small))
        with pytest.raises(InputError, match=f"temporary folder {small}: No space left on device"):
            require_temporary()
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    require_temporary()


def test_a_process_may_hold_a_folder_again_and_not_another(tmp_path, holder):
    """A run that dates files anew holds it before it plans, and once more when it starts."""
    for _ in range(2):
        hold_folder(tmp_path / "mine")
    assert current_run(tmp_path / "mine").startswith(f"{os.getpid()} ")
    holder("hold_folder")
    with pytest.raises(InputError, match="another snakemake is running"):
        hold_folder(tmp_path)
