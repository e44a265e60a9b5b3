"""Final loss over learning rates and initial scales, as a heat map."""

import numpy as np
from matplotlib.figure import Figure

from repgeom.figures.style import COLUMN, MM, house_style, new_figure

HIGHEST, DIVERGED = 1.0, 10.0
"""Largest loss with a colour of its own, that of a network which learned nothing; from where on one has diverged."""


def loss_grid(loss: np.ndarray, rates: np.ndarray, gammas: np.ndarray) -> Figure:
    """Draw the loss after the last epoch; networks that diverged are marked ×, losses beyond the scale stand there.

    Parameters
    ----------
    loss : (epochs + 1, n_rates, n_gammas)
        Mean squared error, inf where a network has diverged.
    rates, gammas : (n_rates,), (n_gammas,)
    """
    with house_style():
        figure = new_figure(COLUMN, 75 * MM)
        axes = figure.subplots()
        final = np.where(np.isfinite(loss[-1]) & (loss[-1] < DIVERGED), loss[-1], np.nan)
        picture = axes.imshow(final.T, cmap="cividis", vmin=0, vmax=HIGHEST, origin="lower", aspect="auto")
        for i, j in np.argwhere(np.isnan(final)):
            axes.text(i, j, "×", ha="center", va="center")
        axes.set_xticks(range(len(rates)), [f"{r:g}" for r in rates], rotation=60)
        axes.set_yticks(range(len(gammas)), [f"{g:g}" for g in gammas])
        axes.set(xlabel="learning rate", ylabel="initial scale γ")
        for i, j in np.argwhere(final > HIGHEST):
            axes.text(i, j, f"{final[i, j]:.1f}", ha="center", va="center", fontsize=5.5)
        bar = figure.colorbar(picture, ax=axes, extend="max" if np.nanmax(final, initial=0) > HIGHEST else "neither")
        bar.set_label(f"mean squared error after {len(loss) - 1} epochs\n(×: diverged)")
        return figure
