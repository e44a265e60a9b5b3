"""What a run says on the terminal: a line for each job that is done, how long the others will take, where to look.

`speak_plainly` puts it in the place of Snakemake's own output, of which every line is still in the run's log. It is no
logger plugin named in a profile, since such a profile stops wherever the plugin is not installed. Dry runs, `--quiet`,
`--verbose` and a logger that the user has chosen are left alone.
"""

import logging
import os
import re
import sys
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from snakemake.logging import logger
from snakemake_interface_executor_plugins.settings import ExecMode
from snakemake_interface_logger_plugins.common import LogEvent

from repgeom.store.names import NOTHING
from repgeom.workflow.artifacts import INDEX
from repgeom.workflow.costs import TOOK
from repgeom.workflow.progress import duration
from repgeom.workflow.stopped import is_stopped, is_told
from repgeom.workflow.stored import OBJECTS, as_copy, as_in_folder, as_object

SNAKEMAKES_OWN = "DefaultStreamHandler"
NOISE = (
    "Assuming ", "Building DAG", "Complete log", "Conda environments", "Config file", "Elapsed time", "Execute ",
    "Finished retrieval", "Finished upload", "Group jobs", "Removing local copy", "Removing output files",
    "Retrieving from storage", "Select jobs", "Shutting down", "Singularity containers", "Storing in storage",
    "Storing output in storage", "Unneeded files", "Using ", "Workflow runtime",
)  # fmt: skip
"""How messages begin that say nothing about results."""
SAID_OTHERWISE = ("At least one job did not complete", "Exiting because a job execution failed")
SCRIPT_FAILED = "CalledProcessError in file"
STOPPED = "Terminating processes on user request"
ENDING = "Will exit after finishing currently running jobs"
NOTHING_TO_DO = "Nothing to be done"
REASONS = {
    "Forced": "forced",
    "Incomplete": "was incomplete",
    "Updated input": "an input is newer",
    "Set of input": "other inputs than before",
    "Code has": "the code has changed",
    "Params have": "code or configuration have changed",
    "Software": "the environment has changed",
}
"""How Snakemake's reasons begin → short ones. What is new, or follows from another job, needs none."""
_ENDINGS = {"page": "page", "table": "table", "reproduction": "table"}
"""How rules end that make no figure → what they make."""
FIRST_ESTIMATE = 3
"""So many jobs are done before it is said how long the others will take."""
USUAL = {"train": 20.0, "train_on_canvases": 100.0}
"""Rule → seconds of one job, roughly, where it is not one."""
TIME = re.compile(r"^\d\d:\d\d:\d\d ")


def speak_plainly(workflow, snakefile: Path) -> None:
    """Let a run of `workflow`, the object that rules know by this name, say what `Terminal` says.

    A run whose main Snakefile is another one, which uses this workflow as a module, speaks as it likes.
    """
    settings = workflow.output_settings
    if workflow.exec_mode == ExecMode.SUBPROCESS:
        _say_once()
    if not workflow.is_main_process or settings.dryrun or settings.quiet or settings.verbose or settings.debug_dag:
        return
    if Path(str(workflow.main_snakefile)).resolve() != snakefile.resolve():
        return
    for handler in [handler for handler in logger.handlers if handler.name == SNAKEMAKES_OWN]:
        logger.removeHandler(handler)
        logger.addHandler(Terminal(handler.stream))


def _say_once() -> None:
    """In the process of one job: leave out that its script failed, which the script has just said itself."""
    for handler in logger.handlers:
        handler.addFilter(lambda record: SCRIPT_FAILED not in str(record.msg))


def job_name(rule: str, wildcards: Mapping[str, str]) -> str:
    """A job in a few words: `train standard seed 2`, `figure robustness/rdms`."""
    if "analysis" in wildcards:
        return f"{_ENDINGS.get(rule.rpartition('_')[2], 'figure')} {wildcards['analysis']}"
    words = (_word(name, str(value)) for name, value in wildcards.items() if value not in (rule, NOTHING))
    return " ".join([rule.replace("_", " "), *filter(None, words)])


