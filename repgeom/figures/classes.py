"""Points of the plane that are told apart by their class."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from repgeom.figures.labels import Label, place_labels
from repgeom.figures.palette import CLASSES, MARKERS
from repgeom.figures.style import legend_above

NAMED = 20
"""Most classes that are named among their points."""
KEYS = 10
"""Most classes in a row of a legend."""
LETTERS = 12
"""Letters of a class's name that are written."""


def scatter_classes(axes: Axes, points: np.ndarray, labels: np.ndarray, size: float) -> None:
    """Draw points (n, 2) by their class (n,): in its colour and marker, so that colour is not needed to read them.

    `size` (points²) is that of the markers.
    """
    for i, label in enumerate(np.unique(labels)):
        axes.scatter(*points[labels == label].T, s=size, lw=0, alpha=0.85, **_look(i))


def name_classes(axes: Axes, points: np.ndarray, labels: np.ndarray, names: Sequence[str]) -> None:
    """Write the name of each class beside its median point, where classes are few enough and there is room.

    The figure must have been laid out.
    """
    values, first, counts = np.unique(labels, return_index=True, return_counts=True)
    if not 1 < len(values) <= NAMED:
        return
    middles = [np.median(points[labels == value], axis=0) for value in values]
    order = np.argsort(-counts, kind="stable")
    place_labels(
        axes,
        [Label(middles[i], shortened(names[first[i]]), CLASSES[i % len(CLASSES)], bold=True) for i in order],
        points,
    )


def class_key(figure: Figure, labels: np.ndarray, names: Sequence[str]) -> None:
    """A legend of all classes above a figure, where they are few enough."""
    values, first = np.unique(labels, return_index=True)
    if 1 < len(values) <= NAMED:
        samples = [Line2D([], [], ls="", ms=4, mew=0, **_look(i)) for i in range(len(values))]
        words = [shortened(names[i]) for i in first]
        legend_above(figure, samples, words, KEYS)


def _look(place: int) -> dict[str, str]:
    return {"color": CLASSES[place % len(CLASSES)], "marker": MARKERS[place % len(MARKERS)]}


def shortened(name: str) -> str:
    """As much of a class's name as is written."""
    return name if len(name) <= LETTERS else f"{name[: LETTERS - 1]}…"
