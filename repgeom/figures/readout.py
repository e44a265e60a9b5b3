"""Accuracy of networks' answers, read out after every step."""

from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

from repgeom.figures.palette import SHADES
from repgeom.figures.timecourses import SPREAD, Panel, time_courses

ASIDE = 0.105
"""Distance of the dots of single networks from their mean, in timesteps."""


def readout_accuracy(
    summary: pd.DataFrame,
    chance: float,
    stimuli: Mapping[str, str],
    networks: pd.DataFrame | None = None,
    published: pd.DataFrame | None = None,
) -> Figure:
    """A line per stimulus set over the steps; published values are those after the last one.

    Parameters
    ----------
    summary : DataFrame
        Columns `measure, stimuli, timestep, mean, low, high`.
    chance : float
        Accuracy of guessing.
    stimuli : dict
        Stimulus set → its label.
    networks : DataFrame, optional
        Columns `seed, stimuli, repetition, timestep, accuracy`; every network is a dot, the mean over its repetitions.
    published : DataFrame, optional
        Columns `measure, stimuli, reference, ci95`.
    """
    summary = summary.assign(line=summary["stimuli"].map(stimuli))
    names = list(dict.fromkeys(summary["line"]))
    lines = {name: SHADES[k % len(SHADES)] for k, name in enumerate(names)}
    if published is not None:
        published = published.assign(line=published["stimuli"].map(stimuli), timestep=summary["timestep"].max())
    panel = Panel("readout after each step", {}, "accuracy (%)", chance=chance)
    figure = time_courses(summary, [[panel]], "line", lines, published, factor=100)
    (axes,) = figure.axes
    axes.set_xticks(axes.get_xticks(), _marking_the_first(axes.get_xticklabels(), "no recurrence"))
    if networks is not None:
        _dots(axes, networks, list(dict.fromkeys(summary["stimuli"])))
    return figure


def _marking_the_first(labels: Sequence[Text], remark: str) -> list[str]:
    first, *others = (label.get_text() for label in labels)
    return [f"{first}\n({remark})", *others]


def _dots(axes: Axes, networks: pd.DataFrame, stimuli: Sequence[str]) -> None:
    """A dot for every network beside the mean, away from the lines of the other stimuli."""
    means = networks.groupby(["stimuli", "timestep", "seed"], as_index=False)["accuracy"].mean()
    timesteps = list(means["timestep"].drop_duplicates())
    middle = (len(stimuli) - 1) / 2
    for k, shown in enumerate(stimuli):
        part = means[means["stimuli"] == shown]
        shift = (k - middle) * SPREAD + (ASIDE if k > middle else -ASIDE)
        places = [timesteps.index(t) + shift for t in part["timestep"]]
        axes.plot(places, 100 * part["accuracy"], ".", ms=2.5, mew=0, color=SHADES[k % len(SHADES)])
