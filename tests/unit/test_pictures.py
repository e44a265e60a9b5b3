"""Pictures from anybody: only plain files of the formats that the documentation names, and one line for all others."""

import os
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from repgeom.datasets.folder import load_folder
from repgeom.datasets.pictures import FORMATS, open_picture
from repgeom.errors import InputError
from repgeom.workflow.folders import folder_digest

EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 4 4\n(marker) (w) file closefile\nshowpage\n"


@pytest.fixture
def root(tmp_path):
    for split in ("train", "test"):
        (tmp_path / split / "cat").mkdir(parents=True)
        Image.new("L", (6, 4)).save(tmp_path / split / "cat/a.png")
    return tmp_path


def chunk(kind, content):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def with_long_text(path):
    """A PNG of which a text takes 64 MB once it is unpacked."""
    content = path.read_bytes()
    path.write_bytes(content[:33] + chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(64 << 20))) + content[33:])


def sparse(path):
    with open(path, "wb") as file:
        file.truncate(1 << 29)


def fifo(path):
    path.unlink()
    os.mkfifo(path)


def bomb(path):
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 0, 0, 0, 0))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b""))


HOSTILE = {
    "EPS": (lambda path: path.write_bytes(EPS), r"\(none of PNG, JPEG"),
    "FIFO": (fifo, "it is no plain file"),
    "long text": (with_long_text, "Decompressed data too large"),
    "large file": (sparse, "536870912 bytes are more than"),
    "bomb": (bomb, "exceeds limit"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_other_pictures_are_refused_in_one_line(root, what):
    spoil, message = HOSTILE[what]
    spoil(root / "test/cat/a.png")
    with pytest.raises(InputError, match=rf"a\.png cannot be read as an image .*{message}") as error:
        load_folder(root)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("kind", FORMATS)
def test_the_formats_that_the_documentation_names_are_opened(tmp_path, kind):
    Image.fromarray(np.full((4, 6), 7, np.uint8)).save(tmp_path / "a", format=kind)
    with open_picture(tmp_path / "a") as picture:
        assert picture.size == (6, 4)


def test_names_that_are_not_utf8_are_told(root):
    for split in ("train", "test"):
        os.rename(root / split / "cat", os.fsencode(root / split) + b"/c\xff")
    assert folder_digest(root)
    with pytest.raises(InputError, match=r"the name 'c\\udcff' of a class.* cannot be printed"):
        load_folder(root)


def test_images_whose_names_are_not_utf8_keep_an_id(root):
    os.rename(root / "test/cat/a.png", os.fsencode(root / "test/cat") + b"/\xff.png")
    assert list(load_folder(root)["test"].ids) == ["test/cat/%FF.png"]
