"""RDMs on pages: rounded, packed tightly, and read again by the script of the same name."""

import base64
import math
import zlib
from collections.abc import Sequence

import matplotlib
import numpy as np

from repgeom.pages.page import image_sheet

FEWEST_LEVELS = 200
"""Dissimilarities are rounded to a power of ten that leaves the largest at least so many steps from zero."""
COARSE_LEVELS = 255
"""Where room is scarce, the largest is so many steps from zero, and a number takes one byte."""
COLOURS = "magma_r"


def packed(dissimilarities: np.ndarray, coarse: bool = False) -> dict:
    """An RDM, (n(n-1)/2,) numbers from 0 up, as a page holds it.

    Returns
    -------
    dict
        `unit` that numbers are rounded to, and `digits` to write them with (decimals; negative for tens and hundreds);
        `steps`: the numbers in units, as integers of as many bytes as `planes` says, all low bytes before all high
        bytes, deflated, in base 64.
    """
    largest, planes = float(np.max(dissimilarities, initial=0)), 1 if coarse else 2
    finest = largest / (COARSE_LEVELS if coarse else FEWEST_LEVELS)
    digits = math.ceil(-math.log10(finest)) if finest > 0 else 0
    unit = (finest or 1.0) if coarse else 10.0**-digits
    steps = np.round(np.asarray(dissimilarities, dtype=np.float64) / unit).astype("<u2")
    held = np.concatenate([steps >> 8 * plane & 0xFF for plane in range(planes)]).astype(np.uint8)
    text = base64.b64encode(zlib.compress(held.tobytes(), 9)).decode()
    return {"unit": unit, "digits": digits, "planes": planes, "steps": text}


def unpacked(matrix: dict) -> np.ndarray:
    """The rounded numbers that `packed` has packed."""
    held = np.frombuffer(zlib.decompress(base64.b64decode(matrix["steps"])), np.uint8)
    planes = held.reshape(matrix["planes"], -1).astype(float)
    return sum(256**i * plane for i, plane in enumerate(planes)) * matrix["unit"]


def colour_map(name: str = COLOURS) -> list[list[int]]:
    """256 colours as red, green and blue from 0 to 255."""
    return np.round(255 * matplotlib.colormaps[name](np.arange(256))[:, :3]).astype(int).tolist()


def stimuli_shown(images: np.ndarray, ids: Sequence[str], classes: Sequence[str]) -> dict:
    """Stimuli as the script wants them: their pictures, names and classes.

    Parameters
    ----------
    images : (n, h, w) or (n, h, w, 3) in [0, 1]
    ids, classes : length n
    """
    return {"sheet": image_sheet(images), "ids": list(map(str, ids)), "classes": list(map(str, classes))}
