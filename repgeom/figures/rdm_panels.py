"""RDMs as images: a row for each network or layer, a column for each node or timestep."""

from collections.abc import Iterator, Mapping, Sequence
from textwrap import fill

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repgeom.figures.classes import shortened
from repgeom.figures.rdm_image import show_rdm
from repgeom.figures.stimulus_axis import StimulusAxis, name_stimuli, show_stimuli
from repgeom.figures.style import COLUMN, LETTER, MM, fitting, house_style, letter_panels, new_figure

COLUMNS = 6
"""Most panels beside each other."""
ASIDE, NAME_SIZE = 15 * MM, 5.5
"""Room beside the panels for all but the names of classes, and the size of these in points."""
LARGEST = 45 * MM
"""Largest side of a panel."""
ABOVE, BELOW = 7.5 * MM, 16 * MM
"""Room for the title of a panel, and below all for the colour bar."""
SIZE = 5.0
"""Of titles, in points."""
CONTINUED = "(continued)"


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
    side = min((COLUMN - ASIDE - _longest_name(stimuli)) / columns, LARGEST)
    with house_style():
        figure = new_figure(COLUMN, (side + ABOVE) * len(lines) + BELOW)
        grid = figure.subplots(len(lines), columns, squeeze=False)
        for axes_row, (title, row, shown) in zip(grid, lines, strict=True):
            for axes in axes_row[len(row) :]:
                axes.set_axis_off()
            for axes, (node, rdm) in zip(axes_row, row.items(), strict=False):
                picture = _draw(axes, rdm, node, side)
            name_stimuli(axes_row[0], shown, 72 * side)
            axes_row[0].set_ylabel(fill(title, int(72 * (side + ABOVE) / (LETTER * 6))), fontsize=6)
        for axes in grid[-1][: len(lines[-1][1])]:
            show_stimuli(axes, lines[-1][2], 72 * side, "below")
        letter_panels(axes_row[0] for axes_row, (title, *_) in zip(grid, lines, strict=True) if title != CONTINUED)
        bar = figure.colorbar(picture, ax=grid, location="bottom", shrink=0.6, aspect=30, ticks=[0, 0.5, 1])
        bar.ax.set_xticklabels(["0", "50", "100"])
        bar.set_label(f"{measure}, percentile within each RDM", fontsize=6)
        return figure


def _longest_name(stimuli: Sequence[StimulusAxis]) -> float:
    """Room for the names of classes, in inches."""
    letters = max(
        (len(shortened(name)) for shown in stimuli if len(set(shown.labels)) > 1 for name in shown.names), default=0
    )
    return letters * LETTER * NAME_SIZE / 72


def _lines(
    rows: Mapping[str, Mapping[str, np.ndarray]], stimuli: Sequence[StimulusAxis]
) -> Iterator[tuple[str, dict[str, np.ndarray], StimulusAxis]]:
    """Rows of at most `COLUMNS` panels."""
    for (title, row), shown in zip(rows.items(), stimuli, strict=True):
        nodes = list(row)
        for start in range(0, len(nodes), COLUMNS):
            part = {node: row[node] for node in nodes[start : start + COLUMNS]}
            yield title if start == 0 else CONTINUED, part, shown


def _draw(axes: Axes, rdm: np.ndarray, title: str, side: float):
    picture = show_rdm(axes, rdm)
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
    reach = f"{_number(rdm.min())}–{_number(rdm.max())}"
    room = side - 2 * MM
    name = title if fitting(title, room, SIZE) == title else fitting(title.partition(" (")[0], room, SIZE)
    axes.set_title(f"{name}\n{reach}", fontsize=SIZE, pad=2)
    return picture


def _number(value: float) -> str:
    return f"{value:.2f}" if 0.01 <= value < 100 else f"{value:.1g}"
