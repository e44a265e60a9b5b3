"""Images side by side: how far they lie from their originals, and that a figure shows each of them, grey or RGB."""

import numpy as np
import pandas as pd
import pytest

from repgeom.analyses.images import IMAGE_COLUMNS, class_names, image_rows
from repgeom.errors import InputError
from repgeom.figures.clutter import Tile, answer_tiles, tile_rows
from repgeom.figures.image_grids import Grid, image_grids, mosaic
from repgeom.figures.pictures import as_pictures
from repgeom.store.stimuli import StimulusSet, repeat_for_strengths, write_stimuli

RNG = np.random.default_rng(0)


def stimuli(n=4, shape=(3, 3)):
    images = RNG.random((n, *shape)).astype(np.float32) / 2
    return StimulusSet(images, np.arange(n), np.array([f"image-{i}" for i in range(n)]))


def changes(shown, first):
    rows = pd.DataFrame(image_rows("attacked", shown, first))
    assert list(rows) == list(IMAGE_COLUMNS)
    return rows["largest_change"].tolist()


def moved(first, order):
    """The same images in another order, each with one pixel changed by an amount of its own."""
    images = first.images.copy()
    images[np.arange(len(images)), 1, 1] += 0.1 * np.arange(len(images))
    return StimulusSet(images[order], first.labels[order], first.ids[order])


def test_change_is_the_largest_of_a_pixel_whatever_the_order():
    first = stimuli()
    assert changes(moved(first, np.array([2, 0, 3, 1])), first) == pytest.approx([0.2, 0.0, 0.3, 0.1])


def test_images_that_the_first_set_does_not_hold_have_no_change():
    first, others = stimuli(2), stimuli(4)
    np.testing.assert_equal(np.isnan(changes(others, first)), [False, False, True, True])


def test_images_at_several_strengths_are_compared_with_their_one_original():
    first = stimuli(2)
    swept = repeat_for_strengths(first, "epsilon", [0.0, 0.05])
    shifted = StimulusSet(swept.images + swept.descriptors["epsilon"][:, None, None], swept.labels, swept.ids,
                          swept.descriptors)  # fmt: skip
    assert changes(shifted, first) == pytest.approx([0, 0, 0.05, 0.05])


def test_class_names_are_those_of_the_file_and_numbers_where_it_has_none(tmp_path):
    write_stimuli(tmp_path / "named.h5", stimuli(), {"class_names": ["a", "b"]})
    write_stimuli(tmp_path / "nameless.h5", stimuli())
    assert class_names(tmp_path / "named.h5", np.array([1, 0, 7])) == ["b", "a", "7"]
    assert class_names(tmp_path / "nameless.h5", np.array([1, 0])) == ["1", "0"]


def test_pictures_are_grey_or_in_colour():
    rgb = RNG.random((2, 3, 4, 5))
    np.testing.assert_array_equal(as_pictures(rgb)[1, 2, 3], rgb[1, :, 2, 3])
    np.testing.assert_array_equal(as_pictures(rgb[:, :1]), rgb[:, 0])
    np.testing.assert_array_equal(as_pictures(rgb[:, 0]), rgb[:, 0])
    with pytest.raises(InputError, match=r"grey \(1 channel\) and RGB \(3\)"):
        as_pictures(rgb[:, :2])


@pytest.mark.parametrize("colours", [(), (3,)])
def test_a_mosaic_holds_every_image_at_its_place(colours):
    images = RNG.random((5, 2, 3, *colours))
    whole = mosaic(images, columns=3)
    assert whole.shape == (4, 9, *colours)
    np.testing.assert_array_equal(whole[2:4, 3:6], images[4])
    assert (whole[2:4, 6:] == 1).all()


def texts(axes):
    return [text.get_text() for text in axes.texts]


def test_rows_of_one_class_carry_its_name_and_mixed_rows_name_where_a_class_begins():
    images = RNG.random((6, 3, 4, 4))
    sorted_, mixed = (
        Grid(images, names) for names in (["cat"] * 3 + ["dog"] * 3, ["cat", "dog", "dog", "dog", "dog", "cat"])
    )
    left, right = image_grids({"sorted": sorted_, "mixed": mixed}, columns=3).axes
    assert [tick.get_text() for tick in left.get_yticklabels()] == ["cat", "dog"] and texts(left) == ["a"]
    assert texts(right) == ["cat", "dog", "dog", "cat", "b"] and not right.get_yticklabels()
    shown = left.images[0].get_array()
    np.testing.assert_array_equal(shown[:4, :4], np.moveaxis(images[0], 0, -1))
    assert (shown[4] == 1).all() and (shown[:, 4] == 1).all()  # a gap
    np.testing.assert_array_equal(shown[5:, 5:9], np.moveaxis(images[4], 0, -1))


def test_many_sets_stand_in_several_rows_no_wider_than_a_page():
    grid = Grid(RNG.random((4, 5, 5)), list("aabb"))
    few, many = (image_grids({f"set {i}": grid for i in range(n)}, columns=2) for n in (3, 7))
    assert few.get_figwidth() == many.get_figwidth() and many.get_figheight() == 2 * few.get_figheight()
    assert [axes.get_title() for axes in many.axes] == [*(f"set {i}" for i in range(7)), ""]


def test_examples_are_sorted_by_whether_they_were_recognised():
    truth, answers = list("abca"), list("accb")
    recognised = np.array([True, False, True, False])
    rows = answer_tiles(np.zeros((4, 5, 5)), recognised, truth, answers, 2)
    assert {title: [t.title for t in tiles] for title, tiles in rows.items()} == {
        "recognised": ["a", "c"], "not\nrecognised": ["b → c", "a → b"]}  # fmt: skip
    figure = tile_rows(rows | {"framed": [Tile(np.zeros((5, 5)), "d", (2, 2, 3))]})
    assert len(figure.axes) == 6 and len(figure.axes[4].patches) == 1


def test_examples_are_shown_in_their_colours():
    images = RNG.random((2, 3, 5, 5))
    (tiles,) = answer_tiles(images, np.array([False, False]), ["a", "b"], ["b", "a"], 1).values()
    axes = tile_rows({"": tiles}).axes[0]
    np.testing.assert_array_equal(axes.images[0].get_array(), np.moveaxis(images[0], 0, -1))
