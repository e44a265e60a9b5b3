"""Time cluttered canvases against the definition written as a loop over objects with SciPy.

Run ``python benchmarks/clutter.py``; it exits with an error if the generator is less than 10 times faster per
canvas or a pixel differs by more than 1e-4. Drawing the parameters counts for both sides; compiling, which
happens once per installation, for neither. Both run in turn in one process, the loop on one core (it knows no
other way), the generator on one and on all. The fastest of several repetitions counts, because whatever else
the machine does only adds time. With REPGEOM_DATA_DIR set the objects come from MNIST and Fashion-MNIST,
otherwise from the bundled digits and letters.
"""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numba
import numpy as np

from repgeom.datasets.digits import load_digits
from repgeom.datasets.idx import FASHION_MNIST, MNIST, load_idx
from repgeom.datasets.letters import draw_letters
from repgeom.stimuli.clutter.geometry import locate
from repgeom.stimuli.clutter.parameters import clean, draw, target_labels
from repgeom.stimuli.clutter.rendering import render
from repgeom.stimuli.clutter.sources import Sources
from repgeom.stimuli.clutter.spec import ClutterSpec
from repgeom.stimuli.clutter.swaps import swap
from repgeom.stimuli.clutter.versions import SWAPS

sys.path.append(str(Path(__file__).parents[1] / "tests" / "unit"))
from clutter_reference import reference_canvas

TRAINING_BATCH = 32
REPETITIONS = 25
N_LOOPED = 8  # canvases per repetition of the loop


def load_sources() -> Sources:
    folder = os.environ.get("REPGEOM_DATA_DIR")
    if folder is None:
        return Sources.from_domains(load_digits()["test"], draw_letters(1, 50, seed=0)["test"])
    return Sources.from_domains(*(load_idx(source, Path(folder))["test"] for source in (MNIST, FASHION_MNIST)))


def seconds_of(work: Callable, *arguments) -> float:
    began = time.perf_counter()
    work(*arguments)
    return time.perf_counter() - began


def generate(spec: ClutterSpec, sources: Sources, n: int):
    return render(draw(spec, sources, 1, np.arange(n)), sources)


def loop(spec: ClutterSpec, sources: Sources, n: int) -> np.ndarray:
    parameters = draw(spec, sources, 1, np.arange(n))
    return np.stack([reference_canvas(parameters, sources, row) for row in range(n)])


def on_threads(n_threads: int, work: Callable, *arguments) -> float:
    usual = numba.get_num_threads()
    numba.set_num_threads(n_threads)
    try:
        return seconds_of(work, *arguments)
    finally:
        numba.set_num_threads(usual)


def compare(name: str, spec: ClutterSpec, sources: Sources) -> bool:
    difference = np.abs(generate(spec, sources, N_LOOPED).numpy() - loop(spec, sources, N_LOOPED)).max()
    generate(spec, sources, TRAINING_BATCH)
    times: dict[str, list[float]] = {"loop": [], "one thread": [], "all threads": []}
    for _ in range(REPETITIONS):
        times["loop"].append(seconds_of(loop, spec, sources, N_LOOPED) / N_LOOPED)
        times["one thread"].append(on_threads(1, generate, spec, sources, TRAINING_BATCH) / TRAINING_BATCH)
        times["all threads"].append(seconds_of(generate, spec, sources, TRAINING_BATCH) / TRAINING_BATCH)
    looped, single, parallel = (1e3 * min(t) for t in times.values())
    print(f"{name}: loop {looped:.2f} ms per canvas, generator in batches of {TRAINING_BATCH}")
    print(f"  on 1 thread           {single:8.3f} ms {looped / single:6.0f} ×")
    print(f"  on {numba.get_num_threads()} threads          {parallel:8.3f} ms {looped / parallel:6.0f} ×")
    print(f"  largest difference    {difference:8.1e}")
    return looped / parallel >= 10 and difference <= 1e-4


def show_parts(spec: ClutterSpec, sources: Sources) -> None:
    """Where the time of a training batch goes."""
    parameters = draw(spec, sources, 1, np.arange(TRAINING_BATCH))
    parts = {
        "draw": lambda: draw(spec, sources, 1, np.arange(TRAINING_BATCH)),
        "labels": lambda: target_labels(parameters, sources),
        "locate (in render)": lambda: locate(parameters),
        "render": lambda: render(parameters, sources),
        "render clean": lambda: render(clean(parameters), sources),
        "render six swaps": lambda: [render(swap(parameters, sources, which), sources) for which in SWAPS],
    }
    print(f"training batch of {TRAINING_BATCH}:")
    for name, part in parts.items():
        print(f"  {name:20s} {1e3 * min(seconds_of(part) for _ in range(REPETITIONS)):9.3f} ms")


def main() -> None:
    sources = load_sources()
    small = ClutterSpec(canvas_size=50, positions=(12.5, 37.5))
    held = [compare("published, 100 × 100", ClutterSpec(), sources), compare("50 × 50", small, sources)]
    show_parts(ClutterSpec(), sources)
    print(f"1000 canvases: {seconds_of(generate, ClutterSpec(), sources, 1000):.2f} s")
    if not all(held):
        sys.exit("The generator is not 10 times faster with the same canvases.")


if __name__ == "__main__":
    main()
