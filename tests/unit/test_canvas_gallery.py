"""Pictures of how canvases are made say what is on them."""

import itertools

import numpy as np
import pytest
from clutter_examples import sources

from repgeom.analyses.canvas_gallery import label_table
from repgeom.figures.canvas_gallery import swap_rows
from repgeom.figures.clutter import Tile, tile_rows
from repgeom.stimuli.clutter.canvases import spec_of, version_of
from repgeom.stimuli.clutter.parameters import draw


def one_canvas():
    found = sources()
    spec = spec_of({}, found, noise=False)
    return draw(spec, found, 0, np.arange(1)), found


def test_swapped_canvases_say_what_the_target_became():
    parameters, found = one_canvas()
    before = label_table(parameters, found).iloc[0]
    ((title, tiles),) = swap_rows(parameters, found, "corrected").items()
    texts = dict(tile.title.split("\n") for tile in tiles)
    assert title == "swaps" and texts["original"] == before["category"]
    assert texts["x"] == f"→ {100 - before['x']:.0f} px" and texts["y"] == f"→ {100 - before['y']:.0f} px"
    assert texts["orientation"] == f"→ {-before['angle']:.0f}°"
    assert texts["scale"] == ("→ 1.60 ×" if before["scale"] < 1 else "→ 0.80 ×")
    assert texts["category within"] != f"→ {before['category']}"
    centres = {tile.title.split("\n")[0]: tile.target[:2] for tile in tiles}
    assert centres["x"] == (100 - before["x"], before["y"]) and centres["scale"] == (before["x"], before["y"])


def test_labels_of_swaps_as_published_add_up_both_levels():
    parameters, found = one_canvas()
    rotated = label_table(version_of(parameters, found, "orientation", "as_published"), found)
    zoomed = label_table(version_of(parameters, found, "scale", "as_published"), found)
    assert rotated["angle"].tolist() == [0] and zoomed["scale"].tolist() == [pytest.approx(0.8 * 1.6)]


def test_long_titles_break_before_their_arrow():
    row = [Tile(np.zeros((4, 4)), title) for title in ("2 → 6", "T-shirt/top → Ankle boot")]
    few, many = tile_rows({"": row}), tile_rows({"": row + 6 * row[:1]})
    assert [axes.get_title() for axes in few.axes] == ["2 → 6", "T-shirt/top → Ankle boot"]
    assert [axes.get_title() for axes in many.axes[:2]] == ["2 → 6", "T-shirt/top\n→ Ankle\nboot"]
    many.draw_without_rendering()
    boxes = [axes.title.get_window_extent() for axes in many.axes]
    assert all(left.x1 < right.x0 for left, right in itertools.pairwise(boxes))
