"""Grids of images, side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from textwrap import fill

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repgeom.figures.classes import shortened
from repgeom.figures.pictures import UNSCALED, as_pictures
from repgeom.figures.style import COLUMN, LETTER, MM, fitting, house_style, letter_panels, new_figure

BESIDE = 2
"""Most panels beside each other."""
NAMES, LEAST = 12 * MM, 5 * MM
"""Room for the names of classes beside a panel, and the least width of an image."""
APART = 0.08
"""Distance between images, in widths of one."""
NAME_SIZE, TITLE_SIZE = 5.5, 6.0
BEHIND = {"fc": "white", "ec": "none", "pad": 0.4, "alpha": 0.7}
"""Keeps the name of a class readable on its image."""


@dataclass(frozen=True)
class Grid:
    """Images (n, h, w) or (n, 3, h, w) in [0, 1], and the name of the class of each."""

    images: np.ndarray
    classes: Sequence[str]


def image_grids(grids: Mapping[str, Grid], columns: int = 5) -> Figure:
    """One panel of images per title, `columns` images to a row.

    Where every row of a panel holds one class, the rows carry their names, else the first image of each class in a row.
    """
    beside = BESIDE if (COLUMN / BESIDE - NAMES) / columns > LEAST else 1
    room = COLUMN / beside
    titles = {title: "\n".join(_wrapped(line, room) for line in title.split("\n")) for title in grids}
    with house_style():
        heights = [_height(titles[title], grid, columns, room) for title, grid in grids.items()]
        rows = [max(heights[i : i + beside]) for i in range(0, len(heights), beside)]
        figure = new_figure(COLUMN, sum(rows))
        axes = figure.subplots(len(rows), beside, squeeze=False, height_ratios=rows).ravel()
        for panel, (title, grid) in zip(axes, grids.items(), strict=False):
            _draw(panel, titles[title], grid, columns, room)
        letter_panels(axes[: len(grids)])
        for panel in axes[len(grids) :]:
            panel.set_axis_off()
        return figure


def mosaic(images: np.ndarray, columns: int, gap: int = 0) -> np.ndarray:
    """Images (n, h, w) or (n, h, w, 3) as one large image, row by row; gaps (px) and missing places are white."""
    n, h, w, *colours = images.shape
    rows = -(-n // columns)
    tiles = np.ones((rows * columns, h + gap, w + gap, *colours))
    tiles[:n, :h, :w] = images
    whole = tiles.reshape(rows, columns, h + gap, w + gap, *colours).swapaxes(1, 2)
    return whole.reshape(rows * (h + gap), columns * (w + gap), *colours)[: rows * (h + gap) - gap, : -gap or None]


def _wrapped(line: str, room: float) -> str:
    """A title in lines no wider than a panel."""
    return fill(line.replace("ε = ", "ε\xa0=\xa0"), int(72 * (room - NAMES) / (LETTER * TITLE_SIZE)))


def _height(title: str, grid: Grid, columns: int, room: float) -> float:
    """Of a panel with its title, in inches."""
    h, w = grid.images.shape[-2:]
    rows = -(-len(grid.images) // columns)
    return (room - NAMES) / columns * rows * h / w + (4 + 3 * (title.count("\n") + 1)) * MM


def _draw(axes: Axes, title: str, grid: Grid, columns: int, room: float) -> None:
    h, w = grid.images.shape[-2:]
    gap = max(1, round(APART * w))
    axes.imshow(mosaic(as_pictures(grid.images), columns, gap), **UNSCALED)
    axes.set_title(title, fontsize=TITLE_SIZE)
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
    rows = [list(grid.classes[i : i + columns]) for i in range(0, len(grid.classes), columns)]
    if all(len(set(row)) == 1 for row in rows):
        axes.set_yticks([r * (h + gap) + h / 2 for r in range(len(rows))], [shortened(row[0]) for row in rows])
        axes.tick_params(length=0, labelsize=NAME_SIZE)
        return
    for r, row in enumerate(rows):
        for i, name in enumerate(row):
            if i == 0 or name != row[i - 1]:
                words = fitting(name, (room - NAMES) / columns, NAME_SIZE)
                axes.text(i * (w + gap), r * (h + gap), words, fontsize=NAME_SIZE, va="top", bbox=BEHIND)
