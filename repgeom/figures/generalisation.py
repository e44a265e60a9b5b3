"""Generalisation by similarity: how much each rated image pulls on each new one, node by node."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repgeom.figures.style import COLUMN, MM, fitting, house_style, letter_panels, new_figure
from repgeom.measures.generalisation import Generalisation

COLUMNS = 3
"""Panels to a row, at most."""
ROW = 46 * MM


def generalisation_figure(nodes: Mapping[str, Generalisation], rated: np.ndarray, new: np.ndarray) -> Figure:
    """Heat maps of ∂ prediction / ∂ rating, one per node, with the images along the axes.

    Parameters
    ----------
    nodes : dict
        Node → ridge regression from the m rated to the t new images.
    rated, new : (m, h, w) and (t, h, w) arrays in [0, 1], or (…, h, w, 3) in colour
    """
    with house_style():
        rows = -(-len(nodes) // COLUMNS)
        figure = new_figure(COLUMN, ROW * rows + 14 * MM)
        columns = -(-len(nodes) // rows)
        grid = figure.subplots(rows, columns, squeeze=False)
        largest = max(abs(found.sensitivity).max() for found in nodes.values())
        for axes in grid.flat[len(nodes) :]:
            axes.set_axis_off()
        for axes, (node, found) in zip(grid.flat, nodes.items(), strict=False):
            picture = axes.imshow(found.sensitivity, cmap="RdBu_r", vmin=-largest, vmax=largest, aspect="auto")
            axes.set(title=fitting(node, COLUMN / columns - 6 * MM, 7), xticks=[], yticks=[])
            for j, image in enumerate(new):
                _thumbnail(axes, image, (j - 0.45, -0.115), (0.9, 0.1), across=True)
        for first in grid[:, 0]:
            for i, image in enumerate(rated):
                _thumbnail(first, image, (-0.235, i + 0.45), (0.22, 0.9), across=False)
        figure.supxlabel("predicted image", fontsize=7)
        figure.supylabel("rated image", fontsize=7)
        letter_panels(grid.flat[: len(nodes)])
        bar = figure.colorbar(picture, ax=grid, location="top", shrink=0.6, aspect=30)
        bar.set_label("∂ prediction / ∂ rating")
        return figure


def _thumbnail(axes: Axes, image: np.ndarray, corner: tuple, size: tuple, across: bool) -> None:
    """A small image beside an axis: along it in data units, away from it in fractions of the panel."""
    transform = axes.get_xaxis_transform() if across else axes.get_yaxis_transform()
    bounds = (*corner, *size) if across else (corner[0], corner[1] - size[1], *size)
    inset = axes.inset_axes(bounds, transform=transform)
    inset.imshow(image, cmap="gray", vmin=0, vmax=1)
    inset.set_xticks([])
    inset.set_yticks([])
    inset.spines[:].set_visible(False)
