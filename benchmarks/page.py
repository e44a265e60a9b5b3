"""Run the benchmarks, all or those that are named, and write what they print to docs/benchmarks.md.

``python benchmarks/page.py comparison rdm`` runs two of them and keeps what the page says of the others; the exit
status is that of the worst.
"""

import ast
import datetime
import importlib.metadata
import os
import platform
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
PAGE = FOLDER.parent / "docs/benchmarks.md"
VERSIONS = ("numpy", "scipy", "scikit-learn", "torch", "numba", "rsatoolbox")
HEAD = """# Benchmarks

Ratios against public tools, or against the straightforward way where there is no tool, on the same data. `make bench`
writes this page; a benchmark fails where a ratio falls below its bound, or where the numbers differ. Seconds depend on
what else the machine does, ratios less: they compare two ways in one run. The load is that of the minute before. What
ResNet-50's blocks and ten thousand stimuli take (`benchmarks/hooks.py`, `deep.py`, `large.py`) is in
[large.md](large.md).
"""
REST = "## Without numbers here"
HOW = (
    "These take minutes each, and have not been run for this page; `.venv/bin/python benchmarks/page.py {names}` "
    "adds them to this page."
)


def main(names: list[str]) -> int:
    """Run benchmarks, write the page, and return the worst exit status."""
    known = sorted(file.stem for file in FOLDER.glob("*.py") if file.stem != Path(__file__).stem)
    if unknown := set(names) - set(known):
        sys.exit(f"no benchmark {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    sections = sections_of(PAGE.read_text(encoding="utf-8")) if PAGE.exists() else {}
    worst = 0
    for name in names or known:
        sections[name], status = section(name)
        worst = max(worst, status)
        PAGE.write_text(written(known, sections), encoding="utf-8")
    return worst


def written(known: list[str], sections: Mapping[str, str]) -> str:
    """The page: what is known of each benchmark, and which have no numbers here yet."""
    lacking = [name for name in known if name not in sections]
    listed = "".join(f"- `benchmarks/{name}.py`: {title(name)}\n" for name in lacking)
    rest = f"\n{REST}\n\n{HOW.format(names=' '.join(lacking))}\n\n{listed}" if lacking else ""
    return HEAD + "".join(f"\n{sections[name]}" for name in known if name in sections) + rest


def title(name: str) -> str:
    """What a benchmark says it does, in a line."""
    return ast.get_docstring(ast.parse((FOLDER / f"{name}.py").read_text(encoding="utf-8"))).splitlines()[0].rstrip(".")


def sections_of(page: str) -> dict[str, str]:
    """What a page says of each benchmark."""
    parts = re.split(r"^(?=## )", page, flags=re.M)[1:]
    named = {
        re.search(r"`benchmarks/(\w+)\.py`", part)[1]: part.rstrip("\n") + "\n"
        for part in parts
        if not part.startswith(REST)
    }
    return named


def section(name: str) -> tuple[str, int]:
    """Run one benchmark: what the page says of it, and its exit status."""
    print(f"== {name}", flush=True)
    load = os.getloadavg()[0]
    command = [sys.executable, str(FOLDER / f"{name}.py")]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    print(done.stdout, flush=True)
    if done.returncode < 0:
        sys.exit(f"{name} was ended by signal {-done.returncode}; the page says of it what it said before")
    verdict = "all bounds held" if done.returncode == 0 else "**a bound was missed**"
    today = datetime.datetime.now(datetime.UTC).date()
    head = f"## {title(name)}\n\n`benchmarks/{name}.py` on {today}, {verdict}; {machine()}; load {load:.1f}."
    return f"{head}\n\n```text\n{done.stdout.strip()}\n```\n", done.returncode


def machine() -> str:
    """Processor, cores and versions, in words."""
    info = Path("/proc/cpuinfo")
    found = re.search(r"model name\s*: (.*)", info.read_text()) if info.exists() else None
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in VERSIONS)
    return f"{found[1] if found else platform.machine()}, {len(os.sched_getaffinity(0))} cores; {versions}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