def short_reason(reason: str) -> str:
    """Why a job runs, where it is neither new nor follows from another; empty otherwise."""
    parts = reason.split("; ")
    if any(part.startswith("Missing output") for part in parts):
        return ""
    found = [short for part in parts for begin, short in REASONS.items() if part.startswith(begin)]
    return found[0] if found else ""


@dataclass
class _Job:
    rule: str
    name: str
    reason: str
    start: float


class Progress:
    """How far a run is, and how long it will still take.

    Parameters
    ----------
    counts : dict
        Rule → its number of jobs.
    start : float
        When the run began, in seconds.
    """

    def __init__(self, counts: Mapping[str, int], start: float):
        self.counts, self.start = Counter(counts), start
        self.total, self.done = sum(counts.values()), 0
        self._running: dict[int, _Job] = {}
        self._times: dict[str, list[float]] = {}

    def begin(self, number: int, rule: str, name: str, reason: str, now: float) -> None:
        """A job starts."""
        self._running[number] = _Job(rule, name, reason, now)

    def fail(self, number: int) -> str:
        """A job has failed; returns its name."""
        job = self._running.pop(number, None)
        return job.name if job else ""

    def finish(self, number: int, now: float) -> str:
        """A job is done; returns the line about it."""
        job = self._running.pop(number, None)
        self.done += 1
        if job is None:
            return ""
        self._times.setdefault(job.rule, []).append(now - job.start)
        parts = [f"[{self.done}/{self.total}] {job.name}", duration(now - job.start), job.reason, self.left(now)]
        return " · ".join(filter(None, parts))

    def left(self, now: float) -> str:
        """How long the other jobs will take, as many side by side as so far.

        Those of a rule at its pace until now; of rules that come later, at their usual one as far as it held until now.
        """
        known = [took for times in self._times.values() for took in times]
        if len(known) < FIRST_ESTIMATE or self.done >= self.total:
            return ""
        slower = sum(known) / sum(_usual(rule) * len(times) for rule, times in self._times.items())
        pace = {rule: sum(times) / len(times) for rule, times in self._times.items()}
        waiting = {rule: count - len(self._times.get(rule, ())) for rule, count in self.counts.items()}
        side_by_side = max(sum(known) / max(now - self.start, 1e-3), 1)
        seconds = sum(n * pace.get(rule, slower * _usual(rule)) for rule, n in waiting.items())
        return f"about {duration(seconds / side_by_side)} left"


