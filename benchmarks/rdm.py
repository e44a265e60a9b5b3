"""Correlation RDM of 1000 stimuli × 73,728 features: from Zarr to file, against rsatoolbox in memory.

Ours reads the activations from a Zarr file in blocks, reduces them exactly and writes an RDM file; rsatoolbox's
`calc_rdm` gets the array in memory. Both run in processes of their own; prints their times, the ratio (at least
8 is asked for), our peak memory (at most 1.5 GB) and the largest relative difference (at most 1e-6).
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

STUDY = {"stimuli": 1000, "features": 73_728}
LEAST_RATIO, MOST_MEMORY_MB, MOST_DIFFERENCE = 8, 1536, 1e-6


def write(path: Path, stimuli: int, features: int) -> None:
    from repgeom.store.activations import StimulusInfo, activation_writer

    rng = np.random.default_rng(0)
    info = StimulusInfo(np.array([f"i{k}" for k in range(stimuli)]), np.zeros(stimuli, int), {})
    with activation_writer(path, info, {}, 100) as writer:
        for _ in range(0, stimuli, 100):
            values = np.maximum(rng.normal(size=(100, features)), 0).astype(np.float32)
            writer.append("node", {"module": "node", "timestep": 0, "inputs": []}, values)


def ours(source: Path, target: Path) -> None:
    from repgeom.coordinates.reduction import reduce_activations
    from repgeom.measures.rdm import compute_rdm
    from repgeom.store.activations import open_activations
    from repgeom.store.rdms import RDMs, write_rdms

    start = time.perf_counter()
    with open_activations(source) as file:
        info, coordinates = file.stimuli, reduce_activations(file.blocks("node"))
    rdm = compute_rdm(coordinates, "correlation")[None]
    write_rdms(target, RDMs(rdm, "correlation", ["node"], ["node"], np.array([0]), info.ids, info.labels))
    seconds = time.perf_counter() - start
    print(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def theirs(source: Path, target: Path) -> None:
    import rsatoolbox

    from repgeom.store.activations import open_activations

    with open_activations(source) as file:
        data = rsatoolbox.data.Dataset(file.read("node").astype(np.float64))
    start = time.perf_counter()
    rdms = rsatoolbox.rdm.calc_rdm(data, method="correlation")
    print(time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    np.save(target, rdms.dissimilarities[0])


def measure(which: str, source: Path, target: Path) -> tuple[float, float]:
    command = [sys.executable, __file__, which, str(source), str(target)]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    return float(out[-2]), float(out[-1])


def main() -> int:
    from repgeom.store.rdms import read_rdms

    with tempfile.TemporaryDirectory() as folder:
        source, our_file, their_file = (Path(folder) / name for name in ("a.zarr.zip", "ours.h5", "theirs.npy"))
        write(source, **STUDY)
        our_time, our_memory = measure("ours", source, our_file)
        their_time, their_memory = measure("theirs", source, their_file)
        expected = np.load(their_file)
        difference = float((np.abs(read_rdms(our_file)["node"] - expected) / expected).max())
    print(f"{'':12} {'seconds':>9} {'peak MB':>9}")
    print(f"{'repgeom':12} {our_time:9.2f} {our_memory:9.0f}")
    print(f"{'rsatoolbox':12} {their_time:9.2f} {their_memory:9.0f}")
    print(f"ratio {their_time / our_time:.1f}, largest relative difference {difference:.1e}")
    good = their_time / our_time >= LEAST_RATIO and our_memory <= MOST_MEMORY_MB and difference <= MOST_DIFFERENCE
    return 0 if good else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("which", nargs="?", choices=["ours", "theirs"])
    parser.add_argument("files", nargs="*", type=Path)
    arguments = parser.parse_args()
    if arguments.which:
        {"ours": ours, "theirs": theirs}[arguments.which](*arguments.files)
    else:
        sys.exit(main())
