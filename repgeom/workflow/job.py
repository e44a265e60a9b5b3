"""The frame around every script: log, one clear error, provenance, device.

A script reads

    job = start(snakemake)
    ...
    write_arrays(job.output.dataset, arrays, provenance=job.provenance)

and does nothing else than read inputs, call the library and write outputs.
"""

import atexit
import importlib.metadata
import logging
import resource
import sys
import time
import tomllib
import traceback
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from repgeom.errors import InputError
from repgeom.store.atomic import before_each_replacement
from repgeom.store.provenance import Provenance, file_sha256, refuse_misplaced, when_read
from repgeom.workflow.costs import SAID
from repgeom.workflow.lock import current_run, hold_as_job
from repgeom.workflow.stopped import undo_at_ctrl_c
from repgeom.workflow.stored import as_in_folder, naming_objects

log = logging.getLogger("repgeom")
USED_BY_SNAKEMAKE = ("code", "versions")
DISTRIBUTION = "repgeom-workflow"
SOURCES = Path(__file__).parents[2] / "pyproject.toml"


@dataclass
class Job:
    """What Snakemake tells a script.

    Attributes
    ----------
    snakemake : object
        As Snakemake hands it to the script.
    device : str
        What the job computes on; `repgeom.workflow.device.torch_device` sets it.
    """

    snakemake: object
    device: str = "cpu"

    @property
    def input(self):
        """Input files, by name."""
        return self.snakemake.input

    @property
    def output(self):
        """Output files, by name."""
        return self.snakemake.output

    @property
    def resources(self):
        """Resources of the rule, by name."""
        return self.snakemake.resources

    @property
    def threads(self) -> int:
        """Threads this job may use."""
        return int(self.snakemake.threads)

    @cached_property
    def params(self) -> dict:
        """Parameters of the rule, without the code's fingerprint and versions."""
        return {k: v for k, v in self.snakemake.params.items() if k not in USED_BY_SNAKEMAKE}

    @cached_property
    def provenance(self) -> Provenance:
        """What makes the artifacts of this job."""
        return Provenance(
            rule=self.snakemake.rule,
            wildcards=dict(self.snakemake.wildcards.items()),
            config=self.params,
            fingerprint=self.snakemake.params["code"],
            inputs={as_in_folder(str(path)): file_sha256(path) for path in self.snakemake.input},
            versions=dict(self.snakemake.params["versions"]),
            device=self.device,
            threads=self.threads,
            repgeom=version(),
        )


def start(snakemake: object) -> Job:
    """Begin a script: log to the rule's log file, and end with one clear message if something is wrong."""
    handler = logging.FileHandler(str(snakemake.log[0]), mode="w", errors="backslashreplace")
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%H:%M:%S"))
    log.handlers, log.propagate = [handler, terminal(snakemake.rule, dict(snakemake.wildcards.items()))], False
    log.setLevel(logging.INFO)
    logging.captureWarnings(True)
    logging.getLogger("py.warnings").addHandler(handler)
    sys.excepthook = _report
    undo_at_ctrl_c()
    atexit.register(_log_cost, time.monotonic())
    _belong_to(hold_as_job())
    _expect(snakemake.input)
    return Job(snakemake)


def terminal(rule: str, wildcards: Mapping[str, str]) -> logging.Handler:
    """Shows warnings where the run is watched, with the job that they are of; errors are shown in their own way."""
    handler = logging.StreamHandler(sys.stderr)
    job = " ".join([rule, *wildcards.values()])
    handler.setFormatter(logging.Formatter(f"{job.replace('%', '%%')}: %(message)s"))
    handler.addFilter(lambda record: record.levelno == logging.WARNING)
    return handler


def _belong_to(run: str) -> None:
    """Write nothing any more once another run has taken the folder over."""

    def check() -> None:
        if current_run() != run:
            raise InputError("another run has begun in this folder since this job started; its files are left alone")

    before_each_replacement(check)


def version() -> str:
    """The version of the project: as it is installed, or else as its sources say."""
    try:
        return importlib.metadata.version(DISTRIBUTION)
    except importlib.metadata.PackageNotFoundError:
        return tomllib.loads(SOURCES.read_text(encoding="utf-8"))["project"]["version"]


def _expect(paths: Iterable[str]) -> None:
    """Have the files that the job was given say, when they are read, that they are what their names say."""
    given = set(map(str, paths))

    def check(path: str, provenance: Provenance) -> None:
        if path in given:
            refuse_misplaced(path, provenance)

    when_read(check)


def _log_cost(start: float) -> None:
    """In the last line of the log: duration since the imports, CPU time of the whole process, and peak memory."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    log.info(
        SAID,
        time.monotonic() - start,
        used.ru_utime + used.ru_stime,
        used.ru_maxrss / 1024,
    )


def _report(kind: type[BaseException], error: BaseException, trace) -> None:
    """One sentence for what the user can mend; the whole traceback, in the log, for what is our fault.

    Nothing about Ctrl-C, of which the run itself says what it means.
    """
    if issubclass(kind, KeyboardInterrupt):
        log.info("stopped by Ctrl-C")
        return
    log.error("".join(traceback.format_exception(kind, error, trace)))
    if issubclass(kind, InputError):
        print(f"\nError: {naming_objects(str(error))}\n", file=sys.stderr)
        log.error("Error: %s", naming_objects(str(error)))
    else:
        traceback.print_exception(kind, error, trace)
