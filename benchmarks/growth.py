"""How time and memory grow with stimuli and features: exact coordinates, projected ones, and tiled RDMs.

Run ``python benchmarks/growth.py``; it writes `docs/images/growth.csv` and `growth.png`, and exits with an error where
memory grows with the features by more than a tenth. Every point is a process of its own, with blocks of noise that are
in memory; memory is its peak by the operating system, less what it takes before it begins. One thread.
"""

import argparse
import csv
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FOLDER = Path(__file__).resolve().parents[1] / "docs/images"
STIMULI, FEATURES = (250, 500, 1000, 2000, 4000), (5120, 20_480, 81_920)
AT_FEATURES, AT_STIMULI = 20_480, 1000
WIDTH, DIMENSIONS = 1024, 500
MOST_GROWTH = 1.1
COLUMNS = ("way", "stimuli", "features", "seconds", "megabytes")


class Blocks:
    """The same block of noise again and again, of each time other stimuli."""

    def __init__(self, n: int, d: int):
        self._block, self._count = np.random.default_rng(0).random((n, WIDTH), dtype=np.float32), d // WIDTH

    def __iter__(self) -> Iterator[np.ndarray]:
        return (np.roll(self._block, k, axis=0) for k in range(self._count))


def coordinates(blocks: Blocks) -> None:
    from repgeom.coordinates.reduction import reduce_activations

    reduce_activations(blocks)


def projection(blocks: Blocks) -> None:
    from repgeom.coordinates.projection import Projection
    from repgeom.coordinates.reduction import reduce_activations

    reduce_activations(blocks, frame=Projection(DIMENSIONS).frame("noise"))


def rdm(blocks: Blocks) -> None:
    from repgeom.measures.rdm_of_blocks import rdm_of_blocks

    rdm_of_blocks(blocks, "correlation", memory=8e9)


WAYS: dict[str, Callable[[Blocks], None]] = {
    "coordinates, exact": coordinates,
    f"coordinates, projected to {DIMENSIONS}": projection,
    "correlation RDM, tiled": rdm,
}


def measured(way: str, n: int, d: int) -> None:
    """Prints CPU seconds and MB of this process."""
    from repgeom.activations.memory import resident_bytes

    WAYS[way](Blocks(20, 10 * WIDTH) if way.startswith("corr") else Blocks(2, WIDTH))  # imports
    blocks, before, begun = Blocks(n, d), resident_bytes(), time.process_time()
    WAYS[way](blocks)
    seconds = time.process_time() - begun
    print(seconds, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - before) / 1e6)


def point(way: str, n: int, d: int) -> dict:
    """A row of the table."""
    command = [sys.executable, __file__, "--child", way, str(n), str(d)]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, env=environment)
    seconds, megabytes = done.stdout.split()
    print(
        f"{way:<28} {n:6d} stimuli × {d:6d} features  {float(seconds):7.2f} s  {float(megabytes):7.0f} MB", flush=True
    )
    return dict(zip(COLUMNS, (way, n, d, f"{float(seconds):.3g}", f"{float(megabytes):.3g}"), strict=True))


def draw(rows: list[dict]) -> None:
    """Time and memory against stimuli, and time against features, both axes logarithmic."""
    from repgeom.figures.palette import MARKERS
    from repgeom.figures.style import MM, PAGE, house_style, letter_panels, new_figure, save_figure, shared_legend

    panels = (
        ("stimuli", "seconds", "features", AT_FEATURES),
        ("stimuli", "megabytes", "features", AT_FEATURES),
        ("features", "seconds", "stimuli", AT_STIMULI),
    )
    with house_style():
        figure = new_figure(PAGE, 60 * MM)
        for axes, (x, y, fixed, at) in zip(figure.subplots(1, 3), panels, strict=True):
            for way, marker in zip(WAYS, MARKERS, strict=False):
                found = [(int(row[x]), float(row[y])) for row in rows if row["way"] == way and int(row[fixed]) == at]
                axes.loglog(*zip(*sorted(found), strict=True), marker=marker, label=way)
            name_axes(axes, x, {"seconds": "CPU time (s)", "megabytes": "memory (MB)"}[y], f"{at:,} {fixed}")
        letter_panels(figure.axes, left=14)
        shared_legend(figure)
    save_figure(figure, FOLDER / "growth.png")


def name_axes(axes: "Axes", x: str, y: str, title: str) -> None:
    """Ticks where something was measured, in plain numbers."""
    from matplotlib.ticker import NullLocator

    from repgeom.figures.style import plain_powers

    measured_at = axes.lines[0].get_xdata()
    axes.set_xticks(measured_at, [f"{value:,}" for value in measured_at])
    axes.xaxis.set_minor_locator(NullLocator())
    plain_powers(axes.yaxis)
    axes.set(xlabel=x, ylabel=y, title=title)


def drawn_again() -> int:
    """Draw what the table holds."""
    with (FOLDER / "growth.csv").open(newline="", encoding="utf-8") as file:
        draw(list(csv.DictReader(file)))
    return 0


def main() -> int:
    points = [(n, AT_FEATURES) for n in STIMULI] + [(AT_STIMULI, d) for d in FEATURES if d != AT_FEATURES]
    rows = [point(way, n, d) for way in WAYS for n, d in points]
    with (FOLDER / "growth.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    draw(rows)
    by_features = [[float(r["megabytes"]) for r in rows if r["way"] == w and r["stimuli"] == AT_STIMULI] for w in WAYS]
    return int(any(max(found) > MOST_GROWTH * min(found) for found in by_features))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--child", nargs=3)
    parser.add_argument("--draw", action="store_true", help="draw the figure again, of the table that is there")
    chosen = parser.parse_args()
    if chosen.child:
        measured(chosen.child[0], *map(int, chosen.child[1:]))
    else:
        sys.exit(drawn_again() if chosen.draw else main())
