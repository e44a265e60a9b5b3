"""A run that is killed again and again ends with the same bytes as one that was not.

REPGEOM_TEST_KILLS=20 REPGEOM_TEST_FINISH_EVERY=1 REPGEOM_TEST_LATEST_KILL_S=60 pytest -s -k killed does more of it,
all over a run that takes a minute.
"""

import base64
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from project import ROOT, Workflow

KILLS = int(os.environ.get("REPGEOM_TEST_KILLS", "3"))
FINISH_EVERY = int(os.environ.get("REPGEOM_TEST_FINISH_EVERY", "3"))
"""After how many kills a run is let through and compared."""
LATEST_KILL_S = float(os.environ.get("REPGEOM_TEST_LATEST_KILL_S", "15"))
LATEST_IN_TRAINING_S = 4.0
"""Every fourth kill hits a training, at most so long after its start."""
CTRL_C_AFTER_S = [float(s) for s in os.environ.get("REPGEOM_TEST_CTRL_C_AFTER_S", "1.5").split()]
SEED = int(os.environ.get("REPGEOM_TEST_KILL_SEED", "0"))
COMPARED = (
    "models/**/*.safetensors",
    "models/**/*.csv",
    "rdms/**/*.h5",
    "tables/**/*.csv",
    "measures/**/*.csv",
    "stimuli/**/*.h5",
)
WEIGHTS = "weights.safetensors"
STUDY = os.environ.get("REPGEOM_TEST_STUDY", "robustness")


def start(folder, stderr=subprocess.DEVNULL):
    """Start the study in a process group of its own."""
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile"), "--cores", "2"]
    command += ["--configfile", str(ROOT / "configs/quick.yaml"), "--directory", str(folder), STUDY]
    return subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=stderr, text=True, start_new_session=True
    )


def results_of(folder):
    root = folder / "results"
    return {p.relative_to(root): p.read_bytes() for pattern in COMPARED for p in root.glob(pattern)}


def unfinished(folder):
    """The outputs of the jobs that were running when a run was killed, as Snakemake noted them."""
    notes = folder / ".snakemake/incomplete"
    names = ["".join(p.relative_to(notes).parts).replace("@", "") for p in notes.rglob("*") if p.is_file()]
    return sorted(base64.urlsafe_b64decode(name).decode().removeprefix("results/") for name in names)


def test_killed_runs_end_with_the_same_bytes(quick, tmp_path):
    """Kill the whole process group at random moments; start anew, from nothing, whenever a run gets through."""
    rng, kills, running = random.Random(SEED), 0, []
    print(f"\n{KILLS} kills, seed {SEED}, a finished run after every {FINISH_EVERY}")
    while kills < KILLS:
        run, started = start(tmp_path / "run"), time.monotonic()
        if kills % 4 == 0:
            wait_for_training(run, tmp_path / "run")
            moment = rng.uniform(0, LATEST_IN_TRAINING_S)
        else:
            moment = rng.uniform(3, LATEST_KILL_S)
        try:
            run.wait(timeout=moment)
        except subprocess.TimeoutExpired:
            os.killpg(run.pid, signal.SIGKILL)
            run.wait()
            kills += 1
            running += (files := unfinished(tmp_path / "run"))
            took = time.monotonic() - started
            print(f"kill {kills} after {took:.1f} s, while making {', '.join(files) or 'nothing'}", flush=True)
            if kills % FINISH_EVERY and kills < KILLS:
                continue
        Workflow(ROOT, tmp_path / "run").run("--cores", "2", STUDY)
        compare(tmp_path / "run", quick.folder)
        shutil.rmtree(tmp_path / "run")
    assert any(file.endswith(WEIGHTS) for file in running), "no training was killed"


def wait_for_training(run, folder):
    """Return once a run trains, or has ended."""
    while run.poll() is None and not any(file.endswith(WEIGHTS) for file in unfinished(folder)):
        time.sleep(0.1)


