"""Waiting for progress and not for the clock; needs no cluster."""

import subprocess
import sys
import time

import pytest
from cluster import wait_until
from conftest import Run


def test_whatever_goes_on_is_waited_for():
    start = time.monotonic()
    wait_until(
        lambda: time.monotonic() > start + 1.2, "its end", 0.5, progress=lambda: int((time.monotonic() - start) * 5)
    )


def test_what_stands_still_is_not():
    start = time.monotonic()
    with pytest.raises(TimeoutError, match="its end"):
        wait_until(lambda: False, "its end", 0.5, progress=lambda: min(time.monotonic() - start, 0.3))
    assert 0.7 < time.monotonic() - start < 20


def test_a_run_moves_as_long_as_its_files_do(tmp_path):
    run = Run(tmp_path, tmp_path / "Snakefile")
    before = run.progress()
    assert run.progress() == before
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "log").write_text("a")
    made = run.progress()
    assert made != before
    time.sleep(0.02)
    (tmp_path / "results" / "log").write_text("b")
    assert run.progress() != made


def test_a_run_that_stands_still_is_killed(tmp_path, monkeypatch):
    monkeypatch.setattr("conftest.STANDSTILL_S", 0.5)
    asleep = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
    with pytest.raises(TimeoutError):
        Run(tmp_path, tmp_path / "Snakefile").end_of(asleep)
    assert asleep.returncode == -9
