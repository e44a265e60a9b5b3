"""Grids of images, side by side."""

import numpy as np
from matplotlib.figure import Figure

from repgeom.figures.style import MM, PAGE, house_style, new_figure


def image_grids(grids: dict[str, np.ndarray], labels: np.ndarray, columns: int = 5) -> Figure:
    """One panel of images per title, ordered by class, `columns` images to a row.

    Parameters
    ----------
    grids : dict of (n, h, w) arrays in [0, 1]
        Title → images.
    labels : (n,)
        Class of each image; a row of one class carries its name.
    """
    with house_style():
        rows = -(-len(labels) // columns)
        width = PAGE / 3 * len(grids)
        figure = new_figure(width, width / len(grids) / columns * rows + 8 * MM)
        for axes, (title, images) in zip(figure.subplots(1, len(grids), squeeze=False)[0], grids.items(), strict=True):
            axes.imshow(mosaic(images, columns), cmap="gray", vmin=0, vmax=1, interpolation="nearest")
            axes.set_title(title)
            axes.set_xticks([])
            side = images.shape[-2]
            axes.set_yticks([(r + 0.5) * side for r in range(rows)], [str(v) for v in labels[::columns]])
            axes.tick_params(length=0)
            axes.spines[:].set_visible(False)
        figure.supylabel("class", fontsize=7)
        return figure


def mosaic(images: np.ndarray, columns: int) -> np.ndarray:
    """Images (n, h, w) as one large image, row by row; missing places are white."""
    n, h, w = images.shape
    rows = -(-n // columns)
    tiles = np.ones((rows * columns, h, w))
    tiles[:n] = images
    return tiles.reshape(rows, columns, h, w).swapaxes(1, 2).reshape(rows * h, columns * w)
