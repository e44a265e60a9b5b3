"""Artifacts are written whole, read back exactly, and never trusted when damaged."""

import os
import re

import numpy as np
import pandas as pd
import pytest
import rsatoolbox
import torch

from repgeom.coordinates.reduction import reduce_activations
from repgeom.errors import InputError
from repgeom.store.activations import StimulusInfo, activation_writer, open_activations
from repgeom.store.atomic import atomic_path
from repgeom.store.coordinates import coordinate_writer, open_coordinates
from repgeom.store.hdf5 import open_arrays, read_arrays, write_arrays
from repgeom.store.measured_rdms import MeasuredRDMs, read_measured_rdms, write_measured_rdms
from repgeom.store.provenance import Provenance
from repgeom.store.rdms import RDMs, read_rdms, write_rdms
from repgeom.store.resume import ResumeFile
from repgeom.store.stimuli import StimulusSet, read_stimuli, write_stimuli
from repgeom.store.table_metadata import read_table_metadata
from repgeom.store.tables import read_table, write_table
from repgeom.store.weights import read_epochs, read_weights, read_weights_provenance, write_weights

MADE_BY = Provenance(rule="test", config={"a": 1}, inputs={"x": "0" * 64}, versions={"numpy": "1"})
RNG = np.random.default_rng(0)
INFO = StimulusInfo(np.array(["a", "b", "c"]), np.array([0, 0, 1]), {"predicted": np.array([0, 1, 1])})
NODE = {"module": "conv1", "timestep": 0, "inputs": []}


def some_rdms():
    return RDMs(RNG.random((2, 3)), "correlation", ["conv1", "fc.x"], ["conv1", "fc"], np.array([0, 2]),
                INFO.ids, INFO.labels, {"model": "m"})  # fmt: skip


def write_activations(path, values=None):
    values = RNG.normal(size=(3, 2, 4)).astype(np.float32) if values is None else values
    with activation_writer(path, INFO, {"model": "m"}, 2, MADE_BY) as writer:
        writer.append("conv1", NODE, values[:2])
        writer.append("conv1", NODE, values[2:])
    return values


def write_coordinates(path):
    x = np.random.default_rng(1).normal(size=(3, 9))
    with coordinate_writer(path, INFO, {"conv1": NODE}, {}, MADE_BY) as writer:
        writer.add("conv1", reduce_activations([x]))


def some_stimuli():
    return StimulusSet(np.zeros((3, 8, 8), np.float32), INFO.labels, INFO.ids, {"epsilon": np.zeros(3)})


WRITERS = {
    "a.h5": lambda p: write_arrays(p, {"x": np.arange(500.0), "ids": np.array(["a", "b"])}, {"k": 1}, MADE_BY),
    "r.h5": lambda p: write_rdms(p, some_rdms(), MADE_BY),
    "s.h5": lambda p: write_stimuli(p, some_stimuli(), {"class_names": ["0", "1"]}, MADE_BY),
    "w.safetensors": lambda p: write_weights(p, {0: {"fc.weight": torch.arange(90.0)}}, MADE_BY),
    "t.csv": lambda p: write_table(p, pd.DataFrame({"x": np.arange(50) / 7}), {"x": "a number"}, MADE_BY),
    "act.zarr.zip": write_activations,
    "coord.zarr.zip": write_coordinates,
}


def read_act(path):
    with open_activations(path) as file:
        return file.read("conv1")


def read_coord(path):
    with open_coordinates(path) as file:
        return file.read("conv1").centred


READERS = {
    "a.h5": lambda p: read_arrays(p)["x"],
    "r.h5": lambda p: read_rdms(p).dissimilarities,
    "s.h5": lambda p: read_stimuli(p).images,
    "w.safetensors": lambda p: read_weights(p)["fc.weight"].numpy(),
    "t.csv": lambda p: read_table(p)["x"].to_numpy(),
    "act.zarr.zip": read_act,
    "coord.zarr.zip": read_coord,
}


