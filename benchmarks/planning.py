"""Time how long Snakemake plans: the default configuration, and a project of 40 networks with five seeds each.

Run ``python benchmarks/planning.py``; it exits with an error if a dry run of the default configuration takes more
than 4 s of processor time, or that of the project, of more than 10,000 jobs, more than 25 s, or if the workflow
itself asks the file system more than 5 times per job (on a network disk every question counts). A job on a cluster
starts Snakemake once more: it is an error if that plans more than this one job of the project, or takes more than
1.5 s of the processor beyond what Snakemake takes without a workflow.
"""

import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
NETWORKS, SEEDS, SETS = 40, 5, 10
MOST_SECONDS = {"default": 4.0, "project": 25.0}
MOST_QUESTIONS, LEAST_JOBS, MOST_OF_A_START = 5.0, 10_000, 1.5

COUNTING = """
import atexit, os, sys
from snakemake.cli import main

root, stat, counts = sys.argv.pop(1), os.stat, {"ours": 0}

def counted(path, *rest, **named):
    counts["ours"] += isinstance(path, (str, os.PathLike)) and os.fspath(path).startswith(root)
    return stat(path, *rest, **named)

os.stat = counted
atexit.register(lambda: print("questions", counts["ours"], file=sys.stderr, flush=True))
main(sys.argv[1:])
"""
"""Snakemake, which at the end tells how often files of the workflow were asked for with `stat`."""


def project(networks: int = NETWORKS, seeds: int = SEEDS, sets: int = SETS) -> dict:
    """A configuration: LeNets that differ in their colour only, each shown every set, half of them attacked."""
    training = {"learning_rate": 0.001, "epochs": 2}
    models = {
        f"net{i}": {"architecture": "lenet", "dataset": "digits", "seeds": list(range(seeds)), "training": training}
        for i in range(networks)
    }
    stimuli = {}
    for i in range(1, sets // 2 + 1):
        stimuli[f"test{i}"] = {"kind": "select", "dataset": "digits", "per_class": i + 1}
        stimuli[f"attacked{i}"] = {"kind": "attack", "of": f"test{i}", "attack": {"epsilon": 0.1}}
    of = [{"model": "net*", "stimuli": list(stimuli), "seeds": "all", "nodes": ["conv?", "fc?"]}]
    analyses = {
        "correlation": {"kind": "separation", "measure": "correlation", "of": of},
        "cosine": {"kind": "separation", "measure": "cosine", "of": of},
        "capacity": {"kind": "capacity", "of": of},
        "decoding": {"kind": "decoding", "variables": ["category"], "of": of},
    }
    return {
        "datasets": {"digits": {"source": "digits"}},
        "models": models,
        "stimuli": stimuli,
        "studies": {"many": analyses},
    }


def plan(folder: Path) -> tuple[float, float, int, int]:
    """Seconds of a dry run in a folder, by the clock and of the processor, its jobs, its questions for our files."""
    command = [sys.executable, "-c", COUNTING, str(ROOT), "--snakefile", str(ROOT / "Snakefile"), "--directory"]
    start, before = time.perf_counter(), processor_seconds()
    done = subprocess.run(
        [*command, str(folder), "--dry-run", "--quiet", "rules"],
        capture_output=True, text=True, check=False, env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    seconds, busy = time.perf_counter() - start, processor_seconds() - before
    said = done.stdout + done.stderr
    found = re.search(r"^total +(\d+)", said, flags=re.M)
    if done.returncode or not found:
        raise SystemExit(said[-4000:])
    return seconds, busy, int(found[1]), int(re.search(r"questions (\d+)", said)[1])


def begin(folder: Path, snakefile: str, job: str) -> tuple[float, int]:
    """Seconds of the processor in which Snakemake plans one job as on a node of a cluster, and how many it plans."""
    flags = "--cores 1 --force --force-use-threads --target-files-omit-workdir-adjustment --nolock --ignore-incomplete"
    of_job = ["--target-jobs", job, "--allowed-rules", job.partition(":")[0], *flags.split(), "--mode", "remote"]
    before = processor_seconds()
    done = subprocess.run(
        [sys.executable, "-m", "snakemake", "--snakefile", snakefile, *of_job, "--dry-run"],
        capture_output=True, text=True, check=False, cwd=folder, env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    said = done.stdout + done.stderr
    found = re.search(r"^total +(\d+)", said, flags=re.M)
    if done.returncode or not found:
        raise SystemExit(said[-4000:])
    return processor_seconds() - before, int(found[1])


def begins_late(folder: Path) -> bool:
    """Whether a job of the project, in its folder, takes too long to begin."""
    coordinates = folder / "results/coordinates/net7/seed3/last/test3.zarr.zip"
    coordinates.parent.mkdir(parents=True)
    coordinates.touch()
    (folder / "empty.smk").write_text("rule a:\n    output: 'a'\n    shell: 'touch a'\n")
    job = "rdms:measure=cosine,model=net7,seed=3,epoch=last,stimuli=test3"
    (seconds, jobs), (bare, _) = begin(folder, str(ROOT / "Snakefile"), job), begin(folder, "empty.smk", "a:")
    print(f"one job  {jobs:6} jobs in {seconds:5.1f} s of the processor, {bare:.1f} s without a workflow")
    return jobs != 1 or seconds - bare > MOST_OF_A_START


def processor_seconds() -> float:
    """Of all processes that were waited for."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def main() -> int:
    failed = False
    for name, configuration in {"default": None, "project": project()}.items():
        with tempfile.TemporaryDirectory() as folder:
            if configuration:
                (Path(folder) / "config.yaml").write_text(yaml.safe_dump(configuration))
            seconds, busy, jobs, questions = plan(Path(folder))
            print(f"{name:<8} {jobs:6} jobs in {seconds:5.1f} s, {busy:5.1f} s of the processor, ", end="")
            print(f"{questions / jobs:.1f} questions per job")
            failed |= name == "project" and begins_late(Path(folder))
        failed |= busy > MOST_SECONDS[name] or (name == "project" and questions > MOST_QUESTIONS * jobs)
        failed |= name == "project" and jobs < LEAST_JOBS
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
