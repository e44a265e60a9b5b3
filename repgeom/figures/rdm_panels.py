"""RDMs as images: a row for each network or layer, a column for each node or timestep."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from scipy.spatial.distance import squareform

from repgeom.figures.style import MM, PAGE, house_style, new_figure

COLOURS = "magma_r"


def rdm_panels(rows: Mapping[str, Mapping[str, np.ndarray]], labels: Sequence[np.ndarray], measure: str) -> Figure:
    """Draw RDMs, each scaled by its own maximum.

    Parameters
    ----------
    rows : dict of dict of (n(n-1)/2,) arrays
        Row title → node → RDM. Rows may differ in their nodes; missing ones stay empty.
    labels : sequence of (n,)
        For each row the class of every stimulus, ordered by class.
    measure : str
        Name of the dissimilarity, for the colour bar.
    """
    with house_style():
        columns = max(len(row) for row in rows.values())
        side = PAGE / (columns + 0.9)
        figure = new_figure(PAGE, side * 1.12 * len(rows) + 8 * MM)
        grid = figure.subplots(len(rows), columns, squeeze=False)
        for axes_row, (title, row), classes in zip(grid, rows.items(), labels, strict=True):
            for axes in axes_row[len(row) :]:
                axes.set_axis_off()
            for axes, (node, rdm) in zip(axes_row, row.items(), strict=False):
                picture = _draw(axes, rdm, classes, node)
            axes_row[0].set_ylabel(title.replace(", ", ",\n"))
        bar = figure.colorbar(picture, ax=grid, shrink=0.5, aspect=25, ticks=[0, 1])
        bar.ax.set_yticklabels(["0", "max"])
        bar.set_label(f"{measure}, each RDM\nscaled by its own maximum")
        return figure


def _draw(axes, rdm: np.ndarray, labels: np.ndarray, title: str):
    matrix = squareform(rdm, checks=False)
    largest = matrix.max()
    picture = axes.imshow(matrix / largest if largest else matrix, cmap=COLOURS, vmin=0, vmax=1)
    values, first, counts = np.unique(labels, return_index=True, return_counts=True)
    axes.set_xticks([])
    axes.set_yticks(first + counts / 2 - 0.5, [str(v) for v in values], fontsize=4)
    axes.tick_params(length=0, pad=1)
    axes.spines[:].set_visible(False)
    axes.set_title(f"{title}\n(max {largest:.2g})", fontsize=6)
    return picture
