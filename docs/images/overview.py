"""Draws the README's picture from a finished default run: `python docs/images/overview.py`, where `results/` lies.

Images, the RDMs of two networks that see them, and the paths of these RDMs towards the labels.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.spatial.distance import squareform

from repgeom.figures.geometry_path import INPUT_COLOUR, LABEL_COLOUR
from repgeom.figures.image_grids import mosaic
from repgeom.figures.rdm_panels import COLOURS
from repgeom.figures.style import MM, PAGE, house_style, new_figure, save_figure
from repgeom.store.rdms import RDMs, read_rdms
from repgeom.store.stimuli import read_stimuli
from repgeom.store.tables import read_table

RESULTS = Path("results")
ATTACKED = "test20_fgsm_standard"
MODELS = {"standard": ("standard", "#0072B2", "o"), "adversarial": ("adversarially trained", "#D55E00", "^")}
NODES = ("input", "conv2", "fc2")
NAMED = ("conv1", "conv2", "fc1", "fc2", "softmax")


def main(target: Path) -> None:
    """Draw and save the picture."""
    with house_style():
        figure = new_figure(PAGE, 64 * MM)
        images, rdms, path = figure.subfigures(1, 3, width_ratios=(0.62, 1.25, 1.15))
        draw_images(images)
        draw_rdms(rdms)
        draw_paths(path)
    save_figure(figure, target)


def draw_images(figure: Figure) -> None:
    """The first image of every class, as it is and attacked."""
    shown = {
        "images": read_stimuli(RESULTS / "stimuli" / "test20.h5"),
        "attacked, ε = 0.2": read_stimuli(RESULTS / "stimuli" / ATTACKED / "standard" / "seed1.h5"),
    }
    for axes, (title, stimuli) in zip(figure.subplots(2, 1), shown.items(), strict=True):
        first = np.unique(stimuli.labels, return_index=True)[1]
        axes.imshow(mosaic(stimuli.to_float()[first], 5), cmap="gray", vmin=0, vmax=1)
        axes.set_title(title)
        axes.set_axis_off()


def draw_rdms(figure: Figure) -> None:
    """RDMs of both networks over the attacked images, at some nodes."""
    grid = figure.subplots(len(MODELS), len(NODES))
    for row, (model, (label, colour, _)) in zip(grid, MODELS.items(), strict=True):
        rdms = read_rdms(RESULTS / "rdms" / "euclidean" / model / "seed1" / "last" / f"{ATTACKED}.h5")
        for axes, node in zip(row, NODES, strict=True):
            draw_rdm(axes, rdms, node)
            axes.set_title(node if model == "standard" else "")
        row[0].set_ylabel(label, color=colour)


def draw_rdm(axes: Axes, rdms: RDMs, node: str) -> None:
    """One RDM, images ordered by class."""
    axes.imshow(squareform(rdms[node]), cmap=COLOURS)
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(False)


def draw_paths(figure: Figure) -> None:
    """Where the RDMs of all nodes lie from the input's to that of the labels."""
    axes = figure.subplots()
    table = read_table(RESULTS / "tables" / "paths" / "path_attacked.csv", text=("model", "node"))
    start, end = (table[table["node"] == node].iloc[0] for node in ("input", "labels"))
    for model, (label, colour, marker) in MODELS.items():
        path = pd.concat([start.to_frame().T, table[table["model"] == model]])
        axes.plot(path["x"], path["y"], marker=marker, color=colour, label=label)
        for _, row in path[path["node"].isin(NAMED)].iterrows():
            place = {"xytext": (3, -6), "textcoords": "offset points"}
            axes.annotate(row["node"], (row["x"], row["y"]), color=colour, fontsize=5, **place)
    axes.plot(start["x"], start["y"], "s", color=INPUT_COLOUR, ms=6, label="input")
    axes.plot(end["x"], end["y"], "*", color=LABEL_COLOUR, ms=10, label="labels")
    axes.set(xlabel="MDS 1 (dissimilarity of RDMs)", ylabel="MDS 2", aspect="equal")
    axes.legend(loc="best")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/images/overview.png"))
