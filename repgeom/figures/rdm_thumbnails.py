"""One RDM with images of the stimuli along its sides."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.offsetbox import AnnotationBbox, OffsetImage

from repgeom.figures.pictures import as_pictures
from repgeom.figures.rdm_panels import COLOURS
from repgeom.figures.style import COLUMN, house_style, new_figure

BAND = 0.82
"""Share of a thumbnail's place along a side that its image fills."""
SHARE = 0.72
"""Of the width of the figure, that of the RDM."""
FEWEST = 12
"""Thumbnails are no larger than if there were so many."""
POINTS = 72
"""Of an inch."""


def rdm_with_thumbnails(matrix: np.ndarray, images: np.ndarray, measure: str, title: str, most: int = 20) -> Figure:
    """Draw an RDM (n, n), and so many of its images (n, h, w) or (n, c, h, w), evenly spread, along its sides."""
    n = len(matrix)
    shown = np.unique(np.linspace(0, n - 1, min(most, n)).round().astype(int))
    with house_style():
        figure = new_figure(COLUMN, COLUMN * 0.95)
        axes = figure.subplots()
        picture = axes.imshow(matrix, cmap=COLOURS, vmin=0)
        axes.set(xticks=[], yticks=[])
        axes.spines[:].set_visible(False)
        side = SHARE * COLUMN * POINTS / max(len(shown), FEWEST) * BAND
        axes.set_title(title, pad=side + 6)
        bar = figure.colorbar(picture, ax=axes, shrink=0.6, aspect=25)
        bar.set_label(measure)
        _thumbnails(axes, as_pictures(images)[shown], shown, side)
        return figure


def _thumbnails(axes: Axes, pictures: np.ndarray, places: np.ndarray, side: float) -> None:
    """Images, `side` points wide, above and to the left of an RDM, each at the place of its stimulus."""
    zoom = side / max(pictures.shape[1:3])
    for picture, place in zip(pictures, places, strict=True):
        for xy, alignment in (((place, -0.5), (0.5, 0)), ((-0.5, place), (1, 0.5))):
            box = AnnotationBbox(
                OffsetImage(picture, zoom=zoom, cmap="gray", norm=Normalize(0, 1), interpolation="nearest"),
                xy,
                box_alignment=alignment,
                frameon=False,
                pad=0.15,
                annotation_clip=False,
            )
            axes.add_artist(box)
