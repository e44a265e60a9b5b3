import gzip
import hashlib
import os
import struct
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import numpy as np
import pytest

from repgeom.datasets.download import BadCopyError
from repgeom.datasets.idx import FASHION_MNIST, FILES, MNIST, IdxSource, load_idx, parse_idx, read_verified
from repgeom.errors import InputError

NAMES = [name for pair in FILES.values() for name in pair]
TEST_IMAGES = "t10k-images-idx3-ubyte"


def idx(array):
    """The IDX file of an array, spelled out byte by byte."""
    header = bytes([0, 0, 8, array.ndim]) + b"".join(struct.pack(">I", side) for side in array.shape)
    return header + array.astype(np.uint8).tobytes()


def contents(n_train=30, n_test=20):
    """The four files of a small dataset of 5×4 pixels and three classes."""
    rng = np.random.default_rng(0)
    files = {}
    for (images, labels), n in zip(FILES.values(), (n_train, n_test), strict=True):
        files[images] = idx(rng.integers(256, size=(n, 5, 4)))
        files[labels] = idx(rng.integers(3, size=n))
    return files


def source_of(files, mirrors=()):
    sha256 = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    return IdxSource("small", ("a", "b", "c"), sha256, mirrors)


def put(folder, files, zipped=True):
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        path = folder / (f"{name}.gz" if zipped else name)
        path.write_bytes(gzip.compress(content) if zipped else content)


