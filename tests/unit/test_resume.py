"""What an interrupted job leaves: used whole, or not at all."""

import pytest
import torch

from repgeom.store.provenance import Provenance
from repgeom.store.resume import ResumeFile, _seal

STATE = {"weights": {"w": torch.arange(6.0).reshape(2, 3)}, "history": [{"epoch": 0, "loss": 2.5}]}


@pytest.fixture
def resume(tmp_path):
    return ResumeFile(tmp_path / "weights.safetensors", Provenance("train", fingerprint="abc"))


def test_a_state_comes_back(resume):
    assert resume.load() is None
    resume.save(STATE)
    found = resume.load()
    assert torch.equal(found["weights"]["w"], STATE["weights"]["w"]) and found["history"] == STATE["history"]


def test_the_state_of_another_job_is_ignored_and_stays(resume, tmp_path):
    resume.save(STATE)
    assert ResumeFile(tmp_path / "weights.safetensors", Provenance("train", fingerprint="other")).load() is None
    assert resume.load() is not None


def test_a_damaged_file_is_never_used_and_set_aside(resume):
    resume.save(STATE)
    whole = resume.path.read_bytes()
    aside = resume.path.with_name(f"{resume.path.name}.damaged")
    for position in range(0, len(whole), 7):
        damaged = bytearray(whole)
        damaged[position] ^= 0x10
        resume.path.write_bytes(damaged)
        assert resume.load() is None and not resume.path.exists()
        assert aside.read_bytes() == bytes(damaged)
    resume.path.write_bytes(whole[:-3])
    assert resume.load() is None


def test_nothing_is_left_of_a_finished_job(resume):
    resume.save(STATE)
    resume.remove()
    resume.remove()
    assert not resume.path.exists()


@pytest.mark.parametrize("content", [b"", b"\x80\x04.", b"\x80\x02]q\x00e.", b"PK\x03\x04"])
def test_what_fits_its_checksum_and_is_no_state_is_ignored(resume, content):
    """Before, some of it ended the job with a traceback."""
    resume.save({"x": 1})
    resume.path.write_bytes(_seal(content) + content)
    assert resume.load() is None
