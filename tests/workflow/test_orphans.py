"""Snakemake, a job or both are killed at random moments, each time another configuration runs in the same folder, and then
the first one again: it ends with the bytes of a run that nothing has disturbed.

A job that outlives its snakemake would otherwise write over the files of the run after it. By default, snakemake alone is
killed, once, in a run of a few jobs. REPGEOM_TEST_MOMENTS=20 pytest -s tests/workflow/test_orphans.py kills each of them so
often, all over the whole quick configuration: kills add up until a run gets through, which is compared and begun anew.
"""

import base64
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
import yaml
from project import ROOT, Workflow

MOMENTS = int(os.environ.get("REPGEOM_TEST_MOMENTS", "0"))
VICTIMS = ("snakemake", "job", "both")
MOST_JOBS = 10
"""A moment is so many jobs after the start of a run, at most, and so many seconds after the start of that job."""
LATEST_S = float(os.environ.get("REPGEOM_TEST_LATEST_S", "3"))
SEED = int(os.environ.get("REPGEOM_TEST_KILL_SEED", "0"))
FEW = ["results/rdms/correlation/standard/seed1/last/test5_fgsm.h5"]
PATIENCE_S = 1800
TOLD_OTHERWISE = ("logs", "benchmarks", "index.html", "share.zip")
"""What tells how long jobs took."""
OTHER_STIMULI = {"test5": 3, "test20": 4, "test50": 4, "train50": 6}
LABELLED = ("figures", "tables", "pages", "index.html", "share.zip")


def start(folder, targets):
    """Start the first configuration in a process group of its own."""
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile"), "--cores", "2"]
    command += ["--configfile", str(ROOT / "configs/quick.yaml"), "--directory", str(folder), "--", *targets]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )


def jobs_of(group):
    """The scripts at work in a process group of this leader: interpreters of their own, or copies of a server's."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command, stat = (process / "cmdline").read_bytes(), (process / "stat").read_text()
        except OSError:
            continue
        _, parent, of_group, *_ = stat.rpartition(")")[2].split()
        copy = b"repgeom.workflow.fork_server" in command and int(parent) != group
        if int(of_group) == group and (copy or b".snakemake/scripts/" in command):
            found.append(int(process.name))
    return found


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


def kill(victim, run):
    """Kill and return what else is at work in the group."""
    jobs = jobs_of(run.pid)
    doomed = ([run.pid] if victim != "job" else []) + (jobs[-1:] if victim != "snakemake" else [])
    for process in doomed:
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
    run.wait(timeout=PATIENCE_S)
    return [job for job in jobs if job not in doomed]


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


def run_other(folder, target):
    """Make a file under the other configuration as soon as that may be; returns how often it was refused."""
    (overlay := folder / "other.yaml").write_text(yaml.safe_dump(other_configuration(target)))
    configs = ["--configfile", str(ROOT / "configs/quick.yaml"), str(overlay)]
    deadline, refused = time.monotonic() + PATIENCE_S, 0
    while True:
        done = Workflow(ROOT, folder).run("--cores", "2", *configs, "--", target, config=None, check=False)
        told = done.stdout + done.stderr
        if not done.returncode:
            return refused
        assert "a job of an ended run is still at work" in told, told[-3000:]
        assert time.monotonic() < deadline
        refused += 1
        time.sleep(0.5)


def bytes_of(folder):
    """Path → content, of all that a run makes."""
    results = folder / "results"
    found = {p.relative_to(results): p for p in results.rglob("*") if p.is_file() and not p.name.startswith(".")}
    return {str(name): path.read_bytes() for name, path in found.items() if name.parts[0] not in TOLD_OTHERWISE}


def compare(folder, undisturbed, is_whole):
    ended, expected = bytes_of(folder), bytes_of(undisturbed)
    assert len(ended) > 10 and not (is_whole and set(expected) - set(ended))
    assert [name for name in ended if ended[name] != expected.get(name)] == []
    assert not [p for p in (folder / "results").rglob("*") if p.name.endswith((".partial", ".resume"))]


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs Linux")
def test_a_run_after_kills_and_another_configuration_ends_with_the_same_bytes(quick, tmp_path):
    rng, folder, whole = random.Random(SEED), tmp_path / "run", bool(MOMENTS)
    victims, targets = (list(VICTIMS) * MOMENTS, []) if whole else (["snakemake"], FEW)
    rng.shuffle(victims)
    while victims:
        folder.mkdir(exist_ok=True)
        run = start(folder, targets)
        wait_for_jobs(run, folder, rng.randint(1, MOST_JOBS if whole else 1))
        with suppress(subprocess.TimeoutExpired):
            run.wait(timeout=rng.uniform(0, LATEST_S))
        wait_for_jobs(run, folder, 0)
        if run.poll() is None:
            target, victim = rng.choice(being_made(folder) or FEW), victims.pop()
            left, refused = kill(victim, run), run_other(folder, target)
            print(f"{victim}: {len(left)} jobs left, {refused} refusals, {target}; {len(victims)} to go", flush=True)
            continue
        assert run.returncode == 0
        compare(folder, quick.folder, whole)
        print("a run got through", flush=True)
        shutil.rmtree(folder)
    Workflow(ROOT, folder).run("--cores", "2", "--", *targets)
    compare(folder, quick.folder, whole)
