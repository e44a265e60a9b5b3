"""Generalisation by similarity: how much each rated image pulls on each new one, layer by layer."""

import numpy as np
from matplotlib.figure import Figure

from repgeom.figures.style import MM, PAGE, house_style, new_figure
from repgeom.measures.generalisation import Generalisation


def generalisation_figure(layers: dict[str, Generalisation], rated: np.ndarray, new: np.ndarray) -> Figure:
    """Heat maps of ∂ prediction / ∂ rating, one per layer, with the images along the axes.

    Parameters
    ----------
    layers : dict
        Node → ridge regression from the m rated to the t new images.
    rated, new : (m, h, w) and (t, h, w) arrays in [0, 1]
    """
    with house_style():
        figure = new_figure(PAGE, 72 * MM)
        grid = figure.subplots(1, len(layers), sharey=True)
        largest = max(abs(layer.sensitivity).max() for layer in layers.values())
        for axes, (node, layer) in zip(np.atleast_1d(grid), layers.items(), strict=True):
            picture = axes.imshow(layer.sensitivity, cmap="RdBu_r", vmin=-largest, vmax=largest, aspect="auto")
            axes.set_title(node)
            axes.set_yticks([])
            axes.set_xticks([])
            for j, image in enumerate(new):
                _thumbnail(axes, image, (j - 0.45, -0.115), (0.9, 0.1), across=True)
        first = np.atleast_1d(grid)[0]
        for i, image in enumerate(rated):
            _thumbnail(first, image, (-0.235, i + 0.45), (0.22, 0.9), across=False)
        first.set_ylabel("rated training image", labelpad=18)
        figure.supxlabel("predicted test image", fontsize=7)
        bar = figure.colorbar(picture, ax=grid, shrink=0.6, aspect=20)
        bar.set_label("∂ prediction / ∂ rating")
        return figure


def _thumbnail(axes, image: np.ndarray, corner: tuple, size: tuple, across: bool) -> None:
    """A small image beside an axis: along it in data units, away from it in fractions of the panel."""
    transform = axes.get_xaxis_transform() if across else axes.get_yaxis_transform()
    bounds = (*corner, *size) if across else (corner[0], corner[1] - size[1], *size)
    inset = axes.inset_axes(bounds, transform=transform)
    inset.imshow(image, cmap="gray", vmin=0, vmax=1)
    inset.set_xticks([])
    inset.set_yticks([])
    inset.spines[:].set_visible(False)
