"""Ten thousand stimuli and more: time beside bare matrix products, and peak memory by the operating system.

Run ``python benchmarks/large.py``; it exits with an error where a bound is missed: 10,000 stimuli × 73,728 features
from a file of activations to a file of RDMs (correlation, float32) in at most 2 GB and 1.5 times the CPU time of bare
`dsyrk`; CKA between two nodes of 50,000 stimuli × 2,048 features, and decoding 20 classes from one, in at most 4 GB;
1000 stimuli × 73,728 features from file to file in at most 1.5 times bare products and reading. Options make
it smaller: times grow with the features, and with the square of the stimuli.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from scipy.linalg.blas import dsyrk

MOST_RATIO = 1.5
CLASSES = 20


def write(path: Path, n: int, d: int) -> None:
    """An activations file of rectified noise on a few dimensions of signal, features of one batch after the other."""
    from repgeom.store.activations import StimulusInfo, activation_writer

    rng = np.random.default_rng(0)
    info = StimulusInfo(np.array([f"i{k}" for k in range(n)]), np.zeros(n, int), {})
    directions = rng.normal(size=(8, d)).astype(np.float32)
    with activation_writer(path, info, {}, 100) as writer:
        for start in range(0, n, 100):
            rows = min(100, n - start)
            values = rng.random((rows, d), dtype=np.float32)
            values += rng.normal(size=(rows, 8)).astype(np.float32) @ directions
            writer.append("node", {"module": "node", "timestep": 0, "inputs": []}, np.maximum(values, 0))


def straight(source: Path, target: Path, memory: float) -> None:
    """From a file of activations to one of RDMs, by tiles of inner products."""
    from repgeom.activations.memory import resident_bytes
    from repgeom.coordinates.reduction import load_compiled
    from repgeom.measures.rdm_of_blocks import memory_for_products, rdm_of_blocks
    from repgeom.store.activations import open_activations
    from repgeom.store.rdms import RDMs, write_rdms

    with open_activations(source) as file:
        blocks, info, nodes = file.blocks("node"), file.stimuli, file.nodes
        load_compiled()
        left = memory_for_products(memory * 1e6 - resident_bytes(), len(info.ids), 1, blocks.nbytes, "float32")
        found = {"node": rdm_of_blocks(blocks, "correlation", left, "float32")}
    write_rdms(target, RDMs.of_nodes(found, nodes, info, "correlation", {}, "float32"))


def coordinates(source: Path, target: Path, memory: float) -> None:
    """The same by way of coordinates."""
    from repgeom.coordinates.reduction import reduce_activations
    from repgeom.measures.rdm import compute_rdm
    from repgeom.store.activations import open_activations
    from repgeom.store.rdms import RDMs, write_rdms

    with open_activations(source) as file:
        found = {"node": compute_rdm(reduce_activations(file.blocks("node")), "correlation")}
        write_rdms(target, RDMs.of_nodes(found, file.nodes, file.stimuli, "correlation", {}))


def reading(source: Path, target: Path, memory: float) -> None:
    """Only reads."""
    from repgeom.store.activations import open_activations

    with open_activations(source) as file:
        for _ in file.blocks("node"):
            pass


def features(n: int, d: int) -> tuple[np.ndarray, np.ndarray]:
    """Features (n, d) in which 20 classes overlap, and the classes."""
    rng = np.random.default_rng(0)
    labels = np.arange(n) % CLASSES
    x = rng.normal(size=(n, d))
    x += 0.15 * rng.normal(size=(CLASSES, d))[labels]
    return x, labels


def alignment(n: int, d: int) -> None:
    from repgeom.measures.cka import cka

    x, _ = features(n, d)
    y = x[:, ::-1] + np.random.default_rng(1).normal(size=x.shape)
    print(f"CKA {cka([x, y], ['x', 'y'])[0, 1]:.4f}", file=sys.stderr)


def decoding(n: int, d: int) -> None:
    from repgeom.measures.decoding import decode

    x, labels = features(n, d)
    found = decode(x, {"class": labels}, n_fit=n * 4 // 5)["class"]
    print(f"accuracy {found.accuracy:.3f}", file=sys.stderr)


def bare(n: int, d: int) -> float:
    """CPU seconds of inner products of n stimuli at d features, from memory: at 2,048 of them, times as many."""
    width = min(d, 2048)
    block = np.random.default_rng(0).random((n, width))
    gram = np.zeros((n, n), order="F")
    begun = time.process_time()
    dsyrk(1.0, block.T, beta=1.0, c=gram, trans=1, lower=1, overwrite_c=1)
    return (time.process_time() - begun) * d / width


def measured(call: Callable, *arguments) -> None:
    """Prints CPU seconds and peak MB of what a child process does."""
    begun = time.process_time()
    call(*arguments)
    print(time.process_time() - begun, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6)


def child(*arguments: object) -> tuple[float, float]:
    command = [sys.executable, __file__, "--child", *map(str, arguments)]
    seconds, peak = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.split()[-2:]
    return float(seconds), float(peak)


def of_files(n: int, d: int, way: str, most_memory: float, with_reading: bool) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "a.zarr.zip", Path(folder) / "r.h5"
        write(source, n, d)
        read = child("reading", source, target, most_memory)[0]
        seconds, peak = child(way, source, target, most_memory)
    products = bare(n, d)
    ratio = seconds / (products + read * with_reading)
    print(f"RDM of {n} stimuli × {d} features, {way}: {seconds:.1f} s CPU, peak {peak:.0f} MB of {most_memory:.0f} MB")
    beside = "and reading " if with_reading else ""
    print(f"  bare products {products:.1f} s, reading {read:.1f} s: {ratio:.2f} times products {beside}")
    return ratio <= MOST_RATIO and peak <= most_memory


def of_features(n: int, d: int, most_memory: float) -> bool:
    passed = True
    for name in ("alignment", "decoding"):
        seconds, peak = child(name, n, d)
        print(f"{name} of {n} stimuli × {d} features: {seconds:.1f} s CPU, peak {peak:.0f} MB of {most_memory:.0f} MB")
        passed &= peak <= most_memory
    return passed


def main(a: argparse.Namespace) -> int:
    passed = of_files(1000, a.features, "coordinates", 2000, with_reading=True)
    passed &= of_files(a.stimuli, a.features, "straight", 2000, with_reading=False)
    passed &= of_features(a.many, 2048, 4000)
    return 0 if passed else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stimuli", type=int, default=10_000)
    parser.add_argument("--features", type=int, default=73_728)
    parser.add_argument("--many", type=int, default=50_000)
    parser.add_argument("--child", nargs="+")
    chosen = parser.parse_args()
    if not chosen.child:
        sys.exit(main(chosen))
    name, *given = chosen.child
    if name in ("alignment", "decoding"):
        measured(globals()[name], *map(int, given))
    else:
        measured(globals()[name], Path(given[0]), Path(given[1]), float(given[2]))
