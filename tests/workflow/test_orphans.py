"""Snakemake, a job or both are killed at a random moment, another configuration runs in the same folder, and then the first
one again: it ends with the bytes of a run that nothing has disturbed.

A job that outlives its snakemake would otherwise write over the files of the run after it. By default, snakemake alone is
killed, once; REPGEOM_TEST_MOMENTS=20 pytest -s tests/workflow/test_orphans.py kills each of them so often.
"""

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
LATEST_S = float(os.environ.get("REPGEOM_TEST_LATEST_S", "10"))
SEED = int(os.environ.get("REPGEOM_TEST_KILL_SEED", "0"))
TARGET = "results/rdms/correlation/standard/seed1/last/test5_fgsm.h5"
OTHER_TARGET = "results/activations/standard/seed1/last/test5.zarr.zip"
OTHER = {
    "models": {"standard": {"training": {"learning_rate": 0.01}}},
    "stimuli": {"test5": {"per_class": 3}, "test5_fgsm": {"attack": {"epsilon": 0.3}}},
}
PATIENCE_S = 600
COMPARED = ("datasets", "models", "stimuli", "activations", "coordinates", "rdms")


def start(folder):
    """Start the first configuration in a process group of its own."""
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile"), "--cores", "2"]
    command += ["--configfile", str(ROOT / "configs/quick.yaml"), "--directory", str(folder), "--", TARGET]
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


def wait_for_job(run):
    """Return once a job is at work, or the run has ended."""
    while run.poll() is None and not jobs_of(run.pid):
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


def run_other(folder):
    """Run the other configuration as soon as it may; returns how often it was refused."""
    (overlay := folder / "other.yaml").write_text(yaml.safe_dump(OTHER))
    configs = ["--configfile", str(ROOT / "configs/quick.yaml"), str(overlay)]
    deadline, refused = time.monotonic() + PATIENCE_S, 0
    while True:
        done = Workflow(ROOT, folder).run("--cores", "2", *configs, "--", OTHER_TARGET, config=None, check=False)
        told = done.stdout + done.stderr
        if not done.returncode:
            return refused
        assert "a job of an ended run is still at work" in told, told[-3000:]
        assert time.monotonic() < deadline
        refused += 1


def bytes_of(folder):
    root = folder / "results"
    paths = [p for name in COMPARED for p in (root / name).rglob("*") if p.is_file()]
    return {str(p.relative_to(root)): p.read_bytes() for p in paths}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("undisturbed")
    Workflow(ROOT, folder).run("--cores", "2", "--", TARGET)
    return bytes_of(folder)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs Linux")
@pytest.mark.parametrize("victim", ["snakemake", "job", "both"])
def test_a_run_after_kills_and_another_configuration_ends_with_the_same_bytes(undisturbed, tmp_path, victim):
    if not MOMENTS and victim != "snakemake":
        pytest.skip("takes long; set REPGEOM_TEST_MOMENTS")
    rng = random.Random(f"{SEED} {victim}")
    left = []
    for number in range(1, max(MOMENTS, 1) + 1):
        folder, moment = tmp_path / "run", rng.uniform(0, LATEST_S)
        folder.mkdir()
        run = start(folder)
        wait_for_job(run)
        try:
            run.wait(timeout=moment)
        except subprocess.TimeoutExpired:
            left = kill(victim, run)
        refused = run_other(folder)
        Workflow(ROOT, folder).run("--cores", "2", "--", TARGET)
        ended = bytes_of(folder)
        assert [name for name in undisturbed if ended.get(name) != undisturbed[name]] == []
        assert not [p for p in (folder / "results").rglob("*") if p.name.endswith(".partial")]
        print(f"{victim} {number}: killed after {moment:.1f} s, {len(left)} jobs left, {refused} refusals", flush=True)
        shutil.rmtree(folder)
