"""Scatter plots of stimuli: embedding methods as rows, nodes as columns."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repgeom.figures.classes import class_key, name_classes, scatter_classes
from repgeom.figures.style import COLUMN, MM, PAGE, fitting, house_style, letter_panels, new_figure

ROWS = 8
"""Most nodes below each other; further ones go on beside them."""
ROW = 30 * MM
"""Height of a panel with what is written below it."""
Grid = dict[str, dict[str, np.ndarray]]


def embedding_grid(grid: Grid, labels: np.ndarray, names: Sequence[str], notes: dict[str, dict[str, str]]) -> Figure:
    """Draw embeddings; the class of a point is told by its colour and marker, and by names among the points.

    Parameters
    ----------
    grid : dict of dict of (n, 2)
        Method → node → points.
    labels, names : (n,)
        Class of each stimulus, and what it is called.
    notes : dict of dict of str
        A line under each panel (stress, explained variance).
    """
    nodes, methods = list(next(iter(grid.values()))), list(grid)
    blocks = -(-len(nodes) // ROWS)
    rows = -(-len(nodes) // blocks)
    width = COLUMN if blocks == 1 else PAGE
    with house_style():
        figure = new_figure(width, rows * ROW + 14 * MM)
        places = figure.subplots(rows, len(methods) * blocks, squeeze=False)
        panels = {}
        for k, node in enumerate(nodes):
            beside = places[k % rows, k // rows * len(methods) :]
            panels |= {(method, node): axes for method, axes in zip(methods, beside, strict=False)}
            beside[0].set_ylabel(fitting(node, ROW - 4 * MM, 7))
        for axes in set(places.ravel()) - set(panels.values()):
            axes.remove()
        for (method, node), axes in panels.items():
            _draw(axes, grid[method][node], labels, notes[method][node])
        for axes, method in zip(places[0], methods * blocks, strict=True):
            axes.set_title(method)
        class_key(figure, labels, names)
        letter_panels(panels[methods[0], node] for node in nodes)
        figure.draw_without_rendering()
        for (method, node), axes in panels.items():
            name_classes(axes, grid[method][node], labels, names)
        return figure


def _draw(axes: Axes, points: np.ndarray, labels: np.ndarray, note: str) -> None:
    scatter_classes(axes, points, labels, size=5)
    axes.set(xticks=[], yticks=[])
    axes.set_xlabel(note, fontsize=6)
    axes.spines[:].set_visible(True)
