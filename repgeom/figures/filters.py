"""Convolution filters over training, and the maps they make of images."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from repgeom.figures.style import MM, PAGE, house_style, new_figure


def filters_over_epochs(filters: np.ndarray, epochs: Sequence[int]) -> Figure:
    """One row per epoch, one column per filter, on a common scale.

    Parameters
    ----------
    filters : (epochs, n, h, w)
    epochs : names of the rows
    """
    rows = {f"epoch {epoch}": row for epoch, row in zip(epochs, filters, strict=True)}
    return _tiles(rows, "filter", "PuOr_r", "weight", symmetric=True)


def feature_maps(maps: dict[tuple[str, int], np.ndarray]) -> Figure:
    """One row per image and epoch: the image's maps, channel by channel, on a common scale.

    Parameters
    ----------
    maps : dict of (channels, h, w)
        (image, epoch) → maps.
    """
    rows = {f"{name}\nepoch {epoch}": row for (name, epoch), row in maps.items()}
    return _tiles(rows, "channel", "PuOr_r", "activation", symmetric=True)


def _tiles(rows: dict[str, np.ndarray], column_name: str, colours: str, label: str, symmetric: bool) -> Figure:
    with house_style():
        columns = len(next(iter(rows.values())))
        side = PAGE / (columns + 1.6)
        figure = new_figure(PAGE, side * 1.08 * len(rows) + 8 * MM)
        grid = figure.subplots(len(rows), columns, squeeze=False)
        largest = max(np.abs(row).max() for row in rows.values())
        for r, (axes_row, (title, row)) in enumerate(zip(grid, rows.items(), strict=True)):
            for i, (axes, tile) in enumerate(zip(axes_row, row, strict=True)):
                picture = axes.imshow(tile, cmap=colours, vmin=-largest if symmetric else 0, vmax=largest)
                axes.set_xticks([])
                axes.set_yticks([])
                if r == 0:
                    axes.set_title(f"{column_name} {i}", fontsize=5)
            axes_row[0].set_ylabel(title, fontsize=5)
        figure.colorbar(picture, ax=grid, shrink=0.7).set_label(label)
        return figure
