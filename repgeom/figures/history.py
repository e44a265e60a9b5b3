"""Loss and accuracy over training."""

import pandas as pd
from matplotlib.figure import Figure

from repgeom.figures.style import BLUE, MM, PAGE, VERMILION, house_style, new_figure, shared_legend


def history_figure(history: pd.DataFrame) -> Figure:
    """Draw training histories (columns `epoch`, `train_…`, `test_…` of loss and accuracy, and `seed` if several)."""
    networks = [part for _, part in history.groupby("seed")] if "seed" in history else [history]
    with house_style():
        figure = new_figure(PAGE * 0.7, 55 * MM)
        panels = {"loss": ("cross entropy (nats)", 1), "accuracy": ("accuracy (%)", 100)}
        for axes, (quantity, (label, factor)) in zip(figure.subplots(1, 2), panels.items(), strict=True):
            for split, colour, marker in (("train", BLUE, "o"), ("test", VERMILION, "s")):
                for network in networks:
                    axes.plot(network["epoch"], factor * network[f"{split}_{quantity}"], color=colour, marker=marker,
                              label=f"{split} split")  # fmt: skip
            axes.set(xlabel="epochs trained", ylabel=label)
        shared_legend(figure)
        return figure
