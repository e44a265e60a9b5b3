"""Metamers of one image at several nodes: original, snapshots, best; the loss, and what holds for all images."""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repgeom.figures.classes import shortened
from repgeom.figures.palette import BLACK, GREY, depth_colours
from repgeom.figures.pictures import UNSCALED, as_pictures
from repgeom.figures.style import MM, PAGE, fitting, house_style, new_figure, plain_powers

NAME = 32 * MM
"""Room for the name of a node beside its row."""
BARS = {"own": "own\noriginal", "same_class": "others of\nits class"}


def metamers_figure(
    arrays: dict[str, np.ndarray],
    table: pd.DataFrame,
    names: Mapping[int, str],
    summaries: dict[str, dict[str, float]],
    snapshots: list[int],
    which: int = 0,
) -> Figure:
    """Draw the metamers of original number `which`, and the mean pixel correlations of all.

    Parameters
    ----------
    arrays : dict
        `originals` and, per node, `{node}_step{n}`, `{node}_best` (n, c, h, w) and `{node}_loss` (steps + 1, n).
    table : DataFrame
        Rows of `metamer_rows`.
    names : dict
        Class → what it is called.
    summaries : dict
        Node → `summary` of its rows; the nodes are drawn in this order.
    snapshots : list of int
    """
    with house_style():
        figure = new_figure(PAGE, 42 * MM * len(summaries) + 4 * MM)
        pictures, colours = len(snapshots) + 2, depth_colours(len(summaries))
        grid = figure.subplots(len(summaries), pictures + 2, squeeze=False, width_ratios=[1] * pictures + [1.2, 1])
        for row, (axes_row, node) in enumerate(zip(grid, summaries, strict=True)):
            for axes, (title, image) in zip(
                axes_row[:pictures], _pictures(arrays, node, snapshots, which), strict=True
            ):
                axes.imshow(image, **UNSCALED)
                axes.set(xticks=[], yticks=[])
                if row == 0:
                    axes.set_title(title)
            axes_row[0].set_ylabel(f"metamer of\n{fitting(node, NAME, 7)}")
            axes_row[pictures - 1].set_xlabel(_answers(table[table["node"] == node].iloc[which], names), fontsize=6)
            axes_row[-2].semilogy(arrays[f"{node}_loss"][:, which], color=colours[row])
            axes_row[-2].set(xlabel="step", ylabel="mean squared\ndifference")
            plain_powers(axes_row[-2].yaxis)
            _correlations(axes_row[-1], summaries[node], colours[row])
        return figure


def _pictures(arrays: dict[str, np.ndarray], node: str, snapshots: list[int], which: int) -> Iterator[tuple]:
    """Title and picture of the original, of each snapshot and of the best metamer; pixels beyond [0, 1] are clipped."""
    names = {"original": "originals"} | {f"step {step}": f"{node}_step{step}" for step in snapshots}
    for title, name in (names | {"best": f"{node}_best"}).items():
        yield title, as_pictures(np.clip(arrays[name][which, None], 0, 1))[0]


def _answers(found: pd.Series, names: Mapping[int, str]) -> str:
    label, model, other = (shortened(names[found[name]]) for name in ("label", "predicted", "held_out"))
    return f"r = {found['pixel_correlation']:.2f}, class {label}\nmodel: {model}\nother: {other}"


def _correlations(axes: Axes, means: dict[str, float], colour: str) -> None:
    """Mean correlation with the own original and with other images of its class, over all metamers."""
    heights, errors = [means[name] for name in BARS], [means[f"{name}_se"] for name in BARS]
    axes.bar(range(len(BARS)), heights, yerr=errors, color=[colour, GREY], width=0.6, capsize=2)
    axes.set_xticks(range(len(BARS)), BARS.values(), fontsize=6)
    axes.axhline(0, color=BLACK, lw=0.6)
    axes.set(
        ylim=(min(-0.05, *np.subtract(heights, errors)), max(1, *np.add(heights, errors))), ylabel="pixel correlation"
    )
    axes.set_title(f"{means['n']} metamers\nmodel agrees: {means['model']:.0%}\nother: {means['held_out']:.0%}",
                   fontsize=6)  # fmt: skip
