"""What a job says where its run is watched."""

import logging

from repgeom.workflow.job import terminal


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
