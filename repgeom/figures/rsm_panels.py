"""Representational similarity matrices at several epochs."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from repgeom.figures.style import COLUMN, MM, house_style, letter_panels, new_figure


def rsm_panels(matrices: np.ndarray, epochs: Sequence[int], items: Sequence[str], columns: int = 4) -> Figure:
    """Draw HHᵀ at each epoch on a common scale.

    Parameters
    ----------
    matrices : (n, items, items)
    epochs : length n
    items : names
    """
    with house_style():
        rows = -(-len(epochs) // columns)
        figure = new_figure(COLUMN, rows * 24 * MM + 24 * MM)
        grid = figure.subplots(rows, columns, squeeze=False)
        largest = np.abs(matrices).max()
        for axes in grid.flat[len(epochs) :]:
            axes.set_axis_off()
        for place, (axes, matrix, epoch) in enumerate(zip(grid.flat, matrices, epochs, strict=False)):
            picture = axes.imshow(matrix, cmap="PuOr_r", vmin=-largest, vmax=largest)
            axes.set_title(f"epoch {epoch}", fontsize=6)
            named = items if place >= len(epochs) - columns else [""] * len(items)
            axes.set_xticks(range(len(items)), named, rotation=90, fontsize=5.5)
            axes.set_yticks(range(len(items)), items if place % columns == 0 else [""] * len(items), fontsize=5.5)
            axes.tick_params(length=0)
            axes.spines[:].set_visible(False)
        letter_panels(grid.flat[: len(epochs)])
        bar = figure.colorbar(picture, ax=grid, location="bottom", shrink=0.6, aspect=30)
        bar.set_label("similarity HHᵀ (inner product of hidden activations)")
        return figure
