"""Snakemake, a job or both are killed at random moments all over the quick configuration, each time another configuration
runs in the same folder, and then the first one again: it ends with the bytes of a run that nothing has disturbed.

REPGEOM_TEST_MOMENTS=20 pytest -s tests/workflow/test_kills.py kills each of the three so often: kills add up until a run
gets through, which is compared and begun anew. What is made under the other configuration is always a file that was being
made when the kill came. `test_orphans.py` does the same once, with few jobs.
"""

import base64
import os
import random
import shutil
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import pytest
from kills import jobs_of, kill, run_other, start
from project import ROOT, Workflow

MOMENTS = int(os.environ.get("REPGEOM_TEST_MOMENTS", "0"))
VICTIMS = ("snakemake", "job", "both")
MOST_JOBS = 10
"""A moment is so many jobs after the start of a run, at most, and so many seconds after the start of that job."""
LATEST_S = float(os.environ.get("REPGEOM_TEST_LATEST_S", "3"))
SEED = int(os.environ.get("REPGEOM_TEST_KILL_SEED", "0"))
OTHERWISE = "results/rdms/correlation/standard/seed1/last/test5_fgsm.h5"
"""What the other configuration makes where a kill came between two jobs."""
PATIENCE_S = 1800
TOLD_OTHERWISE = ("logs", "benchmarks", "index.html", "share.zip")
"""What tells how long jobs took."""
OTHER_STIMULI = {"test5": 3, "test20": 4, "test50": 4, "train50": 6}
LABELLED = ("figures", "tables", "pages", "index.html", "share.zip")


def being_made(folder):
    """The files of the jobs that are at work, as Snakemake notes them."""
    notes = folder / ".snakemake/incomplete"
    names = ["".join(p.relative_to(notes).parts).replace("@", "") for p in notes.rglob("*") if p.is_file()]
    return sorted(base64.urlsafe_b64decode(name).decode() for name in names)


def wait_for_jobs(run, folder, count):
    """Return once so many jobs have begun and one is at work, or the run has ended."""
    left = begun = set(being_made(folder))
    while run.poll() is None and (len(begun - left) < count or not jobs_of(run.pid)):
        begun = begun | set(being_made(folder))
        time.sleep(0.05)


def other_configuration(target):
    """One that makes another file of the same name, without making all before it anew."""
    _, kind, name, *_ = *Path(target).parts, ""
    if kind == "datasets":
        return {"datasets": {"clothing": {"seed": 1}}}
    if kind == "models" and name == "deep_linear":
        return {"studies": {"learning_dynamics": {"gamma": 1.0e-10}}}
    if kind == "models":
        return {"models": {name: {"training": {"learning_rate": 0.005}}}}
    if kind in LABELLED:
        return {
            "models": {name: {"label": f"other {name}"} for name in ("standard", "adversarial", "single_conv", "rcnn")}
        }
    selected = {name: {"per_class": n} for name, n in OTHER_STIMULI.items()}
    return {"stimuli": selected | {"cluttered": {"first": 150}, "clean": {"first": 150}}}


def bytes_of(folder):
    """Path → content, of all that a run makes."""
    results = folder / "results"
    found = {p.relative_to(results): p for p in results.rglob("*") if p.is_file() and not p.name.startswith(".")}
    return {str(name): path.read_bytes() for name, path in found.items() if name.parts[0] not in TOLD_OTHERWISE}


def compare(folder, undisturbed):
    ended, expected = bytes_of(folder), bytes_of(undisturbed)
    assert len(expected) > 100 and set(ended) == set(expected)
    assert [name for name in ended if ended[name] != expected[name]] == []
    files = [p for p in (folder / "results").rglob("*") if p.is_file()]
    assert not [p for p in files if p.name.endswith((".partial", ".resume"))]


@pytest.mark.skipif(not MOMENTS, reason="takes long; set REPGEOM_TEST_MOMENTS")
def test_the_quick_configuration_after_kills_and_another_configuration_ends_with_the_same_bytes(quick, tmp_path):
    rng, folder, victims = random.Random(SEED), tmp_path / "run", list(VICTIMS) * MOMENTS
    rng.shuffle(victims)
    while victims:
        folder.mkdir(exist_ok=True)
        run = start(folder)
        wait_for_jobs(run, folder, rng.randint(1, MOST_JOBS))
        with suppress(subprocess.TimeoutExpired):
            run.wait(timeout=rng.uniform(0, LATEST_S))
        wait_for_jobs(run, folder, 0)
        if run.poll() is None:
            target, victim = rng.choice(being_made(folder) or [OTHERWISE]), victims.pop()
            left, refused = kill(victim, run), run_other(folder, other_configuration(target), target, PATIENCE_S)
            print(f"{victim}: {len(left)} jobs left, {refused} refusals, {target}; {len(victims)} to go", flush=True)
            continue
        assert run.returncode == 0
        compare(folder, quick.folder)
        print("a run got through", flush=True)
        shutil.rmtree(folder)
    Workflow(ROOT, folder).run("--cores", "2")
    compare(folder, quick.folder)
