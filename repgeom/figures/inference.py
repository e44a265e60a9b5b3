"""Similarity to measured RDMs over nodes, with the noise ceiling and marks of significance."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repgeom.figures.style import COLUMN, MM, PAGE, house_style, new_figure, shared_legend

COMPARISON_LABELS = {
    "cosine": "cosine",
    "corr": "Pearson r",
    "spearman": "Spearman ρ",
    "rho-a": "ρ-a",
    "tau-a": "Kendall τ-a",
    "cosine_cov": "whitened cosine",
    "corr_cov": "whitened Pearson r",
}
SIGNIFICANT = 0.05
MOST_PAIRS = 3
"""Rows of stars above the lines; where more pairs of networks are compared, the table tells."""
WIDE = 8
"""Nodes from which on a panel takes a whole page."""


def inference_figure(
    table: pd.DataFrame, looks: Mapping[str, Mapping], label: str, single: Sequence[str] = ()
) -> Figure:
    """A panel for the networks that have the same nodes: similarity over nodes, and the noise ceiling as a band.

    Below the lines a filled dot marks a node that is above chance, a triangle one that is not below the ceiling; above
    them stars mark where two networks differ. All p-values are corrected ones.

    Parameters
    ----------
    table : DataFrame
        `repgeom.analyses.inference.INFERENCE_COLUMNS`, and `line`.
    looks : dict
        Line, which is its label → `colour`, `style` and `marker`.
    label : str
        Of the similarity.
    single : list of str
        Nodes that no line leads to.
    """
    similar = table[table["quantity"] == "similarity"]
    panels: dict[tuple, list[str]] = {}
    for line, part in similar.groupby("line", sort=False):
        panels.setdefault(tuple(part["node"]), []).append(line)
    wide = len(panels) > 1 or max(map(len, panels)) > WIDE
    with house_style():
        figure = new_figure(PAGE if wide else COLUMN, 72 * MM)
        grid = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
        for axes, (nodes, lines) in zip(grid, panels.items(), strict=True):
            _panel(axes, similar[similar["line"].isin(lines)], nodes, {line: looks[line] for line in lines}, single)
            _stars(axes, table[table["quantity"] == "difference"], nodes, lines)
        grid[0].set_ylabel(label)
        shared_legend(figure, columns=3 if wide else 2)
        return figure


def _panel(
    axes: Axes, similar: pd.DataFrame, nodes: tuple, looks: Mapping[str, Mapping], single: Sequence[str]
) -> None:
    _ceiling(axes, similar.iloc[0])
    for k, (line, look) in enumerate(looks.items()):
        own, shift = similar[similar["line"] == line], (k - (len(looks) - 1) / 2) * 0.08
        alone = own["node"].isin(single)
        for part, style, name in ((own[~alone], look["style"], line), (own[alone], "none", None)):
            x = np.array([nodes.index(node) for node in part["node"]]) + shift
            bars = [part["value"] - part["low"], part["high"] - part["value"]]
            axes.errorbar(x, part["value"], bars, color=look["colour"], ls=style, marker=look["marker"],
                          capsize=1.5, elinewidth=0.6, label=name)  # fmt: skip
    axes.axhline(0, color="0.6", lw=0.6, zorder=0)
    axes.set_xticks(range(len(nodes)), nodes, rotation=40, ha="right")
    axes.set_xlim(-0.5, len(nodes) - 0.5)
    _marks(axes, similar, looks)


def _ceiling(axes: Axes, row: pd.Series) -> None:
    if np.isfinite(row["lower_ceiling"]):
        axes.axhspan(row["lower_ceiling"], row["upper_ceiling"], color="0.85", lw=0, zorder=0, label="noise ceiling")


def _marks(axes: Axes, similar: pd.DataFrame, looks: Mapping[str, Mapping]) -> None:
    """A row of marks for each line, under all of them."""
    low, high = min(similar["low"].min(), 0), max(similar[["high", "upper_ceiling"]].max())
    step = (high - low) * 0.055
    for k, (line, look) in enumerate(looks.items()):
        part = similar[similar["line"] == line].reset_index(drop=True)
        above = part["p_corrected"] < SIGNIFICANT
        reaches = (part["p_ceiling_corrected"] >= SIGNIFICANT) | (part["value"] > part["lower_ceiling"])
        y = low - (k + 1) * step
        for marker, chosen in (("o", above & ~reaches), ("^", above & reaches)):
            axes.plot(np.flatnonzero(chosen), np.full(chosen.sum(), y), marker, color=look["colour"], ms=3)
    axes.plot([], [], "o", color="0.3", ms=3, label="dot: above chance")
    axes.plot([], [], "^", color="0.3", ms=3, label="triangle: at ceiling")
    axes.set_ylim(low - (len(looks) + 1) * step, high + step)


def _stars(axes: Axes, differences: pd.DataFrame, nodes: tuple, lines: list[str]) -> None:
    """Where two networks differ, a row of stars for each pair of the panel's networks."""
    own = differences[differences["node"].isin(nodes)]
    pairs = list(own.groupby(["model", "stimuli", "epoch"], sort=False, dropna=False))
    if len(lines) < 2 or not 0 < len(pairs) <= MOST_PAIRS:
        return
    low, high = axes.get_ylim()
    step = (high - low) * 0.06
    for k, (_, part) in enumerate(pairs):
        differ = part[part["p_corrected"] < SIGNIFICANT]
        x = [nodes.index(node) for node in differ["node"]]
        axes.plot(x, np.full(len(x), high + (k + 0.5) * step), "*", color="0.1", ms=4)
        if len(pairs) > 1:
            axes.annotate(part["line"].iloc[0], (1, high + (k + 0.5) * step), xycoords=("axes fraction", "data"),
                          ha="right", va="center", fontsize=5)  # fmt: skip
    axes.plot([], [], "*", color="0.1", ms=4, label="networks differ")
    axes.set_ylim(low, high + len(pairs) * step)
