"""A matrix of distances between geometries, the paths they form, and RDMs along these."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import lcm
from textwrap import fill

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.ticker import MaxNLocator

from repgeom.figures.labels import Label, place_labels
from repgeom.figures.palette import CYCLE, MARKERS, STYLES, model_colours
from repgeom.figures.rdm_image import show_rdm
from repgeom.figures.stimulus_axis import StimulusAxis, show_stimuli
from repgeom.figures.style import COLUMN, MM, fitting, house_style, letter_panels, new_figure
from repgeom.measures.path import INPUT, Paths

INPUT_COLOUR, LABEL_COLOUR = "#000000", "#C2185B"
MATRIX, MAP = 76 * MM, 72 * MM
"""Height of the matrix, and of the map below it."""
SIDE, NAME_SIZE, PITCH = 10 * MM, 5.0, 9 * MM
"""Of an RDM and of its name, and what a row of them takes beside that."""
ALONG, PATHS = 5, 4
"""Most RDMs of a path between input and labels, and most paths whose RDMs are drawn."""
NAMED = 26
"""Nodes that a matrix names; where there are more, it names paths only, or some nodes of a single one."""
BESIDE = 2 * MM
"""Room beside panels: the numbers of an axis whose ends follow from the other one may reach there."""
KEY = 3.2 * MM
"""Height of a row of the legend."""
KEYS = 2
"""Networks in a row of the legend."""
LINE = 75
"""Letters of a line of what is written below all."""
ARROW = 0.06
"""Share of a map's width from which on a step along a path has an arrow."""
DENSE = 25
"""Places on a step of a path that names keep away from."""
MARKER = 8
"""How many of these a geometry counts as: its marker is hidden more easily than a line."""
PATH_MARKERS = [marker for marker in MARKERS if marker not in "s*"]
"""One for each model; the square is the input, the star the labels."""


@dataclass(frozen=True)
class Look:
    """How a path is drawn: the first one of a model boldly and with a label, those of its other seeds thinly."""

    label: str
    colour: str
    marker: str
    style: str
    bold: bool


@dataclass(frozen=True)
class Notes:
    """What is written beside the map: its title, the comparison of RDMs, and path → nodes that it lacks."""

    title: str | None
    comparison: str
    left_out: Mapping[str, Sequence[str]]


