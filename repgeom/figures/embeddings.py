"""Scatter plots of stimuli: embedding methods as rows, nodes as columns."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repgeom.figures.classes import scatter_classes
from repgeom.figures.style import MM, PAGE, house_style, new_figure


def embedding_grid(
    grid: dict[str, dict[str, np.ndarray]], labels: np.ndarray, notes: dict[str, dict[str, str]]
) -> Figure:
    """Draw embeddings, coloured by class; each point is its class's number, so colour is not needed to read it.

    Parameters
    ----------
    grid : dict of dict of (n, 2)
        Method → node → points.
    labels : (n,)
    notes : dict of dict of str
        A line under each panel (stress, explained variance).
    """
    with house_style():
        columns = len(next(iter(grid.values())))
        figure = new_figure(PAGE, len(grid) * 42 * MM)
        axes_grid = figure.subplots(len(grid), columns, squeeze=False)
        for row, (axes_row, (method, nodes)) in enumerate(zip(axes_grid, grid.items(), strict=True)):
            for axes, (node, points) in zip(axes_row, nodes.items(), strict=True):
                _scatter(axes, points, labels)
                axes.set_xlabel(notes[method][node], fontsize=5)
                if row == 0:
                    axes.set_title(node)
            axes_row[0].set_ylabel(method)
        return figure


def _scatter(axes: Axes, points: np.ndarray, labels: np.ndarray) -> None:
    scatter_classes(axes, points, labels, size=9, width=0.15)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(True)
