"""Datasets: where labelled images come from."""

from typing import Annotated, Literal

from pydantic import Field

from repgeom.config.section import Count, Section, Seed


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
    """MNIST or Fashion-MNIST, from IDX files in `data_dir` or downloaded there."""

    source: Literal["mnist", "fashion-mnist"]


class ImageFolder(Section):
    """Your own images: `path/train/<class>/*.png` and `path/test/<class>/*.png`."""

    source: Literal["folder"]
    path: str
    size: Annotated[list[Count], Field(min_length=2, max_length=2)] | None = None
    mode: Literal["grey", "rgb"] = "grey"


Dataset = Annotated[Digits | Letters | MNIST | ImageFolder, Field(discriminator="source")]

TEST_IMAGES_PER_CLASS = {"digits": 50, "mnist": 892, "fashion-mnist": 1000}
TRAIN_IMAGES_PER_CLASS = {"digits": 100, "mnist": 5421, "fashion-mnist": 6000}


def images_per_class(dataset: Dataset, split: str) -> int | None:
    """The fewest images that any class has in a split; None where only the files can tell."""
    if isinstance(dataset, Letters):
        return dataset.train_per_class if split == "train" else dataset.test_per_class
    return (TRAIN_IMAGES_PER_CLASS if split == "train" else TEST_IMAGES_PER_CLASS).get(dataset.source)
