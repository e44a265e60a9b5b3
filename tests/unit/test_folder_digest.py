"""A folder of images is the same as long as names and contents of its images are."""

import os
import shutil

import pytest

from repgeom.workflow.folders import folder_digest

IMAGES = ("train/cat/1.png", "train/dog/1.png", "test/cat/1.png", "test/dog/1.png")


@pytest.fixture
def folder(tmp_path):
    for i, name in enumerate(IMAGES):
        file = tmp_path / "pets" / name
        file.parent.mkdir(parents=True)
        file.write_bytes(b"image %d" % i)
    return tmp_path / "pets"


def digest_after(folder, copy, change):
    """The digest of a changed copy; digests are remembered by path, so every copy is a new one."""
    shutil.copytree(folder, copy)
    change(copy)
    return folder_digest(copy)


UNIMPORTANT = {
    "place": lambda f: None,
    "time": lambda f: os.utime(f / IMAGES[0], (0, 0)),
    "hidden file": lambda f: (f / "train/cat/.DS_Store").write_bytes(b"x"),
    "left by Windows": lambda f: (f / "train/cat/Thumbs.db").write_bytes(b"x"),
    "hidden folder": lambda f: shutil.copytree(f / "train/cat", f / "train/.thumbnails"),
    "notes": lambda f: (f / "README.txt").write_text("pets"),
}
IMPORTANT = {
    "content": lambda f: (f / IMAGES[3]).write_bytes(b"another"),
    "name": lambda f: (f / IMAGES[0]).rename(f / "train/cat/2.png"),
    "added": lambda f: (f / "test/dog/2.png").write_bytes(b"image 3"),
    "removed": lambda f: (f / IMAGES[2]).unlink(),
    "exchanged": lambda f: [(f / IMAGES[0]).write_bytes(b"image 1"), (f / IMAGES[1]).write_bytes(b"image 0")],
}


@pytest.mark.parametrize("change", UNIMPORTANT)
def test_what_does_not_count(folder, tmp_path, change):
    assert digest_after(folder, tmp_path / "copy", UNIMPORTANT[change]) == folder_digest(folder)


@pytest.mark.parametrize("change", IMPORTANT)
def test_what_counts(folder, tmp_path, change):
    assert digest_after(folder, tmp_path / "copy", IMPORTANT[change]) != folder_digest(folder)


def test_an_absent_folder_is_left_to_the_job_that_reads_it(tmp_path):
    assert folder_digest(tmp_path / "nowhere") == folder_digest(tmp_path)
