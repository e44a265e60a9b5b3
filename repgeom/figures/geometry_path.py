"""A matrix of distances between geometries beside the path they form."""

import numpy as np
from matplotlib.figure import Figure

from repgeom.figures.style import MM, PAGE, house_style, new_figure

INPUT_COLOUR, LABEL_COLOUR = "#000000", "#C2185B"


def geometry_path(
    dissimilarity: np.ndarray,
    points: np.ndarray,
    stress: float,
    names: tuple[tuple[str, ...], tuple[str, ...]],
    indices: dict[str, np.ndarray],
    looks: dict[str, dict],
    title: str,
    comparison: str,
) -> Figure:
    """Draw the matrix (tick labels in the models' colours) and the path from input to labels.

    Parameters
    ----------
    dissimilarity : (k, k)
    points : (k, 2)
        Places in the map.
    stress : float
        Stress-1 of the map.
    names : (models, nodes)
        Each of length k; input and labels have the model "".
    indices : dict
        Model → its way through the geometries.
    looks : dict
        Model → `label` and `colour`.
    title, comparison : str
    """
    with house_style():
        figure = new_figure(PAGE, 92 * MM)
        left, right = figure.subplots(1, 2)
        colours = [_colour(model, node, looks) for model, node in zip(*names, strict=True)]
        picture = left.imshow(dissimilarity, cmap="viridis_r")
        _ticks(left, names[1], colours)
        bar = figure.colorbar(picture, ax=left, shrink=0.6, location="left")
        bar.set_label(f"dissimilarity of euclidean RDMs (1 − {comparison})")
        for model, path in indices.items():
            right.plot(*points[path].T, "-o", color=looks[model]["colour"], ms=3, lw=0.9, label=looks[model]["label"])
            right.annotate(names[1][path[-1]], points[path[-1]], xytext=(3, -7), textcoords="offset points",
                           fontsize=5, color=looks[model]["colour"])  # fmt: skip
        right.plot(*points[0], "s", color=INPUT_COLOUR, ms=7, label="input")
        right.plot(*points[-1], "*", color=LABEL_COLOUR, ms=11, label="labels")
        right.set_aspect("equal", adjustable="datalim")
        right.set(xlabel="MDS 1 (dissimilarity)", ylabel="MDS 2 (dissimilarity)")
        right.set_title(f"{title}\nmetric MDS, stress {stress:.3f}")
        right.legend(loc="best")
        return figure


def _colour(model: str, node: str, looks: dict[str, dict]) -> str:
    if model:
        return looks[model]["colour"]
    return INPUT_COLOUR if node == "input" else LABEL_COLOUR


def _ticks(axes, nodes: tuple[str, ...], colours: list[str]) -> None:
    size = 6 if len(nodes) < 18 else 4
    axes.set_xticks(range(len(nodes)), nodes, rotation=90, fontsize=size)
    axes.set_yticks(range(len(nodes)), nodes, fontsize=size)
    for ticks in (axes.get_xticklabels(), axes.get_yticklabels()):
        for tick, colour in zip(ticks, colours, strict=True):
            tick.set_color(colour)
    axes.spines[:].set_visible(False)
