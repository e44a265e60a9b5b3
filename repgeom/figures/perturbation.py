"""Functional importance of recurrent flows over time, in the manner of Thorat et al. 2021, Figure 4D."""

import pandas as pd
from matplotlib.figure import Figure

from repgeom.figures.palette import PROPERTIES as COLOURS
from repgeom.figures.timecourses import Panel, time_courses

PROPERTIES = ("location", "orientation", "scale", "category")
SWAPS = ("x", "y", "category_within", "category_across")


def functional_importance(summary: pd.DataFrame, published: pd.DataFrame | None = None) -> Figure:
    """Loss of accuracy when the flow into a layer is that of another canvas; at the right, single swaps.

    Parameters
    ----------
    summary : DataFrame
        Columns `measure, layer, timestep, variable, mean, low, high`.
    published : DataFrame, optional
        Columns `measure, layer, timestep, variable, reference, ci95`.
    """
    measures = dict(zip(summary["layer"], summary["measure"], strict=True))
    groups = {"properties": PROPERTIES, "single swaps": SWAPS}
    _, *rest = groups
    rows = [
        [
            Panel(
                f"flow to {layer},\n{group}",
                {"measure": measure, "layer": layer, "group": group},
                "" if group in rest else "functional importance",
                chance=0,
            )
            for group in groups
        ]
        for layer, measure in measures.items()
    ]
    of_variable = {variable: group for group, variables in groups.items() for variable in variables}
    grouped = [None if t is None else t.assign(group=t["variable"].map(of_variable)) for t in (summary, published)]
    colours = {variable: COLOURS[variable] for variable in (*PROPERTIES, *SWAPS)}
    return time_courses(grouped[0], rows, "variable", colours, grouped[1])
