"""Columns that describe images: numbers where all values are, text otherwise."""

import re
from collections.abc import Sequence

import numpy as np

from repgeom.errors import InputError


def as_descriptor(values: Sequence[str] | np.ndarray, where: str) -> np.ndarray:
    """One value per image, as whole numbers, numbers or ASCII text, whichever all of them are.

    Raises
    ------
    InputError
        Text that is not ASCII, which files of RDMs cannot hold; `where` begins the message.
    """
    array = np.asarray(values)
    if array.dtype.kind in "biuf":
        return array
    text = [value.decode() if isinstance(value, bytes) else str(value) for value in array]
    for kind, pattern in ((np.int64, r"[-+]?\d+"), (np.float64, r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?|nan|")):
        if all(re.fullmatch(pattern, value) for value in text):
            return np.array([value or "nan" for value in text], dtype=kind)
    for value in text:
        if not value.isascii():
            raise InputError(f"{where}: {value!r} is not plain ASCII; write it in ASCII")
    return np.array(text, dtype=np.str_)
