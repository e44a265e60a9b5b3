"""From the 17 block outputs of ResNet-50 on 200 images to RDMs, against plain forward hooks.

Run ``python benchmarks/hooks.py``; it exits with an error if an RDM differs by more than 1e-5, or if the way with no
file of activations takes more than half the memory of plain hooks. Weights are random, images are noise of 224 × 224
pixels, one thread. The three ways, each in a process of its own:

- plain hooks: what the blocks return is kept in memory, flattened, and given to `numpy.corrcoef`;
- recorded: activations on disk, coordinates from them, RDMs from these, as the workflow does it;
- straight: coordinates while the network runs (`keep_activations: false`), in 2000 MB, and RDMs from these.
"""

import argparse
import ast
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
import torchvision

from repgeom.activations.stimuli import record_stimuli
from repgeom.activations.streaming import record_coordinates
from repgeom.coordinates.reduction import reduce_activations
from repgeom.measures.rdm import compute_rdm, rdms_of_nodes
from repgeom.models.architectures import PixelModel
from repgeom.store.activations import open_activations
from repgeom.store.coordinates import coordinate_writer, open_coordinates
from repgeom.store.stimuli import StimulusSet

NODES = ["maxpool", "layer?.?.relu_2"]
BATCH = 50
MEMORY_MB = 2000
MOST_MEMORY = 0.5
LARGEST_DIFFERENCE = 1e-5


def model_and_stimuli(images: int) -> tuple[PixelModel, StimulusSet]:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    network = torchvision.models.resnet50(weights=None)
    pixels = np.random.default_rng(0).random((images, 3, 224, 224), dtype=np.float32)
    ids = np.array([f"i{k}" for k in range(images)])
    return PixelModel(network.eval()), StimulusSet(pixels, np.zeros(images, int), ids)


@torch.inference_mode()
def plain_hooks(images: int, folder: Path) -> list[np.ndarray]:
    model, stimuli = model_and_stimuli(images)
    stages = [getattr(model.network, f"layer{k}") for k in range(1, 5)]
    kept: dict[str, list[np.ndarray]] = {}
    for k, module in enumerate([model.network.maxpool, *(block for stage in stages for block in stage)]):
        module.register_forward_hook(
            lambda _, __, value, k=k: kept.setdefault(k, []).append(value.flatten(1).numpy().copy())
        )
    for start in range(0, images, BATCH):
        model(torch.from_numpy(stimuli.images[start : start + BATCH]))
    upper = np.triu_indices(images, 1)
    return [1 - np.corrcoef(np.concatenate(kept[k]))[upper] for k in kept]


def recorded(images: int, folder: Path) -> list[np.ndarray]:
    model, stimuli = model_and_stimuli(images)
    record_stimuli(folder / "a.zarr.zip", model, stimuli, {}, BATCH, NODES)
    with (
        open_activations(folder / "a.zarr.zip") as file,
        coordinate_writer(folder / "c.zarr.zip", file.stimuli, file.nodes, {}) as writer,
    ):
        for node in file.nodes:
            writer.add(node, reduce_activations(file.blocks(node), node))
    return rdms(folder / "c.zarr.zip")


def straight(images: int, folder: Path) -> list[np.ndarray]:
    model, stimuli = model_and_stimuli(images)
    record_coordinates(folder / "c.zarr.zip", model, stimuli, {}, BATCH, MEMORY_MB, NODES, tell=lambda _: None)
    return rdms(folder / "c.zarr.zip")


def rdms(path: Path) -> list[np.ndarray]:
    with open_coordinates(path) as file:
        return list(
            rdms_of_nodes(lambda node: compute_rdm(file.read(node), "correlation", node), file.nodes, print).values()
        )


WAYS = {"plain hooks": plain_hooks, "recorded": recorded, "straight": straight}


def measure(way: str, images: int, target: Path) -> None:
    """Runs in a process of its own; prints CPU seconds, peak MB and MB on disk, and keeps the RDMs."""
    with tempfile.TemporaryDirectory() as folder:
        start = time.process_time()
        found = WAYS[way](images, Path(folder))
        seconds = time.process_time() - start
        disk = sum(file.stat().st_size for file in Path(folder).iterdir()) / 1e6
    np.save(target, np.stack(found))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    print(repr({"seconds": seconds, "peak": peak, "disk": disk}))


def main(images: int) -> int:
    print(f"ResNet-50, {images} images of 224 × 224, 17 nodes, batches of {BATCH}")
    found, made = {}, {}
    with tempfile.TemporaryDirectory() as folder:
        for way in WAYS:
            target = Path(folder) / f"{way.replace(' ', '_')}.npy"
            command = [sys.executable, __file__, "--way", way, "--images", str(images), "--target", str(target)]
            said = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
            found[way], made[way] = ast.literal_eval(said.splitlines()[-1]), np.load(target)
            print("  {:12} {seconds:6.1f} s CPU, peak {peak:5.0f} MB, on disk {disk:5.0f} MB".format(way, **found[way]))
    difference = max(np.abs(made[way] - made["plain hooks"]).max() for way in WAYS)
    ratio = found["straight"]["peak"] / found["plain hooks"]["peak"]
    print(f"  largest difference of RDMs {difference:.1e}; peak memory straight / plain hooks {ratio:.2f}")
    return 0 if difference <= LARGEST_DIFFERENCE and ratio <= MOST_MEMORY else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=200)
    parser.add_argument("--way", choices=WAYS)
    parser.add_argument("--target", type=Path)
    chosen = parser.parse_args()
    sys.exit(measure(chosen.way, chosen.images, chosen.target) if chosen.way else main(chosen.images))
