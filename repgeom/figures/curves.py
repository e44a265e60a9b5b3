"""Curves over epochs: one panel per title."""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from repgeom.figures.style import MM, house_style, letter_panels, new_panels, shared_legend


@dataclass(frozen=True)
class Curve:
    """One curve; several may share a label, of which the first carries it."""

    x: np.ndarray
    y: np.ndarray
    label: str | None
    colour: str
    style: str = "-"


def curves_figure(panels: dict[str, list[Curve]], x_label: str, y_label: str) -> Figure:
    """Draw curves on a common scale, a panel below the other."""
    with house_style():
        figure, grid = new_panels(len(panels), 54 * MM if len(panels) == 1 else 44 * MM, across=1)
        for axes, (title, curves) in zip(grid, panels.items(), strict=True):
            for curve in curves:
                axes.plot(curve.x, curve.y, color=curve.colour, ls=curve.style, label=curve.label)
            if axes is not grid[0]:
                axes.sharey(grid[0])
            axes.set(title=title, xlabel=x_label, ylabel=y_label)
        letter_panels(grid)
        shared_legend(figure)
        return figure
