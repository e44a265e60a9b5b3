"""Convolution filters over training, and the maps they make of images."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from repgeom.figures.pictures import UNSCALED, as_pictures
from repgeom.figures.style import COLUMN, MM, fitting, house_style, letter_panels, new_figure

SIDE, TITLE = 14 * MM, 5.5
"""Room for the titles of rows in inches, and their size in points."""
BEFORE_NAME = 26
"""Points from the first map to its letter, beyond the word that stands there."""


def filters_over_epochs(filters: np.ndarray, titles: Sequence[str]) -> Figure:
    """One row per epoch, one column per filter, on a common scale.

    Filters of colour images are drawn in colour: grey is a weight of 0.

    Parameters
    ----------
    filters : (epochs, n, c, h, w)
        Of c = 1 or 3 channels.
    titles : of the rows
    """
    largest = _largest(filters)
    colours = filters.shape[2] == 3
    shown = [as_pictures(row / largest / 2 + 0.5 if colours else row) for row in filters]
    with house_style():
        figure, grid = _grid(len(titles), filters.shape[1], filters.shape[-2] / filters.shape[-1], bar=not colours)
        _title(grid[0], "filter ")
        for axes_row, title, row in zip(grid, titles, shown, strict=True):
            _row(axes_row, title, row, largest)
        if not colours:
            _bar(figure, grid, largest, "weight")
        return figure


def feature_maps(images: Sequence[np.ndarray], titles: Sequence[str], maps: Sequence[np.ndarray]) -> Figure:
    """One row per image: what a node makes of it, channel by channel, on a common scale.

    Parameters
    ----------
    images : sequence of (h, w), (1, h, w) or (3, h, w) in [0, 1]
        Of each row.
    titles : of the rows
    maps : sequence of (channels, h, w)
        Of each row.
    """
    with house_style():
        n, h, w = maps[0].shape
        figure, grid = _grid(len(maps), n + 1, h / w)
        largest = max(map(_largest, maps))
        _title(grid[0, 1:], "channel")
        for axes_row, image, title, row in zip(grid, images, titles, maps, strict=True):
            axes_row[0].imshow(as_pictures(image[None])[0], **UNSCALED)
            _row(axes_row[1:], "", row, largest)
            _name_row(axes_row[0], title)
        letter_panels(grid[0, :2], BEFORE_NAME)
        _bar(figure, grid, largest, "activation")
        return figure


def _name_row(axes: Axes, title: str) -> None:
    """The title of a row at the left of its first tile."""
    lines = (fitting(line, SIDE, TITLE) for line in title.split("\n"))
    axes.set_ylabel("\n".join(lines), fontsize=TITLE, rotation=0, ha="right", va="center")


def _grid(rows: int, columns: int, aspect: float, bar: bool = True) -> tuple[Figure, np.ndarray]:
    """Axes for tiles `aspect` times as high as wide, without ticks."""
    side = (COLUMN - SIDE) / columns
    figure = new_figure(COLUMN, side * 1.12 * rows * aspect + (17 * MM if bar else 6 * MM))
    figure.get_layout_engine().set(w_pad=0.01, wspace=0)
    grid = figure.subplots(rows, columns, squeeze=False)
    for axes in grid.ravel():
        axes.set(xticks=[], yticks=[])
        axes.spines[:].set_visible(False)
    return figure, grid


def _title(axes_row: Sequence[Axes], name: str) -> None:
    for i, axes in enumerate(axes_row):
        axes.set_title(str(i), fontsize=TITLE, pad=2)
    axes_row[0].annotate(name, (0, 1), xytext=(-2, 2), xycoords="axes fraction", textcoords="offset points", ha="right",
                         va="baseline", fontsize=TITLE)  # fmt: skip


def _row(axes_row: Sequence[Axes], title: str, tiles: Sequence[np.ndarray], largest: float) -> None:
    for axes, tile in zip(axes_row, tiles, strict=True):
        axes.imshow(tile, cmap="PuOr_r", vmin=-largest, vmax=largest)
    _name_row(axes_row[0], title)


def _bar(figure: Figure, grid: np.ndarray, largest: float, label: str) -> None:
    scale = ScalarMappable(Normalize(-largest, largest), "PuOr_r")
    figure.colorbar(scale, ax=grid, location="bottom", shrink=0.6, aspect=30).set_label(label)


def _largest(values: np.ndarray) -> float:
    return float(np.abs(values).max()) or 1.0
