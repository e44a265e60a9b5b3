"""Snakemake, a job or both are killed at a random moment, another configuration runs in the same folder, and then the first
one again: it ends with the bytes of a run that nothing has disturbed.

A job that outlives its snakemake would otherwise write over the files of the run after it. By default, snakemake alone is
killed, once; REPGEOM_TEST_MOMENTS=20 pytest -s tests/workflow/test_orphans.py kills each of them so often.
"""

import os
import random
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from kills import jobs_of, kill, run_other, start
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


def wait_for_job(run):
    """Return once a job is at work, or the run has ended."""
    while run.poll() is None and not jobs_of(run.pid):
        time.sleep(0.05)


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
        run = start(folder, TARGET)
        wait_for_job(run)
        try:
            run.wait(timeout=moment)
        except subprocess.TimeoutExpired:
            left = kill(victim, run)
        refused = run_other(folder, OTHER, OTHER_TARGET, PATIENCE_S)
        Workflow(ROOT, folder).run("--cores", "2", "--", TARGET)
        ended = bytes_of(folder)
        assert [name for name in undisturbed if ended.get(name) != undisturbed[name]] == []
        assert not [p for p in (folder / "results").rglob("*") if p.name.endswith(".partial")]
        print(f"{victim} {number}: killed after {moment:.1f} s, {len(left)} jobs left, {refused} refusals", flush=True)
        shutil.rmtree(folder)
