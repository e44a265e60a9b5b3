"""Curves over epochs: one panel per title."""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from repgeom.figures.style import COLUMN, MM, PAGE, house_style, letter_panels, new_figure, shared_legend


@dataclass(frozen=True)
class Curve:
    """One curve; several may share a label, of which the first carries it."""

    x: np.ndarray
    y: np.ndarray
    label: str | None
    colour: str
    style: str = "-"


def curves_figure(panels: dict[str, list[Curve]], x_label: str, y_label: str) -> Figure:
    """Draw curves side by side on a common scale."""
    with house_style():
        figure = new_figure(COLUMN if len(panels) == 1 else PAGE, 60 * MM)
        grid = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
        for axes, (title, curves) in zip(grid, panels.items(), strict=True):
            for curve in curves:
                axes.plot(curve.x, curve.y, color=curve.colour, ls=curve.style, label=curve.label)
            axes.set_title(title)
            axes.set_xlabel(x_label)
        grid[0].set_ylabel(y_label)
        letter_panels(grid)
        shared_legend(figure)
        return figure
