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


if __name__ == "__main__":
    ungrouped, grouped = submitted_jobs(dry_run(*sys.argv[1:]))
    print(f"{ungrouped} jobs, submitted as {grouped}")
