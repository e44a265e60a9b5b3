"""Final loss over learning rates and initial scales, as a heat map."""

import numpy as np
from matplotlib.figure import Figure

from repgeom.figures.style import COLUMN, MM, house_style, new_figure


def loss_grid(loss: np.ndarray, rates: np.ndarray, gammas: np.ndarray) -> Figure:
    """Draw the loss after the last epoch; networks that diverged are marked ×.

    Parameters
    ----------
    loss : (epochs + 1, n_rates, n_gammas)
        Mean squared error, inf where a network has diverged.
    rates, gammas : (n_rates,), (n_gammas,)
    """
    with house_style():
        figure = new_figure(COLUMN, 75 * MM)
        axes = figure.subplots()
        final = np.where(np.isfinite(loss[-1]) & (loss[-1] < 10), loss[-1], np.nan)
        picture = axes.imshow(final.T, cmap="cividis", vmin=0, vmax=1, origin="lower", aspect="auto")
        for i, j in np.argwhere(np.isnan(final)):
            axes.text(i, j, "×", ha="center", va="center")
        axes.set_xticks(range(len(rates)), [f"{r:g}" for r in rates], rotation=60)
        axes.set_yticks(range(len(gammas)), [f"{g:g}" for g in gammas])
        axes.set(xlabel="learning rate", ylabel="initial scale γ")
        bar = figure.colorbar(picture, ax=axes)
        bar.set_label(f"mean squared error after {len(loss) - 1} epochs\n(×: diverged)")
        return figure
