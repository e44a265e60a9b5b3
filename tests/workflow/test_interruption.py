"""A run that is killed again and again ends with the same bytes as one that was not."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time

import pytest
from project import ROOT, Workflow

KILLS = int(os.environ.get("REPGEOM_TEST_KILLS", "3"))
COMPARED = ("models/**/*.safetensors", "models/**/*.csv", "rdms/**/*.h5", "tables/robustness/*.csv", "stimuli/**/*.h5")
STUDY = "robustness"


def start(folder):
    """Start the study in a process group of its own."""
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile"), "--cores", "2"]
    command += ["--configfile", str(ROOT / "configs/quick.yaml"), "--directory", str(folder), STUDY]
    return subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )


def results_of(folder):
    root = folder / "results"
    return {p.relative_to(root): p.read_bytes() for pattern in COMPARED for p in root.glob(pattern)}


def test_killed_runs_end_with_the_same_bytes(quick, tmp_path):
    rng = random.Random(0)
    for _ in range(KILLS):
        run = start(tmp_path)
        try:
            run.wait(timeout=rng.uniform(3, 15))
            break
        except subprocess.TimeoutExpired:
            os.killpg(run.pid, signal.SIGKILL)
            run.wait()
    Workflow(ROOT, tmp_path).run("--cores", "2", STUDY)
    ended = results_of(tmp_path)
    expected = {path: content for path, content in results_of(quick.folder).items() if path in ended}
    assert len(ended) > 15
    assert [path for path in ended if ended[path] != expected.get(path)] == []
    assert not [p for p in (tmp_path / "results/.resume").rglob("*") if p.is_file()]


def test_two_runs_in_one_folder(tmp_path):
    first = start(tmp_path)
    try:
        lock = tmp_path / ".snakemake/repgeom.lock"
        deadline = time.monotonic() + 60
        while not (lock.exists() and lock.read_text()):
            assert time.monotonic() < deadline and first.poll() is None
            time.sleep(0.2)
        second = Workflow(ROOT, tmp_path).run("--cores", "1", STUDY, check=False)
        assert second.returncode
        assert f"another snakemake is running in {tmp_path} (process {first.pid})" in second.stdout + second.stderr
    finally:
        os.killpg(first.pid, signal.SIGKILL)
        first.wait()


@pytest.mark.parametrize("kind", ["models/standard/seed1/weights.safetensors", "coordinates/standard/seed1/last/test5.zarr.zip",
                                  "rdms/correlation/standard/seed1/last/test5.h5"])  # fmt: skip
def test_a_damaged_artifact_is_named_and_nothing_is_drawn_from_it(quick, tmp_path, kind):
    shutil.copytree(quick.folder, tmp_path / "run")
    workflow, path = Workflow(ROOT, tmp_path / "run"), tmp_path / "run/results" / kind
    content = bytearray(path.read_bytes())
    content[3 * len(content) // 4] ^= 0x10
    before = path.stat()
    path.write_bytes(content)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    forced = {"models": "activations", "coordinates": "rdms", "rdms": "robustness_layers"}[kind.split("/")[0]]
    done = workflow.run("--cores", "1", "--forcerun", forced, "--", STUDY, check=False)
    assert done.returncode
    assert f"results/{kind}: damaged" in done.stdout + done.stderr
