"""Metamers of one image at several nodes: original, snapshots, best; and the loss."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from repgeom.figures.style import CYCLE, MM, PAGE, house_style, new_figure


def metamers_figure(
    arrays: dict[str, np.ndarray], table: pd.DataFrame, nodes: list[str], snapshots: list[int], which: int = 0
) -> Figure:
    """Draw the metamers of original number `which`.

    Parameters
    ----------
    arrays : dict
        `originals` and, per node, `{node}_step{n}`, `{node}_best` (n, c, h, w) and `{node}_loss` (steps + 1, n).
    table : DataFrame
        Rows of `metamer_rows`.
    nodes, snapshots : lists
    """
    with house_style():
        figure = new_figure(PAGE, 36 * MM * len(nodes) + 4 * MM)
        columns = len(snapshots) + 3
        grid = figure.subplots(len(nodes), columns, squeeze=False, width_ratios=[1] * (columns - 1) + [1.5])
        for row, (axes_row, node) in enumerate(zip(grid, nodes, strict=True)):
            found = table[table["node"] == node].iloc[which]
            pictures = {"original": arrays["originals"][which]}
            pictures |= {f"step {step}": arrays[f"{node}_step{step}"][which] for step in snapshots}
            pictures["best"] = arrays[f"{node}_best"][which]
            for axes, (title, image) in zip(axes_row, pictures.items(), strict=False):
                axes.imshow(image[0], cmap="gray", vmin=0, vmax=1)
                axes.set(xticks=[], yticks=[])
                if row == 0:
                    axes.set_title(title)
            axes_row[0].set_ylabel(f"metamer of {node}")
            axes_row[-2].set_xlabel(
                f"r = {found['pixel_correlation']:.2f}\nmodel: {found['predicted']}, other: {found['held_out']}",
                fontsize=6,
            )
            axes_row[-1].semilogy(arrays[f"{node}_loss"][:, which], color=CYCLE[row])
            axes_row[-1].set(xlabel="step", ylabel="mean squared\ndifference")
        return figure
