"""What a job says where its run is watched."""

import importlib.metadata
import logging
import tomllib

import pytest
from example_configuration import ROOT

from repgeom.workflow import job
from repgeom.workflow.job import _report, terminal

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def test_warnings_reach_the_terminal_with_their_job_and_nothing_else_does(capsys):
    log = logging.getLogger("a job")
    log.propagate = False
    log.handlers = [terminal("activations", {"model": "mine", "seed": "1"})]
    log.setLevel(logging.INFO)
    log.info("took 1 s")
    log.warning("node %r is left out", "h_n")
    log.error("told in its own way")
    said = capsys.readouterr()
    assert said.err == "activations mine 1: node 'h_n' is left out\n" and said.out == ""


def test_ctrl_c_leaves_it_to_the_run_to_say_so(capsys):
    logging.getLogger("repgeom").handlers = []
    _report(KeyboardInterrupt, KeyboardInterrupt(), None)
    said = capsys.readouterr()
    assert said.err == said.out == ""


@pytest.mark.parametrize("is_installed", [True, False])
def test_artifacts_are_told_the_version_of_the_project(is_installed, monkeypatch):
    def version(distribution):
        if is_installed and distribution == PROJECT["name"]:
            return "7.0"
        raise importlib.metadata.PackageNotFoundError(distribution)

    monkeypatch.setattr(importlib.metadata, "version", version)
    assert job.version() == ("7.0" if is_installed else PROJECT["version"])
