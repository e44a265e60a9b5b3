"""The bundled images are the first ones of the published datasets, and no others pass for them."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from repgeom import resources
from repgeom.config import datasets
from repgeom.datasets.bundled import BUNDLED, N_IMAGES
from repgeom.datasets.idx import FILES, SOURCES, load_idx
from repgeom.datasets.sources import load_dataset
from repgeom.errors import InputError
from repgeom.resources import FOLDER

DATA_DIR = os.environ.get("REPGEOM_DATA_DIR")
needs_full_files = pytest.mark.skipif(DATA_DIR is None, reason="REPGEOM_DATA_DIR, with the full files, is not set")
MEGABYTE = 10**6


def load(source):
    return load_dataset({"source": source}, data_dir=None)


@pytest.mark.parametrize("source", BUNDLED)
def test_counts_and_classes(source):
    for split, part in load(source).items():
        n_of_class = np.bincount(part.labels, minlength=10)
        assert part.images.shape == (N_IMAGES[split], 28, 28)
        assert len(part.class_names) == len(n_of_class) == 10
        assert n_of_class.min() == datasets.images_per_class(datasets.MNIST(source=source), split)


@pytest.mark.published
@needs_full_files
@pytest.mark.parametrize("source", BUNDLED)
def test_same_images_and_ids_as_in_the_full_dataset(source):
    full, few = load_idx(SOURCES[source.removesuffix("-10k")], DATA_DIR), load(source)
    for split, part in few.items():
        first = full[split].take(np.arange(N_IMAGES[split]))
        for field in ("images", "labels", "ids"):
            np.testing.assert_array_equal(getattr(part, field), getattr(first, field))
        assert part.class_names == first.class_names


@pytest.mark.published
@needs_full_files
def test_script_makes_the_same_contents(tmp_path):
    script = FOLDER / "bundle_images.py"
    subprocess.run([sys.executable, script, DATA_DIR, "--to", tmp_path], check=True, capture_output=True)
    for source in BUNDLED.values():
        made, kept = (load_idx(source, folder) for folder in (tmp_path, FOLDER))
        assert all(made[split].images.tobytes() == kept[split].images.tobytes() for split in FILES)


def copy_of_mnist(folder, monkeypatch):
    """The bundled digits in another folder, from which they are then loaded."""
    monkeypatch.setattr(resources, "FOLDER", folder)
    shutil.copytree(FOLDER / "mnist", folder / "mnist")
    return folder / "mnist" / "t10k-images-idx3-ubyte.gz"


@pytest.mark.parametrize("position", [200, 100_000, -6])
def test_a_flipped_bit_is_refused(position, tmp_path, monkeypatch):
    path = copy_of_mnist(tmp_path, monkeypatch)
    content = bytearray(path.read_bytes())
    content[position] ^= 1
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"t10k-images-idx3-ubyte\.gz is .*It comes with the project") as refusal:
        load("mnist-10k")
    assert "download" not in str(refusal.value)


def test_another_dataset_is_refused(tmp_path, monkeypatch):
    path = copy_of_mnist(tmp_path, monkeypatch)
    shutil.copy(FOLDER / "fashion-mnist" / path.name, path)
    with pytest.raises(InputError, match="have the SHA-256"):
        load("mnist-10k")


def test_a_missing_file_is_named_and_not_downloaded(tmp_path, monkeypatch):
    path = copy_of_mnist(tmp_path, monkeypatch)
    path.unlink()
    with pytest.raises(InputError, match=f"there is no file .*{path.name}. It comes with the project"):
        load("mnist-10k")


def test_found_from_any_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert load("mnist-10k")["train"].ids[17] == "mnist-train-00017"


def test_licences_and_size():
    files = [path for name in ("mnist", "fashion-mnist") for path in (FOLDER / name).iterdir()]
    assert sum(path.stat().st_size for path in files) < 8 * MEGABYTE
    assert "CC BY-SA 3.0" in Path(FOLDER, "mnist/LICENSE.md").read_text(encoding="utf-8")
    assert "MIT" in Path(FOLDER, "fashion-mnist/LICENSE.md").read_text(encoding="utf-8")
