"""Points of the plane that are told apart by their class."""

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes


def scatter_classes(axes: Axes, points: np.ndarray, labels: np.ndarray, size: float, width: float) -> None:
    """Draw points (n, 2), each as the number of its class (n,), so that colour is not needed to read them.

    `size` (points²) and `width` (points) are those of the numbers and of their strokes.
    """
    colours = colormaps["tab10"]
    for label in np.unique(labels):
        axes.scatter(*points[labels == label].T, s=size, marker=f"${label}$", color=colours(label % 10), lw=width)
