"""Loss and accuracy over training."""

import pandas as pd
from matplotlib.figure import Figure

from repgeom.figures.style import BLUE, MM, PAGE, VERMILION, house_style, new_figure, shared_legend


def history_figure(history: pd.DataFrame) -> Figure:
    """Draw a training history (columns `epoch`, `train_…`, `test_…` of loss and accuracy)."""
    with house_style():
        figure = new_figure(PAGE * 0.7, 55 * MM)
        panels = {"loss": ("cross entropy (nats)", 1), "accuracy": ("accuracy (%)", 100)}
        for axes, (quantity, (label, factor)) in zip(figure.subplots(1, 2), panels.items(), strict=True):
            for split, colour, marker in (("train", BLUE, "o"), ("test", VERMILION, "s")):
                axes.plot(history["epoch"], factor * history[f"{split}_{quantity}"], color=colour, marker=marker,
                          label=f"{split} split")  # fmt: skip
            axes.set(xlabel="epochs trained", ylabel=label)
        shared_legend(figure)
        return figure
