import numpy as np
import pytest
from PIL import Image

from repgeom.datasets.folder import check_folder, load_folder
from repgeom.errors import InputError


def save(path, pixels, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.asarray(pixels, dtype=np.uint8)).save(path, **options)


def grey(value, shape=(4, 6)):
    return np.full(shape, value)


@pytest.fixture
def root(tmp_path):
    """Two classes, dogs before cats on purpose; every image has a grey level of its own."""
    for split, level in (("train", 0), ("test", 100)):
        for i in range(3):
            save(tmp_path / split / "dog" / f"dog{i}.png", grey(level + 10 + i))
        for i in range(2):
            save(tmp_path / split / "cat" / f"cat {i}.png", grey(level + 20 + i))
    return tmp_path


def test_classes_are_alphabetical_and_images_come_in_turns(root):
    dataset = load_folder(root)
    train = dataset["train"]
    assert train.class_names == ("cat", "dog")
    assert train.images[:, 0, 0].tolist() == [20, 10, 21, 11, 12]
    assert train.labels.tolist() == [0, 1, 0, 1, 1]
    assert dataset["test"].images[:, 0, 0].tolist() == [120, 110, 121, 111, 112]
    assert train.images.shape == (5, 4, 6)


def test_ids_are_encoded_paths(root):
    save(root / "train" / "dog" / "café%20.png", grey(1))
    ids = load_folder(root)["train"].ids.tolist()
    assert ids[:2] == ["train/cat/cat%200.png", "train/dog/caf%C3%A9%2520.png"]


def test_rgb_puts_channels_first(root):
    pixels = np.random.default_rng(0).integers(256, size=(4, 6, 3))
    save(root / "train" / "cat" / "cat 0.png", pixels)
    images = load_folder(root, mode="rgb")["train"].images
    assert images.shape == (5, 3, 4, 6)
    np.testing.assert_array_equal(images[0], pixels.transpose(2, 0, 1))
    np.testing.assert_array_equal(images[1], np.full((3, 4, 6), 10))


def test_grey_is_luma(root):
    pixels = np.random.default_rng(0).integers(256, size=(4, 6, 3))
    save(root / "train" / "cat" / "cat 0.png", pixels)
    luma = pixels @ [0.299, 0.587, 0.114]
    assert np.abs(load_folder(root)["train"].images[0] - luma).max() <= 1


def test_size_covers_and_keeps_the_middle(root):
    striped = np.repeat([[0, 200, 200, 0]], 20, axis=0).repeat(10, axis=1)  # 20 × 40, bright in its middle half
    for path in root.rglob("*.png"):
        save(path, striped)
    images = load_folder(root, size=(10, 10))["train"].images
    assert images.shape == (5, 10, 10)
    np.testing.assert_array_equal(images[:, :, 2:-2], 200)  # the spline rings beside the stripe's edges


def test_size_mends_differing_sizes(root):
    save(root / "test" / "dog" / "dog1.png", grey(77, (12, 18)))
    images = load_folder(root, size=(2, 3))["test"].images
    assert images.shape == (5, 2, 3)
    assert images[3, 0, 0] == 77


def test_photographs_are_turned_upright(root):
    pixels = np.zeros((6, 4), np.uint8)
    pixels[:, 0] = 255
    exif = Image.Exif()
    exif[0x0112] = 6  # to be shown turned clockwise
    Image.fromarray(pixels).save(root / "train" / "cat" / "cat 0.png", exif=exif)
    image = load_folder(root)["train"].images[0]
    np.testing.assert_array_equal(image, np.rot90(pixels, -1))


def test_palettes_and_opaque_alpha_are_read(root):
    Image.fromarray(np.full((4, 6), 33, np.uint8)).convert("P").save(root / "train" / "cat" / "cat 0.png")
    save(root / "train" / "cat" / "cat 1.png", np.dstack([grey(44)] * 3 + [grey(255)]))
    assert load_folder(root)["train"].images[[0, 2], 0, 0].tolist() == [33, 44]


def test_hidden_files_are_passed_over(root):
    for folder in (root / "train", root / "train" / "cat"):
        for name in (".DS_Store", "Thumbs.db", "desktop.ini"):
            (folder / name).write_bytes(b"\0")
    assert len(load_folder(root)["train"]) == 5


def spoil_with_text(root):
    (root / "train" / "cat" / "notes.txt").write_text("not an image")


def spoil_by_cutting(root):
    path = root / "train" / "dog" / "dog1.png"
    save(path, np.random.default_rng(0).integers(256, size=(40, 60)))
    path.write_bytes(path.read_bytes()[:1000])


def spoil_with_16_bits(root):
    Image.fromarray(np.full((4, 6), 3000, np.uint16)).save(root / "train" / "dog" / "dog1.png")


def spoil_with_transparency(root):
    save(root / "train" / "dog" / "dog1.png", np.dstack([grey(9)] * 3 + [grey(254)]))


def spoil_by_emptying(root):
    for path in (root / "test" / "cat").iterdir():
        path.unlink()


SPOILED = {
    "no such folder": (lambda root: (root / "test").rename(root / "valid"), "test is not a folder"),
    "a class in one split": (
        lambda root: (root / "test" / "cat").rename(root / "test" / "cow"),
        "class 'cat' is in one",
    ),
    "an empty class": (spoil_by_emptying, "test/cat is empty: expected images"),
    "an image beside classes": (
        lambda root: save(root / "test" / "a.png", grey(1)),
        "a.png is out of place: .*class fol",
    ),
    "a folder among images": (
        lambda root: (root / "test" / "cat" / "x").mkdir(),
        "cat/x is out of place: .*only images",
    ),
    "a text file": (spoil_with_text, "notes.txt cannot be read as an image"),
    "a truncated image": (spoil_by_cutting, "dog1.png cannot be read as an image .*truncated"),
    "16 bits": (spoil_with_16_bits, "dog1.png has Pillow mode I;16: save it as 8-bit"),
    "transparency": (spoil_with_transparency, "dog1.png has transparent pixels"),
    "another size": (
        lambda root: save(root / "train" / "dog" / "dog1.png", grey(1, (4, 7))),
        r"dog1.png has \(4, 7\) pixels, the images before it \(4, 6\): set a size",
    ),
}


@pytest.mark.parametrize("fault", SPOILED)
def test_what_is_wrong_is_named(root, fault):
    spoil, message = SPOILED[fault]
    spoil(root)
    with pytest.raises(InputError, match=message):
        load_folder(root)
    if "truncated" not in message:
        with pytest.raises(InputError, match=message.replace("the images before it", ".*")):
            check_folder(root)


def test_splits_of_different_size_are_refused(root):
    for path in (root / "test").rglob("*.png"):
        save(path, grey(1, (5, 5)))
    with pytest.raises(InputError, match=r"\(4, 6\) in train and \(5, 5\) in test"):
        load_folder(root)
    with pytest.raises(InputError, match=r"has \(5, 5\) pixels, .* \(4, 6\): set a size"):
        check_folder(root)


@pytest.mark.parametrize(
    ("options", "message"), [({"mode": "cmyk"}, "mode is 'cmyk'.*grey, rgb"), ({"size": (0, 5)}, r"size is \(0, 5\)")]
)
def test_impossible_options_are_refused(root, options, message):
    with pytest.raises(InputError, match=message):
        load_folder(root, **options)
