"""Page for looking at metamers as they come about, one original, node and start at a time."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from repgeom.figures.pictures import as_pictures
from repgeom.pages.page import image_sheet, page

LOSS_POINTS = 200
DIGITS = 5
ANSWERS = ("label", "predicted", "held_out")
"""Columns that hold classes."""


def metamers_page(
    arrays: Mapping[str, np.ndarray],
    table: pd.DataFrame,
    names: Mapping[int, str],
    nodes: Sequence[str],
    snapshots: Sequence[int],
    about: str = "",
) -> str:
    """The page as text.

    Parameters
    ----------
    arrays : dict
        `originals` and, per node, `{node}_step{n}`, `{node}_best` (m, c, h, w) and `{node}_loss` (steps + 1, m).
    table : DataFrame
        Rows of `repgeom.analyses.metamers.metamer_rows`, of the nodes one after the other.
    names : dict
        Class → what it is called.
    nodes, snapshots : sequences
    about : str
    """
    named = table.assign(**{answer: table[answer].map(names) for answer in ANSWERS})
    data = {
        "originals": _sheet(arrays["originals"]),
        "nodes": [_node(arrays, named[named["node"] == node], node, snapshots) for node in nodes],
        "choices": [f"{name}, class {label}, start {start + 1}" for name, label, start in _chosen(named, nodes[0])],
    }
    return page("metamers.html", "Metamers", about, data)


def _node(arrays: Mapping[str, np.ndarray], rows: pd.DataFrame, node: str, snapshots: Sequence[int]) -> dict:
    steps = sorted({0, *snapshots})
    loss = arrays[f"{node}_loss"]
    kept = np.unique(np.round(np.linspace(0, len(loss) - 1, min(LOSS_POINTS, len(loss)))).astype(int))
    return {
        "name": node,
        "stages": [f"step {step}" for step in steps] + ["best"],
        "sheets": [_sheet(arrays[f"{node}_step{step}"]) for step in steps] + [_sheet(arrays[f"{node}_best"])],
        "steps": kept.tolist(),
        "loss": [[float(f"{value:.{DIGITS}g}") for value in losses] for losses in loss[kept].T.astype(float)],
        "rows": rows[[*ANSWERS, "pixel_correlation"]].round(DIGITS).to_dict("records"),
    }


def _chosen(table: pd.DataFrame, node: str) -> list[tuple]:
    return list(table.loc[table["node"] == node, ["id", "label", "start"]].itertuples(index=False))


def _sheet(images: np.ndarray) -> dict:
    return image_sheet(as_pictures(np.clip(images, 0, 1)))
