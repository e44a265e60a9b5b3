"""The quick configuration, run once for all tests of the workflow."""

import os
from pathlib import Path

import pytest
from filelock import FileLock
from project import ROOT, Workflow


@pytest.fixture(scope="session")
def quick(tmp_path_factory, worker_id) -> Workflow:
    """The quick configuration, run once for all tests and test processes; they must not change it.

    REPGEOM_TEST_QUICK names a folder where it stays, so that the next session need not run it again.
    """
    session = tmp_path_factory.getbasetemp()
    shared = (session if worker_id == "master" else session.parent) / "quick"
    workflow = Workflow(ROOT, Path(os.environ.get("REPGEOM_TEST_QUICK", shared)))
    with FileLock(shared.with_suffix(".lock")):
        workflow.folder.mkdir(parents=True, exist_ok=True)
        workflow.run("--cores", "2")
    return workflow
