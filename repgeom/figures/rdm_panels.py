"""RDMs as images: a row for each network or layer, a column for each node or timestep."""

from collections.abc import Iterator, Mapping, Sequence
from textwrap import fill

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repgeom.figures.rdm_image import show_rdm
from repgeom.figures.stimulus_axis import StimulusAxis, name_stimuli, show_stimuli
from repgeom.figures.style import LETTER, MM, PAGE, fitting, house_style, new_figure

COLUMNS = 8
"""Most panels beside each other."""
ASIDE = 34 * MM
"""Room for what stands beside the panels: titles of rows, classes, the colour bar."""
LARGEST = 45 * MM
"""Largest side of a panel."""
ABOVE = 9 * MM
"""Room for the title of a panel."""


def rdm_panels(rows: Mapping[str, Mapping[str, np.ndarray]], stimuli: Sequence[StimulusAxis], measure: str) -> Figure:
    """Draw RDMs, each as the percentiles of its own dissimilarities; titles tell from where to where these reach.

    Parameters
    ----------
    rows : dict of dict of (n(n-1)/2,) arrays
        Row title → node → RDM. Rows may differ in their nodes; long ones go on below.
    stimuli : sequence of StimulusAxis
        Those of each row.
    measure : str
        Name of the dissimilarity, for the colour bar.
    """
    lines = list(_lines(rows, stimuli))
    columns = max(len(row) for _, row, _ in lines)
    side = min((PAGE - ASIDE) / columns, LARGEST)
    with house_style():
        figure = new_figure(side * columns + ASIDE, (side + ABOVE) * len(lines) + 4 * MM)
        grid = figure.subplots(len(lines), columns, squeeze=False)
        for axes_row, (title, row, shown) in zip(grid, lines, strict=True):
            for axes in axes_row[len(row) :]:
                axes.set_axis_off()
            for axes, (node, rdm) in zip(axes_row, row.items(), strict=False):
                picture = _draw(axes, rdm, node, side)
            name_stimuli(axes_row[0], shown, 72 * side)
            axes_row[0].set_ylabel(fill(title, int(72 * (side + ABOVE) / (LETTER * 7))))
        for axes in grid[-1][: len(lines[-1][1])]:
            show_stimuli(axes, lines[-1][2], 72 * side, "below")
        bar = figure.colorbar(picture, ax=grid, shrink=min(1, 1.4 / len(lines)), aspect=20, ticks=[0, 0.5, 1])
        bar.ax.set_yticklabels(["0", "50", "100"])
        bar.set_label(f"{measure},\npercentile within each RDM")
        return figure


def _lines(
    rows: Mapping[str, Mapping[str, np.ndarray]], stimuli: Sequence[StimulusAxis]
) -> Iterator[tuple[str, dict[str, np.ndarray], StimulusAxis]]:
    """Rows of at most `COLUMNS` panels."""
    for (title, row), shown in zip(rows.items(), stimuli, strict=True):
        nodes = list(row)
        for start in range(0, len(nodes), COLUMNS):
            part = {node: row[node] for node in nodes[start : start + COLUMNS]}
            yield title if start == 0 else "(continued)", part, shown


def _draw(axes: Axes, rdm: np.ndarray, title: str, side: float):
    picture = show_rdm(axes, rdm)
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
    axes.set_title(f"{fitting(title, side, 6)}\n{_number(rdm.min())} – {_number(rdm.max())}", fontsize=6, pad=2)
    return picture


def _number(value: float) -> str:
    return f"{value:.2f}" if 0.01 <= value < 100 else f"{value:.2g}"