def test_arrays_round_trip(tmp_path):
    arrays = {"x": RNG.normal(size=(3, 4)), "n": np.arange(3), "flag": np.array([True, False]), "ids": INFO.ids}
    write_arrays(tmp_path / "a.h5", arrays, {"names": ["é"]}, MADE_BY)
    found = read_arrays(tmp_path / "a.h5")
    for name, array in arrays.items():
        np.testing.assert_array_equal(found[name], array)
    assert found.attributes == {"names": ["é"]} and found.provenance == MADE_BY
    with pytest.raises(InputError, match="did you mean 'flag'"):
        found["flags"]


def test_text_in_any_script_round_trips(tmp_path):
    text = np.array(["é", "größe", "日本", "plain"])
    write_arrays(tmp_path / "a.h5", {"text": text, "none": text[:0]})
    found = read_arrays(tmp_path / "a.h5")
    assert found["text"].tolist() == text.tolist() and len(found["none"]) == 0


@pytest.mark.parametrize("kind", ["act.zarr.zip", "coord.zarr.zip", "a.h5"])
@pytest.mark.parametrize("mine", [KeyError("mine"), ValueError("mine"), OSError("mine")], ids=repr)
def test_what_goes_wrong_while_a_file_is_open_is_not_laid_to_the_file(kind, mine, tmp_path):
    WRITERS[kind](tmp_path / kind)
    opened = {"act.zarr.zip": open_activations, "coord.zarr.zip": open_coordinates, "a.h5": open_arrays}[kind]
    with pytest.raises(type(mine)) as found, opened(tmp_path / kind):
        raise mine
    assert found.value is mine


def test_activations_round_trip(tmp_path):
    values = write_activations(tmp_path / "a.zarr.zip")
    with open_activations(tmp_path / "a.zarr.zip") as file:
        np.testing.assert_array_equal(file.read("conv1"), values.reshape(3, 8))
        np.testing.assert_array_equal(np.hstack(list(file.blocks("conv1"))), values.reshape(3, 8))
        assert file.nodes == {"conv1": NODE | {"shape": [2, 4]}}
        np.testing.assert_array_equal(file.stimuli.descriptors["predicted"], [0, 1, 1])
        with pytest.raises(InputError, match="did you mean 'conv1'"):
            file.read("conv")


def test_incomplete_activations_are_not_written(tmp_path):
    with (
        pytest.raises(InputError, match="no node was recorded for all 3 stimuli"),
        activation_writer(tmp_path / "a.zarr.zip", INFO, {}, 2) as writer,
    ):
        writer.append("conv1", NODE, np.ones((2, 4), dtype=np.float32))
    assert list(tmp_path.iterdir()) == []


def test_rdms_load_in_rsatoolbox(tmp_path):
    rdms = some_rdms()
    write_rdms(tmp_path / "r.h5", rdms, MADE_BY)
    theirs = rsatoolbox.rdm.load_rdm(str(tmp_path / "r.h5"))
    np.testing.assert_array_equal(theirs.dissimilarities, rdms.dissimilarities)
    assert theirs.rdm_descriptors["node"] == ["conv1", "fc.x"]
    assert list(theirs.pattern_descriptors["id"]) == ["a", "b", "c"]
    assert theirs.dissimilarity_measure == "correlation" and theirs.descriptors["model"] == "m"
    ours = read_rdms(tmp_path / "r.h5")
    np.testing.assert_array_equal(ours["fc.x"], rdms.dissimilarities[1])
    assert ours.provenance == MADE_BY
    with pytest.raises(InputError, match="did you mean 'conv1'"):
        ours["conv2"]


def test_text_of_any_script_comes_back(tmp_path):
    """`write_rdms` ended in a traceback where an id was not ASCII, and `write_measured_rdms` in an error."""
    ids, rdms = np.array(["é", "漢", "a"]), np.arange(3.0)[None]
    write_rdms(tmp_path / "r.h5", RDMs(rdms, "correlation", ["ñ"], ["ñ"], np.array([0]), ids, np.arange(3)))
    write_measured_rdms(tmp_path / "m.h5", MeasuredRDMs(rdms, ["Ö"], ids))
    ours, measured = read_rdms(tmp_path / "r.h5"), read_measured_rdms(tmp_path / "m.h5")
    assert ours.ids.tolist() == measured.ids.tolist() == ids.tolist()
    assert ours.nodes == ["ñ"] and measured.subjects == ["Ö"]


