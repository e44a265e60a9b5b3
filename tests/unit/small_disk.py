"""A file system of a few kilobytes, to be filled."""

import subprocess
from contextlib import contextmanager

import pytest


def mount(*arguments):
    return subprocess.run(["mount", *arguments], capture_output=True, text=True, check=False)


@contextmanager
def small_disk(folder, size):
    """Mount a tmpfs of `size` (such as `64k`) on `folder`; skip the test where that is not allowed."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        done = mount("-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder))
    except FileNotFoundError:
        pytest.skip("needs mount")
    if done.returncode:
        pytest.skip(f"may not mount a file system: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)
