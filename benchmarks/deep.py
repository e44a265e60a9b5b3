"""Coordinates of every node of a deep network, with no file of activations: peak memory and time.

Run ``python benchmarks/deep.py vgg16 --images 200 --memory 3000``; it exits with an error if the process took more
memory than it was given (by the operating system's count) or more than 1.3 times as long (in CPU seconds) as its
forward passes and bare matrix products alone. Weights are random, images are noise of 224 × 224 pixels. Bare products
are float64 `dsyrk` over blocks that are in memory; forward passes are the network's own, each up to the node where a
pass ends.
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

from repgeom.activations.recorder import GraphRecorder
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
    """Prints CPU seconds, peak MB, the passes' last nodes and each one's features."""
    model, stimuli = model_and_stimuli(name, images)
    ends, features = [], {}

    def follow(passes):
        for pieces in passes:
            for piece in pieces:
                features[piece.node] = max(features.get(piece.node, 0), piece.stop)
            yield pieces
            ends.append(pieces[-1].node)

    with tempfile.TemporaryDirectory() as folder:
        start = time.process_time()
        tell = lambda text: print(text, file=sys.stderr)  # noqa: E731
        record_coordinates(Path(folder) / "c.zarr.zip", model, stimuli, {}, batch, memory, tell=tell, track=follow)
        seconds = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(repr({"seconds": seconds, "peak": peak, "ends": ends, "features": sum(features.values())}))


@torch.inference_mode()
def bare(name: str, images: int, ends: list[str], features: int, batch: int) -> tuple[float, float, float]:
    """CPU seconds of one whole forward pass, of the passes up to `ends`, and of the bare products."""
    model, stimuli = model_and_stimuli(name, images)
    recorder, at = GraphRecorder(model.network), {}
    for start in range(0, images, batch):
        begun = time.process_time()
        recorder.record(
            torch.from_numpy(stimuli.images[start : start + batch]),
            lambda node, _, begun=begun: at.update({node.name: at.get(node.name, 0) + time.process_time() - begun}),
        )
    block = np.random.default_rng(0).random((images + 2, max(1, (1 << 23) // images)))
    gram = np.zeros((images + 2, images + 2), order="F")
    begun = time.process_time()
    for _ in range(3):
        gram = dsyrk(1.0, block.T, beta=1.0, c=gram, trans=1, lower=1, overwrite_c=1)
    products = (time.process_time() - begun) / 3 / block.shape[1] * features
    return max(at.values()), sum(at[node] for node in ends), products


def main(arguments: argparse.Namespace) -> int:
    command = [sys.executable, __file__, arguments.network, "--ours", "--images", str(arguments.images)]
    command += ["--memory", str(arguments.memory), "--batch", str(arguments.batch)]
    ran = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    found = ast.literal_eval(ran.stdout)
    ends, features = found["ends"], found["features"]
    once, passes, products = bare(arguments.network, arguments.images, ends, features, arguments.batch)
    ratio, megabytes = found["seconds"] / (passes + products), found["peak"] * 1.048576
    whole = features * arguments.images * 4 / 1e6
    print(f"{arguments.network}, {arguments.images} images, {len(ends)} passes; all nodes hold {whole:.0f} MB")
    print(f"  peak {megabytes:.0f} MB of {arguments.memory:.0f} MB")
    print(f"  {found['seconds']:.1f} s; its passes {passes:.1f} s + products {products:.1f} s: ratio {ratio:.2f}")
    print(f"  against one forward pass ({once:.1f} s) + products: {found['seconds'] / (once + products):.2f}")
    return 0 if megabytes <= arguments.memory and ratio <= MOST_TIME else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("network")
    parser.add_argument("--images", type=int, default=200)
    parser.add_argument("--memory", type=float, default=3000)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--ours", action="store_true")
    chosen = parser.parse_args()
    sys.exit(ours(chosen.network, chosen.images, chosen.memory, chosen.batch) if chosen.ours else main(chosen))
