"""Scatter plots of stimuli: embedding methods as rows, nodes as columns."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repgeom.figures.classes import class_key, name_classes, scatter_classes
from repgeom.figures.style import MM, PAGE, fitting, house_style, new_figure

COLUMNS = 6
"""Most nodes beside each other; further ones go on below."""
ROW = 38 * MM
"""Height of a panel with what is written above and below it."""
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
    nodes = list(next(iter(grid.values())))
    blocks = [nodes[start : start + COLUMNS] for start in range(0, len(nodes), COLUMNS)]
    columns = max(2, len(blocks[0]))
    with house_style():
        figure = new_figure(PAGE, len(grid) * len(blocks) * ROW + 12 * MM)
        axes_grid = figure.subplots(len(grid) * len(blocks), columns, squeeze=False)
        lines = [(method, block) for block in blocks for method in grid]
        panels = [
            (axes_row[k], method, node)
            for axes_row, (method, block) in zip(axes_grid, lines, strict=True)
            for k, node in enumerate(block)
        ]
        for axes in axes_grid.ravel():
            axes.set(xticks=[], yticks=[])
        for axes in set(axes_grid.ravel()) - {axes for axes, *_ in panels}:
            axes.remove()
        for axes, method, node in panels:
            _draw(axes, grid[method][node], labels, notes[method][node])
            if method == next(iter(grid)):
                axes.set_title(fitting(node, PAGE / columns - 4 * MM, 7))
        for axes_row, (method, _) in zip(axes_grid, lines, strict=True):
            axes_row[0].set_ylabel(method)
        class_key(figure, labels, names)
        figure.draw_without_rendering()
        for axes, method, node in panels:
            name_classes(axes, grid[method][node], labels, names)
        return figure


def _draw(axes: Axes, points: np.ndarray, labels: np.ndarray, note: str) -> None:
    scatter_classes(axes, points, labels, size=5)
    axes.set_xlabel(note, fontsize=6)
    axes.spines[:].set_visible(True)