class Terminal(logging.Handler):
    """Writes what a user wants to know of Snakemake's messages."""

    def __init__(self, stream: TextIO = sys.stderr, clock=time.monotonic, home: str | None = None):
        super().__init__()
        self.stream, self._clock = stream, clock
        self._home = Path(home or os.environ.get("PWD", "."))
        self.name = "repgeom"
        self._progress = Progress({}, clock())
        self._drawn: set[str] = set()
        self._failed, self._told_to_stop, self._ending = 0, False, False

    def emit(self, record: logging.LogRecord) -> None:
        """Write what a message means for the user, if anything."""
        try:
            if text := self._text(record):
                self.stream.write(f"{text}\n")
                self.stream.flush()
        except Exception:
            self.handleError(record)

    @property
    def _stopped(self) -> bool:
        return self._told_to_stop or is_stopped()

    def _text(self, record: logging.LogRecord) -> str:
        known = {
            LogEvent.RUN_INFO: self._run,
            LogEvent.JOB_INFO: self._begun,
            LogEvent.JOB_FINISHED: lambda r: self._progress.finish(r.job_id, self._clock()),
            LogEvent.JOB_ERROR: self._job_failed,
            LogEvent.GROUP_ERROR: self._group_failed,
            None: self._message,
            LogEvent.ERROR: self._message,
        }
        return known[event](record) if (event := getattr(record, "event", None)) in known else ""

    def _run(self, record: logging.LogRecord) -> str:
        counts = {rule: n for rule, n in getattr(record, "stats", {}).items() if rule != "total"}
        self._progress = Progress(counts, self._clock())
        return f"{_jobs(self._progress.total)} to do. Ctrl-C stops; the same command goes on."

    def _begun(self, record: logging.LogRecord) -> str:
        made = list(map(as_in_folder, record.output))
        self._drawn |= {Path(file).parent.as_posix() for file in made if file.startswith("results/figures/")}
        self._drawn |= {file for file in made if file == INDEX}
        name = job_name(record.rule_name, record.wildcards)
        self._progress.begin(record.jobid, record.rule_name, name, short_reason(record.reason or ""), self._clock())
        return ""

    def _job_failed(self, record: logging.LogRecord) -> str:
        return self._failure(record.__dict__)

    def _group_failed(self, record: logging.LogRecord) -> str:
        return "\n".join(filter(None, map(self._failure, record.job_error_info)))

    def _failure(self, job: Mapping) -> str:
        name = self._progress.fail(job["jobid"]) or job["rule_name"]
        if self._stopped:
            return ""
        self._failed += 1
        return "\n".join([f"FAILED {name}", *(line for log in job["log"] for line in _why(log))])

    def _message(self, record: logging.LogRecord) -> str:
        text = str(record.msg or "").strip()
        if text.startswith(STOPPED):
            self._told_to_stop = True
            return ""
        if text.startswith(ENDING):
            first, self._ending = not self._ending, True
            return "Stopping once the jobs at work are done." if first else ""
        if text.startswith("Complete log"):
            return self._closing(text.partition(":")[2].strip())
        if text.startswith(NOTHING_TO_DO):
            return f"{text}{self._where([INDEX])}"
        told = any(said in text for said in SAID_OTHERWISE) or (
            record.levelno < logging.WARNING and text.startswith(NOISE)
        )
        return "" if told or self._stopped else text

    def _closing(self, log: str) -> str:
        """The last lines: how it ended, where to look, how to go on."""
        took, log = duration(self._clock() - self._progress.start), f" Full log: {self._nearest(log)}"
        if self._stopped or (self._ending and not self._failed and self._progress.done < self._progress.total):
            is_told()
            return f"Stopped after {took}; the same command goes on from here.{log}"
        if self._failed:
            return f"{_jobs(self._failed)} failed, after {took}; the same command goes on from here.{log}"
        return f"{_jobs(self._progress.done)} done in {took}.{self._where(sorted(self._drawn))}{log}"

    def _where(self, places: list[str]) -> str:
        places = [INDEX] if INDEX in places else places
        if OBJECTS in os.environ:
            return f" Look at {', '.join(map(as_object, places))}." if places else ""
        there = [self._nearest(place) for place in places if Path(place).exists()]
        return f" Look at {', '.join(there)}." if there else ""

    def _nearest(self, path: str) -> str:
        """A path as seen from where the command was given, if it lies below."""
        found = Path(path).resolve()
        return str(found.relative_to(self._home)) if found.is_relative_to(self._home) else str(found)


def _usual(rule: str) -> float:
    return USUAL.get(rule, 1.0)


def _jobs(count: int) -> str:
    return f"{count} job{'s' * (count != 1)}"


def _word(name: str, value: str) -> str:
    if name in ("options",) or (name, value) == ("epoch", "last"):
        return ""
    if name == "seed":
        return f"seed {value}"
    return f"epoch {int(value.removeprefix('epoch'))}" if name == "epoch" else value


def _why(log: str) -> list[str]:
    """What a failed job says last in its log, and where that is."""
    path = Path(as_copy(log))
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines() if path.is_file() else []
    said = [TIME.sub("", line) for line in lines if line and not line.startswith(" ") and not TOOK.search(line)]
    return [*(f"  {line}" for line in said[-1:]), f"  log: {as_object(log)}"]
