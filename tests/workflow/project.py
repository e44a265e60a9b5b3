"""Running the workflow as a user does, in folders of its own."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COPIED = (
    "Snakefile", "config.yaml", "pyproject.toml", "configs", "profiles", "repgeom", "report", "resources", "rules",
    "scripts", "envs",
)  # fmt: skip


def copy_project(root: Path) -> None:
    """Copy what a run needs of the project into a folder, to be edited there."""
    for name in COPIED:
        source = ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copy2)(source, root / name)


@dataclass(frozen=True)
class Workflow:
    """A copy or the checkout itself, run in a folder of its own."""

    root: Path
    folder: Path

    def run(self, *arguments: str, config: str | None = "quick", check: bool = True, **environment: str):
        """Run snakemake; returns the finished process with its text output."""
        configs = ["--configfile", str(self.root / f"configs/{config}.yaml")] if config else []
        command = [sys.executable, "-m", "snakemake", "--snakefile", str(self.root / "Snakefile")]
        done = subprocess.run(
            [*command, "--directory", str(self.folder), *configs, *arguments],
            capture_output=True, text=True, cwd=self.root, check=False,
            env=os.environ | {"PYTHONPATH": str(self.root)} | environment,
        )  # fmt: skip
        if check and done.returncode:
            pytest.fail(f"snakemake failed:\n{done.stdout[-6000:]}\n{done.stderr[-6000:]}")
        return done


def planned_jobs(dry_run) -> set[str]:
    """The jobs that a dry run would run: `study/analysis` for what joins networks, `rule values/of/wildcards` for others.

    The name of a measure and the digest of its options are left out: rule and network say which job it is.
    """
    blocks = re.split(r"^ *(?=(?:local)?rule \w+:$)", dry_run.stdout + dry_run.stderr, flags=re.M)[1:]
    return {_job(block) for block in blocks}


def _job(block: str) -> str:
    rule = re.match(r"(?:local)?rule (\w+):", block)[1]
    found = re.search(r"^ +wildcards: (.*)$", block, flags=re.M)
    values = dict(pair.split("=", 1) for pair in found[1].split(", ")) if found else {}
    if "analysis" in values:
        return values["analysis"]
    told = ("dataset", "data", *(["measure"] if rule == "rdms" else []), "model", "seed", "epoch", "stimuli")
    return " ".join([rule, "/".join(values[name] for name in told if name in values)]).strip()


def planned_rules(dry_run) -> set[str]:
    """The rules that a dry run would run; Snakemake indents those of a group."""
    return set(re.findall(r"^ *(?:local)?rule (\w+):", dry_run.stdout + dry_run.stderr, flags=re.M))
