"""Which configuration made an artifact: that of the last run that had begun when it was written."""

import json
import os
import time

from repgeom.cli import staleness
from repgeom.workflow.runs import PLACE, Run, note_run, run_that_made


def artifact(folder, at):
    path = folder / f"{at}.csv"
    path.write_text("")
    os.utime(path, (at, at))
    return path


def test_the_run_that_was_under_way_made_it(tmp_path, monkeypatch):
    for begun, files, config in ((100, ["a.yaml"], {}), (200, ["a.yaml"], {}), (300, [], {"device": "cpu"})):
        monkeypatch.setattr(time, "time", lambda begun=begun: begun)
        note_run(files, config, tmp_path)
    assert len((tmp_path / PLACE).read_text().splitlines()) == 2  # the second was as the first
    assert run_that_made(artifact(tmp_path, 99), tmp_path) is None
    assert run_that_made(artifact(tmp_path, 250), tmp_path) == Run([os.path.abspath("a.yaml")], {})
    assert run_that_made(artifact(tmp_path, 301), tmp_path) == Run([], {"device": "cpu"})


def test_damaged_notes_are_passed_over(tmp_path):
    note_run([], {}, tmp_path)
    with (tmp_path / PLACE).open("a") as file:
        file.write('{"begun": 1\nnull\n{"begun": "x", "files": [], "config": {}}\n')
    assert run_that_made(artifact(tmp_path, time.time() + 5), tmp_path) == Run([], {})


HOSTILE = [
    {"files": ["relative.yaml"], "config": {}},
    {"files": ["--snakefile"], "config": {}},
    {"files": [], "config": {"--snakefile=x": 1}},
    {"files": [3], "config": {}},
]


def test_notes_that_no_run_has_written_are_passed_over(tmp_path):
    note_run([], {}, tmp_path)
    with (tmp_path / PLACE).open("a") as file:
        file.writelines(json.dumps({"begun": 1} | noted) + "\n" for noted in HOSTILE)
    assert run_that_made(artifact(tmp_path, time.time() + 5), tmp_path) == Run([], {})


def test_whoever_asks_whether_a_strangers_artifact_is_stale_runs_no_code_of_theirs(tmp_path):
    """Notes in `results` name the configuration that Snakemake is asked with, and it would run expressions in it."""
    evil, mark = tmp_path / "evil.yaml", tmp_path / "mark"
    evil.write_text(f"__use_yte__: true\ndevice: ?open({str(mark)!r}, 'w').name\n")
    note_run([evil], {}, tmp_path)
    path = artifact(tmp_path / "results", time.time() + 5)
    assert "__use_yte__ would let the file run code" in staleness(path)
    assert not mark.exists()
