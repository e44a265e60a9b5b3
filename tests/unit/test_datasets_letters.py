from pathlib import Path

import matplotlib
import numpy as np
import pytest
from matplotlib.ft2font import FT2Font
from sklearn.linear_model import LogisticRegression

from repgeom.datasets.letters import FONTS, LETTERS, Variation, draw_letters, rasterise
from repgeom.errors import InputError

PLAIN = Variation(rotation=0, shear=0, scale=1, shift=(0, 0))
EVERY_FONT = FONTS["train"] + FONTS["test"]


@pytest.fixture(scope="module")
def letters():
    return draw_letters(train_per_class=40, test_per_class=20, seed=3)


def has_letters(file):
    """Whether the font's glyphs for A–J are called A–J (in cmex10, for example, they are parentheses)."""
    font = FT2Font(str(file))
    characters = font.get_charmap()
    return all(
        ord(letter) in characters and font.get_glyph_name(characters[ord(letter)]) == letter for letter in LETTERS
    )


def ink_box(image):
    """The box of pixels with any ink: left, right, top, bottom, all inclusive."""
    rows, columns = np.flatnonzero(image.any(axis=1)), np.flatnonzero(image.any(axis=0))
    return columns[0], columns[-1], rows[0], rows[-1]


def middle_of_ink(image):
    weights = image / image.sum()
    return float((weights.sum(axis=0) * np.arange(28)).sum()), float((weights.sum(axis=1) * np.arange(28)).sum())


def test_all_letter_fonts_of_matplotlib_are_used_but_its_symbols():
    shipped = {
        file.name for file in Path(matplotlib.get_data_path(), "fonts", "ttf").glob("*.ttf") if has_letters(file)
    }
    assert set(EVERY_FONT) == shipped - {"cmsy10.ttf"}  # calligraphic capitals among mathematical symbols


def test_splits_share_no_font_and_no_slanted_version_of_one():
    def designs(split):
        return {name.replace("BoldOblique", "Bold").replace("-Oblique", "") for name in FONTS[split]}

    assert len(set(EVERY_FONT)) == len(EVERY_FONT)
    assert not designs("train") & designs("test")


def test_classes_come_in_turns(letters):
    for part, n in ((letters["train"], 40), (letters["test"], 20)):
        np.testing.assert_array_equal(part.labels, np.tile(np.arange(10), n))
        assert part.class_names == tuple("ABCDEFGHIJ")


def test_same_seed_same_images_other_seed_others(letters):
    again = draw_letters(train_per_class=40, test_per_class=20, seed=3)
    other = draw_letters(train_per_class=40, test_per_class=20, seed=4)
    for split in ("train", "test"):
        np.testing.assert_array_equal(again[split].images, letters[split].images)
        assert np.all(np.any(other[split].images != letters[split].images, axis=(1, 2)))


def test_more_images_leave_the_first_as_they_were(letters):
    fewer = draw_letters(train_per_class=7, test_per_class=1, seed=3)
    np.testing.assert_array_equal(fewer["train"].images, letters["train"].images[:70])
    np.testing.assert_array_equal(fewer["test"].images, letters["test"].images[:10])


def test_splits_share_no_variation(monkeypatch):
    monkeypatch.setitem(FONTS, "test", FONTS["train"])  # so that only the draws can tell them apart
    same_fonts = draw_letters(train_per_class=5, test_per_class=5, seed=3)
    assert np.all(np.any(same_fonts["train"].images != same_fonts["test"].images, axis=(1, 2)))


def test_no_image_occurs_twice(letters):
    images = np.concatenate([letters["train"].images, letters["test"].images])
    assert len(np.unique(images, axis=0)) == 600


def test_ink_is_anti_aliased_and_keeps_off_the_frame(letters):
    images = np.concatenate([letters["train"].images, letters["test"].images])
    assert images.dtype == np.uint8
    assert not images[:, [0, -1]].any() and not images[:, :, [0, -1]].any()
    assert np.all(images.max(axis=(1, 2)) >= 128)
    assert len(np.unique(images)) > 200


