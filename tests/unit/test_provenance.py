"""Artifacts say what they are and where they belong; readers believe no name that says otherwise."""

import io
import json
import shutil
import zipfile
from types import SimpleNamespace

import h5py
import numpy as np
import pytest
import torch
import zarr
from safetensors.torch import save_file
from test_store import READERS, WRITERS

from repgeom.cli import main
from repgeom.datasets.images import LabelledImages
from repgeom.errors import InputError
from repgeom.figures.style import new_figure, save_figure
from repgeom.pages.page import save_page
from repgeom.store import hdf5, provenance
from repgeom.store.activations import open_activations
from repgeom.store.hdf5 import SEAL_BYTES, read_arrays, write_arrays
from repgeom.store.inspection import inspect, provenance_of
from repgeom.store.measured_rdms import MeasuredRDMs, read_measured_rdms, write_measured_rdms
from repgeom.store.provenance import NOTEBOOK, file_sha256, place_of, provenance_in
from repgeom.store.rdms import read_rdms
from repgeom.store.responses import Responses, read_responses, write_responses
from repgeom.store.stimuli import read_class_names, read_split, read_stimuli, write_dataset
from repgeom.store.table_metadata import metadata_path
from repgeom.store.tables import read_table
from repgeom.store.zarr import _listing_digest
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
    WRITTEN_BY_JOBS[path.name](path)
    return path


def some_responses():
    return Responses(np.array(["a", "b"]), {"1": np.zeros((2, 1, 3))})


def some_measured():
    return MeasuredRDMs(np.zeros((1, 3)), ["1"], np.array(["a", "b", "c"]), "correlation")


def some_images():
    return LabelledImages(np.zeros((2, 4, 4), np.uint8), np.arange(2), np.array(["a", "b"]), ("0", "1"), "test")


FURTHER = {
    "d.h5": (lambda p: write_dataset(p, {"test": some_images()}), lambda p: read_split(p, "test")),
    "c.h5": (WRITERS["s.h5"], read_class_names),
    "v.h5": (lambda p: write_responses(p, some_responses()), read_responses),
    "m.h5": (lambda p: write_measured_rdms(p, some_measured()), read_measured_rdms),
    "f.pdf": (lambda p: save_figure(new_figure(), p), inspect),
    "f.png": (lambda p: save_figure(new_figure(), p), inspect),
    "p.html": (lambda p: save_page(p, "<head></head>"), inspect),
}
"""What else jobs read."""
READ_BY_JOBS = READERS | {name: read for name, (_, read) in FURTHER.items()}
WRITTEN_BY_JOBS = WRITERS | {name: write for name, (write, _) in FURTHER.items()}


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


@pytest.mark.parametrize("name", READ_BY_JOBS)
def test_a_job_refuses_a_file_in_the_place_of_another(tmp_path, name):
    path, place = written(tmp_path, f"standard/{name}"), tmp_path / "results/adversarial" / name
    move(path, place)
    READ_BY_JOBS[name](place)  # in a notebook, a file may have any name
    _expect([str(place)])
    with pytest.raises(InputError, match=f"{place}: holds what belongs at results/standard/{name}"):
        READ_BY_JOBS[name](place)


@pytest.mark.parametrize("name", READ_BY_JOBS)
def test_a_job_reads_what_is_in_its_place_and_what_it_was_not_given(tmp_path, name):
    path = written(tmp_path, f"standard/{name}")
    _expect([str(path)])
    READ_BY_JOBS[name](path)
    move(path, tmp_path / "elsewhere" / name)
    READ_BY_JOBS[name](tmp_path / "elsewhere" / name)


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


def linked(file, folder):
    with h5py.File(folder / "other.h5", "w") as other:
        other["images"] = np.zeros((1, 4, 4))
    file.update({"labels": np.zeros(1, int), "ids": np.array([b"a"])})
    file["images"] = h5py.ExternalLink(folder / "other.h5", "images")


def sealed(path, fill, folder):
    """An HDF5 file whose checksum fits."""
    content = io.BytesIO()
    with h5py.File(content, "w", userblock_size=SEAL_BYTES) as file:
        fill(file, folder)
        file.attrs.update({"attributes": "{}", "provenance": NOTEBOOK.to_json()})
    content.getbuffer()[:SEAL_BYTES] = hdf5._seal(content.getbuffer())
    path.write_bytes(content.getvalue())


def test_a_stimulus_set_does_not_lead_to_another_file(tmp_path):
    """Its images stay on disk until they are asked for; before, they were fetched from wherever a link led."""
    sealed(path := tmp_path / "s.h5", linked, tmp_path)
    with pytest.raises(InputError, match=r"s\.h5: no array 'images'"):
        read_stimuli(path)
    sealed(path, outside, tmp_path)
    with pytest.raises(InputError, match="its array 'x' is not wholly in the file"):
        read_stimuli(path)


