"""The quick configuration, run once for all tests of the workflow."""

import os
from pathlib import Path

import pytest
from project import ROOT, Workflow


@pytest.fixture(scope="session")
def quick(tmp_path_factory) -> Workflow:
    """The quick configuration, run once for all tests; they must not change it.

    REPGEOM_TEST_QUICK names a folder where it stays, so that the next session need not run it again.
    """
    kept = os.environ.get("REPGEOM_TEST_QUICK")
    workflow = Workflow(ROOT, Path(kept) if kept else tmp_path_factory.mktemp("quick"))
    workflow.run("--cores", "2")
    return workflow
