"""Similarity of nodes of networks: matrix with its tree, map, and seeds beside models."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from scipy.cluster.hierarchy import dendrogram

from repgeom.figures.inference import COMPARISON_LABELS
from repgeom.figures.palette import GREY, MARKERS, model_colours
from repgeom.figures.style import COLUMN, LEGEND_SIZE, MM, fitting, house_style, letter_panels, name_nodes, new_figure
from repgeom.measures.embedding import MetricMDS

HEIGHTS = 88 * MM, 66 * MM
"""Of the matrix with its tree, and of the map and how far seeds and models differ."""
LABELLED = 32
"""Rows of the matrix up to which each has room for its name."""
RELATIONS = {"seeds": ("seeds of a model", "o"), "models": ("models", "s")}


def similarity_figure(
    items: Sequence[tuple[str, str, str]],
    matrix: np.ndarray,
    tree: np.ndarray,
    scaling: MetricMDS,
    spread: pd.DataFrame,
    looks: Mapping[str, Mapping],
    options: Mapping,
) -> Figure:
    """The matrix in the order of its tree, a map by metric scaling, and how far seeds and models differ.

    Parameters
    ----------
    items : k of (model, label of the network, node)
    matrix : (k, k)
        Similarities, or angles.
    tree : (k − 1, 4)
        SciPy's linkage matrix.
    scaling : MetricMDS
    spread : DataFrame
        `repgeom.analyses.similarity.SPREAD_COLUMNS`.
    looks : dict
        Model → `label` and `colour`; where models share a colour, all get those of the palette.
    options : dict
        `method, measure, comparison` of the analysis.
    """
    looks = {name: looks[name] | {"colour": colour} for name, colour in model_colours(looks).items()}
    with house_style():
        figure = new_figure(COLUMN, sum(HEIGHTS))
        above, below = figure.subfigures(2, 1, height_ratios=HEIGHTS)
        left, right = below.subfigures(1, 2, width_ratios=[1.1, 1])
        _key(above, items, looks)
        _matrix(above, items, matrix, tree, looks, _label(options))
        _map(left, items, scaling, looks)
        _spread(right.subplots(), spread, options)
        letter_panels([above.axes[0], left.axes[0], *(axes for axes in right.axes if axes.axison)])
        return figure


def _matrix(figure, items: Sequence, matrix: np.ndarray, tree: np.ndarray, looks: Mapping, label: str) -> None:
    above, axes = figure.subplots(2, 1, height_ratios=[0.16, 1])
    drawn = dendrogram(tree, ax=above, no_labels=True, color_threshold=0, above_threshold_color="0.3")
    for collection in above.collections:
        collection.set_linewidth(0.5)
    above.set_axis_off()
    order = drawn["leaves"]
    image = axes.imshow(matrix[np.ix_(order, order)], cmap="viridis", aspect="auto", interpolation="nearest")
    axes.spines[:].set_visible(False)
    axes.set_xticks([])
    axes.set_yticks([])
    if len(items) <= LABELLED:
        size = 5 if len(items) > 20 else 6
        axes.set_yticks(range(len(order)), [_short(items[i], looks) for i in order], fontsize=size)
        for tick, i in zip(axes.get_yticklabels(), order, strict=True):
            tick.set_color(looks[items[i][0]]["colour"])
        axes.tick_params(length=0, pad=2)
    figure.colorbar(image, ax=axes, location="bottom", shrink=0.8, aspect=30, label=label)


def _key(figure, items: Sequence, looks: Mapping) -> None:
    """Which colour is which model, in the matrix and in the map."""
    models = list(dict.fromkeys(model for model, _, _ in items))
    samples = [Line2D([], [], color=looks[model]["colour"]) for model in models]
    labels = [fitting(looks[model]["label"], COLUMN / 2 - 10 * MM, LEGEND_SIZE) for model in models]
    figure.legend(samples, labels, loc="outside upper center", ncols=2)


def _map(figure, items: Sequence, scaling: MetricMDS, looks: Mapping) -> None:
    axes = figure.subplots()
    nodes = list(dict.fromkeys(node for _, _, node in items))
    networks = list(dict.fromkeys((model, label) for model, label, _ in items))
    for model, label in networks:
        chosen = [i for i, item in enumerate(items) if item[1] == label]
        axes.plot(*scaling.points[chosen].T, color=looks[model]["colour"], lw=0.6, alpha=0.6)
        for i in chosen:
            marker = MARKERS[nodes.index(items[i][2]) % len(MARKERS)]
            axes.plot(*scaling.points[i], marker, color=looks[model]["colour"], ms=3.5)
    axes.set_aspect("equal", adjustable="datalim")
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_xlabel(f"map of dissimilarities (stress {scaling.stress:.2f})")
    shown = nodes[: len(MARKERS)]
    samples = [Line2D([], [], ls="", marker=MARKERS[k], color="0.4", ms=3.5) for k in range(len(shown))]
    names = [fitting(node, COLUMN / 4 - 4 * MM, 6) for node in shown]
    figure.legend(samples, names, loc="outside upper center", ncols=2)


def _spread(axes: Axes, spread: pd.DataFrame, options: Mapping) -> None:
    if spread.empty:
        axes.set_axis_off()
        return
    nodes = list(dict.fromkeys(spread["node"]))
    for k, (relation, (label, marker)) in enumerate(RELATIONS.items()):
        part = spread[spread["relation"] == relation]
        if part.empty:
            continue
        x = np.array([nodes.index(node) for node in part["node"]]) + (k - 0.5) * 0.16
        bars = np.nan_to_num(np.array([part["mean"] - part["low"], part["high"] - part["mean"]]))
        axes.errorbar(x, part["mean"], bars, color=("0", GREY)[k], marker=marker, capsize=1.5, elinewidth=0.6,
                      label=f"between {label}")  # fmt: skip
    name_nodes(axes, nodes, COLUMN / 2 - 18 * MM)
    axes.set_ylim(bottom=0)
    axes.set_ylabel("angle (radians)" if options["method"] == "procrustes" else "1 − similarity")
    axes.figure.legend(loc="outside upper center", ncols=1)


def _short(item: tuple[str, str, str], looks: Mapping) -> str:
    """Node, and what tells the network from others of its model, whose name the colour says."""
    model, label, node = item
    return node + (f" ({rest})" if (rest := label.removeprefix(looks[model]["label"]).lstrip(", ")) else "")


def _label(options: Mapping) -> str:
    return {
        "cka": "CKA (debiased)",
        "cka_biased": "CKA (biased)",
        "procrustes": "angle between shapes (radians)",
        "rsa": f"similarity of RDMs ({COMPARISON_LABELS[options['comparison']]})",
    }[options["method"]]
