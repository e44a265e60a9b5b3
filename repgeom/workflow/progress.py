"""Progress of long work: a bar on a terminal, timed lines with an estimate in the log."""

import fcntl
import logging
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sized
from pathlib import Path
from typing import TextIO, TypeVar

from tqdm import tqdm

T = TypeVar("T")
LINE_EVERY_S = 10.0
TERMINAL_LOCK = Path(".snakemake") / "repgeom-terminal.lock"
"""In the folder of the run, where no other user may put something else in its place."""
log = logging.getLogger("repgeom")


def track(items: Iterable[T], what: str, total: int | None = None, unit: str = "it") -> Iterator[T]:
    """Yield the items, telling how far the work is and how long it will still take.

    Of several jobs that share a terminal one at a time draws a bar; all of them write lines to the log.
    """
    total = total if total is not None else (len(items) if isinstance(items, Sized) else None)
    with Reporter(what, total, unit) as reporter:
        for item in items:
            yield item
            reporter.step()


class Reporter:
    """Reports steps of one piece of work; a context manager."""

    def __init__(self, what: str, total: int | None, unit: str = "it", clock: Callable[[], float] = time.monotonic):
        self.what, self.total, self.unit, self._clock = what, total, unit, clock
        self.done = self._done_before = 0
        self._bar, self._terminal = None, None

    def __enter__(self) -> "Reporter":
        self._start = self._last_line = self._clock()
        if sys.stderr.isatty():
            self._terminal = _own_terminal()
        if self._terminal:
            self._bar = tqdm(total=self.total, desc=self.what, unit=self.unit, leave=False, dynamic_ncols=True)
        return self

    def __exit__(self, *_) -> None:
        log.info("%s: %d %s in %.1f s", self.what, self.done, self.unit, self._clock() - self._start)
        if self._bar is not None:
            self._bar.close()
        if self._terminal:
            self._terminal.close()

    def skip(self, count: int) -> None:
        """Count steps that an earlier run has done."""
        self.done = self._done_before = count
        if self._bar is not None:
            self._bar.update(count)

    def step(self, count: int = 1) -> None:
        """Count steps that were just done."""
        self.done += count
        if self._bar is not None:
            self._bar.update(count)
        now = self._clock()
        if now - self._last_line >= LINE_EVERY_S:
            self._last_line = now
            log.info("%s: %s", self.what, self.estimate(now))

    def reach(self, count: int) -> None:
        """Steps are done up to `count`."""
        self.step(count - self.done)

    def estimate(self, now: float) -> str:
        """How far the work is and, from the pace so far, how long it will still take."""
        if not self.total:
            return f"{self.done} {self.unit}"
        pace = (now - self._start) / max(self.done - self._done_before, 1)
        left = pace * (self.total - self.done)
        return f"{self.done}/{self.total} {self.unit}, about {duration(left)} left"


def duration(seconds: float) -> str:
    """A time in the largest unit that leaves some digits: `22 s`, `6 min`, `1.4 h`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _own_terminal() -> TextIO | None:
    """Take the terminal for this process's bar; None where another job of this folder has it, or nobody can."""
    try:
        handle = open(TERMINAL_LOCK, "a")  # noqa: SIM115 (held as long as the bar is drawn)
    except OSError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return handle
    except OSError:
        handle.close()
        return None
