"""Metamers of one image at several nodes: original, snapshots, best; the loss, and what holds for all images."""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repgeom.figures.classes import shortened
from repgeom.figures.palette import BLACK, GREY, depth_colours
from repgeom.figures.pictures import UNSCALED, as_pictures
from repgeom.figures.style import COLUMN, MM, PAGE, fitting, house_style, letter_panels, new_figure, plain_powers

MOST = 3
"""Nodes below each other; where there are more, they lie in two columns."""
NAME, CURVES = 17 * MM, 38 * MM
"""Room for the name of a node beside its row; height of its curve and bars."""
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
        pictures = len(snapshots) + 2
        heights = [(COLUMN - 12 * MM) / pictures + 11 * MM, CURVES]
        columns = 1 if len(summaries) <= MOST else 2
        lines = -(-len(summaries) // columns)
        figure = new_figure(COLUMN if columns == 1 else PAGE, sum(heights) * lines)
        rows = figure.subfigures(lines, columns, squeeze=False).T.ravel()[: len(summaries)]
        for row, node, colour in zip(rows, summaries, depth_colours(len(summaries)), strict=True):
            above, below = row.subfigures(2, 1, height_ratios=heights)
            shown, (loss, bars) = above.subplots(1, pictures), below.subplots(1, 2)
            for axes, (title, image) in zip(shown, _pictures(arrays, node, snapshots, which), strict=True):
                axes.imshow(image, **UNSCALED)
                axes.set(xticks=[], yticks=[], title=title)
            shown[0].set_ylabel(f"metamer of\n{fitting(node, NAME, 6)}", fontsize=6)
            above.supxlabel(_answers(table[table["node"] == node].iloc[which], names), fontsize=5.5)
            loss.semilogy(arrays[f"{node}_loss"][:, which], color=colour)
            loss.set(xlabel="step", ylabel="mean squared\ndifference")
            plain_powers(loss.yaxis)
            _correlations(bars, summaries[node], colour)
        letter_panels(row.subfigs[0].axes[0] for row in rows)
        return figure


def _pictures(arrays: dict[str, np.ndarray], node: str, snapshots: list[int], which: int) -> Iterator[tuple]:
    """Title and picture of the original, of each snapshot and of the best metamer; pixels beyond [0, 1] are clipped."""
    names = {"original": "originals"} | {f"step {step}": f"{node}_step{step}" for step in snapshots}
    for title, name in (names | {"best": f"{node}_best"}).items():
        yield title, as_pictures(np.clip(arrays[name][which, None], 0, 1))[0]


def _answers(found: pd.Series, names: Mapping[int, str]) -> str:
    label, model, other = (shortened(names[found[name]]) for name in ("label", "predicted", "held_out"))
    return f"best: r = {found['pixel_correlation']:.2f}, class {label}; model: {model}; other: {other}"


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
