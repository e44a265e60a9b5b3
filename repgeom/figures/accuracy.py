"""Accuracy by what is shown, one dot per network with its interval."""

from collections.abc import Mapping
from textwrap import fill

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from repgeom.figures.palette import GREY, MARKERS
from repgeom.figures.style import COLUMN, LETTER, MM, PAGE, house_style, new_figure, shared_legend

GROUP = 0.8
"""Width of all dots of one stimulus set; the sets are 1 apart."""
DOT = 3 * MM
"""Least distance between dots, in inches."""
LEVEL, UPRIGHT = 9, 24
"""Least letters in a line of a stimulus set's label that is level, and most in a line of one that is upright."""
CHANCE = {"color": GREY, "lw": 0.6, "ls": "--"}


def accuracy_figure(table: pd.DataFrame, looks: Mapping[str, Mapping], stimuli: Mapping[str, str]) -> Figure:
    """Draw the accuracy of networks on stimuli; dots of one line (seeds, repetitions) lie side by side.

    Parameters
    ----------
    table : DataFrame
        Columns `line, stimuli, accuracy, low, high, chance` (fractions).
    looks : dict
        Line, which is its label → `colour`, in the order to draw.
    stimuli : dict
        Stimulus set → label, in the order to draw.
    """
    most = table.groupby(["stimuli", "line"]).size().max()
    apart = GROUP / len(looks) / (most + 1)
    room = len(looks) * (most + 1) * len(stimuli) * DOT + 15 * MM
    with house_style():
        figure = new_figure(min(max(COLUMN, room), PAGE), 60 * MM)
        axes = figure.subplots()
        for k, name in enumerate(stimuli):
            shown = table[table["stimuli"] == name]
            _chance(axes, k, shown)
            for i, (line, look) in enumerate(looks.items()):
                place = k + ((i + 0.5) / len(looks) - 0.5) * GROUP
                sample = {"fmt": MARKERS[i % len(MARKERS)], "color": look["colour"], "label": line}
                _dots(axes, shown[shown["line"] == line], place, apart, sample)
        letters = 72 * (figure.get_figwidth() - 15 * MM) / len(stimuli) / (LETTER * 6)
        level = letters >= LEVEL
        names = [fill(name, int(letters) if level else UPRIGHT) for name in stimuli.values()]
        axes.set_xticks(range(len(stimuli)), names)
        if not level:
            axes.tick_params("x", rotation=90)
        axes.set_xlim(-0.6, len(stimuli) - 0.4)
        axes.set_ylim(0, 102)
        axes.set_ylabel("accuracy (%)")
        shared_legend(figure, last={"chance": Line2D([], [], **CHANCE)})
        return figure


def _dots(axes: Axes, part: pd.DataFrame, place: float, apart: float, sample: Mapping) -> None:
    if part.empty:
        return
    places = place + (np.arange(len(part)) - (len(part) - 1) / 2) * apart
    value = 100 * part["accuracy"].to_numpy()
    bars = np.clip([value - 100 * part["low"], 100 * part["high"] - value], 0, None)
    axes.errorbar(places, value, bars, capsize=1.5, elinewidth=0.6, **sample)


def _chance(axes: Axes, place: int, shown: pd.DataFrame) -> None:
    """A dashed line across the dots of one stimulus set, where the accuracy of guessing is known."""
    for chance in shown["chance"].dropna().unique():
        axes.hlines(100 * chance, place - 0.5, place + 0.5, zorder=0, label="chance", **CHANCE)
