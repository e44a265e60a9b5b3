"""What networks answer to images: tidy tables."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from repgeom.analyses.images import IMAGE_COLUMNS, image_rows
from repgeom.analyses.intervals import INTERVAL_COLUMNS
from repgeom.errors import InputError
from repgeom.measures.uncertainty import wilson_estimate
from repgeom.store.coordinates import open_coordinates
from repgeom.store.stimuli import StimulusSet

SHARE_COLUMNS = {
    "images": "title of the stimulus set",
    "network": "which network",
    "mean": "share of the images that it names correctly",
    **INTERVAL_COLUMNS,
    "n": "how many images",
}
ANSWER = "answer_"
"""Begins the column with the answers of a network; its name follows."""


def answer_columns(names: Sequence[str]) -> dict[str, str]:
    """What the columns of an answer table mean; `names` are those of the networks."""
    answers = {
        f"{ANSWER}{name}": f"class that {name} reports; empty where it was not shown the image" for name in names
    }
    return IMAGE_COLUMNS | answers


def answer_table(
    sets: Mapping[str, StimulusSet], shown: Sequence[str], names: Sequence[str], answers: Sequence[np.ndarray]
) -> pd.DataFrame:
    """One row per set and image, one column per network.

    Parameters
    ----------
    sets : dict
        Title → images; changes are measured from the first set.
    shown, names, answers : sequences
        Of each pair of network and set: title of the set, name of the network, and the classes (n,) it reports.
    """
    first = next(iter(sets.values()))
    tables = []
    for title, stimuli in sets.items():
        columns = {ANSWER + n: a for t, n, a in zip(shown, names, answers, strict=True) if t == title}
        tables.append(pd.DataFrame(image_rows(title, stimuli, first)).assign(**columns))
    table = pd.concat(tables, ignore_index=True)
    return table.astype({f"{ANSWER}{name}": "Int64" for name in names})


def shares_correct(table: pd.DataFrame, shown: Sequence[str], names: Sequence[str]) -> pd.DataFrame:
    """Columns of `SHARE_COLUMNS`: how many images of its set each network names correctly.

    Parameters
    ----------
    table : DataFrame
        Of `answer_table`.
    shown, names : sequences
        Of each pair of network and set: title of the set and name of the network.
    """
    rows = []
    for title, name in zip(shown, names, strict=True):
        images = table[table["images"] == title]
        correct = int((images[f"{ANSWER}{name}"] == images["label"]).sum())
        mean, low, high, interval = wilson_estimate(correct, len(images))
        estimate = {"mean": mean, "low": low, "high": high, "interval": interval}
        rows.append({"images": title, "network": name, **estimate, "n": len(images)})
    return pd.DataFrame(rows)


def as_words(share: pd.Series) -> str:
    """A row of `shares_correct` as text."""
    return f"{share['mean']:.0%} ({share['low']:.0%}–{share['high']:.0%})"


def reported(path: str, ids: np.ndarray) -> np.ndarray:
    """Classes (n,) that a network reports for the stimuli of these ids, from its coordinates at `path`.

    Raises
    ------
    InputError
        The coordinates are of other stimuli.
    """
    with open_coordinates(path) as coordinates:
        stimuli = coordinates.stimuli
    if not np.array_equal(stimuli.ids, ids):
        raise InputError(f"{path}: holds other stimuli than the images that its network is shown; delete it, run again")
    return stimuli.descriptors["predicted"]
