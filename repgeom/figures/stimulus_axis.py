"""Stimuli along an axis: the names of their classes, and images of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.offsetbox import AnnotationBbox, OffsetImage

from repgeom.figures.classes import shortened
from repgeom.figures.pictures import as_pictures, drawable

ROOM = 6.5
"""Least distance between names, in points."""
LARGEST = 11.0
"""Largest side of an image beside an axis, in points."""
GAP, SEAM = 1.5, 0.6
"""Points between a panel and its images, and between images of classes that lie as near as can be."""


@dataclass(frozen=True)
class StimulusAxis:
    """Stimuli along an axis.

    Attributes
    ----------
    labels : (n,)
    names : (n,)
        Of the classes.
    images : (n, h, w) or (n, c, h, w) in [0, 1]
        Left out where they are neither grey nor RGB.
    """

    labels: np.ndarray
    names: Sequence[str]
    images: np.ndarray

    def by_class(self) -> tuple[np.ndarray, "StimulusAxis"]:
        """The order (n,) that brings the stimuli of a class together, and the axis in this order."""
        order = np.argsort(self.labels, kind="stable")
        return order, StimulusAxis(self.labels[order], [self.names[i] for i in order], self.images[order])

    def places(self) -> tuple[np.ndarray, np.ndarray]:
        """Middle of each class on the axis, and its first stimulus; of each stimulus where there is but one."""
        values, first, counts = np.unique(self.labels, return_index=True, return_counts=True)
        if len(values) == 1:
            return np.arange(len(self.labels)), np.arange(len(self.labels))
        order = np.argsort(first)
        return (first + counts / 2 - 0.5)[order], first[order]

    def shown(self, room: float) -> list[tuple[float, int]]:
        """Place and stimulus of what can be named along `room` points: all classes, or every second, third …"""
        found = list(zip(*self.places(), strict=True))
        return found[:: int(np.ceil(len(found) * ROOM / room))]


def name_stimuli(axes: Axes, stimuli: StimulusAxis, room: float) -> None:
    """Names of classes at the left of a square panel with a side of `room` points, an image of each before them."""
    shown = stimuli.shown(room)
    side = show_stimuli(axes, stimuli, room, "left")
    several = len(set(stimuli.labels)) > 1
    axes.set_yticks([place for place, _ in shown], [shortened(stimuli.names[i]) if several else "" for _, i in shown])
    axes.tick_params("y", length=0, pad=side + 2 * GAP, labelsize=5.5)


def show_stimuli(axes: Axes, stimuli: StimulusAxis, room: float, where: str) -> float:
    """An image of each class at the `left` of a panel or `below` it; returns their side in points."""
    shown = stimuli.shown(room)
    if not drawable(stimuli.images):
        return 0.0
    side = min(LARGEST, room / len(shown))
    pictures = as_pictures(stimuli.images[[i for _, i in shown]])
    for (place, _), image in zip(shown, pictures, strict=True):
        picture = OffsetImage(image, zoom=(side - SEAM) / max(image.shape[:2]), cmap="gray", norm=Normalize(0, 1))
        away = GAP + side / 2
        at, offset, coordinates = {
            "left": ((0, place), (-away, 0), ("axes fraction", "data")),
            "below": ((place, 0), (0, -away), ("data", "axes fraction")),
        }[where]
        box = AnnotationBbox(picture, at, offset, coordinates, "offset points", frameon=False, pad=0)
        axes.add_artist(box)
    return side
