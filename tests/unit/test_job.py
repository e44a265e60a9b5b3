"""What a job says where its run is watched."""

import importlib.metadata
import logging
import time
import tomllib

import pytest
from example_configuration import ROOT

from repgeom.workflow import job
from repgeom.workflow.costs import cost_of
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


def test_what_a_log_says_of_a_jobs_cost_is_read_again(tmp_path, monkeypatch):
    handler = logging.FileHandler(tmp_path / "job.log")
    monkeypatch.setattr(job.log, "handlers", [handler])
    monkeypatch.setattr(job.log, "propagate", False)
    job.log.setLevel(logging.INFO)
    job._log_cost(time.monotonic() - 12.5)
    handler.close()
    jobs, seconds, memory = cost_of([tmp_path / "job.log"])
    assert jobs == 1 and 12.5 <= seconds < 14 and memory > 10


@pytest.mark.parametrize("is_installed", [True, False])
def test_artifacts_are_told_the_version_of_the_project(is_installed, monkeypatch):
    def version(distribution):
        if is_installed and distribution == PROJECT["name"]:
            return "7.0"
        raise importlib.metadata.PackageNotFoundError(distribution)

    monkeypatch.setattr(importlib.metadata, "version", version)
    assert job.version() == ("7.0" if is_installed else PROJECT["version"])
