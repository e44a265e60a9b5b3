"""Entries of learned maps against those of an exact solution."""

import pandas as pd
from matplotlib.figure import Figure

from repgeom.figures.palette import BLUE, VERMILION
from repgeom.figures.style import COLUMN, MM, house_style, new_figure, plain_powers, shared_legend

LOOKS = {"deep": {"color": BLUE, "ls": "-"}, "shallow": {"color": VERMILION, "ls": "--"}}


def agreement_figure(table: pd.DataFrame) -> Figure:
    """Draw which share of the entries of each network's map lies how near to the exact solution.

    Parameters
    ----------
    table : DataFrame
        Columns `network`, `share` (0–1), and `difference`: the largest one of that share of the entries.
    """
    with house_style():
        figure = new_figure(COLUMN, 62 * MM)
        axes = figure.subplots()
        for name, part in table[table["difference"] > 0].groupby("network", sort=False):
            axes.semilogx(part["difference"], 100 * part["share"], **LOOKS[name],
                          label=f"{name} network (at most {part['difference'].max():.1g})")  # fmt: skip
        plain_powers(axes.xaxis)
        axes.set(
            xlabel="|learned − regression| (entries of the regression are ±1)",
            ylabel="entries that are as near (%)",
            ylim=(0, 101),
        )
        shared_legend(figure, columns=2)
        return figure
