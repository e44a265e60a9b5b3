"""Which folder jobs import the package from."""

import os
from pathlib import Path

import pytest
from example_configuration import ROOT

from repgeom.errors import InputError
from repgeom.workflow.project import let_jobs_import_from, project_folder


def test_the_project_lies_above_its_rules():
    assert project_folder(str(ROOT / "rules")) == ROOT


@pytest.mark.parametrize("place", ["https://raw.githubusercontent.com/a/b/main/rules", "git+file:///a/b/rules@HEAD"])
def test_rules_that_are_not_on_this_machine_are_refused(place):
    with pytest.raises(InputError, match="clone the project and write the path of its Snakefile after `snakefile:`"):
        project_folder(place)


@pytest.mark.parametrize("before, others", [(None, ""), ("", ""), ("/a:/b", ":/a:/b"), ("/a:/mine:/b", ":/a:/b")])
def test_jobs_import_from_the_project_before_all_else(monkeypatch, before, others):
    monkeypatch.setenv("REPGEOM_ROOT", "/other")
    if before is None:
        monkeypatch.delenv("PYTHONPATH", raising=False)
    else:
        monkeypatch.setenv("PYTHONPATH", before)
    let_jobs_import_from(Path("/mine"))
    assert os.environ["PYTHONPATH"] == "/mine" + others and os.environ["REPGEOM_ROOT"] == "/mine"
