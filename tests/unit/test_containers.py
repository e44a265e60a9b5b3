"""HDF5, npz and npy files from anybody: what leads elsewhere, declares too much or is damaged is refused in one line.

Before, values were fetched from whatever file an HDF5 file named, and damage ended in tracebacks.
"""

import io
import os
import struct
import subprocess
import sys
import zipfile

import h5py
import numpy as np
import pytest

from repgeom.datasets.arrays import load_arrays
from repgeom.datasets.containers import hdf5_arrays, numpy_arrays
from repgeom.errors import InputError
from repgeom.store.measured_rdms import import_rdms
from repgeom.store.responses import import_responses

NAMES = {"images": "images", "labels": None, "train_images": None, "train_labels": None}


def outside(file, folder):
    (folder / "secret").write_bytes(bytes(8))
    file.create_dataset("x", shape=(8,), dtype="u1", external=[(str(folder / "secret"), 0, 8)])


def outside_below(file, folder):
    outside(file.create_group("inner"), folder)


def linked(file, folder):
    with h5py.File(folder / "other.h5", "w") as other:
        other["y"] = np.arange(8)
    file["x"] = h5py.ExternalLink(str(folder / "other.h5"), "y")


def virtual(file, folder):
    layout = h5py.VirtualLayout(shape=(8,), dtype="i8")
    layout[:] = h5py.VirtualSource(str(folder / "other.h5"), "y", shape=(8,))
    file.create_virtual_dataset("x", layout)


def declared_only(file, folder):
    file.create_dataset("x", shape=(1 << 40,), dtype="f8", chunks=(1 << 16,))


def many_declared(file, folder):
    for i in range(20):
        file.create_dataset(f"x{i}", shape=(1 << 24,), dtype="f8", chunks=(1 << 16,))


HOSTILE = {
    outside: "'x' are in another file",
    outside_below: "'x' are in another file",
    linked: "'x' leads to another file",
    virtual: "'x' are in another file",
    declared_only: "its arrays take 8796093022208 bytes",
    many_declared: "its arrays take 2684354560 bytes",
}
READERS = {
    "a.h5": (hdf5_arrays, lambda path: load_arrays(path, NAMES), import_rdms),
    "a.nc": (import_responses,),
}


@pytest.mark.parametrize("fill", HOSTILE)
@pytest.mark.parametrize("name", READERS)
def test_hdf5_that_leads_elsewhere_or_declares_too_much_is_refused(tmp_path, fill, name):
    with h5py.File(path := tmp_path / name, "w") as file:
        fill(file, tmp_path)
    for read in READERS[name]:
        with pytest.raises(InputError, match=f"{name}: .*{HOSTILE[fill]}") as error:
            read(path)
        assert "\n" not in str(error.value)


def test_groups_that_hold_themselves_and_compressed_arrays_are_read(tmp_path):
    with h5py.File(path := tmp_path / "a.h5", "w") as file:
        file.create_dataset("x", data=np.zeros(1 << 20), compression="gzip")
        file.create_group("inner")["self"] = file["/"]
    assert hdf5_arrays(path)["x"].shape == (1 << 20,)


def npy(shape, content=b""):
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(file, {"descr": "<f8", "fortran_order": False, "shape": shape})
    return file.getvalue() + content


def zipped(content, kind=zipfile.ZIP_STORED):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", kind) as archive:
        archive.writestr("images.npy", content)
    return file.getvalue()


def bomb():
    file = io.BytesIO()
    with (
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("images.npy", "w", force_zip64=True) as entry,
    ):
        entry.write(npy((1 << 28,)))
        for _ in range(1 << 7):
            entry.write(bytes(1 << 24))
    return file.getvalue()


def pickled():
    file = io.BytesIO()
    np.save(file, np.array([{}], dtype=object), allow_pickle=True)
    return file.getvalue()


NUMPY = {
    "declares more than is there": npy((1 << 50,)),
    "declares more than is there, zipped": zipped(npy((1 << 50,))),
    "unpacks to 2 GB": bomb(),
    "a pickle": pickled(),
    "a zipped pickle": zipped(pickled()),
    "nothing": b"",
    "no header": b"\x93NUMPY\x01\x00\xff\xff",
    "nested": b"\x93NUMPY\x01\x00\x10\x27" + b"(" * 10_000,
    "text": b"images",
}


