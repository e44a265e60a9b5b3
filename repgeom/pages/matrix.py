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
COLOURS = "magma_r"


def packed(dissimilarities: np.ndarray) -> dict:
    """An RDM, (n(n-1)/2,) numbers from 0 up, as a page holds it.

    Returns
    -------
    dict
        `digits` (decimals that numbers are rounded to, negative for tens and hundreds), and `steps`: the numbers
        in units of 10^-digits, as 16-bit integers, all low bytes before all high bytes, deflated, in base 64.
    """
    largest = float(np.max(dissimilarities, initial=0))
    digits = math.ceil(math.log10(FEWEST_LEVELS / largest)) if largest > 0 else 0
    steps = np.round(np.asarray(dissimilarities, dtype=np.float64) * 10.0**digits).astype("<u2")
    planes = np.concatenate([steps & 0xFF, steps >> 8]).astype(np.uint8)
    return {"digits": digits, "steps": base64.b64encode(zlib.compress(planes.tobytes(), 9)).decode()}


def unpacked(matrix: dict) -> np.ndarray:
    """The rounded numbers that `packed` has packed."""
    planes = np.frombuffer(zlib.decompress(base64.b64decode(matrix["steps"])), np.uint8).reshape(2, -1).astype(float)
    return (planes[0] + 256 * planes[1]) / 10.0 ** matrix["digits"]


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
