"""A matrix of distances between geometries beside the paths they form."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repgeom.figures.palette import MARKERS
from repgeom.figures.style import MM, PAGE, house_style, new_figure
from repgeom.measures.path import INPUT, Paths

INPUT_COLOUR, LABEL_COLOUR = "#000000", "#C2185B"
LEGIBLE = 18
"""Nodes that a matrix names in letters of usual size; smaller up to `NAMED`, above which it names paths only."""
NAMED = 48
PATH_MARKERS = [marker for marker in MARKERS if marker not in "s*"]
"""One for each model; the square is the input, the star the labels."""


@dataclass(frozen=True)
class Look:
    """How a path is drawn: the first one of a model boldly and with a label, those of its other seeds thinly."""

    label: str
    colour: str
    marker: str
    bold: bool


def path_looks(networks: Mapping[str, Mapping], models: Mapping[str, Mapping]) -> dict[str, Look]:
    """The look of each path, from label and colour of its model.

    Parameters
    ----------
    networks : dict
        Name of a path → its network, of which `model` counts.
    models : dict
        Model → `label` and `colour`.
    """
    order = list(models)
    looks: dict[str, Look] = {}
    for name, network in networks.items():
        model = models[network["model"]]
        bold = model["label"] not in {look.label for look in looks.values()}
        marker = PATH_MARKERS[order.index(network["model"]) % len(PATH_MARKERS)]
        looks[name] = Look(model["label"], model["colour"], marker, bold)
    return looks


def geometry_path(
    dissimilarity: np.ndarray,
    points: np.ndarray,
    stress: float,
    paths: Paths,
    looks: Mapping[str, Look],
    title: str | None,
    comparison: str,
    left_out: Mapping[str, Sequence[str]],
) -> Figure:
    """Draw the matrix of bold paths (tick labels in their colours) and all paths from input to labels.

    Parameters
    ----------
    dissimilarity : (k, k)
    points : (k, 2)
        Places in the map.
    stress : float
        Stress-1 of the map.
    paths : Paths
        The k geometries.
    looks : dict
        Name of a path → how it is drawn.
    title, comparison : str
    left_out : dict
        Name of a path → nodes that it lacks, because all stimuli are alike there.
    """
    with house_style():
        figure = new_figure(PAGE, 92 * MM)
        left, right = figure.subplots(1, 2)
        _matrix(left, dissimilarity, paths, looks, comparison)
        for name, path in paths.indices.items():
            _path(right, points[path], paths.nodes[path[-1]], looks[name])
        right.plot(*points[0], "s", color=INPUT_COLOUR, ms=7, label=INPUT)
        right.plot(*points[-1], "*", color=LABEL_COLOUR, ms=11, label="labels")
        right.set_aspect("equal", adjustable="datalim")
        right.set(xlabel="MDS 1 (dissimilarity)", ylabel="MDS 2 (dissimilarity)")
        right.set_title("\n".join([*([title] if title else []), f"metric MDS, stress {stress:.3f}"]))
        right.legend(loc="best")
        if left_out:
            lacking = "; ".join(f"{name}: {', '.join(nodes)}" for name, nodes in left_out.items())
            figure.supxlabel(f"left out, where all stimuli are alike: {lacking}", fontsize=5)
        return figure


def _path(axes: Axes, points: np.ndarray, last: str, look: Look) -> None:
    if not look.bold:
        axes.plot(*points.T, "-", marker=look.marker, color=look.colour, ms=1.5, lw=0.4, alpha=0.6)
        return
    axes.plot(*points.T, "-", marker=look.marker, color=look.colour, ms=3, lw=0.9, label=look.label)
    axes.annotate(last, points[-1], xytext=(3, -7), textcoords="offset points", fontsize=5, color=look.colour)


def _matrix(axes: Axes, dissimilarity: np.ndarray, paths: Paths, looks: Mapping[str, Look], comparison: str) -> None:
    shown = [i for i, name in enumerate(paths.models) if not name or looks[name].bold]
    picture = axes.imshow(dissimilarity[np.ix_(shown, shown)], cmap="viridis_r")
    names, nodes = [paths.models[i] for i in shown], [paths.nodes[i] for i in shown]
    colours = [_colour(name, node, looks) for name, node in zip(names, nodes, strict=True)]
    places: Sequence[float] = range(len(shown))
    if len(shown) > NAMED:
        each = [name for name in dict.fromkeys(names) if name]
        places = [0, *(_middle(names, name) for name in each), len(shown) - 1]
        nodes = [INPUT, *(looks[name].label for name in each), "labels"]
        colours = [INPUT_COLOUR, *(looks[name].colour for name in each), LABEL_COLOUR]
        _borders(axes, names)
    size = 6 if len(nodes) < LEGIBLE else 4
    axes.set_xticks(places, nodes, rotation=90, fontsize=size)
    axes.set_yticks(places, nodes, fontsize=size)
    for ticks in (axes.get_xticklabels(), axes.get_yticklabels()):
        for tick, colour in zip(ticks, colours, strict=True):
            tick.set_color(colour)
    bar = axes.figure.colorbar(picture, ax=axes, shrink=0.6, location="left")
    bar.set_label(f"dissimilarity of euclidean RDMs (1 − {comparison})")


def _middle(names: Sequence[str], name: str) -> float:
    return names.index(name) + (names.count(name) - 1) / 2


def _borders(axes: Axes, names: Sequence[str]) -> None:
    for i in range(1, len(names)):
        if names[i] != names[i - 1]:
            axes.axhline(i - 0.5, color="white", lw=0.4)
            axes.axvline(i - 0.5, color="white", lw=0.4)


def _colour(name: str, node: str, looks: Mapping[str, Look]) -> str:
    if name:
        return looks[name].colour
    return INPUT_COLOUR if node == INPUT else LABEL_COLOUR
