import numpy as np
import pytest

from repgeom.datasets.images import LabelledImages, numbered_ids
from repgeom.errors import InputError


def fields(**changes):
    """What four images of two classes are made of, with some fields changed."""
    plain = {
        "images": np.arange(4 * 6, dtype=np.uint8).reshape(4, 2, 3),
        "labels": np.array([0, 1, 0, 1]),
        "ids": np.array(["a", "b", "c", "d"]),
        "class_names": ("x", "y"),
        "split": "test",
    }
    return plain | changes


def floats(value):
    images = np.full((4, 2, 3), 0.5, dtype=np.float32)
    images[2, 1, 0] = value
    return images


def test_bytes_become_floats_between_0_and_1():
    images = np.array([0, 51, 255], dtype=np.uint8).reshape(1, 1, 3)
    one = LabelledImages(images, np.array([0]), np.array(["a"]), ("x",), "train")
    assert one.to_float().dtype == np.float32
    np.testing.assert_array_equal(one.to_float().ravel(), np.float32([0, 0.2, 1]))


def test_floats_stay_as_they_are():
    images = floats(0.123)
    np.testing.assert_array_equal(LabelledImages(**fields(images=images)).to_float(), images)


def test_take_keeps_image_label_and_id_together():
    chosen = LabelledImages(**fields()).take([3, 0])
    np.testing.assert_array_equal(chosen.images, fields()["images"][[3, 0]])
    assert chosen.labels.tolist() == [1, 0]
    assert chosen.ids.tolist() == ["d", "a"]
    assert (len(chosen), chosen.class_names, chosen.split) == (2, ("x", "y"), "test")


def test_take_accepts_a_mask():
    dataset = LabelledImages(**fields())
    assert dataset.take(dataset.labels == 1).ids.tolist() == ["b", "d"]


def test_take_refuses_an_image_twice():
    with pytest.raises(InputError, match="'b' occurs more than once"):
        LabelledImages(**fields()).take([1, 1])


def test_numbered_ids():
    assert numbered_ids("digits", "train", 13)[12] == "digits-train-00012"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"split": "validation"}, "split is 'validation'.*train, test"),
        ({"images": np.zeros((4, 6), np.uint8)}, r"shape \(4, 6\)"),
        ({"images": np.zeros((4, 2, 3))}, "float64: expected uint8"),
        ({"images": floats(1.5)}, r"1\.5 at index \(2, 1, 0\)"),
        ({"images": floats(-0.1)}, r"-0\.1\d* at index \(2, 1, 0\)"),
        ({"images": floats(np.nan)}, r"nan at index \(2, 1, 0\)"),
        ({"labels": np.array([0, 1, 0])}, r"labels have shape \(3,\), but there are 4 images"),
        ({"labels": np.array([[0], [1], [0], [1]])}, r"labels have shape \(4, 1\)"),
        ({"ids": np.array(["a", "b"])}, r"ids have shape \(2,\)"),
        ({"labels": np.array([0, 1, 0, 1], np.int32)}, "labels are int32"),
        ({"labels": np.array([0, 1, 2, 1])}, "label 2 at index 2 is outside 0–1"),
        ({"labels": np.array([0, 1, 0, -1])}, "label -1 at index 3"),
        ({"ids": np.array([b"a", b"b", b"c", b"d"])}, "expected strings"),
        ({"ids": np.array(["a", "b", "ç", "d"])}, "'ç' is empty or not ASCII"),
        ({"ids": np.array(["a", "b", "", "d"])}, "'' is empty or not ASCII"),
        ({"ids": np.array(["a", "b", "c", "b"])}, "'b' occurs more than once"),
    ],
)
def test_contradictions_are_refused_by_name(changes, message):
    with pytest.raises(InputError, match=message):
        LabelledImages(**fields(**changes))
