"""A quantity over the nodes of networks: one panel per quantity, one line per condition."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repgeom.figures.style import COLUMN, MM, house_style, letter_panels, name_nodes, new_panels, shared_legend

BESIDE = 9
"""Most nodes at which two panels lie beside each other."""
APART, ALL = 0.08, 0.6
"""Distance between lines, and the most that all of them take, in nodes."""


def layer_lines(
    table: pd.DataFrame,
    panels: Mapping[str, str],
    looks: Mapping[str, Mapping],
    nodes: Sequence[str],
    single: Sequence[str] = (),
) -> Figure:
    """Draw quantities over nodes; points are means over seeds, bars the interval in `low`–`high`.

    Parameters
    ----------
    table : DataFrame
        Columns `quantity, line, node, mean, low, high`.
    panels : dict
        Quantity → label of its axis.
    looks : dict
        Line, which is its label → `colour`, `style` and `marker`.
    nodes : list of str
        In execution order.
    single : list of str
        Those of them that no line leads to.
    """
    apart = min(APART, ALL / len(looks))
    with house_style():
        across = min(len(panels), 2 if len(nodes) <= BESIDE else 1)
        figure, grid = new_panels(len(panels), 48 * MM, across)
        for axes, (quantity, label) in zip(grid, panels.items(), strict=True):
            part = table[table["quantity"] == quantity]
            for i, (line, look) in enumerate(looks.items()):
                own, shift = part[part["line"] == line], (i - (len(looks) - 1) / 2) * apart
                alone = own["node"].isin(single)
                _line(axes, own[~alone], line, look, nodes, shift)
                _line(axes, own[alone], "", look | {"style": "none"}, nodes, shift)
            name_nodes(axes, nodes, COLUMN / across - 14 * MM)
            axes.set_ylabel(label)
            axes.axhline(0, color="0.8", lw=0.6, zorder=0)
        letter_panels(grid)
        shared_legend(figure, columns=3)
        return figure


def _line(axes: Axes, part: pd.DataFrame, line: str, look: Mapping, nodes: Sequence[str], shift: float) -> None:
    part = part.set_index("node").reindex([n for n in nodes if n in set(part["node"])])
    if part.empty:
        return
    x = np.array([nodes.index(n) for n in part.index]) + shift
    bars = [part["mean"] - part["low"], part["high"] - part["mean"]]
    axes.errorbar(
        x, part["mean"], bars, color=look["colour"], ls=look["style"], marker=look["marker"], capsize=1.5,
        elinewidth=0.6, label=line, mfc=look["colour"] if look["style"] == "-" else "white",
    )  # fmt: skip
