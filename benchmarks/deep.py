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
from types import SimpleNamespace

import numpy as np
import torch
from scipy.linalg.blas import dsyrk

from repgeom.activations.passes import Pass
from repgeom.activations.streaming import record_coordinates
from repgeom.models.architectures import PixelModel, build_model
from repgeom.models.loading import load_model
from repgeom.store.coordinates import open_coordinates
from repgeom.store.stimuli import StimulusSet, open_stimuli, write_stimuli
from repgeom.store.weights import write_weights
from repgeom.workflow.device import torch_device

MOST_TIME = 1.3


NETWORK = {"options": {}, "normalise": None}


def model_and_stimuli(name: str, images: int) -> tuple[PixelModel, StimulusSet]:
    torch.set_num_threads(1)
    model = build_model(NETWORK | {"architecture": f"torchvision:{name}"}, seed=0)
    pixels = np.random.default_rng(0).random((images, 3, 224, 224), dtype=np.float32)
    ids = np.array([f"i{k}" for k in range(images)])
    return model.eval(), StimulusSet(pixels, np.zeros(images, int), ids)


def write_inputs(folder: Path, name: str, images: int) -> None:
    """Weights and stimuli, as a job finds them."""
    model, stimuli = model_and_stimuli(name, images)
    write_weights(folder / "weights.safetensors", {0: model.network.state_dict()})
    write_stimuli(folder / "stimuli.h5", stimuli)


def ours(folder: Path, name: str, memory: float, batch: int, nodes: list[str] | None) -> None:
    """Prints CPU seconds, peak MB, how many passes there were, how many of them began anew, and all nodes' features."""
    torch_device(SimpleNamespace(params={"device": "cpu"}, threads=1))
    passes = []

    def follow(planned: list[Pass]) -> list[Pass]:
        passes.extend(planned)
        return planned

    model = load_model(folder / "weights.safetensors", NETWORK | {"architecture": f"torchvision:{name}"})
    start = time.process_time()
    with open_stimuli(folder / "stimuli.h5") as stimuli:
        tell = lambda text: print(text, file=sys.stderr)  # noqa: E731
        record_coordinates(folder / "c.zarr.zip", model, stimuli, {}, batch, memory, nodes, tell=tell, track=follow)
    seconds = time.process_time() - start
    with open_coordinates(folder / "c.zarr.zip") as file:
        features = sum(int(np.prod(node["shape"])) for node in file.nodes.values())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    anew = sum(not one.goes_on for one in passes)
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


def measure(network: str, images: int, memory: float, batch: int, nodes: list[str] | None) -> bool:
    """Measure one network, and say whether the bounds held."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, __file__, network, "--images", str(images), "--memory", str(memory)]
        subprocess.run([*command, "--inputs", folder], check=True)
        command += ["--batch", str(batch), "--ours", folder, *(["--nodes", *nodes] if nodes else [])]
        found = ast.literal_eval(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout)
    forward, products = bare(network, images, found["features"], batch)
    ratio, whole = found["seconds"] / (forward + products), found["features"] * images * 4 / 1e6
    print(f"{network}, {images} images of 224 × 224; {', '.join(nodes or ['all nodes'])}: {whole:.0f} MB")
    print(
        f"  {found['passes']} passes, {found['anew']} from the beginning; peak {found['peak']:.0f} of {memory:.0f} MB"
    )
    print(f"  {found['seconds']:.1f} s; forward {forward:.1f} s + products {products:.1f} s: ratio {ratio:.2f}")
    return found["peak"] <= memory and ratio <= MOST_TIME


def main(arguments: argparse.Namespace) -> int:
    chosen = (arguments.images, arguments.memory, arguments.batch, arguments.nodes)
    return 0 if all([measure(network, *chosen) for network in arguments.networks]) else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("networks", nargs="*", default=["vgg16", "resnet50"])
    parser.add_argument("--images", type=int, default=200)
    parser.add_argument("--memory", type=float, default=3000)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--nodes", nargs="+", help="only these, in place of all")
    parser.add_argument("--inputs", type=Path, help="write weights and stimuli to this folder, and nothing else")
    parser.add_argument("--ours", type=Path, help="measure only what is done with the files in this folder")
    chosen = parser.parse_args()
    if chosen.inputs:
        write_inputs(chosen.inputs, chosen.networks[0], chosen.images)
    elif chosen.ours:
        ours(chosen.ours, chosen.networks[0], chosen.memory, chosen.batch, chosen.nodes)
    else:
        sys.exit(main(chosen))
