"""Datasets: where labelled images come from."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from repgeom.config.section import Count, Name, Positive, Section, Seed
from repgeom.datasets.layout import class_folders, fewest_images, split_folders


class Digits(Section):
    """Scikit-learn's handwritten digits, 8×8 enlarged to 28×28."""

    source: Literal["digits"]


class Letters(Section):
    """A–J drawn from the fonts that matplotlib ships."""

    source: Literal["letters"]
    train_per_class: Count = 150
    test_per_class: Count = 50
    seed: Seed = 0


class MNIST(Section):
    """MNIST or Fashion-MNIST, from IDX files in `data_dir` or downloaded there.

    `mnist-10k` and `fashion-mnist-10k` are their first 10,000 training and 2,000 test images, which come with the
    project.
    """

    source: Literal["mnist", "fashion-mnist", "mnist-10k", "fashion-mnist-10k"]


class ImageFolder(Section):
    """Your own images, in a folder.

    `path/train/<class>/*` and `path/test/<class>/*`; or only test; or `path/<class>/*`, or images alone, which are then
    the test split. `labels` is a CSV file that names every image in its column `file` and may tell its `split`;
    `class_column` is the column with its class, all others describe it. `size` is height and width.
    """

    source: Literal["folder"]
    path: str
    size: Annotated[list[Count], Field(min_length=2, max_length=2)] | None = None
    mode: Literal["grey", "rgb"] = "grey"
    labels: str | None = None
    class_column: str | None = None

    @model_validator(mode="after")
    def _column_of_a_table(self) -> "ImageFolder":
        if self.class_column and not self.labels:
            raise ValueError("class_column is a column of labels; name that CSV file, too")
        return self

    def classes(self) -> list[str] | None:
        """The folders of classes, none where images have no classes; None where only the files can tell."""
        if self.labels:
            return None if self.class_column else []
        folder = split_folders(self.path)["test"]
        return list(class_folders(folder)) if folder.is_dir() else None

    def images_per_class(self, split: str, classes: Sequence[str] = ()) -> int | None:
        """The fewest images of any class, or of some; None where only the files can tell, or there are none."""
        folder = None if self.labels else split_folders(self.path).get(split)
        return fewest_images(folder.resolve(), tuple(classes)) if folder and folder.is_dir() else None

    def splits(self) -> list[str] | None:
        """The splits that the folder holds; None where only the files can tell."""
        return None if self.labels or not Path(self.path).is_dir() else list(split_folders(self.path))

    def look(self) -> None:
        """Look at every image, as far as needed to tell that all can be read (InputError where not)."""
        from repgeom.datasets.folder import check_folder

        check_folder(self.path, self.size and tuple(self.size), self.labels, self.class_column)


class ImageArrays(Section):
    """Your own images, as arrays in a file: `.npz`, `.npy` or HDF5.

    `images` and `labels` name the arrays of the test split, `train_images` and `train_labels` those of the other; all
    other arrays with a value for every image describe it.
    """

    source: Literal["arrays"]
    path: str
    images: str = "images"
    labels: str | None = None
    train_images: str | None = None
    train_labels: str | None = None
    class_names: Annotated[list[str], Field(min_length=1)] | None = None

    def classes(self) -> list[str] | None:
        """The names of the classes, none where images have no classes; None where only the file can tell."""
        return self.class_names if self.labels else []

    def splits(self) -> list[str]:
        """The splits that the file holds."""
        return ["train", "test"] if self.train_images else ["test"]

    def look(self) -> None:
        """Look at what the file holds, pixels left aside (InputError where it is not what is said)."""
        from repgeom.datasets.arrays import list_arrays

        list_arrays(self.path, self.plain(), self.class_names)


Levels = Annotated[list[float], Field(min_length=2, max_length=2)]
"""The low and the high level of a property."""
PositiveLevels = Annotated[list[Positive], Field(min_length=2, max_length=2)]
Jitter = Annotated[float, Field(ge=0)]


class Clutter(Section):
    """Canvases on which one intact object lies among scrambled ones, drawn on the fly from two other datasets.

    The defaults are those of the published study. The first `held_out` images of each training split are kept
    for validation.
    """

    source: Literal["clutter"]
    domains: Annotated[list[Name], Field(min_length=2, max_length=2)]
    held_out: Count = 5000
    canvas_size: Count = 100
    n_objects: Count = 8
    n_candidates: Count = 4
    positions: Levels = Field(default_factory=lambda: [25.0, 75.0])
    position_jitter: Jitter = 2.5
    scales: PositiveLevels = Field(default_factory=lambda: [0.9, 1.5])
    scale_jitter: Jitter = 0.1
    angles: Levels = Field(default_factory=lambda: [-30.0, 30.0])
    angle_jitter: Jitter = 5.0
    grid: Count = 3

    def recipe(self) -> dict:
        """How a canvas is made, as `repgeom.stimuli.clutter.spec.ClutterSpec` takes it."""
        return self.model_dump(mode="json", exclude={"source", "domains", "held_out"})


Dataset = Annotated[Digits | Letters | MNIST | ImageFolder | ImageArrays | Clutter, Field(discriminator="source")]

TRAIN_IMAGES = {
    "digits": 1280,
    "mnist": 60_000,
    "fashion-mnist": 60_000,
    "mnist-10k": 10_000,
    "fashion-mnist-10k": 10_000,
}
TEST_IMAGES = {"digits": 517, "mnist": 10_000, "fashion-mnist": 10_000, "mnist-10k": 2000, "fashion-mnist-10k": 2000}
TEST_IMAGES_PER_CLASS = {
    "digits": 50,
    "mnist": 892,
    "fashion-mnist": 1000,
    "mnist-10k": 175,
    "fashion-mnist-10k": 188,
}
TRAIN_IMAGES_PER_CLASS = {
    "digits": 100,
    "mnist": 5421,
    "fashion-mnist": 6000,
    "mnist-10k": 863,
    "fashion-mnist-10k": 942,
}


def n_images(dataset: Dataset, split: str) -> int | None:
    """How many images a split holds; None where only the files can tell."""
    if isinstance(dataset, Letters):
        return 10 * (dataset.train_per_class if split == "train" else dataset.test_per_class)
    return (TRAIN_IMAGES if split == "train" else TEST_IMAGES).get(dataset.source)


def images_per_class(dataset: Dataset, split: str, classes: Sequence[str] = ()) -> int | None:
    """The fewest images that any class, or any of some, has in a split; None where only the files can tell."""
    if isinstance(dataset, Letters):
        return dataset.train_per_class if split == "train" else dataset.test_per_class
    if isinstance(dataset, ImageFolder):
        return dataset.images_per_class(split, classes)
    return (TRAIN_IMAGES_PER_CLASS if split == "train" else TEST_IMAGES_PER_CLASS).get(dataset.source)