def compare(folder, expected_folder):
    ended = results_of(folder)
    expected = {path: content for path, content in results_of(expected_folder).items() if path in ended}
    assert len(ended) > 15
    assert [path for path in ended if ended[path] != expected.get(path)] == []
    assert not [p for p in (folder / "results/.resume").rglob("*") if p.is_file()]


@pytest.mark.parametrize("seconds", CTRL_C_AFTER_S)
def test_ctrl_c_is_one_line(hears_ctrl_c, tmp_path, seconds):
    """While the first scripts import, and later."""
    with start(tmp_path, subprocess.PIPE) as run:
        while not run.stderr.readline().endswith(" jobs to do. Ctrl-C stops; the same command goes on.\n"):
            assert run.poll() is None
        time.sleep(seconds)
        os.killpg(run.pid, signal.SIGINT)
        said = run.stderr.readlines()
    (last,) = [line for line in said if not line.startswith("[")]
    assert re.match(r"Stopped after .*; the same command goes on from here\. Full log: ", last)


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


READ_BY = {
    "datasets/digits.h5": "results/stimuli/test5.h5",
    "stimuli/test5.h5": "results/activations/standard/seed1/last/test5.zarr.zip",
    "stimuli/cluttered.h5": "results/figures/recurrence/maps_rcnn.png",
    "stimuli/test5_fgsm/standard/seed1.h5": "results/activations/standard/seed1/last/test5_fgsm.zarr.zip",
    "models/standard/seed1/weights.safetensors": "results/activations/standard/seed1/last/test5.zarr.zip",
    "models/single_conv/seed111/history.csv": "results/figures/manifolds/history.png",
    "models/deep_linear/seed2021/main.h5": "results/figures/learning_dynamics/loss.png",
    "activations/standard/seed1/last/test5.zarr.zip": "results/coordinates/standard/seed1/last/test5.zarr.zip",
    "coordinates/standard/seed1/last/test5.zarr.zip": "results/rdms/correlation/standard/seed1/last/test5.h5",
    "rdms/correlation/standard/seed1/last/test5.h5": "results/figures/robustness/rdms.png",
    "metamers/single_conv/seed111/last/train_first10/*.h5": "results/figures/manifolds/metamers.png",
    "tables/robustness/reproduction.csv": "results/tables/reproduction.csv",
    "measures/perturbation/rcnn/seed1/last/_/*.csv": "results/figures/recurrence/importance_rcnn.png",
}
"""Every kind of artifact, and a file that is made from it."""


def flipped(content):
    """One bit in every 97th byte of the second half: some of a file is padding that nobody reads."""
    changed = np.frombuffer(content, np.uint8).copy()
    changed[len(changed) // 2 :: 97] ^= 0x10
    return changed.tobytes()


def truncated(content):
    return content[: len(content) // 2]


@pytest.fixture(scope="module")
def damageable(quick, tmp_path_factory):
    folder = tmp_path_factory.mktemp("damaged") / "run"
    shutil.copytree(quick.folder, folder)
    return Workflow(ROOT, folder)


@pytest.mark.parametrize("kind", READ_BY)
def test_a_damaged_artifact_is_named_and_nothing_is_made_from_it(damageable, kind):
    (path,), target = (damageable.folder / "results").glob(kind), READ_BY[kind]
    content, times = path.read_bytes(), path.stat()
    try:
        for damage in (flipped, truncated):
            path.write_bytes(damage(content))
            os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
            done = damageable.run("--cores", "1", "--forcerun", target, "--", target, check=False)
            assert done.returncode
            assert f"Error: {path.relative_to(damageable.folder)}: damaged" in done.stdout + done.stderr
            assert not (damageable.folder / target).exists()
            assert path.read_bytes() == damage(content)
    finally:
        path.write_bytes(content)
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
        damageable.run("--cores", "1", "--", target)
