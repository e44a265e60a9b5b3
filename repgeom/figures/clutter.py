"""Pictures of cluttered canvases: how they are made, their swaps, examples, and maps of a network over time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from repgeom.figures.style import MM, ORANGE, PAGE, house_style, new_figure


@dataclass(frozen=True)
class Tile:
    """A picture (h, w) with a title, and where its target lies: (x, y, size) in px, or None."""

    image: np.ndarray
    title: str
    target: tuple[float, float, float] | None = None


def tile_rows(rows: Mapping[str, Sequence[Tile]]) -> Figure:
    """Rows of grey pictures; the target of a canvas is framed.

    Parameters
    ----------
    rows : dict
        Row title → pictures in [0, 1].
    """
    with house_style():
        columns = max(len(row) for row in rows.values())
        side = PAGE / (columns + 0.4)
        figure = new_figure(PAGE, (side + 5 * MM) * len(rows))
        grid = figure.subplots(len(rows), columns, squeeze=False)
        for axes_row, (title, tiles) in zip(grid, rows.items(), strict=True):
            for axes in axes_row:
                _blank(axes)
            for axes, tile in zip(axes_row, tiles, strict=False):
                axes.imshow(tile.image, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
                axes.set_title(tile.title, fontsize=6, pad=2)
                _frame(axes, tile)
            axes_row[0].set_ylabel(title)
        return figure


def answer_tiles(
    images: np.ndarray, truth: np.ndarray, answers: np.ndarray, class_names: Sequence[str], count: int
) -> dict[str, list[Tile]]:
    """The first canvases that were recognised, and the first that were not, with truth and answer as titles."""
    rows = {}
    for title, chosen in (("recognised", truth == answers), ("not recognised", truth != answers)):
        rows[title] = [
            Tile(images[i], " → ".join(dict.fromkeys([class_names[truth[i]], class_names[answers[i]]])))
            for i in np.flatnonzero(chosen)[:count]
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
    """Maps of a network for a few images: the image itself, then each quantity at every timestep.

    Parameters
    ----------
    images : (n, h, w)
    rows
        Drawn for every image below each other; each quantity has one scale for all images and steps.
    """
    with house_style():
        steps = sorted({t for row in rows for t in row.maps})
        n_rows = len(images) * len(rows)
        side = PAGE / (len(steps) + 2.4)
        figure = new_figure(PAGE, (side + 2 * MM) * n_rows + 6 * MM)
        grid = figure.subplots(n_rows, len(steps) + 1, squeeze=False)
        for axes in grid.ravel():
            _blank(axes)
        for k, row in enumerate(rows):
            look = _scale(row)
            for i, image in enumerate(images):
                line = grid[i * len(rows) + k]
                if k == 0:
                    line[0].imshow(image, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
                line[1].set_ylabel(row.title)
                for axes, t in zip(line[1:], steps, strict=True):
                    if t in row.maps:
                        picture = axes.imshow(row.maps[t][i], interpolation="nearest", **look)
                    if i == 0 and k == 0:
                        axes.set_title(f"t = {t}")
            lines = grid[k :: len(rows)]
            figure.colorbar(picture, ax=lines, shrink=0.6 / len(images), aspect=12, label=row.title)
        grid[0, 0].set_title("canvas")
        return figure


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
