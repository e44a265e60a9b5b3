"""Manifold geometry of a recurrent network over time."""

import pandas as pd
from matplotlib.figure import Figure

from repgeom.figures.manifold_panels import PANELS
from repgeom.figures.timecourses import Panel, time_courses


def geometry_over_time(table: pd.DataFrame) -> Figure:
    """Manifold capacity, radius, dimension and centre correlation of every layer; bars are ± 1 standard error.

    Parameters
    ----------
    table : DataFrame
        Columns `layer, timestep`, and for each quantity its value and `…_se`.
    """
    parts = [
        table[["layer", "timestep"]].assign(
            quantity=quantity,
            mean=table[quantity],
            low=table[quantity] - table[f"{quantity}_se"],
            high=table[quantity] + table[f"{quantity}_se"],
        )
        for quantity in PANELS
    ]
    panels = [Panel("", {"quantity": quantity}, label, share=i) for i, (quantity, label) in enumerate(PANELS.items())]
    return time_courses(pd.concat(parts), [panels], "layer", list(dict.fromkeys(table["layer"])))
