"""Scripts begin as copies of one process that has imported the large libraries.

A run has hundreds of short jobs, and a new interpreter spends two seconds of each on importing torch, scikit-learn and
matplotlib. `fork_scripts` lets Snakemake start scripts by `Forks` instead, on Linux, where a job asks for one thread
and for no environment of its own; all others start as ever, and so do all before that process is ready or once it ends.
"""

import atexit
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from typing import NamedTuple

from snakemake.benchmark import BenchmarkRecord
from snakemake.script import PythonScript

from repgeom.workflow.stopped import held_back

ENOUGH = 8
"""So many jobs are worth the seconds that the process takes to start."""
NUMBERS_OF_THREADS = (
    "OMP_NUM_THREADS", "GOTO_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
)  # fmt: skip
"""What Snakemake sets to the threads of a job."""


class ServerEndedError(Exception):
    """There is no process any more to make copies of."""


class Used(NamedTuple):
    """What a copy has used: processor time in seconds, and MB of memory at most, read and written."""

    processor: float
    memory: float
    read: float
    written: float


class Ended(NamedTuple):
    """How a copy ended: its exit status, after how many seconds, and what it used, unless it was killed."""

    status: int
    seconds: float
    used: Used | None


class Forks:
    """The process that is copied; see `repgeom.workflow.fork_server` for its side."""

    def __init__(self):
        self._requests, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        command = [sys.executable, "-m", "repgeom.workflow.fork_server", str(theirs.fileno())]
        with theirs, held_back():
            fds = [theirs.fileno()]
            self._server = subprocess.Popen(command, pass_fds=fds, stdin=subprocess.DEVNULL, env=_one_thread())
        self._lock, self._ready = threading.Lock(), False

    def ready(self) -> bool:
        """Whether the libraries have been imported, so that nobody waits for a copy."""
        with self._lock, suppress(BlockingIOError):
            self._ready = self._ready or bool(self._requests.recv(1, socket.MSG_DONTWAIT))
        return self._ready

    def run(self, script: str, **environment: str) -> Ended:
        """Run a script in a copy and wait for its end.

        Parameters
        ----------
        script : path
            A file of Python.
        **environment : str
            Variables that are set beside those of this process.

        Returns
        -------
        Ended
            With the exit status -9 if the copy ended without saying one, as it does when it is killed.

        Raises
        ------
        ServerEndedError
            Nothing was run.
        """
        request = json.dumps({"script": script, "environment": _one_thread() | environment}).encode()
        ours, theirs = socket.socketpair()
        begun = time.monotonic()
        with ours, theirs:
            self._send(request, theirs)
            theirs.close()
            with ours.makefile() as answers:
                if not answers.readline():
                    raise ServerEndedError
                status, *used = json.loads(answers.read() or f"[{-signal.SIGKILL}]")
        return Ended(status, time.monotonic() - begun, Used(*used) if used else None)

    def _send(self, request: bytes, answers: socket.socket) -> None:
        try:
            with self._lock:
                socket.send_fds(self._requests, [request], [answers.fileno()])
        except OSError as error:
            raise ServerEndedError from error

    def close(self) -> None:
        """Let the process end; copies at work go on."""
        self._requests.close()
        self._server.terminate()
        self._server.wait()


def fork_scripts(jobs: int) -> None:
    """Let this process, which runs so many jobs, start scripts as copies if that is worth it."""
    if sys.platform != "linux" or jobs < ENOUGH:
        return
    forks = Forks()
    atexit.register(forks.close)
    PythonScript.execute_script = _execute(forks, PythonScript.execute_script)


def _execute(forks: Forks, otherwise):
    """What stands in for `PythonScript.execute_script`."""

    def execute_script(script: PythonScript, fname: str, edit: bool = False) -> None:
        if not (_is_plain(script) and forks.ready()):
            return otherwise(script, fname, edit)
        try:
            ended = forks.run(fname, **_temporary_folder(script))
        except ServerEndedError:
            return otherwise(script, fname, edit)
        if script.bench_record:
            _note(script.bench_record, ended)
        if ended.status:
            raise subprocess.CalledProcessError(ended.status, [sys.executable, fname])

    return execute_script


def _is_plain(script: PythonScript) -> bool:
    elsewhere = (script.container_img, script.conda_env, script.env_modules, script.resources.get("shell_exec"))
    return script.threads == 1 and not any(elsewhere)


def _note(record: BenchmarkRecord, ended: Ended) -> None:
    """Fill in a rule's `benchmark` as Snakemake would, which looks at processes from outside, every half minute."""
    record.running_time = ended.seconds
    if ended.used is None:
        record.process_gone = True
        return
    record.data_collected = True
    record.cpu_time, record.max_rss, record.io_in, record.io_out = ended.used
    record.cpu_usage = 100 * ended.used.processor


def _temporary_folder(script: PythonScript) -> dict[str, str]:
    folder = script.resources.get("tmpdir")
    return dict.fromkeys(("TMPDIR", "TMP", "TEMPDIR", "TEMP"), folder) if folder else {}


def _one_thread() -> dict[str, str]:
    return os.environ | dict.fromkeys(NUMBERS_OF_THREADS, "1")
