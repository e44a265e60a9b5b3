import numpy as np
import pytest
from scipy.interpolate import make_interp_spline
from sklearn.datasets import load_digits as load_sklearn_digits

from repgeom.datasets.digits import enlarge, load_digits


@pytest.fixture(scope="module")
def digits():
    return load_digits()


def test_every_image_is_in_one_split_with_its_label(digits):
    train, test = digits["train"], digits["test"]
    assert len(train) + len(test) == 1797
    target = load_sklearn_digits().target
    np.testing.assert_array_equal(np.concatenate([train.labels, test.labels]), target)
    assert not set(train.ids) & set(test.ids)


def test_test_part_is_the_shortest_with_50_of_every_class(digits):
    labels = digits["test"].labels
    assert np.bincount(labels).min() == 50
    assert np.bincount(labels[1:], minlength=10).min() < 50  # the next image could not be given to training


def test_images_are_bytes_of_28_by_28_and_use_the_range(digits):
    for part in digits.values():
        assert part.images.shape == (len(part), 28, 28)
        assert (part.images.dtype, part.images.min(), part.images.max()) == (np.uint8, 0, 255)


def spline_along_last_axis(pixels):
    """Interpolate by SciPy's other spline code: black padding so wide that its far end does not matter."""
    pad = 20
    padded = np.pad(pixels, [(0, 0)] * (pixels.ndim - 1) + [(pad, pad)])
    spline = make_interp_spline(np.arange(padded.shape[-1]), padded, k=3, axis=-1)
    centres = (np.arange(28) + 0.5) * 8 / 28 - 0.5
    return spline(centres + pad)


def test_enlargement_is_the_cubic_spline_through_the_pixels():
    small = load_sklearn_digits().images[:20]
    rows = spline_along_last_axis(small)
    both = spline_along_last_axis(rows.swapaxes(1, 2)).swapaxes(1, 2)
    expected = np.clip(both / 16, 0, 1) * 255
    assert np.abs(both / 16 - np.clip(both / 16, 0, 1)).max() > 0.05  # there is overshoot to be clipped
    assert np.abs(enlarge(small) - expected).max() <= 0.5 + 1e-4  # half a grey level: the rounding


def test_enlargement_is_centred():
    small = load_sklearn_digits().images[:5]
    for flip in (np.s_[:, ::-1], np.s_[:, :, ::-1]):
        np.testing.assert_array_equal(enlarge(small[flip]), enlarge(small)[flip])