@pytest.mark.parametrize("fill", [outside, virtual, declared_only, compressed])
def test_arrays_that_are_not_wholly_in_the_file_are_refused(tmp_path, fill):
    sealed(tmp_path / "a.h5", fill, tmp_path)
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


DEEP = "[" * 100_000
ATTRIBUTES = {
    "ids": ["a"], "labels": [0], "descriptors": {}, "node_order": ["x"],
    "nodes": {"x": {"module": "x", "timestep": 0, "inputs": [], "shape": [1]}},
    "provenance": json.loads(NOTEBOOK.to_json()),
}  # fmt: skip


def strange_zarr(path, kind=zipfile.ZIP_STORED, shape=(1, 1), zarr_format=3, written=1, **how):
    """A Zarr file whose checksum fits, and which is written as ours are not."""
    store = zarr.storage.MemoryStore()
    group = zarr.create_group(store, attributes=ATTRIBUTES, zarr_format=zarr_format)
    group.create_array("x", shape=shape, dtype="<f8", **{"compressors": None} | how)[:written, :written] = 1
    with zipfile.ZipFile(path, "w", kind) as archive:
        for name, content in sorted(store._store_dict.items()):
            archive.writestr(name, content.to_bytes())
        archive.comment = _listing_digest(archive)


STRANGE = {
    "compressed entries": ({"kind": zipfile.ZIP_DEFLATED}, "its entries are compressed"),
    "compressed chunks": ({"compressors": zarr.codecs.GzipCodec()}, "packed in a way that is not ours"),
    "more than is there": ({"shape": (1 << 20, 1 << 20), "chunks": (1, 1)}, "not wholly in the file"),
    "large chunks": ({"chunks": (1 << 20, 1 << 20), "written": 0}, "not wholly in the file"),
    "version 2": ({"zarr_format": 2}, "damaged"),
}


@pytest.mark.parametrize("what", STRANGE)
def test_zarr_files_that_are_not_written_as_ours_are_refused(tmp_path, what):
    how, message = STRANGE[what]
    strange_zarr(path := tmp_path / "a.zarr.zip", **how)
    for look in (inspect, read_first_node):
        with pytest.raises(InputError, match=f"{path}: .*{message}"):
            look(path)


def read_first_node(path):
    with open_activations(path) as file:
        return file.read("x")


@pytest.mark.parametrize("name, value", [("inputs", []), ("wildcards", "x"), ("threads", "1"), ("rule", None)])
def test_provenance_of_other_types_is_that_of_another_version(name, value):
    with pytest.raises(InputError, match="in a form that this version does not read"):
        provenance_in("a.h5", json.loads(NOTEBOOK.to_json()) | {name: value})


def test_weights_and_tables_that_fit_their_checksum_and_are_of_another_kind_are_named(tmp_path):
    metadata = json.dumps({"sha256": {"1": ""}, "provenance": NOTEBOOK.to_json()})
    save_file({"0001/x": torch.zeros(2, dtype=torch.float8_e4m3fn)}, tmp_path / "w.safetensors", {"repgeom": metadata})
    with pytest.raises(InputError, match=r"w\.safetensors: is not a file of weights"):
        inspect(tmp_path / "w.safetensors")
    (tmp_path / "t.csv").write_text('a,b\n1,2\n"1,2,3\n4,5,6,7')
    metadata = {"sha256": file_sha256(tmp_path / "t.csv"), "tableSchema": {}, "provenance": ATTRIBUTES["provenance"]}
    metadata_path(tmp_path / "t.csv").write_text(json.dumps(metadata))
    with pytest.raises(InputError, match=r"t\.csv: is not a table"):
        read_table(tmp_path / "t.csv")
    metadata_path(tmp_path / "t.csv").write_text(DEEP)
    with pytest.raises(InputError, match=r"t\.csv-metadata\.json: damaged"):
        read_table(tmp_path / "t.csv")


def test_what_a_file_says_cannot_command_the_terminal(tmp_path, capsys):
    hostile = provenance.Provenance("\x1b[2Jrule", {"model": "\x1b]0;title\x07"}, inputs={"\x9b31m": "0"})
    write_arrays(tmp_path / "a.h5", {"x\x1b[31m": np.zeros(1)}, provenance=hostile)
    assert main(["show", str(tmp_path / "a.h5")]) == 0
    assert main(["show", "--no-stale", str(tmp_path / "b\x1b[2J.h5")]) == 1
    told = capsys.readouterr()
    assert "[2Jrule" in told.out and all(letter.isprintable() or letter == "\n" for letter in told.out + told.err)


def test_what_goes_wrong_with_what_was_read_is_not_blamed_on_the_file(tmp_path):
    """Before, a mistake in a script that had a file of activations open was told as damage of that file."""
    WRITERS["act.zarr.zip"](path := tmp_path / "act.zarr.zip")
    with pytest.raises(TypeError, match="my own"), open_activations(path):
        raise TypeError("my own")