@pytest.mark.parametrize("what", NUMPY)
@pytest.mark.parametrize("name", ["a.npy", "a.npz"])
def test_numpy_files_that_lie_are_refused(tmp_path, what, name):
    (path := tmp_path / name).write_bytes(NUMPY[what])
    for read in [numpy_arrays, lambda path: load_arrays(path, NAMES)]:
        with pytest.raises(InputError, match=f"{name}: (cannot be read|its arrays take)"):
            read(path)


@pytest.mark.parametrize("kind", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_damaged_archives_are_refused_or_read_as_they_were(tmp_path, kind):
    whole = zipped(npy((8,), bytes(64)), kind)
    for place in range(len(whole)):
        for flip in (0x01, 0x80):
            content = bytearray(whole)
            content[place] ^= flip
            (path := tmp_path / "a.npz").write_bytes(content)
            try:
                found = numpy_arrays(path)
            except InputError as error:
                assert "\n" not in str(error).strip()
            else:
                assert all((array == 0).all() for array in found.values())


def test_a_pipe_is_no_file(tmp_path):
    for name in ("a.npz", "a.npy", "a.h5"):
        os.mkfifo(tmp_path / name)
        with pytest.raises(InputError, match=f"{name}: no such file"):
            load_arrays(tmp_path / name, NAMES)


def netcdf3(dimensions, variables, version=1):
    """A netCDF-3 file: dimensions by name, and arrays of bytes, each (name, dimension numbers, where it begins)."""

    def word(n):
        return struct.pack(">i", n)

    def text(name):
        return word(len(name)) + name.encode().ljust(-(-len(name) // 4) * 4, b"\0")

    head = b"CDF" + bytes([version]) + word(0) + word(10) + word(len(dimensions))
    head += b"".join(text(name) + word(length) for name, length in dimensions.items()) + word(0) * 2
    head += word(11) + word(len(variables))
    for name, numbers, begin in variables:
        head += text(name) + word(len(numbers)) + b"".join(map(word, numbers))
        head += word(0) * 2 + word(1) + word(0) + word(begin)
    return head


LARGE = 1 << 22
NETCDF3 = {
    "2³¹ dimensions": b"CDF\x01" + struct.pack(">iii", 0, 10, 2**31 - 1),
    "a pebibyte": netcdf3({"a": 2**30, "b": 2**20}, [("responses", [0, 1], 0)]),
    "negative": netcdf3({"a": -4}, [("responses", [0], 0)]),
    "many arrays of the same bytes": netcdf3({"a": LARGE}, [(f"v{i}", [0], 0) for i in range(600)]) + bytes(LARGE),
    "no such dimension": netcdf3({"a": 4}, [("responses", [7], 0)]),
    "records of nothing": netcdf3({"a": 0, "b": 4}, [("responses", [1, 0], 0)]),
    "another version": netcdf3({"a": 4}, [("responses", [0], 0)], version=9),
    "cut off": netcdf3({"a": 4}, [("responses", [0], 0)])[:30],
}


READ_ALL = """
import pathlib, resource, sys
from repgeom.errors import InputError
from repgeom.store.responses import import_responses

resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
for path in sorted(pathlib.Path(sys.argv[1]).glob("*.nc")):
    try:
        import_responses(path)
    except InputError as error:
        print(error)
"""


def test_netcdf3_that_lies_is_refused_within_limits(tmp_path):
    """Before, errors of any type came up, and 2.4 GB were read of the file whose arrays are all the same bytes."""
    for name, content in NETCDF3.items():
        (tmp_path / f"{name}.nc").write_bytes(content)
    command = [sys.executable, "-c", READ_ALL, str(tmp_path)]
    told = subprocess.run(command, capture_output=True, text=True, timeout=100, check=True).stdout.splitlines()
    assert len(told) == len(NETCDF3)
    for name, line in zip(sorted(NETCDF3), told, strict=True):
        assert line.startswith(f"{tmp_path}/{name}.nc: ")
