"""Files of figures."""

import io
import re
import zlib
from dataclasses import replace

import matplotlib as mpl
import numpy as np
import pytest
from fontTools.ttLib import TTFont
from matplotlib.font_manager import fontManager
from PIL import Image

from repgeom.figures.fonts import FAMILY
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


def saved(path):
    """The bytes of a figure, drawn and saved as a job does."""
    with house_style():
        figure = new_figure(60 * MM, 40 * MM)
        axes = figure.add_subplot()
        axes.plot([0, 1], label="line")
        axes.set_title("letters", fontweight="bold")
        axes.set_ylabel("leaning", style="italic")
        axes.legend()
    save_figure(figure, path)
    return path.read_bytes()


@pytest.fixture
def find_fonts_among(monkeypatch):
    """Lets Matplotlib find fonts among these, until the test ends."""

    def find_among(fonts):
        monkeypatch.setattr(fontManager, "ttflist", fonts)
        fontManager._findfont_cached.cache_clear()

    yield find_among
    monkeypatch.undo()
    fontManager._findfont_cached.cache_clear()


@pytest.mark.parametrize("ending", ["pdf", "png", "svg"])
def test_letters_are_those_of_matplotlib_whatever_its_cache_found_first(tmp_path, find_fonts_among, ending):
    """Here serif letters under the name of the sans-serif ones, before them or alone, as after a search of its own."""
    expected = saved(tmp_path / f"expected.{ending}")
    found = fontManager.ttflist
    foreign = [replace(font, name="DejaVu Sans") for font in found if font.name == "DejaVu Serif"]
    others = [font for font in found if font.name not in ("DejaVu Sans", FAMILY)]
    for fonts in ([*foreign, *found], [*foreign, *others]):
        find_fonts_among(fonts)
        assert saved(tmp_path / f"found.{ending}") == expected


@pytest.mark.parametrize("ending", ["pdf", "png"])
def test_a_matplotlibrc_changes_no_figure(tmp_path, ending):
    expected = saved(tmp_path / f"expected.{ending}")
    theirs = {"axes.grid": True, "font.family": "serif", "lines.linestyle": "--", "figure.facecolor": "black"}
    with mpl.rc_context(theirs):
        assert saved(tmp_path / f"found.{ending}") == expected
        assert all(mpl.rcParams[key] in (value, [value]) for key, value in theirs.items())
