"""Columns that describe images: numbers where all values are, text otherwise."""

import re
from collections.abc import Sequence

import numpy as np


def as_descriptor(values: Sequence[str] | np.ndarray) -> np.ndarray:
    """One value per image, as whole numbers, numbers or text, whichever all of them are."""
    array = np.asarray(values)
    if array.dtype.kind in "biuf":
        return array
    text = [value.decode() if isinstance(value, bytes) else str(value) for value in array]
    for kind, pattern in ((np.int64, r"[-+]?\d+"), (np.float64, r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?|nan|")):
        if all(re.fullmatch(pattern, value) for value in text):
            return np.array([value or "nan" for value in text], dtype=kind)
    return np.array(text, dtype=np.str_)
