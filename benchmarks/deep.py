"""Coordinates of every node of deep networks, with no file of activations: peak memory and time.

Run ``python benchmarks/deep.py``, or ``python benchmarks/deep.py vgg16 --images 64 --memory 2000``; it exits with an
error if a process took more memory than it was given (by the operating system's count), or more than 1.3 times as long
(in CPU seconds) as one forward pass of all images and the bare matrix products. Weights are random, images are noise of
224 × 224 pixels. Bare products are float64 `dsyrk` over blocks that are in memory; the forward pass is the network's
own, with nothing recorded.
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
from scipy.linalg.blas import dsyrk

from repgeom.activations.passes import Pass
from repgeom.activations.streaming import record_coordinates
from repgeom.models.architectures import PixelModel
from repgeom.store.stimuli import StimulusSet

MOST_TIME = 1.3


def model_and_stimuli(name: str, images: int) -> tuple[PixelModel, StimulusSet]:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    network = torchvision.models.get_model(name, weights=None)
    pixels = np.random.default_rng(0).random((images, 3, 224, 224), dtype=np.float32)
    ids = np.array([f"i{k}" for k in range(images)])
    return PixelModel(network.eval()), StimulusSet(pixels, np.zeros(images, int), ids)


def ours(name: str, images: int, memory: float, batch: int) -> None:
    """Prints CPU seconds, peak MB, how many passes there were, how many of them began anew, and all nodes' features."""
    model, stimuli = model_and_stimuli(name, images)
    passes = []

    def follow(planned: list[Pass]) -> list[Pass]:
        passes.extend(planned)
        return planned

    with tempfile.TemporaryDirectory() as folder:
        start = time.process_time()
        tell = lambda text: print(text, file=sys.stderr)  # noqa: E731
        record_coordinates(Path(folder) / "c.zarr.zip", model, stimuli, {}, batch, memory, tell=tell, track=follow)
        seconds = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    anew = sum(not one.goes_on for one in passes)
    features = sum(piece.stop - piece.start for one in passes for piece in one.pieces)
    print(repr({"seconds": seconds, "peak": peak, "passes": len(passes), "anew": anew, "features": features}))


@torch.inference_mode()
def bare(name: str, images: int, features: int, batch: int) -> tuple[float, float]:
    """CPU seconds of a forward pass and of the bare products."""
    model, stimuli = model_and_stimuli(name, images)
    begun = time.process_time()
    for start in range(0, images, batch):
        model.network(torch.from_numpy(stimuli.images[start : start + batch]))
    forward = time.process_time() - begun
    block = np.random.default_rng(0).random((images + 2, max(1, (1 << 23) // images)))
    gram = np.zeros((images + 2, images + 2), order="F")
    begun = time.process_time()
    for _ in range(3):
        gram = dsyrk(1.0, block.T, beta=1.0, c=gram, trans=1, lower=1, overwrite_c=1)
    return forward, (time.process_time() - begun) / 3 / block.shape[1] * features


def measure(network: str, images: int, memory: float, batch: int) -> bool:
    """Measure one network, and say whether the bounds held."""
    command = [sys.executable, __file__, network, "--ours", "--images", str(images)]
    command += ["--memory", str(memory), "--batch", str(batch)]
    found = ast.literal_eval(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout)
    forward, products = bare(network, images, found["features"], batch)
    ratio, whole = found["seconds"] / (forward + products), found["features"] * images * 4 / 1e6
    print(f"{network}, {images} images of 224 × 224, all of whose nodes hold {whole:.0f} MB")
    print(
        f"  {found['passes']} passes, {found['anew']} from the beginning; peak {found['peak']:.0f} of {memory:.0f} MB"
    )
    print(f"  {found['seconds']:.1f} s; forward {forward:.1f} s + products {products:.1f} s: ratio {ratio:.2f}")
    return found["peak"] <= memory and ratio <= MOST_TIME


def main(arguments: argparse.Namespace) -> int:
    chosen = (arguments.images, arguments.memory, arguments.batch)
    return 0 if all([measure(network, *chosen) for network in arguments.networks]) else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("networks", nargs="*", default=["vgg16", "resnet50"])
    parser.add_argument("--images", type=int, default=200)
    parser.add_argument("--memory", type=float, default=3000)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--ours", action="store_true")
    chosen = parser.parse_args()
    if chosen.ours:
        ours(chosen.networks[0], chosen.images, chosen.memory, chosen.batch)
    else:
        sys.exit(main(chosen))
