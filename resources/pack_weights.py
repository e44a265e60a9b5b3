"""Pack the weights of a trained network as those that come with the project, in half precision.

    python resources/pack_weights.py published-fast/results/models/rcnn/seed2/weights.safetensors

takes the last epoch, and writes beside it in the file what made it.
"""

import argparse
from pathlib import Path

import torch
from safetensors.torch import save_file

from repgeom.resources import FOLDER
from repgeom.store.weights import read_weights, read_weights_provenance


def main() -> None:
    """Pack one file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights", type=Path, help="a file of weights in results/models")
    parser.add_argument("--to", type=Path, default=FOLDER / "published_fast/rcnn.safetensors")
    arguments = parser.parse_args()
    tensors = {name: value.to(torch.float16) for name, value in read_weights(arguments.weights).items()}
    save_file(tensors, arguments.to, {"made by": read_weights_provenance(arguments.weights).to_json()})


if __name__ == "__main__":
    main()