@pytest.fixture
def mirror(tmp_path, monkeypatch):
    """A folder served on loopback, and its address."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    folder = tmp_path / "served"
    folder.mkdir()

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *args):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder)) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield folder, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def assert_is_small_dataset(dataset, files):
    assert list(dataset) == ["train", "test"]
    for split, (images, labels) in FILES.items():
        part = dataset[split]
        assert part.images.shape == (len(part), 5, 4) and part.images.dtype == np.uint8
        assert part.images.tobytes() == files[images][16:]
        assert part.labels.tolist() == list(files[labels][8:])
        assert part.ids[-1] == f"small-{split}-{len(part) - 1:05d}"
    assert (len(dataset["train"]), len(dataset["test"])) == (30, 20)


@pytest.mark.parametrize("zipped", [True, False])
def test_files_are_found_raw_or_gzipped(tmp_path, zipped):
    files = contents()
    put(tmp_path / "small", files, zipped)
    assert_is_small_dataset(load_idx(source_of(files), tmp_path), files)


def test_another_compression_of_the_same_content_is_fine(tmp_path):
    files = contents()
    put(tmp_path / "small", files)
    (tmp_path / "small" / f"{TEST_IMAGES}.gz").write_bytes(gzip.compress(files[TEST_IMAGES], compresslevel=0, mtime=9))
    assert_is_small_dataset(load_idx(source_of(files), tmp_path), files)


def test_the_ending_of_a_name_is_not_trusted(tmp_path):
    """Some browsers decompress what they save, and leave the name as it was."""
    files = contents()
    put(tmp_path / "small", files)
    (tmp_path / "small" / f"{TEST_IMAGES}.gz").write_bytes(files[TEST_IMAGES])
    assert_is_small_dataset(load_idx(source_of(files), tmp_path), files)


def test_missing_files_are_downloaded_once(tmp_path, mirror):
    folder, url = mirror
    files = contents()
    put(folder, files)
    source = source_of(files, (url,))
    assert_is_small_dataset(load_idx(source, tmp_path / "data"), files)
    assert sorted(os.listdir(tmp_path / "data" / "small")) == sorted(f"{name}.gz" for name in NAMES)
    assert_is_small_dataset(load_idx(replace(source, mirrors=()), tmp_path / "data"), files)


def test_files_that_are_there_are_not_downloaded(tmp_path, mirror):
    folder, url = mirror
    files = contents()
    put(folder, {TEST_IMAGES: files[TEST_IMAGES]})
    put(tmp_path / "small", {name: content for name, content in files.items() if name != TEST_IMAGES}, zipped=False)
    assert_is_small_dataset(load_idx(source_of(files, (url,)), tmp_path), files)
    assert sorted(path.name for path in (tmp_path / "small").glob("*.gz")) == [f"{TEST_IMAGES}.gz"]


FLAWS = {
    "truncated": (lambda good: gzip.compress(good)[:-40], "is truncated"),
    "altered": (lambda good: gzip.compress(good[:-1] + bytes([good[-1] ^ 1])), "is not the published file"),
    "damaged": (lambda good: gzip.compress(good)[:20] + b"\xff" * 20 + gzip.compress(good)[40:], "is damaged"),
    "wrong checksum": (lambda good: gzip.compress(good)[:-8] + bytes(8), "is damaged.*CRC"),
    "empty": (lambda good: b"", "is not the published file: its 0 bytes"),
    "a web page": (lambda good: b"\n<!doctype html><html></html>", "is a web page"),
    "a gzipped web page": (lambda good: gzip.compress(b"<html></html>"), "is a web page"),
    "raw and short": (lambda good: good[:-1], "is not the published file"),
}


@pytest.mark.parametrize("flaw", FLAWS)
def test_a_bad_file_of_the_user_is_named_and_left_alone(tmp_path, mirror, flaw):
    folder, url = mirror
    files = contents()
    put(folder, files)  # a good copy is to be had, yet what stands in the user's folder is the user's to replace
    put(tmp_path / "small", files)
    make, message = FLAWS[flaw]
    bad = tmp_path / "small" / f"{TEST_IMAGES}.gz"
    bad.write_bytes(given := make(files[TEST_IMAGES]))  # once: gzip writes the time down
    with pytest.raises(InputError, match=message) as refusal:
        load_idx(source_of(files, (url,)), tmp_path)
    assert str(bad) in str(refusal.value) and "Replace it, or remove it" in str(refusal.value)
    assert bad.read_bytes() == given


@pytest.mark.parametrize("flaw", FLAWS)
def test_a_bad_download_is_named_and_not_kept(tmp_path, mirror, flaw):
    folder, url = mirror
    files = contents()
    put(folder, files)
    make, message = FLAWS[flaw]
    (folder / f"{TEST_IMAGES}.gz").write_bytes(make(files[TEST_IMAGES]))
    with pytest.raises(InputError, match=message) as refusal:
        load_idx(source_of(files, (url,)), tmp_path)
    assert f"{url}/{TEST_IMAGES}.gz" in str(refusal.value)
    assert f"put {TEST_IMAGES} or {TEST_IMAGES}.gz into {tmp_path / 'small'}" in str(refusal.value)
    assert sorted(os.listdir(tmp_path / "small")) == sorted(f"{name}.gz" for name in FILES["train"])
    put(folder, files)  # the mirror recovers, and so does the next run
    assert_is_small_dataset(load_idx(source_of(files, (url,)), tmp_path), files)


def test_a_second_mirror_is_asked_when_the_first_is_wrong(tmp_path, mirror):
    folder, url = mirror
    files = contents()
    put(folder / "first", dict.fromkeys(files, b"<html></html>"))
    put(folder / "second", files)
    source = source_of(files, (f"{url}/first", f"{url}/second"))
    assert_is_small_dataset(load_idx(source, tmp_path), files)


def test_an_unreadable_file_is_named(tmp_path):
    with pytest.raises(BadCopyError, match=r"nowhere cannot be read: No such file"):
        read_verified("00", tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("name", "array", "message"),
    [
        ("t10k-labels-idx1-ubyte", np.zeros(19), r"t10k-images.* \(20, 5, 4\) and t10k-labels.* \(19,\)"),
        ("t10k-labels-idx1-ubyte", np.zeros((20, 1)), r"\(20, 1\)"),
        ("t10k-labels-idx1-ubyte", np.full(20, 3), "test label 3 at index 0 is outside 0–2"),
        ("t10k-images-idx3-ubyte", np.zeros((20, 20)), r"\(20, 20\).*expected \(n, height, width\)"),
    ],
)
def test_files_that_contradict_each_other_are_refused(tmp_path, name, array, message):
    files = contents() | {name: idx(array)}
    put(tmp_path / "small", files)
    with pytest.raises(InputError, match=message):
        load_idx(source_of(files), tmp_path)


@pytest.mark.parametrize("shape", [(7,), (3, 2), (2, 3, 4), (0, 28, 28)])
def test_idx_round_trip(shape):
    array = np.random.default_rng(1).integers(256, size=shape).astype(np.uint8)
    np.testing.assert_array_equal(parse_idx(idx(array), "x"), array)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "begins with 0x$"),
        (bytes([0, 0, 8]), "not an IDX file"),
        (bytes([0, 1, 8, 1, 0, 0, 0, 0]), "begins with 0x00010801"),
        (bytes([0, 0, 0x0D, 1, 0, 0, 0, 0]), "of unsigned bytes: it begins with 0x00000d01"),
        (bytes([0, 0, 8, 3, 0, 0, 0, 1, 0, 0]), "ends within its header of 16 bytes"),
        (idx(np.zeros((2, 3)))[:-1], r"holds 5 values, but its header announces 6, shape \(2, 3\)"),
        (idx(np.zeros((2, 3))) + b"\0", "holds 7 values"),
    ],
)
def test_content_that_is_not_idx_is_refused(content, message):
    with pytest.raises(InputError, match=f"some file .*{message}"):
        parse_idx(content, "some file")


def test_sources_name_a_hash_for_every_file():
    for source in (MNIST, FASHION_MNIST):
        assert set(source.sha256) == set(NAMES)
        assert all(len(bytes.fromhex(digest)) == 32 for digest in source.sha256.values())
    assert not set(MNIST.sha256.values()) & set(FASHION_MNIST.sha256.values())


needs_data = pytest.mark.skipif("REPGEOM_DATA_DIR" not in os.environ, reason="REPGEOM_DATA_DIR is not set")


@needs_data
@pytest.mark.published
@pytest.mark.parametrize("source", [MNIST, FASHION_MNIST], ids=lambda source: source.name)
def test_published_datasets(source):
    dataset = load_idx(replace(source, mirrors=()), Path(os.environ["REPGEOM_DATA_DIR"]))
    assert dataset["train"].images.shape == (60000, 28, 28)
    assert dataset["test"].images.shape == (10000, 28, 28)
    assert len(source.class_names) == 10


@needs_data
@pytest.mark.published
def test_mnist_has_its_well_known_mean_and_spread():
    """0.1307 and 0.3081 over the training images: the numbers that networks for MNIST are normalised with."""
    pixels = load_idx(MNIST, Path(os.environ["REPGEOM_DATA_DIR"]))["train"].to_float()
    assert pixels.mean(dtype=np.float64) == pytest.approx(0.1307, abs=5e-5)
    assert pixels.std(dtype=np.float64) == pytest.approx(0.3081, abs=5e-5)
