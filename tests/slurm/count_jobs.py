"""How many jobs a run would submit to SLURM, before and after grouping: `python count_jobs.py [snakemake options]`."""

import re
import subprocess
import sys
from pathlib import Path

PROFILE = Path(__file__).parents[2] / "profiles" / "slurm"


def submitted_jobs(dry_run: str) -> tuple[int, int]:
    """Jobs to submit, ungrouped and grouped, from what `snakemake -n` prints; local rules do not count.

    The jobs of a group are listed below it, indented.
    """
    alone = re.findall(r"^(?:rule|checkpoint) (?!all:)", dry_run, flags=re.MULTILINE)
    groups = re.findall(r"^\[.*\] Group job ", dry_run, flags=re.MULTILINE)
    within_groups = re.findall(r"^ +(?:rule|checkpoint) ", dry_run, flags=re.MULTILINE)
    return len(alone) + len(within_groups), len(alone) + len(groups)


def dry_run(*options: str) -> str:
    """What `snakemake -n` prints of a run from scratch."""
    command = [sys.executable, "-m", "snakemake", f"--workflow-profile={PROFILE}", "--dry-run", "--forceall", *options]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def widest_group(dry_run: str) -> int:
    """How many jobs of one group may run side by side, which is how many CPUs it asks for where each takes one."""
    listed = re.split(r"^\[.*\] (?=Group job )", dry_run, flags=re.MULTILINE)[1:]
    return max(_width(re.split(r"^\[", group, flags=re.MULTILINE)[0]) for group in listed)


def _width(group: str) -> int:
    """The most jobs of a group that are equally many steps away from its beginning."""
    jobs = [
        {key: set(files.split(", ")) for key, files in re.findall(r"^ +(input|output): (.*)$", job, flags=re.MULTILINE)}
        for job in re.split(r"^ +(?:rule|checkpoint) ", group, flags=re.MULTILINE)[1:]
    ]
    waiting, made, widths = jobs, set(), []
    while waiting:
        missing = set().union(*(job["output"] for job in waiting)) - made
        ready = [job for job in waiting if not job.get("input", set()) & missing]
        waiting = [job for job in waiting if job not in ready]
        made |= set().union(*(job["output"] for job in ready))
        widths.append(len(ready))
    return max(widths)


if __name__ == "__main__":
    ungrouped, grouped = submitted_jobs(dry_run(*sys.argv[1:]))
    print(f"{ungrouped} jobs, submitted as {grouped}")
