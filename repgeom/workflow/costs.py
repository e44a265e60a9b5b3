"""What jobs cost, as their logs say, and on what machine."""

import os
import platform
import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

SAID = "took %.1f s, CPU time %.1f s, peak memory %.0f MB"
"""The last line of a job's log, about its duration, its processor time and its memory."""
TOOK = re.compile(re.sub(r"%\.\df", r"([\\d.]+)", SAID))


class Cost(NamedTuple):
    """Of several jobs: their number, the sum of their times in seconds, the largest memory in MB."""

    jobs: int
    seconds: float
    memory: int


def cost_of(logs: Iterable[str | Path]) -> Cost:
    """The cost of the jobs that wrote logs; those that have not ended are left out."""
    found = [match for log in logs if (match := _last(Path(log).read_text(encoding="utf-8", errors="replace")))]
    times, peaks = [float(took[1]) for took in found], [int(took[3]) for took in found]
    return Cost(len(found), sum(times), max(peaks, default=0))


def machine() -> str:
    """Processor, its cores, memory and operating system."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{_processor()}, {os.cpu_count()} cores, {memory:.0f} GiB memory, {platform.system()} {platform.release()}"


def _last(text: str) -> re.Match | None:
    return max(TOOK.finditer(text), key=lambda match: match.start(), default=None)


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    named = re.search(r"model name\s*:\s*(.+)", information.read_text()) if information.is_file() else None
    return named[1].strip() if named else platform.processor() or platform.machine()
