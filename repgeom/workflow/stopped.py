"""What Ctrl-C does: one line on the terminal, after which the same command goes on.

Python answers Ctrl-C by an exception wherever it happens to be; in the midst of an import, or within a library that
takes it for an error of its own, that becomes a traceback. So processes that have nothing to undo end at once: a run
that still plans, a script that still imports. While jobs are at work, the exception tells Snakemake to end them, and
a job to remove what it has half written.
"""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import TracebackType

LINE = "Stopped; the same command goes on from here."
END_AT_ONCE = """\
import signal
if signal.getsignal(signal.SIGINT) is signal.default_int_handler: signal.signal(signal.SIGINT, signal.SIG_DFL)
signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])
"""
"""What a script begins with, to be ended by Ctrl-C without a word, even by one that was held back before."""
_state = {"pressed": False, "told": False}


def stop_in_one_line(workflow) -> None:
    """Let Ctrl-C end this process with one line: `workflow`, the object that rules know by this name, says how.

    Before Snakemake has a scheduler there is nothing to undo. Then Snakemake ends the jobs and says so; pressed again,
    Ctrl-C does not wait for them.
    """
    if _may_be_interrupted():
        signal.signal(signal.SIGINT, lambda *_: _stop(workflow.scheduler is not None))
    sys.excepthook, sys.unraisablehook = _tell, _ignore


def is_stopped() -> bool:
    """Whether Ctrl-C has been pressed in this run."""
    return _state["pressed"]


def is_told() -> None:
    """Note that the terminal has said that the run is stopped."""
    _state["told"] = True


@contextmanager
def held_back() -> Iterator[None]:
    """Start processes that are deaf to Ctrl-C until they say that they can be ended by it, see `END_AT_ONCE`."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def end_at_once() -> None:
    """Let Ctrl-C end this process without a word, as it does every program that says nothing about it."""
    exec(END_AT_ONCE, {})


def undo_at_ctrl_c() -> None:
    """Let Ctrl-C be an exception from now on, where it would end this process at once."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.unraisablehook = _ignore


def _may_be_interrupted() -> bool:
    """Not so where whoever started this process wants it to go on, as a shell does for what runs in the background."""
    heard = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    return heard and threading.current_thread() is threading.main_thread()


def _stop(has_jobs: bool) -> None:
    first, _state["pressed"] = not _state["pressed"], True
    if first and has_jobs:
        raise KeyboardInterrupt
    if not _state["told"]:
        os.write(sys.__stderr__.fileno(), f"{LINE}\n".encode())
    with suppress(Exception):
        sys.stdout.flush()
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.kill(os.getpid(), signal.SIGINT)


def _tell(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        print(LINE, file=sys.stderr)
    else:
        sys.__excepthook__(kind, error, trace)


def _ignore(what) -> None:
    """Where Python cannot pass an exception on, leave it at that if it is that of Ctrl-C."""
    if not issubclass(what.exc_type, KeyboardInterrupt):
        sys.__unraisablehook__(what)