def test_rdms_must_fit_their_stimuli():
    with pytest.raises(InputError, match="4 pairs"):
        RDMs(np.ones((1, 4)), "m", ["a"], ["a"], np.array([0]), INFO.ids, INFO.labels)


def test_weights_round_trip(tmp_path):
    epochs = {0: {"a": torch.zeros(2)}, 3: {"a": torch.tensor([1.5, -2.0])}}
    write_weights(tmp_path / "w.safetensors", epochs, MADE_BY)
    assert read_epochs(tmp_path / "w.safetensors") == [0, 3]
    assert read_weights(tmp_path / "w.safetensors")["a"].tolist() == [1.5, -2.0]
    assert read_weights(tmp_path / "w.safetensors", 0)["a"].tolist() == [0, 0]
    assert read_weights_provenance(tmp_path / "w.safetensors") == MADE_BY
    with pytest.raises(InputError, match=r"no weights of epoch 2.*\[0, 3\]"):
        read_weights(tmp_path / "w.safetensors", 2)


def test_tables_describe_themselves(tmp_path):
    WRITERS["t.csv"](tmp_path / "t.csv")
    metadata = read_table_metadata(tmp_path / "t.csv")
    assert metadata["tableSchema"]["columns"] == [{"name": "x", "dc:description": "a number"}]
    assert metadata["provenance"]["rule"] == "test"


@pytest.mark.parametrize("name", WRITERS)
def test_same_content_same_bytes(tmp_path, name):
    contents = []
    for folder in ("one", "two"):
        global RNG
        RNG = np.random.default_rng(0)
        WRITERS[name](tmp_path / folder / name)
        contents.append((tmp_path / folder / name).read_bytes())
    assert contents[0] == contents[1]


@pytest.mark.parametrize("name", READERS)
def test_missing_file(tmp_path, name):
    with pytest.raises(InputError, match=f"{re.escape(name)}: no such file"):
        READERS[name](tmp_path / name)


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("keep", [0, 10, 0.5, 0.99])
def test_truncated_file(tmp_path, name, keep):
    path = tmp_path / name
    WRITERS[name](path)
    content = path.read_bytes()
    path.write_bytes(content[: keep if isinstance(keep, int) else int(len(content) * keep)])
    with pytest.raises(InputError, match=name):
        READERS[name](path)


@pytest.mark.parametrize("name", READERS)
def test_flipped_bits_never_change_what_is_read(tmp_path, name):
    path = tmp_path / name
    WRITERS[name](path)
    content, expected = path.read_bytes(), READERS[name](path)
    for place in np.random.default_rng(1).choice(len(content), size=min(len(content), 1000), replace=False):
        damaged = bytearray(content)
        damaged[place] ^= 1 << int(place % 8)
        path.write_bytes(damaged)
        try:
            found = READERS[name](path)
        except InputError as error:
            assert name in str(error)
        else:
            np.testing.assert_array_equal(found, expected)


def test_a_failed_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "a.h5"
    write_arrays(path, {"x": np.zeros(3)})
    before = path.read_bytes()
    with pytest.raises(RuntimeError), atomic_path(path) as partial:
        partial.write_bytes(b"half")
        raise RuntimeError
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]


def test_a_full_disk_names_the_file(tmp_path):
    with pytest.raises(InputError, match=r"cannot write .*a\.h5: No space left"), atomic_path(tmp_path / "a.h5"):
        raise OSError(28, os.strerror(28))
    assert list(tmp_path.iterdir()) == []


def test_resume_only_what_fits(tmp_path):
    artifact = tmp_path / "w.safetensors"
    ResumeFile(artifact, MADE_BY).save({"epoch": 3, "w": torch.ones(2)})
    assert ResumeFile(artifact, MADE_BY).load()["epoch"] == 3
    assert ResumeFile(artifact, Provenance(rule="test", config={"a": 2})).load() is None
    saved = ResumeFile(artifact, MADE_BY).path
    saved.write_bytes(saved.read_bytes()[:-40])
    assert ResumeFile(artifact, MADE_BY).load() is None
    ResumeFile(artifact, MADE_BY).remove()
    assert ResumeFile(artifact, MADE_BY).load() is None
