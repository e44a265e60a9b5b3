"""Pictures of how canvases are made."""

import numpy as np

from repgeom.analyses.canvas_gallery import label_table
from repgeom.figures.clutter import Tile
from repgeom.stimuli.clutter.canvases import version_of
from repgeom.stimuli.clutter.parameters import ClutterParameters
from repgeom.stimuli.clutter.rendering import render
from repgeom.stimuli.clutter.sources import Sources
from repgeom.stimuli.clutter.versions import SWAPS, SwapDefinition

NEW_VALUE = {
    "x": "{x:.0f} px",
    "y": "{y:.0f} px",
    "orientation": "{angle:.0f}°",
    "scale": "{scale:.2f} ×",
    "category_within": "{category}",
    "category_across": "{category}",
}
"""Swap → what the target's property became, in the words of `label_table`."""


def object_rows(sources: Sources, count: int) -> dict[str, list[Tile]]:
    """The first image of each of the first categories, a row per domain."""
    rows = {}
    for d, title in enumerate(("objects,\ndomain 1", "objects,\ndomain 2")):
        first, stop = sources.domain_starts[d : d + 2]
        categories, indices = np.unique(sources.categories[first:stop], return_index=True)
        rows[title] = [
            Tile(sources.images[first + i].cpu().numpy() * sources.pixel_unit, sources.class_names[c])
            for c, i in zip(categories[:count], indices[:count], strict=True)
        ]
    return rows


def canvas_rows(parameters: ClutterParameters, sources: Sources) -> dict[str, list[Tile]]:
    """The canvases, and below them their targets alone."""
    return {
        version: tiles(version_of(parameters, sources, version), sources, "{category}")
        for version in ("cluttered", "clean")
    }


def swap_rows(parameters: ClutterParameters, sources: Sources, swaps: SwapDefinition) -> dict[str, list[Tile]]:
    """The first canvas without noise, and with each of its properties exchanged."""
    title = "swaps,\nas published" if swaps == "as_published" else "swaps"
    found = tiles(parameters, sources, "original\n{category}")[:1]
    for swap in SWAPS:
        changed = version_of(parameters, sources, swap, swaps)
        found += tiles(changed, sources, f"{swap.replace('_', ' ')}\n→ {NEW_VALUE[swap]}")[:1]
    return {title: found}


def tiles(parameters: ClutterParameters, sources: Sources, title: str) -> list[Tile]:
    """Canvases with their targets framed; in the title `{category}`, `{x}`, … stand for what the target is."""
    images = render(parameters, sources).cpu().numpy()
    table = label_table(parameters, sources)
    side = parameters.spec.object_size * table["scale"]
    return [
        Tile(image, title.format(**row._asdict()), (row.x, row.y, size))
        for image, row, size in zip(images, table.itertuples(), side, strict=True)
    ]
