"""Names beside points: placed so that none hides another."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.transforms import Bbox

SIZE = 6.0
"""Of names, in points."""
DISTANCES = (3.0, 7.0, 12.0, 18.0)
"""Points between a point and the nearest corner or side of its name, the nearest place first."""
DIRECTIONS = 12
MARGIN = 3.0
"""Points between names and the edge of the panel."""
AIR = np.array([2.5, 1.0])
"""Points between names beside and above each other."""
BEHIND = {"fc": "white", "ec": "none", "pad": 0.2, "alpha": 0.75}
"""Keeps a name readable where it lies on lines and points."""
FAR = 7.0
"""Points from which on a line leads from the name to its point."""


class Label(NamedTuple):
    """A name for a point (2,) of an axes' data, whose marker reaches `radius` points around it."""

    point: Sequence[float]
    words: str
    colour: str
    bold: bool = False
    radius: float = 0.0


def place_labels(axes: Axes, labels: Iterable[Label], avoid: np.ndarray) -> list[Label]:
    """Write names beside their points, the first ones first; those for which there is no room are left out.

    Places depend on the figure's layout, which must have been done (`Figure.draw_without_rendering`).

    Parameters
    ----------
    axes : Axes
    labels : of points, most important ones first
    avoid : (n, 2)
        Points of the data that names should not lie on.

    Returns
    -------
    list of Label
        Those that have been written.
    """
    scale = axes.get_figure(root=True).dpi / 72
    panel = axes.get_window_extent().padded(-MARGIN * scale)
    points = axes.transData.transform(np.asarray(avoid, float).reshape(-1, 2))
    labels, written = list(labels), []
    boxes = [_marker(axes, label, scale) for label in labels if label.radius]
    for label in labels:
        text = axes.annotate(
            label.words, label.point, xytext=(0, 0), textcoords="offset points", fontsize=SIZE, color=label.colour,
            ha="center", va="center", in_layout=False, fontweight="bold" if label.bold else "normal", zorder=5,
            bbox=BEHIND,
            arrowprops={"arrowstyle": "-", "color": label.colour, "lw": 0.4, "shrinkA": 0, "shrinkB": 0},
        )  # fmt: skip
        size = np.array(text.get_window_extent().size) + scale * AIR
        place = _best(axes.transData.transform(label.point), size, (scale, label.radius), panel, boxes, points)
        if place is None:
            text.remove()
            continue
        offset, distance = place
        text.set_position(offset / scale)
        text.arrow_patch.set_visible(distance >= FAR)
        boxes.append(_around(axes.transData.transform(label.point) + offset, size))
        written.append(label)
    return written


def _best(at: np.ndarray, size: np.ndarray, reach: tuple, panel: Bbox, boxes: list[Bbox], points: np.ndarray):
    """Offset (2,) of a name from its point in pixels and its distance in points, or None where there is no room."""
    found, (scale, radius) = [], reach
    for distance in DISTANCES:
        for turn in 2 * np.pi * np.arange(DIRECTIONS) / DIRECTIONS:
            way = np.array([np.cos(turn), np.sin(turn)])
            offset = way * (distance + radius) * scale + np.round(way, 6) * size / 2
            box = _around(at + offset, size)
            if _inside(box, panel) and not any(box.overlaps(other) for other in boxes):
                hidden = ((points > box.min) & (points < box.max)).all(axis=1).sum()
                found.append((hidden, distance, len(found), offset))
    if not found:
        return None
    _, distance, _, offset = min(found, key=lambda place: place[:3])
    return offset, distance


def _marker(axes: Axes, label: Label, scale: float) -> Bbox:
    """The marker of a point, on which no name may lie."""
    return _around(axes.transData.transform(label.point), np.full(2, 2 * label.radius * scale))


def _around(centre: np.ndarray, size: np.ndarray) -> Bbox:
    return Bbox([centre - size / 2, centre + size / 2])


def _inside(box: Bbox, panel: Bbox) -> bool:
    return box.x0 >= panel.x0 and box.y0 >= panel.y0 and box.x1 <= panel.x1 and box.y1 <= panel.y1
