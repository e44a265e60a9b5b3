"""Loss and accuracy over training."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from repgeom.figures.palette import GREY
from repgeom.figures.style import COLUMN, MM, house_style, legend_above, letter_panels, new_figure

PANELS = {"loss": ("cross entropy (nats)", 1), "accuracy": ("accuracy (%)", 100)}
SPLITS = {
    "train": {"ls": "--", "marker": "o", "ms": 2.5, "mfc": "white"},
    "test": {"ls": "-", "marker": "s", "ms": 2.5},
}
MARKED = 40
"""Most epochs at which single points are told apart."""


def history_figure(history: pd.DataFrame, models: Mapping[str, Mapping]) -> Figure:
    """Draw training histories: means over seeds, and each seed thin where there are several.

    Parameters
    ----------
    history : DataFrame
        Columns `model, seed, epoch`, and `train_…`, `test_…` of loss (nats) and accuracy (fractions).
    models : dict
        Name → `label` and `colour`.
    """
    with house_style():
        figure = new_figure(COLUMN, 50 * MM)
        for axes, (quantity, (label, factor)) in zip(figure.subplots(1, 2), PANELS.items(), strict=True):
            for name, look in models.items():
                for split, style in SPLITS.items():
                    _course(axes, history[history["model"] == name], f"{split}_{quantity}", factor,
                            style | {"color": look["colour"]})  # fmt: skip
            axes.set(xlabel="epochs trained", ylabel=label)
            axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        samples = {look["label"]: Line2D([], [], color=look["colour"]) for look in models.values()}
        samples |= {f"{split} split": Line2D([], [], color=GREY, **style) for split, style in SPLITS.items()}
        letter_panels(figure.axes)
        legend_above(figure, samples.values(), samples.keys())
        return figure


def _course(axes: Axes, history: pd.DataFrame, column: str, factor: float, style: Mapping) -> None:
    seeds = [part for _, part in history.groupby("seed")]
    if len(seeds) > 1:
        for part in seeds:
            axes.plot(part["epoch"], factor * part[column], ls=style["ls"], color=style["color"], lw=0.4, alpha=0.6)
    means = history.groupby("epoch")[column].mean()
    if len(means) > MARKED:
        style = {**style, "marker": ""}
    axes.plot(means.index, factor * means, **style)
