"""Files of figures."""

import io
import re
import zlib

import numpy as np
from fontTools.ttLib import TTFont
from PIL import Image

from repgeom.figures.style import COLUMN, MM, house_style, new_figure, save_figure, settle


def test_png_files_are_small_and_still_what_was_drawn(tmp_path):
    """A small heat map: few colours, fewer bytes, hardly a pixel off."""
    with house_style():
        figure = new_figure(COLUMN, 50 * MM)
        left, right = figure.subplots(1, 2)
    left.imshow(np.random.default_rng(0).random((12, 12)), cmap="magma_r")
    right.plot([0, 1])
    save_figure(figure, tmp_path / "small.png")
    with house_style():
        figure.savefig(tmp_path / "full.png")
    full, small = (Image.open(tmp_path / f"{name}.png") for name in ("full", "small"))
    assert full.size == small.size and "Description" in small.info and round(small.info["dpi"][0]) == 300
    off = np.abs(np.asarray(full.convert("RGB"), int) - np.asarray(small.convert("RGB")))
    assert np.quantile(off, 0.999) <= 40 and (np.asarray(small.convert("RGB"))[0, 0] == 255).all()
    assert small.mode == "P" and (tmp_path / "small.png").stat().st_size < (tmp_path / "full.png").stat().st_size


def test_letters_of_a_pdf_are_outlines_without_tables_for_typesetting(tmp_path):
    figure = new_figure(60 * MM, 40 * MM)
    figure.add_subplot().set_title("letters")
    save_figure(figure, tmp_path / "a.pdf")
    streams = re.findall(rb"stream\n(.*?)\nendstream", (tmp_path / "a.pdf").read_bytes(), flags=re.S)
    unpacked = [zlib.decompress(stream) for stream in streams if stream.startswith(b"\x78")]
    (font,) = [TTFont(io.BytesIO(data)) for data in unpacked if data.startswith(b"\0\1\0\0")]
    assert "glyf" in font and not {"GSUB", "GPOS", "GDEF"} & set(font.keys())


def test_last_digits_of_the_layout_do_not_reach_the_file(tmp_path):
    """The solver of the layout leaves −1e-17 in one process where another finds 0, which a PDF tells apart."""
    files = []
    for noise in (0.0, -1e-17):
        figure = new_figure(60 * MM, 40 * MM)
        above, below = figure.subfigures(2, 1)
        inner = below.subfigures(1, 2)[0]
        figure.set_layout_engine("none")
        for part in (above, below, inner):
            part.bbox_relative.set_points(part.bbox_relative.get_points() + noise)
        settle(figure)
        assert not np.signbit(inner.bbox_relative.get_points()).any()
        files.append(tmp_path / f"{noise}.pdf")
        figure.savefig(files[-1], metadata={"CreationDate": None})
    assert files[0].read_bytes() == files[1].read_bytes()
