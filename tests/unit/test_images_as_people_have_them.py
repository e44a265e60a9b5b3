"""Folders with or without splits and classes, tables of images, arrays; stimuli by id and class; perturbations."""

import h5py
import numpy as np
import pytest
from PIL import Image
from supported import PICTURES, picture

from repgeom.config.configuration import load_configuration
from repgeom.config.datasets import ImageFolder
from repgeom.datasets.arrays import list_arrays, load_arrays
from repgeom.datasets.examples import example_images
from repgeom.datasets.folder import check_folder, load_folder
from repgeom.datasets.images import UNLABELLED
from repgeom.datasets.layout import fewest_images
from repgeom.errors import InputError
from repgeom.stimuli.perturbations import PERTURBATIONS, perturb
from repgeom.stimuli.selection import select
from repgeom.store.stimuli import read_split, repeat_for_strengths, write_dataset
from repgeom.workflow.chosen import check_stimuli, counted, stimuli_faults
from repgeom.workflow.folders import folder_digest

RNG = np.random.default_rng(0)


def save(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((4, 6), value, np.uint8)).save(path)


LAYOUTS = {
    "images alone": (["a.png", "b.png", "c.png"], {"test": UNLABELLED}, []),
    "classes alone": (["cat/a.png", "cat/b.png", "dog/a.png"], {"test": ("cat", "dog")}, ["cat", "dog"]),
    "test alone": (["test/cat/a.png", "test/dog/a.png"], {"test": ("cat", "dog")}, ["cat", "dog"]),
    "test alone without classes": (["test/a.png", "test/b.png"], {"test": UNLABELLED}, []),
    "splits without classes": (["train/a.png", "test/b.png"], {"train": UNLABELLED, "test": UNLABELLED}, []),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_folder_says_how_it_is_meant(layout, tmp_path):
    files, expected, classes = LAYOUTS[layout]
    for i, file in enumerate(files):
        save(tmp_path / file, i)
    found = load_folder(tmp_path)
    assert {split: data.class_names for split, data in found.items()} == expected
    assert {i for data in found.values() for i in data.ids} == set(files)
    for data in found.values():
        assert [data.class_names[label] for label in data.labels] == [
            i.split("/")[-2] if data.class_names != UNLABELLED else "unlabelled" for i in data.ids
        ]
        assert {i: int(image[0, 0]) for i, image in zip(data.ids, data.images, strict=True)} == {
            i: files.index(i) for i in data.ids
        }
    section = ImageFolder(source="folder", path=str(tmp_path))
    assert section.classes() == classes and section.splits() == list(expected)


@pytest.mark.parametrize("kind", PICTURES)
@pytest.mark.parametrize("size", [None, (4, 6)])
def test_what_becomes_of_an_image_is_told_before_it_is_read(kind, size, tmp_path):
    write, what = PICTURES[kind]
    for name in ("ann/a.png", "bob/b.png"):
        (tmp_path / name).parent.mkdir()
        picture().save(tmp_path / name)
    write(tmp_path / "ann")
    if what.startswith("refused") and not (size and "size" in what):
        for read in (lambda: load_folder(tmp_path, "rgb", size), lambda: check_folder(tmp_path, size)):
            with pytest.raises(InputError, match=f"{tmp_path}/ann/c .*{what.removeprefix('refused: ')}"):
                read()
        return
    check_folder(tmp_path, size)
    loaded = load_folder(tmp_path, "rgb", size)["test"]
    assert loaded.class_names == ("ann", "bob")
    assert set(loaded.ids) == {"ann/a.png", "bob/b.png"} | ({"ann/c"} if what != "passed over" else set())
    if what not in ("passed over", "refused: set a size"):
        expected = np.asarray(picture("L" if "grey" in kind else "RGB").convert("RGB")).astype(int)
        found = loaded.images[loaded.ids.tolist().index("ann/c")].astype(int)
        assert np.abs(np.moveaxis(found, 0, 2) - expected).max() <= 8  # half a step of 4 bits


def test_damage_that_opening_does_not_show_is_told_when_images_are_read(tmp_path):
    Image.fromarray(RNG.integers(0, 256, (40, 60), dtype=np.uint8)).save(tmp_path / "a.png")
    (tmp_path / "a.png").write_bytes((tmp_path / "a.png").read_bytes()[:1500])
    check_folder(tmp_path)
    with pytest.raises(InputError, match=r"a\.png cannot be read as an image .*truncated"):
        load_folder(tmp_path)


def test_pictures_of_phones_hold_more_than_the_one_that_is_seen(tmp_path):
    depth = Image.new("RGB", (3, 2))
    picture().save(tmp_path / "a.jpg", "MPO", save_all=True, append_images=[depth])
    check_folder(tmp_path)
    assert load_folder(tmp_path, "rgb")["test"].images.shape == (1, 3, 4, 6)


ACCENT = ("B\N{LATIN SMALL LETTER A WITH DIAERESIS}r", "Ba\N{COMBINING DIAERESIS}r")
"""The same name as Linux and Windows write it, and as macOS does."""


@pytest.mark.parametrize("written", ACCENT)
def test_names_are_the_same_whichever_system_wrote_them(written, tmp_path):
    for i, file in enumerate((f"{written}/1 x.png", "Cat/2.png")):
        save(tmp_path / file, i)
    section = ImageFolder(source="folder", path=str(tmp_path))
    assert section.classes() == [ACCENT[0], "Cat"] and section.images_per_class("test") == 1
    data = load_folder(tmp_path)["test"]
    assert data.class_names == (ACCENT[0], "Cat")
    for name in ACCENT:
        assert select(data, ids=[f"{name}/1 x.png"]).labels.tolist() == [0]
        assert select(data, ids=[f"{name}/*"]).images[0, 0, 0] == 0
    with pytest.raises(InputError, match="has no image 'Cat/3"):
        select(data, ids=["Cat/3.png"])


def test_two_classes_that_look_the_same_are_refused(tmp_path):
    for i, name in enumerate(ACCENT):
        save(tmp_path / name / "1.png", i)
    with pytest.raises(InputError, match="two folders are called 'Bär', written in two ways; rename one"):
        load_folder(tmp_path)


TABLE = """file,species,split,age,place
x/1.png,dog,test,3,here
x/2.png,cat,test,4.5,there
3.png,cat,train,1,here
"""


@pytest.fixture
def table(tmp_path):
    for i, file in enumerate(("x/1.png", "x/2.png", "3.png")):
        save(tmp_path / "images" / file, i)
    (tmp_path / "images.csv").write_text(TABLE)
    return tmp_path


def test_a_table_tells_of_each_image(table):
    found = load_folder(table / "images", labels=table / "images.csv", class_column="species")
    test = found["test"]
    assert test.ids.tolist() == ["x/1.png", "x/2.png"] and found["train"].ids.tolist() == ["3.png"]
    assert test.class_names == ("cat", "dog") and test.labels.tolist() == [1, 0]
    assert {name: values.tolist() for name, values in test.descriptors.items()} == {
        "age": [3.0, 4.5],
        "place": ["here", "there"],
    }
    assert load_folder(table / "images", labels=table / "images.csv")["test"].class_names == UNLABELLED
    (table / "images.csv").write_text("file,species,place\nx/1.png,Bär,café\nx/2.png,Öl,日本\n", encoding="utf-8")
    found = load_folder(table / "images", labels=table / "images.csv", class_column="species")
    assert found["test"].class_names == ("Bär", "Öl")
    write_dataset(table / "dataset.h5", found)
    assert read_split(table / "dataset.h5", "test").descriptors["place"].tolist() == ["café", "日本"]


TABLES = {
    "commas in quotes": 'file,species,place\n"x/1.png",dog,"Oslo, here"\n3.png,cat,there\n',
    "semicolons and decimal commas": "file;species;age;place\nx/1.png;dog;3,5;Oslo, here\n3.png;cat;-4;there\n",
    "tabs": "file\tspecies\tplace\nx/1.png\tdog\tOslo, here\n3.png\tcat\tthere\n",
    "spaces after commas": 'file, species, place\nx/1.png, dog, "Oslo, here"\n3.png, cat, there\n',
    "a mark of byte order, and carriage returns": '\ufefffile,species,place\r\nx/1.png,dog,"Oslo, here"\r\n3.png,cat,there\r\n',
    "missing numbers": 'file,species,age,place\nx/1.png,dog,,"Oslo, here"\n3.png,cat,2,there\n',
}  # fmt: skip


@pytest.mark.parametrize("kind", TABLES)
def test_tables_are_read_as_spreadsheets_write_them(kind, table):
    (table / "images.csv").write_bytes(TABLES[kind].encode())
    found = load_folder(table / "images", labels=table / "images.csv", class_column="species")["test"]
    assert found.class_names == ("cat", "dog") and found.labels.tolist() == [1, 0]
    assert found.descriptors["place"].tolist() == ["Oslo, here", "there"]
    ages = {"semicolons and decimal commas": [3.5, -4], "missing numbers": [np.nan, 2]}
    np.testing.assert_array_equal(found.descriptors.get("age", []), ages.get(kind, []))


def test_a_network_is_tried_out_on_images_that_the_table_names(table):
    (table / "images/a.txt").write_text("something else")
    section = ImageFolder(source="folder", path=str(table / "images"), labels=str(table / "images.csv"))
    np.testing.assert_allclose(example_images(section.plain())[:, 0, 0, 0] * 255, [0, 1])


def test_what_a_table_tells_travels_to_the_stimuli(table):
    found = load_folder(table / "images", labels=table / "images.csv", class_column="species")
    write_dataset(table / "dataset.h5", found)
    stimuli = select(read_split(table / "dataset.h5", "test"), ids=["x/2*", "x/1.png"])
    assert stimuli.ids.tolist() == ["x/2.png", "x/1.png"]
    assert stimuli.descriptors["place"].tolist() == ["there", "here"] and stimuli.labels.tolist() == [0, 1]
    repeated = repeat_for_strengths(stimuli, "strength", [0, 0.5])
    assert repeated.descriptors["age"].tolist() == [4.5, 3.0, 4.5, 3.0]


@pytest.mark.parametrize(
    "text, options, message",
    [
        ("name,x\n1.png,2\n", {}, "has no column 'file'"),
        (TABLE, {"class_column": "specie"}, "has no column 'specie'; did you mean 'species'"),
        ("file,x\nx/1.png\n", {}, "line 2: has not the 2 values"),
        ("file,x\n,3\n", {}, "line 2: has no value in the column 'file'; fill it"),
        ("file,x\nx/1.png,\n", {"class_column": "x"}, "line 2: has no value in the column 'x'; fill it, or leave"),
        ("file,x\nx/1.png,caf\xe9\n".encode("latin-1"), {}, "cannot be read as CSV .*utf-8"),
        ("file,x\nx/1.png,1\nx/1.png,2\n", {}, "'x/1.png' occurs more than once"),
        ("file,x\nx/1.png,1,2\n", {}, "line 2: has not the 2 values"),
        ("file,x\n", {}, "names no images"),
        ("file,split\nx/1.png,valid\n", {}, "'valid' in the column split: write train or test"),
        ("file,x\nx/9.png,1\n", {}, "9.png cannot be read as an image"),
        ("file,x\n/nowhere/1.png,1\n", {}, "line 2: '/nowhere/1.png' is not under"),
        ("file,x\nx/../../1.png,1\n", {}, r"line 2: 'x/\.\./\.\./1.png' is not under"),
    ],
)
def test_what_is_wrong_with_a_table_is_told(table, text, options, message):
    (table / "images.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(InputError, match=message):
        load_folder(table / "images", labels=table / "images.csv", **options)


def test_a_table_and_all_that_it_names_count(table):
    digests = [folder_digest(table / "images", table / "images.csv")]
    for change in (
        lambda: save(table / "images/x/1.png", 9),
        lambda: (table / "images.csv").write_text(TABLE.replace("here", "near")),
    ):
        change()
        folder_digest.cache_clear()
        digests.append(folder_digest(table / "images", table / "images.csv"))
    assert len(set(digests)) == 3


NAMES = {"images": "images", "labels": "labels", "train_images": None, "train_labels": None}
ARRAYS = {
    "images": RNG.integers(0, 256, (4, 5, 6, 3), dtype=np.uint8),
    "labels": np.array([0, 1, 1, 0]),
    "age": np.array([1.5, 2, 3, 4]),
    "other": np.zeros((7, 2)),
}


@pytest.mark.parametrize("ending", ["npz", "h5"])
def test_arrays_are_images(ending, tmp_path):
    path = tmp_path / f"faces.{ending}"
    if ending == "npz":
        np.savez(path, **ARRAYS)
    else:
        with h5py.File(path, "w") as file:
            for name, array in ARRAYS.items():
                file[name] = array
    test, listed = load_arrays(path, NAMES)["test"], list_arrays(path, NAMES)["test"]
    np.testing.assert_array_equal(test.images, ARRAYS["images"].transpose(0, 3, 1, 2))
    assert test.labels.tolist() == [0, 1, 1, 0] and test.class_names == ("0", "1")
    assert listed.labels.tolist() == [0, 1, 1, 0] and listed.ids.tolist() == test.ids.tolist()
    assert list(listed.descriptors) == list(test.descriptors)
    assert test.ids[0] == "faces-test-00000" and list(test.descriptors) == ["age"]
    assert load_arrays(path, NAMES, ["no", "yes"])["test"].class_names == ("no", "yes")


def test_whole_numbers_are_bytes_and_groups_of_hdf5_are_looked_into(tmp_path):
    with h5py.File(tmp_path / "faces.h5", "w") as file:
        file["shown/images"], file["labels"] = ARRAYS["images"].astype(np.int64), ARRAYS["labels"]
    test = load_arrays(tmp_path / "faces.h5", NAMES | {"images": "shown/images"})["test"]
    np.testing.assert_array_equal(test.images, ARRAYS["images"].transpose(0, 3, 1, 2))
    assert test.images.dtype == np.uint8


def test_arrays_may_hold_images_alone_or_two_splits(tmp_path):
    np.save(tmp_path / "a.npy", RNG.random((3, 1, 4, 5)))
    alone = load_arrays(tmp_path / "a.npy", NAMES | {"labels": None})
    assert len(list_arrays(tmp_path / "a.npy", NAMES | {"labels": None})["test"]) == 3
    assert list(alone) == ["test"] and alone["test"].images.shape == (3, 4, 5)
    assert alone["test"].class_names == UNLABELLED and alone["test"].images.dtype == np.float32
    both = {
        "x": RNG.random((2, 4, 4)),
        "y": np.array(["b", "a"]),
        "x0": RNG.random((3, 4, 4)),
        "y0": np.array(list("aab")),
    }
    np.savez(tmp_path / "b.npz", **both, train_hard=np.array([1, 0, 1]))
    names = {"images": "x", "labels": "y", "train_images": "x0", "train_labels": "y0"}
    found = load_arrays(tmp_path / "b.npz", names)
    assert found["train"].labels.tolist() == [0, 0, 1] and found["test"].labels.tolist() == [1, 0]
    assert found["train"].descriptors["hard"].tolist() == [1, 0, 1] and found["test"].descriptors == {}


@pytest.mark.parametrize(
    "change, options, message",
    [
        ({"images": np.zeros((4, 5))}, {}, r"array 'images': has shape \(4, 5\); images are"),
        ({"images": np.zeros((4, 5, 3), np.uint8)}, {}, r"has shape \(4, 5, 3\), which is one image; images are"),
        ({"images": np.zeros((4, 5, 6, 2))}, {}, r"has shape \(4, 5, 6, 2\)"),
        ({"images": np.full((4, 5, 6), 255.0)}, {}, "hold 255.0 at index .*divide bytes by 255"),
        ({"labels": np.array([0.5, 1, 2, 3])}, {}, "labels are one whole number or text per image"),
        ({"labels": np.array([0, 1])}, {}, r"labels have shape \(2,\), but there are 4 images"),
        ({}, {"class_names": ["one"]}, "label 1 is beyond the 1 class_names"),
        ({}, {"names": NAMES | {"labels": "label"}}, "holds no array 'label'; did you mean 'labels'"),
    ],
)
def test_what_is_wrong_with_arrays_is_told(tmp_path, change, options, message):
    np.savez(tmp_path / "a.npz", **(ARRAYS | change))
    for read in (load_arrays, list_arrays)[: 1 if "divide bytes" in message else 2]:  # pixels are not listed
        with pytest.raises(InputError, match=message):
            read(tmp_path / "a.npz", options.get("names", NAMES), options.get("class_names"))


def test_files_that_are_no_arrays_are_told(tmp_path):
    (tmp_path / "a.npz").write_bytes(b"nothing")
    with pytest.raises(InputError, match=r"a\.npz: cannot be read"):
        load_arrays(tmp_path / "a.npz", NAMES)
    with pytest.raises(InputError, match=r"a\.mat: expected a file whose name ends in \.npz"):
        load_arrays(tmp_path / "a.mat", NAMES)


def test_classes_are_chosen_by_name(tmp_path):
    for i, file in enumerate(["cat/a.png", "cat/b.png", "dog/a.png", "emu/a.png", "emu/b.png"]):
        save(tmp_path / file, i)
    data = load_folder(tmp_path)["test"]
    assert select(data, per_class=1, classes=["emu", "cat"]).ids.tolist() == ["cat/a.png", "emu/a.png"]
    assert select(data, first=3, classes=["emu", "cat"]).labels.tolist() == [0, 2, 0]
    with pytest.raises(InputError, match="has no class 'cow'"):
        select(data, first=1, classes=["cow"])
    with pytest.raises(InputError, match=r"has no image .cat/c\.png.; did you mean .cat/"):
        select(data, ids=["cat/c.png"])


STUDY = {
    "datasets": {"faces": {"source": "folder", "path": "faces"}},
    "models": {"mine": {"architecture": "lenet", "seeds": [1], "source": {"untrained": True}}},
    "stimuli": {"few": {"kind": "select", "dataset": "faces", "first": 2}},
}


def faults(analysis, stimuli=None, **models):
    raw = STUDY | {"studies": {"x": {"y": {"of": [{"model": "mine", "stimuli": "few"}]} | analysis}}}
    raw |= {"stimuli": {"few": STUDY["stimuli"]["few"] | stimuli}} if stimuli else {}
    raw["models"] = {"mine": STUDY["models"]["mine"] | models}
    try:
        load_configuration(raw)
    except InputError as error:
        return str(error)
    return ""


def test_images_without_classes_are_told_where_classes_are_compared(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for i in range(3):
        save(tmp_path / f"faces/{i}.png", i)
    for kind in ("accuracy", "answers", "capacity", "paths", "separation"):
        assert f"studies.x.y.of: {kind} compares classes, and the images of 'faces' have none" in faults({"kind": kind})
    assert "have no classes to decode" in faults({"kind": "decoding"})
    for kind in ("rdms", "spectrum", "graph"):
        assert not faults({"kind": kind})
    assert "stimuli.few.per_class: the images of 'faces' have no classes" in faults(
        {"kind": "rdms"}, {"per_class": 1, "first": None}
    )
    assert "stimuli.few.split: 'faces' has no train images; it holds test" in faults(
        {"kind": "rdms"}, {"split": "train"}
    )
    training = {"training": {"learning_rate": 1, "epochs": 1}, "dataset": "faces", "source": None}
    assert "models.mine.dataset: 'faces' has no train images" in faults({"kind": "rdms"}, **training)


def test_images_that_lie_deeper_than_their_class_are_not_counted_as_one(tmp_path):
    for file in ("cat/a.PNG", "cat/b.JPEG", "dog/a.png", "dog/puppies/a.png"):
        save(tmp_path / "faces" / file, 1)
    assert fewest_images(tmp_path / "faces") is None and fewest_images(tmp_path / "faces", ("cat",)) == 2


def test_images_and_classes_are_counted_before_anything_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for file in ("cat/a.png", "cat/b.png", "dog/a.png"):
        save(tmp_path / "faces" / file, 1)
    assert "may have only 1; give at most 1" in faults({"kind": "rdms"}, {"per_class": 2, "first": None})
    assert not faults({"kind": "capacity"}, {"per_class": 1, "first": None})
    assert "within a class, and 'few' holds one of each" in faults(
        {"kind": "separation"}, {"per_class": 1, "first": None}
    )
    assert "'faces' has no class 'cot'; did you mean 'cat'?" in faults({"kind": "rdms"}, {"classes": ["cot"]})


def test_one_stimulus_or_one_class_cannot_be_compared(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for file in ("cat/a.png", "cat/b.png", "dog/a.png"):
        save(tmp_path / "faces" / file, 1)
    assert "studies.x.y.of: rdms needs at least 2 stimuli, and 'few' holds only 1" in faults(
        {"kind": "rdms"}, {"first": 1}
    )
    named = {"ids": ["cat/a.png", "cat/b.png", "cat/a.png"], "first": None}
    rsa = {"kind": "similarity", "method": "rsa"}
    assert "similarity needs at least 4 stimuli, and 'few' holds only 2" in faults(rsa, named)
    one_class = {"per_class": 2, "first": None, "classes": ["cat"]}
    assert not faults({"kind": "rdms"}, one_class)
    assert (
        "decoding needs two images of each class on average, and of two classes at least, and 'few' holds 2 of 1"
        in (faults({"kind": "decoding", "folds": 2}, one_class))
    )
    for kind in ("capacity", "separation"):
        assert f"studies.x.y.of: {kind} compares classes, and all stimuli of 'few' are of one" in faults(
            {"kind": kind}, one_class
        )


def test_a_sweep_needs_enough_at_every_strength():
    blurred = {"kind": "perturb", "of": "few", "perturbation": {"method": "blur", "strength": [0, 1, 2]}}
    digits = {"kind": "select", "dataset": "digits", "per_class": 1}
    raw = STUDY | {"datasets": {"digits": {"source": "digits"}}, "stimuli": {"few": digits, "blurred": blurred}}
    raw |= {"studies": {"x": {"y": {"kind": "sweep", "of": [{"model": "mine", "stimuli": "blurred"}]}}}}
    with pytest.raises(InputError, match="sweep compares stimuli within a class, and 'few' holds one of each"):
        load_configuration(raw)
    load_configuration(raw | {"stimuli": {"few": digits | {"per_class": 2}, "blurred": blurred}})


def test_strengths_can_be_decoded_of_two_images_and_more():
    blurred = {"kind": "perturb", "of": "few", "perturbation": {"method": "blur", "strength": [0, 1]}}
    raw = STUDY | {"datasets": {"digits": {"source": "digits"}}}
    raw |= {"studies": {"x": {"y": {"kind": "decoding", "folds": 2, "of": [{"model": "mine", "stimuli": "blurred"}]}}}}
    few = {"kind": "select", "dataset": "digits", "per_class": 1, "classes": ["1", "2"]}
    load_configuration(raw | {"stimuli": {"few": few, "blurred": blurred}})
    few["classes"] = ["1"]
    with pytest.raises(InputError, match=r"decoding needs two images of each class on average, .* 'few' holds 1 of 1"):
        load_configuration(raw | {"stimuli": {"few": few, "blurred": blurred}})


FEW = "stimuli.few: the test split "
ONE_OF_EACH, TWICE = ["letters-test-0000[012]"], "letters-test-00010"
CHOSEN = {
    "one class": ({"kind": "capacity"}, {"ids": ["cat/*"]}, "studies.x.y.of: capacity compares classes, and all stimuli of 'few' are"),
    "one image": ({"kind": "rdms"}, {"ids": ["cat/a*"]}, "studies.x.y.of: rdms needs at least 2 stimuli, and 'few' holds only 1"),
    "two images": ({"kind": "paths"}, {"ids": ["cat/*"]}, "studies.x.y.of: paths needs at least 3 stimuli, and 'few' holds only 2"),
    "one of each": ({"kind": "paths"}, {"dataset": "letters", "ids": ONE_OF_EACH}, "studies.x.y.of: paths compares stimuli within a class, and 'few' holds one"),
    "one of each but two": ({"kind": "paths", "comparison": "corr"}, {"dataset": "letters", "ids": [*ONE_OF_EACH, TWICE]}, "studies.x.y.of: paths correlate RDMs with that of the classes, which is constant once"),
    "one of each but two, by angles": ({"kind": "paths"}, {"dataset": "letters", "ids": [*ONE_OF_EACH, TWICE]}, ""),
    "for CKA": ({"kind": "similarity"}, {"ids": ["*"]}, "studies.x.y.of: similarity needs at least 4 stimuli, and 'few' holds only 3"),
    "for shapes": ({"kind": "similarity", "method": "procrustes"}, {"ids": ["*"]}, ""),
    "manifolds of one image": ({"kind": "capacity"}, {"ids": ["*"]}, "studies.x.y.of: capacity compares manifolds, and 'few' holds one stimulus of some classes and up to 2 of others"),
    "classes to decode": ({"kind": "decoding", "folds": 2}, {"ids": ["*"]}, "studies.x.y.of: decoding needs two images of each class on average"),
    "no image": ({"kind": "rdms"}, {"ids": ["cat/*", "cow/*"]}, FEW + "has no image 'cow/*'; known: cat/a.png"),
    "too many": ({"kind": "rdms"}, {"first": 4}, "stimuli.few: the first 4 images asked for, but the test split holds only 3"),
    "perplexity": ({"kind": "embeddings", "perplexity": 3}, {"ids": ["*"]}, "studies.x.y.perplexity: 3 for the 3 stimuli"),
    "folds": ({"kind": "decoding"}, {"ids": ["*"]}, "studies.x.y.folds: 5 folds of the 3 stimuli of 'few'; choose fewer"),
    "columns": ({"kind": "decoding", "folds": 2, "variables": ["categori"]}, {"ids": ["*"]}, "studies.x.y.variables: 'few' has no label column 'categori'; did you mean 'category'?"),
    "two images, which suffice": ({"kind": "rdms"}, {"ids": ["cat/*"]}, ""),
    "two classes": ({"kind": "capacity"}, {"ids": ["*/a.png"]}, ""),
    "of the project, none": ({"kind": "rdms"}, {"dataset": "letters", "ids": ["letters-test-9*"]}, FEW + "has no image 'letters-test-9*'"),
    "of the project, one class": ({"kind": "capacity"}, {"dataset": "letters", "ids": ["letters-test-0000[01]"]}, ""),
    "of the project, two": ({"kind": "paths"}, {"dataset": "letters", "first": 9, "classes": ["A"]}, "studies.x.y.of: paths compares classes, and all"),
    "of the project, too few": ({"kind": "rdms"}, {"dataset": "digits", "within": 20, "per_class": 5}, "stimuli.few: 5 images of class '0' asked for, but the first 20"),
}  # fmt: skip


@pytest.mark.parametrize("case", CHOSEN)
def test_stimuli_are_chosen_before_any_job(case, tmp_path, monkeypatch):
    analysis, chosen, told = CHOSEN[case]
    monkeypatch.chdir(tmp_path)
    for file in ("cat/a.png", "cat/b.png", "dog/a.png"):
        save(tmp_path / "faces" / file, 1)
    raw = STUDY | {"datasets": STUDY["datasets"] | {"letters": {"source": "letters"}, "digits": {"source": "digits"}}}
    of = {"of": [{"model": "mine", "stimuli": "few"}]}
    raw |= {"stimuli": {"few": {"kind": "select", "dataset": "faces"} | chosen}, "studies": {"x": {"y": analysis | of}}}
    c = load_configuration(raw)
    for faults in (check_stimuli(c)[1], stimuli_faults(c, [], ["x/y"])):
        assert [fault[: len(told)] for fault in faults] == ([told] if told else [])
    assert bool(stimuli_faults(c, ["few"], [])) == (told.startswith("stimuli"))
    save(tmp_path / "faces/alone.png", 1)  # told where images are looked at
    assert not (check_stimuli(c)[1] if "dataset" not in chosen else [])


def test_what_the_configuration_tells_needs_no_file(monkeypatch):
    monkeypatch.setattr("repgeom.datasets.sources.list_dataset", lambda section: pytest.fail("looked"))
    few = {"kind": "select", "dataset": "digits", "per_class": 5, "within": 1000}
    changed = {"kind": "perturb", "of": "few", "perturbation": {"method": "blur", "strength": [0, 1]}}
    of = [{"model": "mine", "stimuli": "changed"}]
    study = {"x": {"y": {"kind": "paths", "of": of}}}
    raw = {"datasets": {"digits": {"source": "digits"}}, "stimuli": {"few": few, "changed": changed}, "studies": study}
    assert stimuli_faults(load_configuration(STUDY | raw), ["few"], ["x/y"]) == []
    few["first"] = few.pop("per_class") * 200
    del few["within"]
    with pytest.raises(
        InputError, match=r"few\.first: the first 1000 images asked for, but 'digits' \(test\) holds 517"
    ):
        load_configuration(STUDY | raw)


def test_what_describes_images_is_known_of_what_is_made_of_them(table, monkeypatch):
    monkeypatch.chdir(table)
    section = {"source": "folder", "path": "images", "labels": "images.csv", "class_column": "species"}
    changed = {"kind": "perturb", "of": "few", "perturbation": {"method": "blur", "strength": [0, 1]}}
    raw = STUDY | {"datasets": {"faces": section}, "stimuli": STUDY["stimuli"] | {"changed": changed}}
    c = load_configuration(raw | {"studies": {}})
    assert c.columns("changed") is None and c.n_classes("faces") is None and c.n_training("faces") is None
    told, _ = counted(c, ["changed"], ["faces"])
    assert told.columns("changed") == ("age", "place", "strength")
    assert (told.n_classes("faces"), told.n_training("faces"), told.n_stimuli("changed")) == (2, 1, 4)
    assert c.n_classes("faces") is None


# -- perturbations

IMAGES = RNG.random((5, 12, 12)).astype(np.float32) * 0.5 + 0.25
PLACES = np.arange(5)


def changed(method, strength, images=IMAGES, seed=0, places=PLACES):
    return perturb(images, method, np.full(len(images), strength), seed, places)


@pytest.mark.parametrize("method", PERTURBATIONS)
def test_nothing_changes_at_strength_zero_and_colours_change_alike(method):
    np.testing.assert_array_equal(changed(method, 0.0), IMAGES)
    colours = np.repeat(IMAGES[:, None], 3, axis=1)
    found = changed(method, 0.5, colours)
    assert found.shape == colours.shape and found.dtype == np.float32 and 0 <= found.min() <= found.max() <= 1
    if method != "gaussian_noise":
        np.testing.assert_allclose(found, np.repeat(changed(method, 0.5)[:, None], 3, axis=1), atol=1e-6)


def test_noise_has_the_standard_deviation_it_says_and_is_that_of_the_image():
    images = np.full((5, 100, 100), 0.5, np.float32)
    noise = changed("gaussian_noise", 0.1, images) - 0.5
    assert abs(noise.std() - 0.1) < 2e-3 and abs(noise.mean()) < 3e-3
    np.testing.assert_allclose(changed("gaussian_noise", 0.05, images) - 0.5, noise / 2, atol=1e-6)
    alone = changed("gaussian_noise", 0.1, images[:1], places=[3])
    np.testing.assert_array_equal(alone[0] - 0.5, noise[3])
    assert np.abs(changed("gaussian_noise", 0.1, images, seed=1) - 0.5 - noise).max() > 0.1


def test_contrast_is_lost_in_proportion():
    found = changed("contrast", 0.75)
    np.testing.assert_allclose(found.std(axis=(1, 2)), 0.25 * IMAGES.std(axis=(1, 2)), rtol=1e-5)
    np.testing.assert_allclose(found.mean(axis=(1, 2)), IMAGES.mean(axis=(1, 2)), rtol=1e-5)


def test_blur_is_a_gaussian():
    point = np.zeros((1, 31, 31), np.float32)
    point[0, 15, 15] = 1
    x, y = np.mgrid[-15:16, -15:16]
    expected = np.exp(-(x**2 + y**2) / (2 * 2.0**2))
    np.testing.assert_allclose(changed("blur", 2.0, point, places=[0])[0], expected / expected.sum(), atol=1e-5)


def test_occlusion_covers_its_share_in_grey():
    images = np.ones((50, 20, 30), np.float32)
    covered = changed("occlusion", 0.25, images, places=np.arange(50)) == 0.5
    assert set(covered.mean(axis=(1, 2))) == {0.25}
    assert len({tuple(np.argwhere(c)[0]) for c in covered}) > 20  # places differ


def test_rotation_by_a_right_angle_is_exact():
    np.testing.assert_allclose(changed("rotation", 90.0), np.rot90(IMAGES, axes=(1, 2)), atol=1e-6)


def test_shares_are_at_most_one():
    with pytest.raises(InputError, match="contrast: strength 2 is above 1"):
        changed("contrast", 2.0)
