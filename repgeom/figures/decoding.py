"""What can be decoded from a network: over nodes, or over time in the manner of Thorat et al. 2021, Figure 3."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from repgeom.figures.palette import GREY, PROPERTIES, depth_colours
from repgeom.figures.style import COLUMN, LEGEND, MM, house_style, letter_panels, name_nodes, new_figure, shared_legend
from repgeom.figures.timecourses import Panel, time_courses

AUXILIARY = ("auxiliary", "location", "scale", "orientation")
LOCATION, AXES_OF_LOCATION = "location", ("x", "y")
COLUMNS = 2
"""Panels beside each other."""
CHANCE = {"color": GREY, "lw": 0.6, "ls": "--"}
SPREAD, ALL = 0.08, 0.6
"""Distance between lines, in nodes, so that their intervals do not hide each other, and the most that all take."""


def shown_variables(variables: Iterable[str]) -> list[str]:
    """The variables to draw, in their order; location stands for x and y where it is there."""
    names = list(dict.fromkeys(variables))
    if LOCATION not in names:
        return names
    first = min(names.index(name) for name in (*AXES_OF_LOCATION, LOCATION) if name in names)
    others = [name for name in names if name not in (*AXES_OF_LOCATION, LOCATION)]
    before = sum(names.index(name) < first for name in others)
    return [*others[:before], LOCATION, *others[before:]]


def decoding_over_nodes(summary: pd.DataFrame, lines: Mapping[str, Mapping[str, str]]) -> Figure:
    """A panel per variable, a line per network; bars are the intervals `low`–`high`, chance is dashed.

    Networks with other nodes have panels of their own, on the same scale.

    Parameters
    ----------
    summary : DataFrame
        Columns `line, node, variable, chance, mean, low, high`, nodes in execution order.
    lines : dict
        Line, its label → `colour`, `style`, `marker`.
    """
    variables, groups = shown_variables(summary["variable"]), lines_by_nodes(summary)
    columns = min(COLUMNS, len(variables))
    rows = -(-len(variables) // columns)
    with house_style():
        figure = new_figure(COLUMN, 46 * MM * rows * len(groups) + LEGEND)
        grid = figure.subplots(rows * len(groups), columns, squeeze=False).reshape(len(groups), -1)
        for axes_of_group, (nodes, members) in zip(grid, groups.items(), strict=True):
            shown = {name: look for name, look in lines.items() if name in members}
            for k, (axes, variable) in enumerate(zip(axes_of_group, variables, strict=False)):
                _draw_variable(axes, summary[summary["variable"] == variable], shown, nodes)
                name_nodes(axes, nodes, COLUMN / columns - 14 * MM)
                axes.set_title(variable.replace("_", " "))
                axes.set_ylabel("" if k % columns else "accuracy (%)")
        for of_variable in grid[:, : len(variables)].T:
            _share_scale(of_variable)
        for axes in grid[:, len(variables) :].ravel():
            axes.remove()
        letter_panels(grid[:, : len(variables)].ravel())
        shared_legend(figure, columns=3, last={"chance": Line2D([], [], **CHANCE)})
        return figure


def lines_by_nodes(summary: pd.DataFrame) -> dict[tuple[str, ...], list[str]]:
    """Nodes → the lines that are about all or some of them, in this order."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for line, part in summary.groupby("line", sort=False):
        nodes = tuple(dict.fromkeys(part["node"]))
        home = next((g for g in groups if tuple(node for node in g if node in nodes) == nodes), nodes)
        groups.setdefault(home, []).append(line)
    return groups


def _share_scale(axes: Sequence[Axes]) -> None:
    low, high = zip(*(a.get_ylim() for a in axes), strict=True)
    for a in axes:
        a.set_ylim(min(low), max(high))


