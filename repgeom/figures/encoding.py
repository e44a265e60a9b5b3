"""How well nodes predict responses: correlation with its ceiling, and the share that is explained."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from repgeom.figures.layer_lines import layer_lines
from repgeom.figures.style import house_style

ROOM = 0.12
"""Above the ceiling, for its name, as a share of what lies below it."""


def encoding_figure(
    means: pd.DataFrame,
    looks: Mapping[str, Mapping],
    nodes: Sequence[str],
    ceiling: float,
    data: str,
    single: Sequence[str] = (),
) -> Figure:
    """Correlation over nodes with its ceiling, and beside it r² ÷ reliability, where responses were repeated.

    Parameters
    ----------
    means : DataFrame
        From `repgeom.analyses.encoding.encoding_means`.
    looks : dict
        Line, which is its label → `colour`, `style` and `marker`.
    nodes : list of str
        In execution order.
    ceiling : float
        The correlation that could be reached; NaN where it is not known.
    data : str
        What figures call the data.
    single : list of str
        Nodes that no line leads to.
    """
    panels = {
        "correlation": f"correlation with responses,\n{data} (r)",
        "explained": "explained share\n(r² / reliability)",
    }
    shown = {name: label for name, label in panels.items() if name in set(means["quantity"])}
    figure = layer_lines(means, shown, looks, nodes, single)
    if np.isfinite(ceiling):
        with house_style():
            for axes, height in zip(figure.axes, (ceiling, 1), strict=False):
                axes.axhline(height, color="0.5", lw=0.8, ls=":")
                low, high = axes.get_ylim()
                axes.set_ylim(top=max(high, height + ROOM * (height - low)))
                axes.annotate("ceiling", (1, height), xycoords=("axes fraction", "data"), ha="right", va="bottom",
                              fontsize=6, color="0.4")  # fmt: skip
    return figure
