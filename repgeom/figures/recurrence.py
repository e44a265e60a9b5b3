"""The figures of study 5 that are time courses, in the manner of Thorat et al. 2021, Figures 3A, 3B and 4D."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

from repgeom.figures.manifold_panels import PANELS
from repgeom.figures.style import CYCLE
from repgeom.figures.timecourses import Panel, time_courses

VARIABLES = ("category", "location", "scale", "orientation", "domain")
PROPERTIES = ("location", "orientation", "scale", "category")
SWAPS = ("x", "y", "category_within", "category_across")
STIMULI = ("cluttered", "clean")
ASIDE = 0.14
"""Distance of the dots of single networks from their timestep, in timesteps."""


def auxiliary_decoding(summary: pd.DataFrame, published: pd.DataFrame | None = None) -> Figure:
    """Auxiliary variables decoded from cluttered canvases, over time and over layers (Fig. 3A)."""
    panels = [
        Panel("mean over layers", {"measure": "auxiliary decoding, mean over layers"}, "accuracy (%)", chance=0.5),
        Panel("mean over time", {"measure": "auxiliary decoding, mean over time"}, x="layer", chance=0.5),
    ]
    lines = ("auxiliary", "location", "scale", "orientation")
    return time_courses(summary, [panels], "variable", lines, published, factor=100, thin=lines[1:])


def decoding_over_time(summary: pd.DataFrame, chances: dict[str, float], published: pd.DataFrame | None) -> Figure:
    """Every variable decoded from every layer, from cluttered (above) and clean canvases (below)."""
    rows = [_a_panel_per_variable(kind, f"layer decoding, {kind}", chances) for kind in STIMULI]
    return time_courses(summary, rows, "layer", _in_order(summary["layer"]), published, factor=100)


def flow_decoding(
    summary: pd.DataFrame, chances: dict[str, float], layers: Sequence[str], published: pd.DataFrame | None
) -> Figure:
    """Every variable decoded from the summed recurrent flow into every layer (Fig. 3B); a row per modulation.

    `layers` are all of the network, of which each keeps its colour whether or not it receives a flow.
    """
    rows = [
        _a_panel_per_variable(modulation, f"{modulation} flow decoding, cluttered", chances)
        for modulation in _in_order(summary["modulation"])
    ]
    return time_courses(summary, rows, "layer", layers, published, factor=100)


def _a_panel_per_variable(title: str, measure: str, chances: dict[str, float]) -> list[Panel]:
    return [
        Panel(
            f"{variable}, {title}",
            {"measure": measure, "variable": variable},
            "accuracy (%)" if variable in VARIABLES[:2] else "",
            chance=chances[variable],
            share=VARIABLES.index(variable) > 0,
        )
        for variable in VARIABLES
    ]


def functional_importance(summary: pd.DataFrame, published: pd.DataFrame | None) -> Figure:
    """Loss of accuracy when the flow into a layer is that of another canvas (Fig. 4D); below, single swaps."""
    measures = dict(zip(summary["layer"], summary["measure"], strict=True))
    groups = {"properties": PROPERTIES, "single swaps": SWAPS}
    rows = [
        [
            Panel(
                f"flow to {layer}, {group}",
                {"measure": measure, "layer": layer, "group": group},
                "functional importance" if layer == next(iter(measures)) else "",
                chance=0,
            )
            for layer, measure in measures.items()
        ]
        for group in groups
    ]
    of_variable = {variable: group for group, variables in groups.items() for variable in variables}
    grouped = [None if t is None else t.assign(group=t["variable"].map(of_variable)) for t in (summary, published)]
    return time_courses(grouped[0], rows, "variable", (*PROPERTIES, *SWAPS), grouped[1])


def output_accuracy(
    summary: pd.DataFrame,
    chance: float,
    networks: pd.DataFrame | None = None,
    published: pd.DataFrame | None = None,
) -> Figure:
    """Accuracy of the networks' answers, read out after each step; published is that after the last.

    Parameters
    ----------
    summary : DataFrame
        Columns `measure, stimuli, timestep, mean, low, high`.
    chance : float
        Accuracy of guessing.
    networks : DataFrame, optional
        Columns `seed, stimuli, repetition, timestep, accuracy`; every network is a dot, the mean over its repetitions.
    published : DataFrame, optional
        Columns `measure, reference, ci95`.
    """
    stimuli = dict(zip(summary["measure"], summary["stimuli"], strict=True))
    if published is not None:
        of_output = published[published["measure"].isin(stimuli)]
        published = of_output.assign(stimuli=of_output["measure"].map(stimuli), timestep=summary["timestep"].max())
    panel = Panel("readout after each step", {}, "accuracy (%)", chance=chance)
    figure = time_courses(summary, [[panel]], "stimuli", STIMULI, published, factor=100)
    (axes,) = figure.axes
    axes.set_ylim(0, 102)
    axes.set_xticks(axes.get_xticks(), _marking_the_first(axes.get_xticklabels(), "no recurrence"))
    if networks is not None:
        _dots(axes, networks)
    return figure


def _marking_the_first(labels: Sequence[Text], remark: str) -> list[str]:
    first, *others = (label.get_text() for label in labels)
    return [f"{first}\n({remark})", *others]


def _dots(axes: Axes, networks: pd.DataFrame) -> None:
    """A dot for every network, beside the mean: cluttered to the left, clean to the right."""
    means = networks.groupby(["stimuli", "timestep", "seed"], as_index=False)["accuracy"].mean()
    timesteps = list(means["timestep"].drop_duplicates())
    for colour, aside, stimuli in zip(CYCLE, (-ASIDE, ASIDE), STIMULI, strict=False):
        part = means[means["stimuli"] == stimuli]
        places = [timesteps.index(t) + aside for t in part["timestep"]]
        axes.plot(places, 100 * part["accuracy"], ".", ms=2.5, mew=0, color=colour)


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
    return time_courses(pd.concat(parts), [panels], "layer", _in_order(table["layer"]))


def _in_order(names: pd.Series) -> list[str]:
    """Different names in the order in which they occur: that of the network's layers from the lowest up."""
    return list(dict.fromkeys(names))
