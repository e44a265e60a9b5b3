"""Letters A–J, drawn from the fonts that Matplotlib ships: MNIST-like images in any number, with no download.

The idea of letters A–J from many fonts as a harder MNIST is Y. Bulatov's (notMNIST, 2011).
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.font_manager import FontProperties
from matplotlib.path import Path as Outline
from matplotlib.textpath import TextPath
from matplotlib.transforms import Affine2D
from numpy.typing import NDArray

from repgeom.datasets.images import SPLITS, LabelledImages, blanks, numbered_ids
from repgeom.errors import InputError

LETTERS = "ABCDEFGHIJ"
SIDE = 28
BOX = 20.0  # px, the longer side of an unvaried letter: MNIST's convention

# Upright and slanted versions of one design stay on the same side of the split: under a random shear the one
# can become the other.
FONTS = {
    "train": (
        "DejaVuSans.ttf",
        "DejaVuSans-Oblique.ttf",
        "DejaVuSans-Bold.ttf",
        "DejaVuSans-BoldOblique.ttf",
        "DejaVuSansMono-Bold.ttf",
        "DejaVuSansMono-BoldOblique.ttf",
        "DejaVuSerif.ttf",
        "DejaVuSerif-Italic.ttf",
        "STIXGeneralItalic.ttf",
        "STIXGeneralBol.ttf",
        "STIXGeneralBolIta.ttf",
        "cmb10.ttf",
        "cmmi10.ttf",
        "cmr10.ttf",
        "cmti10.ttf",
        "cmtt10.ttf",
    ),
    "test": (
        "DejaVuSansMono.ttf",
        "DejaVuSansMono-Oblique.ttf",
        "DejaVuSerif-Bold.ttf",
        "DejaVuSerif-BoldItalic.ttf",
        "STIXGeneral.ttf",
        "cmss10.ttf",
    ),
}


@dataclass(frozen=True)
class Variation:
    """How one letter departs from an upright, centred one whose longer side is `BOX` pixels."""

    rotation: float
    """degrees, anticlockwise"""
    shear: float
    """horizontal shift per unit of height; positive leans to the right"""
    scale: float
    """of the longer side, after rotation and shear"""
    shift: tuple[float, float]
    """px to the right and upwards"""

    @classmethod
    def draw(cls, rng: np.random.Generator) -> "Variation":
        """Draw within limits that keep every letter legible and a pixel away from the frame."""
        return cls(
            rotation=rng.uniform(-15, 15),
            shear=rng.uniform(-0.2, 0.2),
            scale=rng.uniform(0.8, 1.1),
            shift=(rng.uniform(-2, 2), rng.uniform(-2, 2)),
        )


def draw_letters(train_per_class: int, test_per_class: int, seed: int) -> dict[str, LabelledImages]:
    """Draw `train_per_class` and `test_per_class` images *per class*: A–J in turn, uint8, white on black, 28×28 pixels.

    The two splits share neither fonts nor random draws. Image i depends on `seed`, split and i alone, so asking
    for more images leaves the first ones as they were.

    Raises
    ------
    InputError
        If a number of images is below 1 or the seed is negative.
    """
    for name, value, least in (
        ("train_per_class", train_per_class, 1),
        ("test_per_class", test_per_class, 1),
        ("seed", seed, 0),
    ):
        if value < least:
            raise InputError(f"letters: {name} is {value}: it must be at least {least}")
    return {"train": _draw_split("train", train_per_class, seed), "test": _draw_split("test", test_per_class, seed)}


def list_letters(train_per_class: int, test_per_class: int) -> dict[str, LabelledImages]:
    """As `draw_letters`, but none is drawn: a black pixel stands for every image."""
    counts = {"train": train_per_class, "test": test_per_class}
    return {split: _labelled(split, blanks(n * len(LETTERS))) for split, n in counts.items()}


def rasterise(letter: str, font: str, variation: Variation) -> NDArray[np.uint8]:
    """Draw one letter of one of `FONTS`' files: anti-aliased coverage, ``(28, 28)``, 255 where ink is."""
    varied = _varied(_outline(letter, font), variation)
    canvas = RendererAgg(SIDE, SIDE, dpi=72)
    pen = canvas.new_gc()
    pen.set_linewidth(0)
    pen.set_snap(False)  # Agg would move the edges of an upright letter to whole pixels
    canvas.draw_path(pen, varied, Affine2D(), rgbFace=(1.0, 1.0, 1.0))
    # The canvas starts transparent, so its alpha channel is the fraction of each pixel that is covered.
    return np.array(canvas.buffer_rgba())[..., 3]


def _draw_split(split: str, n_per_class: int, seed: int) -> LabelledImages:
    images = [_draw_image(split, index, seed) for index in range(n_per_class * len(LETTERS))]
    return _labelled(split, np.stack(images))


def _labelled(split: str, images: NDArray[np.uint8]) -> LabelledImages:
    labels = np.arange(len(images), dtype=np.int64) % len(LETTERS)
    return LabelledImages(images, labels, numbered_ids("letters", split, len(images)), tuple(LETTERS), split)


def _draw_image(split: str, index: int, seed: int) -> NDArray[np.uint8]:
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(SPLITS.index(split), index)))
    font = FONTS[split][rng.integers(len(FONTS[split]))]
    return rasterise(LETTERS[index % len(LETTERS)], font, Variation.draw(rng))


@cache
def _outline(letter: str, font: str) -> Outline:
    file = Path(matplotlib.get_data_path(), "fonts", "ttf", font)
    return TextPath((0, 0), letter, size=100, prop=FontProperties(fname=file))


def _varied(outline: Outline, variation: Variation) -> Outline:
    """Slant and turn the outline, fit its longer side to the box, then move its middle to the frame's."""
    turned = Affine2D().skew(np.arctan(variation.shear), 0).rotate_deg(variation.rotation)
    box = outline.get_extents(turned)
    middle = (box.x0 + box.width / 2, box.y0 + box.height / 2)
    zoom = BOX * variation.scale / max(box.width, box.height)
    right, up = variation.shift
    placed = turned.translate(-middle[0], -middle[1]).scale(zoom).translate(SIDE / 2 + right, SIDE / 2 + up)
    return outline.transformed(placed)
