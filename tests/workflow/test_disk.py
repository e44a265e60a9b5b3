"""Disks that are full or read-only: one clear error, nothing lost, and the next run goes on."""

import subprocess
import sys

import pytest
from project import ROOT, Workflow

sys.path.append(str(ROOT / "tests" / "unit"))
from small_disk import small_disk

TARGET = "results/models/single_conv/seed111/weights.safetensors"


def remount(folder, options):
    done = subprocess.run(["mount", "-o", f"remount,{options}", str(folder)], capture_output=True, check=False)
    if done.returncode:
        pytest.skip("may not remount a file system")


def test_a_disk_that_fills_up_is_named_and_the_run_goes_on_with_more_room(tmp_path):
    workflow = Workflow(ROOT, tmp_path)
    with small_disk(tmp_path / "results", "2500k") as disk:  # room for the images, not for every epoch's weights
        done = workflow.run("--cores", "1", "--", TARGET, check=False)
        assert done.returncode
        assert "Error: cannot write results/" in done.stdout + done.stderr
        assert "No space left on device" in done.stdout + done.stderr
        assert not (tmp_path / TARGET).exists()
        assert [p for p in disk.rglob("*") if p.name.endswith(".partial")] == []
        remount(disk, "size=100m")
        workflow.run("--cores", "1", "--", TARGET)
        assert (tmp_path / TARGET).stat().st_size > 1e6


def test_a_run_on_a_read_only_disk_is_named_without_a_traceback(tmp_path):
    target = "results/datasets/digits.h5"
    with small_disk(tmp_path / "run", "10m") as disk:
        workflow = Workflow(ROOT, disk)
        for is_new in (True, False):
            remount(disk, "ro")
            done = workflow.run("--cores", "1", "--", target, "results/stimuli/test5.h5", check=False)
            assert done.returncode
            assert f"cannot write to {disk}: not permitted, or on a read-only file system" in done.stdout + done.stderr
            assert "Traceback" not in done.stdout + done.stderr
            remount(disk, "rw")
            if is_new:
                workflow.run("--cores", "1", "--", target)
        assert (disk / target).is_file() and not (disk / "results/stimuli").exists()


def test_a_read_only_folder_is_named_before_anything_runs(tmp_path):
    workflow = Workflow(ROOT, tmp_path)
    with small_disk(tmp_path / "results", "10m") as disk:
        workflow.run("--cores", "1", "--", "results/datasets/digits.h5")
        before = (disk / "datasets/digits.h5").read_bytes()
        remount(disk, "ro")
        done = workflow.run("--cores", "1", "--", TARGET, check=False)
        assert done.returncode
        assert f"cannot write to {disk}: Read-only file system; nothing was changed" in done.stdout + done.stderr
        assert "rule train" not in done.stdout + done.stderr
        assert (disk / "datasets/digits.h5").read_bytes() == before


def test_a_home_that_cannot_be_written_is_no_obstacle(tmp_path):
    target = "results/figures/learning_dynamics/tree.png"
    nowhere = {"HOME": "/proc/nowhere", "XDG_CACHE_HOME": "/proc/nowhere/.cache"}
    done = Workflow(ROOT, tmp_path).run("--cores", "1", "--", target, **nowhere)
    assert (tmp_path / target).exists() and "Traceback" not in done.stdout + done.stderr