def _draw_variable(axes: Axes, table: pd.DataFrame, lines: Mapping[str, Mapping], nodes: Sequence[str]) -> None:
    spread = min(SPREAD, ALL / len(lines))
    for i, (name, look) in enumerate(lines.items()):
        part = table[table["line"] == name]
        x = [nodes.index(node) + (i - (len(lines) - 1) / 2) * spread for node in part["node"]]
        bars = np.clip([part["mean"] - part["low"], part["high"] - part["mean"]], 0, None)
        axes.errorbar(x, 100 * part["mean"], 100 * np.nan_to_num(bars), color=look["colour"], ls=look["style"],
                      marker=look["marker"], mfc=look["colour"] if look["style"] == "-" else "white", capsize=1.5,
                      elinewidth=0.6, label=name)  # fmt: skip
    for chance in dict.fromkeys(table["chance"]):
        axes.axhline(100 * chance, **CHANCE, zorder=0, label="chance")


def decoding_over_time(
    summary: pd.DataFrame, stimuli: Mapping[str, str], published: pd.DataFrame | None = None
) -> Figure:
    """A panel per variable, a line per layer, for each stimulus set and what was decoded: layers, or a flow to them.

    Parameters
    ----------
    summary : DataFrame
        Columns `measure, stimuli, kind, modulation, layer, timestep, variable, chance, mean, low, high`.
    stimuli : dict
        Stimulus set → its label.
    published : DataFrame, optional
        Columns `measure, layer, timestep, variable, reference, ci95`.
    """
    variables = shown_variables(summary["variable"])
    rows = [_row(part, variables, stimuli) for _, part in summary.groupby("measure", sort=False)]
    layers = list(dict.fromkeys(summary["layer"]))
    colours = dict(zip(layers, depth_colours(len(layers)), strict=True))
    return time_courses(summary, _arranged(rows), "layer", colours, published, factor=100)


def _arranged(rows: Sequence[Sequence[Panel]]) -> list[list[Panel]]:
    """The panels of one stimulus set two to a row; those of several in columns beside each other."""
    if len(rows) > 1:
        return [list(panels) for panels in zip(*rows, strict=True)]
    return [list(rows[0][k : k + 2]) for k in range(0, len(rows[0]), 2)]


def _row(table: pd.DataFrame, variables: Sequence[str], stimuli: Mapping[str, str]) -> list[Panel]:
    """A panel for each variable; all that are guessed as easily share their scale."""
    first, chances = table.iloc[0], dict(zip(table["variable"], table["chance"], strict=True))
    what = {"layer": [], "flow": [f"{first['modulation']} flow"]}.get(first["kind"], [first["kind"]])
    title = ", ".join([*what, stimuli[first["stimuli"]]])
    return [
        Panel(
            variable,
            {"measure": first["measure"], "variable": variable},
            f"{title}\naccuracy (%)",
            chance=chances.get(variable),
            share=chances.get(variable, 0),
        )
        for variable in variables
    ]


def auxiliary_decoding(
    summary: pd.DataFrame, stimuli: Mapping[str, str], published: pd.DataFrame | None = None
) -> Figure:
    """Auxiliary variables over time (mean of layers) and over layers (mean of time); a row per stimulus set.

    Parameters
    ----------
    summary : DataFrame
        Columns `measure, stimuli, layer, timestep, variable, chance, mean, low, high`.
    stimuli : dict
        Stimulus set → its label.
    published : DataFrame, optional
        Columns `measure, stimuli, layer, timestep, variable, reference, ci95`.
    """
    (chance,) = summary.loc[summary["variable"] == AUXILIARY[0], "chance"].unique()
    rows = [
        [
            Panel(
                measure.rpartition(", ")[2],
                {"measure": measure, "stimuli": shown},
                f"{stimuli[shown]}\naccuracy (%)" if x == "timestep" else "",
                x=x,
                chance=chance,
            )
            for measure, x in zip(dict.fromkeys(summary["measure"]), ("timestep", "layer"), strict=True)
        ]
        for shown in dict.fromkeys(summary["stimuli"])
    ]
    colours = {variable: PROPERTIES[variable] for variable in AUXILIARY}
    return time_courses(summary, rows, "variable", colours, published, factor=100, thin=AUXILIARY[1:])