@pytest.mark.parametrize("font", EVERY_FONT)
def test_a_plain_letter_fills_mnists_box_and_sits_in_the_middle(font):
    for letter in LETTERS:
        left, right, top, bottom = ink_box(rasterise(letter, font, PLAIN))
        assert 20 <= max(right - left, bottom - top) + 1 <= 22  # 20 px, wherever they fall on the grid
        assert abs(left + right - 27) <= 1 and abs(top + bottom - 27) <= 1


def test_letters_stand_upright_and_read_from_left_to_right():
    # F has its arms above and to the right of the middle of its box; J has its hook below and to the left.
    f, j = (rasterise(letter, "DejaVuSansMono-Bold.ttf", PLAIN).astype(int) for letter in "FJ")
    assert f[:14].sum() > 1.2 * f[14:].sum()
    assert j[14:, :14].sum() > 2 * j[:14, :14].sum()


def test_coverage_is_the_area_of_the_outline():
    # The I of DejaVu Sans is one rectangle, 201 wide and 1493 high in the font's units.
    image = rasterise("I", "DejaVuSans.ttf", PLAIN)
    assert image.sum() / 255 == pytest.approx(20 * 20 * 201 / 1493, rel=0.01)


def test_shift_moves_right_and_up():
    plain = rasterise("B", "cmr10.ttf", PLAIN)
    moved = rasterise("B", "cmr10.ttf", Variation(0, 0, 1, (2, 1)))
    np.testing.assert_array_equal(moved[:-1, 2:], plain[1:, :-2])


def test_rotation_is_anticlockwise_shear_leans_to_the_right_and_scale_enlarges():
    plain = rasterise("I", "DejaVuSans.ttf", PLAIN)

    def lean(image):
        return middle_of_ink(image[:14].repeat(2, axis=0))[0] - middle_of_ink(image[14:].repeat(2, axis=0))[0]

    assert abs(lean(plain)) < 0.01
    assert lean(rasterise("I", "DejaVuSans.ttf", Variation(12, 0, 1, (0, 0)))) < -1
    assert lean(rasterise("I", "DejaVuSans.ttf", Variation(0, 0.2, 1, (0, 0)))) > 1
    smaller = rasterise("I", "DejaVuSans.ttf", Variation(0, 0, 0.8, (0, 0)))
    assert smaller.sum() == pytest.approx(0.64 * plain.sum(), rel=0.02)


def test_draws_stay_within_their_limits_and_use_them():
    draws = [Variation.draw(np.random.default_rng(seed)) for seed in range(400)]
    for values, low, high in (
        ([d.rotation for d in draws], -15, 15),
        ([d.shear for d in draws], -0.2, 0.2),
        ([d.scale for d in draws], 0.8, 1.1),
        ([s for d in draws for s in d.shift], -2, 2),
    ):
        assert low <= min(values) < low + 0.05 * (high - low)
        assert high - 0.05 * (high - low) < max(values) <= high


def test_classes_can_be_told_apart_across_fonts(letters):
    """A linear classifier of pixels reads unseen fonts far above chance, but a network has something left to do."""
    train, test = letters["train"], letters["test"]
    flat = [part.to_float().reshape(len(part), -1) for part in (train, test)]
    score = LogisticRegression(max_iter=2000).fit(flat[0], train.labels).score(flat[1], test.labels)
    assert 0.6 < score < 0.99


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0, 1, 0), "train_per_class is 0"),
        ((1, -2, 0), "test_per_class is -2"),
        ((1, 1, -1), "seed is -1: it must be at least 0"),
    ],
)
def test_impossible_requests_are_refused(arguments, message):
    with pytest.raises(InputError, match=message):
        draw_letters(*arguments)
