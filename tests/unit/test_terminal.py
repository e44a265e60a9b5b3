"""What a run says on the terminal."""

import io
import logging
from types import SimpleNamespace

import pytest
from snakemake.logging import logger
from snakemake_interface_executor_plugins.settings import ExecMode
from snakemake_interface_logger_plugins.common import LogEvent

from repgeom.workflow.terminal import Progress, Terminal, job_name, short_reason, speak_plainly


@pytest.mark.parametrize("rule, wildcards, name", [
    ("train", {"model": "standard", "seed": "2"}, "train standard seed 2"),
    ("activations", {"model": "a", "seed": "1", "epoch": "last", "stimuli": "test5"}, "activations a seed 1 test5"),
    ("metamers", {"model": "a", "seed": "1", "epoch": "epoch002", "stimuli": "_", "options": "0123abcd"}, "metamers a seed 1 epoch 2"),
    ("capacity", {"measure": "capacity", "model": "a", "seed": "1"}, "capacity a seed 1"),
    ("rdms", {"measure": "cosine", "model": "a", "seed": "1"}, "rdms cosine a seed 1"),
    ("rdms_figure", {"analysis": "robustness/rdms"}, "figure robustness/rdms"),
    ("rdms_page", {"analysis": "robustness/rdms"}, "page robustness/rdms"),
    ("reproduction_table", {"analysis": "paths/reproduction"}, "table paths/reproduction"),
    ("select_stimuli", {"stimuli": "test5"}, "select stimuli test5"),
    ("all", {}, "all"),
])  # fmt: skip
def test_jobs_are_named_in_a_few_words(rule, wildcards, name):
    assert job_name(rule, wildcards) == name


@pytest.mark.parametrize("reason, short", [
    ("Missing output files: a; Input files updated by another job: b", ""),
    ("Input files updated by another job: b", ""),
    ("Updated input files: data/x.png", "an input is newer"),
    ("Params have changed since last execution: Before: a Now: b", "code or configuration have changed"),
    ("Forced execution", "forced"),
])  # fmt: skip
def test_reasons_are_short_and_what_is_new_needs_none(reason, short):
    assert short_reason(reason) == short


def test_what_is_left_follows_from_the_times_of_each_rule_and_how_many_run_side_by_side():
    """Two rules, one at a time: 10 s each of three, 1 s each of two; left are one of 10 s and one of 1 s."""
    progress, now = Progress({"long": 4, "short": 3}, 0), 0.0
    for number, (rule, took) in enumerate([("long", 10), ("short", 1), ("long", 10), ("short", 1), ("long", 10)]):
        progress.begin(number, rule, rule, "", now)
        now += took
        said = progress.finish(number, now)
    assert said == "[5/7] long · 10 s · about 11 s left"
    twice = Progress({"long": 8}, 0)
    for start in (0, 10):
        for number in (start, start + 1):
            twice.begin(number, "long", "long", "", start)
        said = [twice.finish(number, start + 10) for number in (start, start + 1)]
    assert said[-1] == "[4/8] long · 10 s · about 20 s left"


def test_short_jobs_that_come_after_long_ones_are_not_thought_to_take_as_long():
    """Trainings of 40 s, twice their usual time, one at a time: the rules to come are thought to take twice theirs."""
    progress = Progress({"train": 3, "train_on_canvases": 1, "figure": 50}, 0)
    for number in range(3):
        progress.begin(number, "train", "train", "", 40.0 * number)
        said = progress.finish(number, 40.0 * (number + 1))
    assert said == "[3/54] train · 40 s · about 5 min left"  # 200 s, and 50 of 2 s


@pytest.fixture
def terminal(tmp_path, monkeypatch):
    """A terminal whose clock stands still, and what it has written."""
    monkeypatch.chdir(tmp_path)
    stream = io.StringIO()
    return Terminal(stream, clock=lambda: 0.0, home=str(tmp_path)), stream, tmp_path


def say(terminal, message=None, level=logging.INFO, **extra):
    terminal.handle(logging.makeLogRecord({"msg": message, "levelno": level, **extra}))


def begin(terminal, jobid=1, output=("results/figures/s/a.png",)):
    say(terminal, event=LogEvent.RUN_INFO, stats={"rdms_figure": 1, "train": 1, "total": 2})
    say(terminal, event=LogEvent.JOB_INFO, jobid=jobid, rule_name="train", wildcards={"model": "a", "seed": "1"},
        reason="Forced execution", output=list(output))  # fmt: skip


def test_a_run_is_a_line_a_job_and_ends_with_where_to_look(terminal):
    handler, stream, folder = terminal
    (folder / "results/figures/s").mkdir(parents=True)
    say(handler, "Building DAG of jobs...")
    begin(handler)
    say(handler, "Select jobs to execute...")
    say(handler, event=LogEvent.SHELLCMD)
    say(handler, event=LogEvent.JOB_FINISHED, job_id=1)
    say(handler, event=LogEvent.PROGRESS, done=1, total=2)
    say(handler, "something that a user should see")
    say(handler, f"Complete log(s): {folder}/.snakemake/log/x.log")
    assert stream.getvalue().splitlines() == [
        "2 jobs to do. Ctrl-C stops; the same command goes on.",
        "[1/2] train a seed 1 · 0 s · forced",
        "something that a user should see",
        "1 job done in 0 s. Look at results/figures/s. Full log: .snakemake/log/x.log",
    ]


