"""Folders and files of other users: each is told in a line that names it. Needs root, who can become somebody else."""

import os
import shutil
import tempfile
from pathlib import Path

import numpy as np
import pytest
from test_store import READERS, WRITERS

from repgeom.errors import InputError
from repgeom.store.hdf5 import write_arrays
from repgeom.workflow import lock, progress
from repgeom.workflow.lock import hold_as_job, hold_folder, require_permission, require_writable

NOBODY = 65534
pytestmark = pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="needs root, to become another user")


@pytest.fixture
def shared():
    """A folder that everybody may enter and write to, as temporary folders are."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o1777)
    yield folder
    shutil.rmtree(folder)


def as_nobody(do):
    """What another user is told who does something."""
    read, write = os.pipe()
    if not (child := os.fork()):
        try:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
            do()
            told = "done"
        except BaseException as error:
            told = f"{type(error).__name__}: {error}"
        os.write(write, told.encode())
        os._exit(0)
    os.close(write)
    with open(read) as answer:
        told = answer.read()
    os.waitpid(child, 0)
    return told


def owned_by_nobody(path):
    os.chown(path, NOBODY, NOBODY)
    return path


@pytest.fixture
def held(monkeypatch):
    monkeypatch.setattr(lock, "_held", mine := [])
    yield mine
    os.environ.pop(lock.RUN, None)
    for handle in mine:
        handle.close()


@pytest.mark.parametrize("hold", [hold_folder, hold_as_job])
def test_a_lock_of_another_users_is_told_with_its_owner(shared, held, hold):
    (shared / ".snakemake").mkdir(mode=0o755)
    for name in ("repgeom.lock", "repgeom-jobs.lock"):
        (shared / ".snakemake" / name).touch(mode=0o644)
    told = as_nobody(lambda: hold(shared))
    assert told.startswith(f"InputError: cannot lock {shared}/.snakemake/repgeom")
    assert "which belongs to user 0: Permission denied; use --directory for a run of your own" in told


def test_a_folder_that_another_user_holds_is_told(shared, held):
    (shared / ".snakemake").mkdir()
    (shared / ".snakemake").chmod(0o777)
    for name in ("repgeom.lock", "repgeom-jobs.lock"):
        owned_by_nobody(shared / ".snakemake").joinpath(name).touch()
        (shared / ".snakemake" / name).chmod(0o666)
    hold_folder(shared)
    told = as_nobody(lambda: hold_folder(shared))
    assert told.startswith(f"InputError: another snakemake is running in {shared} (process {os.getpid()}); wait for it")


def test_folders_of_another_users_are_told_before_any_work(shared):
    (shared / "results").mkdir(mode=0o755)
    (shared / ".snakemake").mkdir(mode=0o755)
    told = as_nobody(lambda: require_writable(shared / "results"))
    assert told.startswith(f"InputError: cannot write to {shared}/results: Permission denied; nothing was changed")
    told = as_nobody(lambda: require_permission(shared))
    assert told.startswith(f"InputError: cannot write to {shared}/.snakemake: not permitted")


@pytest.mark.parametrize("name", READERS)
def test_files_that_we_may_not_read_are_named(shared, name):
    """Before, they ended in a traceback, or were told as damaged, with the advice to delete them."""
    WRITERS[name](path := shared / "closed" / name)
    path.chmod(0o600)
    path.parent.chmod(0o755)
    assert (
        as_nobody(lambda: READERS[name](path))
        == f"InputError: {path}: cannot be read: Permission denied; ask its owner"
    )
    path.parent.chmod(0o700)
    assert (
        as_nobody(lambda: READERS[name](path))
        == f"InputError: {path}: cannot be read: Permission denied; ask its owner"
    )


def test_what_another_user_has_put_into_the_temporary_folder_is_left_alone(shared, monkeypatch):
    (shared / "victim").write_text("precious")
    (shared / "repgeom-terminal.lock").symlink_to(shared / "victim")
    os.mkfifo(owned_by_nobody(shared) / "repgeom.lock")
    monkeypatch.setenv("TMPDIR", str(shared))
    monkeypatch.setattr(tempfile, "tempdir", None)
    (shared / "mine").mkdir()
    monkeypatch.chdir(shared / "mine")
    assert progress._own_terminal() is None
    lock.require_temporary()
    write_arrays("a.h5", {"x": np.zeros(1)})
    assert (shared / "victim").read_text() == "precious"


def test_an_artifact_is_not_written_into_a_folder_of_another_users(shared):
    (shared / "results").mkdir(mode=0o755)
    told = as_nobody(lambda: write_arrays(shared / "results/a.h5", {"x": np.zeros(1)}))
    assert told.startswith(f"InputError: cannot write {shared}/results/a.h5: Permission denied; nothing was changed")


def test_a_lock_in_the_place_of_a_link_to_another_users_file_is_refused(shared, held):
    (shared / "victim").write_text("precious")
    (shared / ".snakemake").mkdir()
    (shared / ".snakemake/repgeom.lock").symlink_to(shared / "victim")
    with pytest.raises(InputError, match="it is no plain file"):
        hold_folder(shared)
    assert (shared / "victim").read_text() == "precious"
