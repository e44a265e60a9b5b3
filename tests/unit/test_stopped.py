"""Ctrl-C, wherever a run and its scripts are: what they say, how they end."""

import io
import logging
import os
import signal
import subprocess
import sys
import time

import pytest

from repgeom.workflow.stopped import END_AT_ONCE, LINE, held_back
from repgeom.workflow.terminal import Terminal

pytestmark = [
    pytest.mark.skipif(os.name != "posix", reason="signals are those of POSIX"),
    pytest.mark.usefixtures("hears_ctrl_c"),
]

RUN = """
import signal, sys, time
from types import SimpleNamespace
from repgeom.workflow.stopped import is_stopped, stop_in_one_line
workflow = SimpleNamespace(scheduler={scheduler})
stop_in_one_line(workflow)
print("ready", flush=True)
"""
SLEEP = "time.sleep(30)\n"
DYING = """
class Dying:
    def __del__(self):
        time.sleep(0.5)
print("begun", flush=True)
dying = Dying()
del dying
print("over", is_stopped(), flush=True)
"""


def interrupted(text, heard="ready", times=1):
    """Run Python on a text, press Ctrl-C once it has said a word; returns the ended process and all its output."""
    command = [sys.executable, "-c", text]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        while heard not in process.stdout.readline():
            pass
        for _ in range(times):
            time.sleep(0.1)
            process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    return process.returncode, out, err


def test_a_run_that_plans_ends_at_once_with_one_line_even_where_all_exceptions_are_caught():
    catching = f"try:\n    {SLEEP}except BaseException as error:\n    raise ImportError from error\n"
    assert interrupted(RUN.format(scheduler=None) + catching) == (-signal.SIGINT, "", f"{LINE}\n")


def test_while_jobs_are_at_work_the_first_is_an_exception_and_the_second_ends_the_run():
    waiting = f"try:\n    {SLEEP}except KeyboardInterrupt:\n    print('asked', is_stopped(), flush=True)\n"
    assert interrupted(RUN.format(scheduler=1) + waiting) == (0, "asked True\n", "")
    assert interrupted(RUN.format(scheduler=1) + waiting + SLEEP, times=2) == (
        -signal.SIGINT,
        "asked True\n",
        f"{LINE}\n",
    )


def test_what_has_been_told_is_not_told_again():
    told = "from repgeom.workflow.stopped import is_told\nis_told()\n"
    assert interrupted(told + RUN.format(scheduler=None) + SLEEP) == (-signal.SIGINT, "", "")


def test_outside_the_scheduler_it_is_one_line_and_other_errors_are_as_ever():
    assert interrupted(RUN.format(scheduler=1) + SLEEP) == (-signal.SIGINT, "", f"{LINE}\n")
    failing = RUN.format(scheduler=1) + "raise ValueError('something else')"
    done = subprocess.run([sys.executable, "-c", failing], capture_output=True, text=True, check=False)
    assert done.stderr.startswith("Traceback") and done.stderr.endswith("ValueError: something else\n")


def test_where_an_exception_cannot_be_passed_on_nothing_is_said():
    assert interrupted(RUN.format(scheduler=1) + DYING, "begun") == (0, "over True\n", "")


def test_who_was_told_to_go_on_goes_on():
    """As a shell tells those in the background."""
    ignoring = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
    for text in (RUN.format(scheduler=None), f"{END_AT_ONCE}print('ready', flush=True)\nimport time\n"):
        assert interrupted(f"{ignoring}{text}time.sleep(0.5); print('on')") == (0, "on\n", "")


def test_a_script_is_deaf_until_it_can_be_ended_without_a_word():
    """What was pressed meanwhile counts."""
    text = "import time\nprint('ready', flush=True)\ntime.sleep(0.5)\nprint('deaf', flush=True)\n"
    with held_back():
        found = interrupted(f"{text}{END_AT_ONCE}print('not reached')")
    assert found == (-signal.SIGINT, "deaf\n", "")
    assert interrupted(f"{END_AT_ONCE}print('ready', flush=True)\nimport time\n{SLEEP}") == (-signal.SIGINT, "", "")


def test_what_fails_after_ctrl_c_is_not_told(monkeypatch):
    stream = io.StringIO()
    monkeypatch.setattr("repgeom.workflow.terminal.is_stopped", lambda: True)
    Terminal(stream).handle(logging.makeLogRecord({"msg": "CalledProcessError in file x", "levelno": logging.ERROR}))
    Terminal(stream).handle(logging.makeLogRecord({"msg": "Complete log(s): /x.log", "levelno": logging.INFO}))
    assert stream.getvalue() == "Stopped after 0 s; the same command goes on from here. Full log: /x.log\n"