def test_one_job_is_one_job(terminal):
    handler, stream, _ = terminal
    say(handler, event=LogEvent.RUN_INFO, stats={"train": 1, "total": 1})
    assert stream.getvalue().startswith("1 job to do. ")


def test_where_all_is_made_the_index_is_the_place_to_look(terminal):
    handler, stream, folder = terminal
    (folder / "results").mkdir()
    (folder / "results/index.html").touch()
    begin(handler, output=["results/figures/s/a.png", "results/index.html"])
    say(handler, "Complete log(s): x.log")
    assert "Look at results/index.html. Full" in stream.getvalue()
    say(handler, "Nothing to be done (all requested files are present and up to date).")
    assert stream.getvalue().splitlines()[-1].endswith("up to date). Look at results/index.html.")


def test_a_failed_job_shows_the_error_and_its_log_and_the_end_says_how_to_go_on(terminal):
    handler, stream, folder = terminal
    (folder / "job.log").write_text(
        "10:00:00 begun\n10:00:01 Error: no such file\n10:00:01 took 1.0 s, CPU time 0.5 s, peak memory 9 MB\n"
    )
    begin(handler)
    say(handler, level=logging.ERROR, event=LogEvent.JOB_ERROR, jobid=1, rule_name="train", log=["job.log"])
    say(handler, "Complete log(s): x.log")
    say(handler, "WorkflowError:\nAt least one job did not complete successfully.", logging.ERROR, event=LogEvent.ERROR)
    assert stream.getvalue().splitlines()[1:] == [
        "FAILED train a seed 1",
        "  Error: no such file",
        "  log: job.log",
        "1 job failed, after 0 s; the same command goes on from here. Full log: x.log",
    ]


def test_a_run_that_is_stopped_says_so_in_one_line(terminal):
    handler, stream, _ = terminal
    begin(handler)
    before = len(stream.getvalue().splitlines())
    say(handler, "Terminating processes on user request, this might take some time.")
    say(handler, level=logging.ERROR, event=LogEvent.JOB_ERROR, jobid=1, rule_name="train", log=["job.log"])
    say(handler, "Complete log(s): x.log")
    say(handler, "WorkflowError:\nAt least one job did not complete successfully.", logging.ERROR, event=LogEvent.ERROR)
    assert stream.getvalue().splitlines()[before:] == [
        "Stopped after 0 s; the same command goes on from here. Full log: x.log"
    ]


def test_a_run_that_is_asked_to_end_says_so_once_and_that_it_was_stopped(terminal):
    handler, stream, _ = terminal
    begin(handler)
    before = len(stream.getvalue().splitlines())
    for _ in range(3):
        say(handler, "Will exit after finishing currently running jobs (scheduler).", logging.WARNING)
    say(handler, event=LogEvent.JOB_FINISHED, job_id=1)
    say(handler, "Complete log(s): x.log")
    assert stream.getvalue().splitlines()[before:] == [
        "Stopping once the jobs at work are done.",
        "[1/2] train a seed 1 · 0 s · forced",
        "Stopped after 0 s; the same command goes on from here. Full log: x.log",
    ]


def test_errors_before_any_job_are_said_as_they_are(terminal):
    handler, stream, _ = terminal
    say(handler, "WorkflowError:\nconfiguration: devise: unknown key", logging.ERROR, event=LogEvent.ERROR)
    assert stream.getvalue() == "WorkflowError:\nconfiguration: devise: unknown key\n"


@pytest.fixture
def snakemakes_own():
    """Snakemake's logger with a handler as it makes it; nothing is left of it afterwards."""
    before = list(logger.handlers)
    handler = logging.StreamHandler(io.StringIO())
    handler.name = "DefaultStreamHandler"
    logger.handlers[:] = [handler]
    yield handler
    logger.handlers[:] = before


def a_workflow(snakefile, **settings):
    quiet = {"dryrun": False, "quiet": set(), "verbose": False, "debug_dag": False} | settings
    return SimpleNamespace(
        output_settings=SimpleNamespace(**quiet),
        exec_mode=ExecMode.DEFAULT,
        is_main_process=True,
        main_snakefile=str(snakefile),
    )


@pytest.mark.parametrize("settings", [{"dryrun": True}, {"quiet": {"all"}}, {"verbose": True}, {"debug_dag": True}])
def test_what_a_user_asks_snakemake_for_is_left_alone(snakemakes_own, tmp_path, settings):
    speak_plainly(a_workflow(tmp_path / "Snakefile", **settings), tmp_path / "Snakefile")
    assert logger.handlers == [snakemakes_own]


def test_only_the_workflows_own_runs_speak(snakemakes_own, tmp_path):
    speak_plainly(a_workflow(tmp_path / "another/Snakefile"), tmp_path / "Snakefile")
    assert logger.handlers == [snakemakes_own]
    speak_plainly(a_workflow(tmp_path / "Snakefile"), tmp_path / "Snakefile")
    assert [type(handler) for handler in logger.handlers] == [Terminal]
