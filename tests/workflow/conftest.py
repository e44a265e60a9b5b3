"""The quick configuration, run once for all tests of the workflow."""

import pytest
from project import ROOT, Workflow


@pytest.fixture(scope="session")
def quick(tmp_path_factory) -> Workflow:
    """The quick configuration, run once for all tests; they must not change it."""
    workflow = Workflow(ROOT, tmp_path_factory.mktemp("quick"))
    workflow.run("--cores", "2")
    return workflow
