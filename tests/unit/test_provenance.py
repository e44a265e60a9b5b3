"""Artifacts say what they are and where they belong; readers believe no name that says otherwise."""

import json
import shutil
from types import SimpleNamespace

import h5py
import numpy as np
import pytest
from test_store import READERS, WRITERS

from repgeom.cli import main
from repgeom.errors import InputError
from repgeom.store import hdf5, provenance
from repgeom.store.hdf5 import read_arrays, write_arrays, write_file
from repgeom.store.inspection import inspect, provenance_of
from repgeom.store.provenance import NOTEBOOK, place_of, provenance_in
from repgeom.store.rdms import read_rdms
from repgeom.store.table_metadata import metadata_path
from repgeom.workflow.job import _expect
from repgeom.workflow.recorded import _change


@pytest.fixture(autouse=True)
def checks(monkeypatch):
    """What jobs ask of the files that they read is forgotten after each test."""
    monkeypatch.setattr(provenance, "_checks", [])


def written(folder, name):
    """An artifact among results."""
    path = folder / "results" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    WRITERS[path.name](path)
    return path


def move(path, target):
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(path, target)
    if metadata_path(path).exists():
        shutil.move(metadata_path(path), metadata_path(target))


@pytest.mark.parametrize(
    "path, place",
    [
        ("results/a/b.h5", "results/a/b.h5"),
        ("/home/me/results/old/results/a.h5", "results/a.h5"),
        (".snakemake/storage/s3/bucket/results/a.h5", "results/a.h5"),
        ("a.h5", ""),
        ("a/results", ""),
    ],
)
def test_a_place_is_told_from_the_folder_of_results_on(path, place):
    assert place_of(path) == place


@pytest.mark.parametrize("name", WRITERS)
def test_an_artifact_says_where_it_belongs(tmp_path, name):
    assert inspect(written(tmp_path, f"a/{name}"))[1].artifact == f"results/a/{name}"


@pytest.mark.parametrize("name", WRITERS)
def test_what_made_an_artifact_is_told_alike_by_its_first_bytes_and_by_all_of_it(tmp_path, name):
    path = written(tmp_path, f"a/{name}")
    assert provenance_of(path) == inspect(path)[1]
    path.write_bytes(b"nothing of the kind")
    metadata_path(path).unlink(missing_ok=True)
    assert provenance_of(path) is None


@pytest.mark.parametrize("name", READERS)
def test_a_job_refuses_a_file_in_the_place_of_another(tmp_path, name):
    path, place = written(tmp_path, f"standard/{name}"), tmp_path / "results/adversarial" / name
    move(path, place)
    READERS[name](place)  # in a notebook, a file may have any name
    _expect([str(place)])
    with pytest.raises(InputError, match=f"{place}: holds what belongs at results/standard/{name}"):
        READERS[name](place)


@pytest.mark.parametrize("name", READERS)
def test_a_job_reads_what_is_in_its_place_and_what_it_was_not_given(tmp_path, name):
    path = written(tmp_path, f"standard/{name}")
    _expect([str(path)])
    READERS[name](path)
    move(path, tmp_path / "elsewhere" / name)
    READERS[name](tmp_path / "elsewhere" / name)


def test_the_command_says_that_a_file_is_in_the_wrong_place(tmp_path, capsys):
    move(written(tmp_path, "standard/a.h5"), tmp_path / "results/adversarial/a.h5")
    assert main(["show", "--no-stale", str(tmp_path / "results/adversarial/a.h5")]) == 0
    assert "misplaced  belongs at results/standard/a.h5" in capsys.readouterr().out


def test_an_artifact_of_another_version_is_named_with_that_version(tmp_path):
    path = tmp_path / "results/a.h5"
    later = json.loads(NOTEBOOK.to_json()) | {"repgeom": "9.1", "signature": "…"}
    with pytest.raises(InputError, match=rf"{path}: written by repgeom 9.1 in a form .* delete it, and the next run"):
        provenance_in(path, later)
    with pytest.raises(InputError, match="written by another version of repgeom"):
        provenance_in(path, {"rule": "train"})


def test_an_artifact_of_another_kind_is_named(tmp_path):
    with pytest.raises(InputError, match=r"a\.h5: is not a file of RDMs"):
        read_rdms(written(tmp_path, "a.h5"))
    with pytest.raises(InputError, match=r"r\.h5: is not an array file"):
        read_arrays(written(tmp_path, "r.h5"))


def test_advice_that_cannot_work_is_not_given(tmp_path):
    for path, advice in (
        (tmp_path / "mine.h5", "get it again from where it came"),
        (tmp_path / "results/a.h5", "delete it"),
    ):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"nothing")
        with pytest.raises(InputError, match=f"damaged .* {advice}"):
            read_arrays(path)


def outside(file, folder):
    (folder / "secret").write_bytes(bytes(8))
    file.create_dataset("x", shape=(8,), dtype="u1", external=[(str(folder / "secret"), 0, 8)])


def virtual(file, folder):
    with h5py.File(folder / "other.h5", "w") as other:
        other["y"] = np.arange(8)
    layout = h5py.VirtualLayout(shape=(8,), dtype="i8")
    layout[:] = h5py.VirtualSource(folder / "other.h5", "y", shape=(8,))
    file.create_virtual_dataset("x", layout)


def declared_only(file, folder):
    file.create_dataset("x", shape=(1 << 40,), dtype="f8", chunks=(1 << 16,))


def compressed(file, folder):
    file.create_dataset("x", data=np.zeros(1 << 20), compression="gzip")


@pytest.mark.parametrize("fill", [outside, virtual, declared_only, compressed])
def test_arrays_that_are_not_wholly_in_the_file_are_refused(tmp_path, fill):
    def with_texts(file):
        fill(file, tmp_path)
        file.attrs.update({"attributes": "{}", "provenance": NOTEBOOK.to_json()})

    write_file(tmp_path / "a.h5", with_texts, lambda path: None)
    with pytest.raises(InputError, match="its array 'x' is not wholly in the file"):
        hdf5.read_tree(tmp_path / "a.h5")


def test_empty_arrays_are_whole(tmp_path):
    write_arrays(tmp_path / "a.h5", {"x": np.zeros((0, 3)), "ids": np.array([], dtype="U1")})
    assert read_arrays(tmp_path / "a.h5")["x"].shape == (0, 3)


PARAMS = {"code": "abc", "versions": {"numpy": "2"}, "options": {"nodes": ("a", "b")}, "seed": 1}
MADE = provenance.Provenance(
    "rdms",
    {},
    {"options": {"nodes": ["a", "b"]}, "seed": 1},
    "abc",
    {"in": "0"},
    {"numpy": "2"},
    artifact="results/r.h5",
)


def job(inputs=("in",), **params):
    return SimpleNamespace(input=list(inputs), params=PARAMS | params)


def test_a_file_says_itself_what_has_changed_since_it_was_made():
    assert not _change(job(), "results/r.h5", MADE)
    for changed in (
        job(seed=2),
        job(code="abd"),
        job(versions={"numpy": "3"}),
        job("other"),
        job(inputs=["in", "more"]),
    ):
        assert _change(changed, "results/r.h5", MADE)
    assert _change(job(), "results/s.h5", MADE)
    assert str(_change(job(seed=2), "results/r.h5", MADE)).count("config.seed") == 2
