"""Pictures of cluttered canvases: how they are made, their swaps, examples, and maps of a network over time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from textwrap import fill

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from repgeom.figures.palette import ORANGE
from repgeom.figures.pictures import UNSCALED, as_pictures
from repgeom.figures.style import COLUMN, MM, house_style, letter_panels, new_figure

BAR = 2 * MM
"""Height of a colour bar, in inches."""

BEFORE_TITLES = 20
"""Points from rows of pictures to their letters, beyond the titles of rows."""
LETTERS, SIZE = 72, 5.0
"""Letters of titles that fit side by side, and their size in points."""


@dataclass(frozen=True)
class Tile:
    """A picture (h, w) or (h, w, 3) with a title, and where its target lies: (x, y, size) in px, or None."""

    image: np.ndarray
    title: str
    target: tuple[float, float, float] | None = None


def tile_rows(rows: Mapping[str, Sequence[Tile]]) -> Figure:
    """Rows of pictures, grey or in colour; the target of a canvas is framed.

    Parameters
    ----------
    rows : dict
        Row title → pictures in [0, 1].
    """
    with house_style():
        columns = max(len(row) for row in rows.values())
        side = (COLUMN - 6 * MM) / columns
        lines = [max(_wrapped(tile.title, columns).count("\n") for tile in row) + 1 for row in rows.values()]
        figure = new_figure(COLUMN, sum(side + (1.5 + 2.4 * n) * MM for n in lines))
        grid = figure.subplots(len(rows), columns, squeeze=False)
        for axes_row, (title, tiles) in zip(grid, rows.items(), strict=True):
            for axes in axes_row:
                _blank(axes)
            for axes, tile in zip(axes_row, tiles, strict=False):
                axes.imshow(tile.image, **UNSCALED)
                axes.set_title(_wrapped(tile.title, columns), fontsize=SIZE, pad=2)
                _frame(axes, tile)
            axes_row[0].set_ylabel(title, fontsize=SIZE)
        letter_panels(grid[:, 0], BEFORE_TITLES)
        return figure


def _wrapped(title: str, columns: int) -> str:
    """Break a title before its arrow, and between words, where it would reach into the next of so many columns."""
    letters = int(LETTERS / columns)
    lines = title.replace(" → ", "\n→ ").split("\n") if len(title) > letters else title.split("\n")
    return "\n".join(fill(line, letters, break_long_words=False) for line in lines)


def answer_tiles(
    images: np.ndarray, recognised: np.ndarray, truth: Sequence[str], answers: Sequence[str], count: int
) -> dict[str, list[Tile]]:
    """The first images that were recognised, and the first that were not, with truth and answer as titles.

    Parameters
    ----------
    images : (n, h, w) or (n, 3, h, w) in [0, 1]
    recognised : (n,) bool
    truth, answers : (n,)
        Names of the classes.
    count : int
        Images in a row.
    """
    pictures, rows = as_pictures(images), {}
    for title, chosen in (("recognised", recognised), ("not\nrecognised", ~recognised)):
        rows[title] = [
            Tile(pictures[i], " → ".join(dict.fromkeys([truth[i], answers[i]]))) for i in np.flatnonzero(chosen)[:count]
        ]
    return {title: row for title, row in rows.items() if row}


@dataclass(frozen=True)
class MapRow:
    """A quantity over time: one map (n, h, w) per timestep for the same images.

    `centre` is where a diverging scale has its middle; None for a sequential one.
    """

    title: str
    maps: dict[int, np.ndarray]
    centre: float | None = None


def maps_over_time(images: np.ndarray, rows: Sequence[MapRow]) -> Figure:
    """Maps of a network for a few images, a row for each: the image, then every quantity at all its timesteps.

    Parameters
    ----------
    images : (n, h, w)
    rows
        Drawn beside each other; each quantity has one scale for all images and steps, below it.
    """
    with house_style():
        columns = 1 + sum(len(row.maps) for row in rows)
        side = COLUMN / columns
        figure = new_figure(COLUMN, side * len(images) + 16 * MM)
        heights = [side] * len(images) + [BAR]
        spec = figure.add_gridspec(len(heights), columns, height_ratios=heights)
        grid = np.array([[figure.add_subplot(spec[i, k]) for k in range(columns)] for i in range(len(images))])
        _draw_maps(grid[:, :1], {"canvas": images}, {"cmap": "gray", "vmin": 0, "vmax": 1})
        first, starts = 1, [0]
        for row in rows:
            block = slice(first, first + len(row.maps))
            picture = _draw_maps(grid[:, block], {f"t = {t}": row.maps[t] for t in sorted(row.maps)}, _scale(row))
            bar = figure.add_subplot(spec[-1, block])
            figure.colorbar(picture, cax=bar, orientation="horizontal", label=row.title, ticks=MaxNLocator(4))
            starts.append(first)
            first = block.stop
        letter_panels(grid[0, starts])
        return figure


def _draw_maps(block: np.ndarray, maps: Mapping[str, np.ndarray], look: dict):
    """Draw title → maps (n, h, w) into axes (n, n titles); returns one of the pictures, all of one scale."""
    for axes_column, (title, values) in zip(block.T, maps.items(), strict=True):
        axes_column[0].set_title(title, fontsize=6)
        for axes, value in zip(axes_column, values, strict=True):
            _blank(axes)
            picture = axes.imshow(value, interpolation="nearest", **look)
    return picture


def _scale(row: MapRow) -> dict:
    values = np.concatenate([m.ravel() for m in row.maps.values()])
    if row.centre is None:
        return {"cmap": "gray", "vmin": float(values.min()), "vmax": float(values.max())}
    reach = float(np.abs(values - row.centre).max()) or 1.0
    return {"cmap": "PuOr_r", "vmin": row.centre - reach, "vmax": row.centre + reach}


def _frame(axes, tile: Tile) -> None:
    if tile.target is not None:
        x, y, size = tile.target
        axes.add_patch(Rectangle((x - size / 2, y - size / 2), size, size, fill=False, ec=ORANGE, lw=0.8))


def _blank(axes) -> None:
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(False)