def path_looks(networks: Mapping[str, Mapping], models: Mapping[str, Mapping]) -> dict[str, Look]:
    """The look of each path, from label and colour of its model.

    Parameters
    ----------
    networks : dict
        Name of a path → its network, of which `model` counts.
    models : dict
        Model → `label` and `colour`; where models share a colour, all get one of the palette.
    """
    order, colours = list(models), model_colours(models)
    looks: dict[str, Look] = {}
    for name, network in networks.items():
        model, place = models[network["model"]], order.index(network["model"])
        looks[name] = Look(
            model["label"],
            colours[network["model"]],
            PATH_MARKERS[place % len(PATH_MARKERS)],
            STYLES[place // lcm(len(PATH_MARKERS), len(CYCLE)) % len(STYLES)],
            bold=model["label"] not in {look.label for look in looks.values()},
        )
    return looks


def geometry_path(
    dissimilarity: np.ndarray,
    points: np.ndarray,
    stress: float,
    paths: Paths,
    looks: Mapping[str, Look],
    stimuli: StimulusAxis,
    notes: Notes,
) -> Figure:
    """Draw the matrix of bold paths (tick labels in their colours), all paths from input to labels, and RDMs.

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
    stimuli : StimulusAxis
        In the order of the RDMs, which are drawn class by class.
    notes : Notes
    """
    bold = [name for name in paths.indices if looks[name].bold]
    key, strip = KEY * -(-len(bold) // KEYS), (SIDE + PITCH) * len(bold[:PATHS]) + 4 * MM
    lacking = "; ".join(f"{name}: {', '.join(nodes)}" for name, nodes in notes.left_out.items())
    remark = fill(f"left out, where all stimuli are alike: {lacking}", LINE) if lacking else ""
    strip += KEY * len(remark.splitlines())
    with house_style():
        figure = new_figure(COLUMN, key + MATRIX + MAP + strip)
        figure.get_layout_engine().set(w_pad=BESIDE)
        above, middle, below = figure.subfigures(3, 1, height_ratios=[key + MATRIX, MAP, strip])
        left, right = above.subplots(), middle.subplots()
        _matrix(left, dissimilarity, paths, looks, notes.comparison)
        for name, path in paths.indices.items():
            _path(right, points[path], looks[name])
        right.plot(*points[0], "s", color=INPUT_COLOUR, ms=6)
        right.plot(*points[-1], "*", color=LABEL_COLOUR, ms=10)
        right.set_aspect("equal", adjustable="datalim")
        right.margins(0.12)
        for axis in (right.xaxis, right.yaxis):
            axis.set_major_locator(MaxNLocator(6, prune="both"))
        right.set(xlabel="MDS 1 (dissimilarity)", ylabel="MDS 2 (dissimilarity)")
        right.set_title("\n".join([*([notes.title] if notes.title else []), f"metric MDS, stress {stress:.3f}"]))
        above.legend(*right.get_legend_handles_labels(), loc="outside upper center", ncols=min(KEYS, len(bold)))
        letter_panels([left, right, _rdms(below, paths, [(name, looks[name]) for name in bold[:PATHS]], stimuli)])
        below.supxlabel(remark, fontsize=5.5)
        figure.draw_without_rendering()
        place_labels(right, _names(points, paths, looks, bold), _along(points, paths, bold))
        return figure


def _path(axes: Axes, points: np.ndarray, look: Look) -> None:
    if not look.bold:
        axes.plot(*points.T, look.style, marker=look.marker, color=look.colour, ms=1.5, lw=0.4, alpha=0.6)
        return
    axes.plot(*points.T, look.style, marker=look.marker, color=look.colour, ms=3, lw=0.9, label=look.label)
    axes.autoscale_view()
    for start, end in pairwise(points):
        if np.linalg.norm(end - start) > ARROW * np.ptp(axes.get_xlim()):
            half = {"arrowstyle": "-|>", "color": look.colour, "lw": 0, "mutation_scale": 9, "shrinkA": 0, "shrinkB": 0}
            axes.annotate("", start + 0.6 * (end - start), start + 0.5 * (end - start), arrowprops=half)


def _names(points: np.ndarray, paths: Paths, looks: Mapping[str, Look], bold: Sequence[str]) -> Iterator[Label]:
    """Names of geometries in the map, the most telling ones first: ends of paths, then what lies between."""
    yield Label(points[0], INPUT, INPUT_COLOUR, bold=True, radius=2)
    yield Label(points[-1], "labels", LABEL_COLOUR, bold=True, radius=4)
    steps = {name: paths.indices[name][::-1] for name in bold}
    for k in range(max(map(len, steps.values()))):
        for name in bold:
            if k < len(steps[name]) - 1:
                i = steps[name][k]
                yield Label(points[i], paths.nodes[i], looks[name].colour)


def _along(points: np.ndarray, paths: Paths, bold: Sequence[str]) -> np.ndarray:
    """All geometries, and places on the steps between those of bold paths, where names would be hard to read."""
    steps = [step for name in bold for step in pairwise(points[paths.indices[name]])]
    between = [start + share * (end - start) for start, end in steps for share in np.linspace(0, 1, DENSE)]
    return np.concatenate([np.repeat(points, MARKER, axis=0), np.reshape(between, (-1, 2))])


def _matrix(axes: Axes, dissimilarity: np.ndarray, paths: Paths, looks: Mapping[str, Look], comparison: str) -> None:
    shown = [i for i, name in enumerate(paths.models) if not name or looks[name].bold]
    picture = axes.imshow(dissimilarity[np.ix_(shown, shown)], cmap="viridis_r")
    names, nodes = [paths.models[i] for i in shown], [paths.nodes[i] for i in shown]
    colours = [_colour(name, node, looks) for name, node in zip(names, nodes, strict=True)]
    places: Sequence[float] = range(len(shown))
    if len(shown) > NAMED and len(set(names)) > 2:
        each = [name for name in dict.fromkeys(names) if name]
        places = [0, *(_middle(names, name) for name in each), len(shown) - 1]
        nodes = [INPUT, *(looks[name].label for name in each), "labels"]
        colours = [INPUT_COLOUR, *(looks[name].colour for name in each), LABEL_COLOUR]
        _borders(axes, names)
    kept = _apart(places, len(shown) / NAMED)
    nodes = [fitting(nodes[i], 16 * MM, 5.5) for i in kept]
    axes.set_xticks([places[i] for i in kept], nodes, rotation=90, fontsize=5.5)
    axes.set_yticks([places[i] for i in kept], nodes, fontsize=5.5)
    for ticks in (axes.get_xticklabels(), axes.get_yticklabels()):
        for tick, i in zip(ticks, kept, strict=True):
            tick.set_color(colours[i])
    bar = axes.figure.colorbar(picture, ax=axes, shrink=0.6, location="left")
    bar.set_label(f"dissimilarity of euclidean RDMs (1 − {comparison})")


def _apart(places: Sequence[float], least: float) -> list[int]:
    """Which of the ascending places to name so that they are `least` apart; the first and the last always."""
    kept = [0]
    for i, place in enumerate(places[1:-1], 1):
        if place - places[kept[-1]] >= least and places[-1] - place >= least:
            kept.append(i)
    return [*kept, len(places) - 1]


def _rdms(figure: SubFigure, paths: Paths, shown: Sequence[tuple[str, Look]], stimuli: StimulusAxis) -> Axes:
    """Input, some nodes of each path, and labels, as RDMs; returns the first panel."""
    columns = max(min(ALONG, len(paths.indices[name]) - 1) for name, _ in shown) + 2
    grid = figure.subplots(len(shown), columns, squeeze=False)
    for axes in grid.ravel():
        axes.set_axis_off()
    order, ordered = stimuli.by_class()
    _rdm(grid[0, 0], paths.rdms[0], order, (INPUT, INPUT_COLOUR))
    _rdm(grid[0, -1], paths.rdms[-1], order, ("labels", LABEL_COLOUR))
    show_stimuli(grid[0, 0], ordered, 72 * SIDE, "left")
    for axes_row, (name, look) in zip(grid, shown, strict=True):
        inner = paths.indices[name][1:]
        chosen = dict.fromkeys(inner[np.linspace(0, len(inner) - 1, min(ALONG, len(inner))).round().astype(int)])
        for axes, i in zip(axes_row[1:-1], chosen, strict=False):
            _rdm(axes, paths.rdms[i], order, (paths.nodes[i], look.colour))
        axes_row[1].annotate(fitting(look.label, COLUMN - 20 * MM, 6), (0, 1), xytext=(0, 9), xycoords="axes fraction",
                             textcoords="offset points", fontsize=6, color=look.colour, in_layout=False)  # fmt: skip
    return grid[0, 0]


def _rdm(axes: Axes, rdm: np.ndarray, order: np.ndarray, name: tuple[str, str]) -> None:
    """Draw an RDM in this order of stimuli; its name has a colour."""
    title, colour = name
    axes.set_axis_on()
    show_rdm(axes, rdm, order)
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
    axes.set_title(fitting(title, SIDE * 1.1, NAME_SIZE), fontsize=NAME_SIZE, color=colour, pad=2)


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
