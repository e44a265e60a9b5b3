"""Make the bundled images again from the full files of MNIST and Fashion-MNIST.

    python resources/bundle_images.py /path/to/data_dir

`data_dir` holds the folders `mnist` and `fashion-mnist` with the published files, which are downloaded there if they
are missing and verified in any case. The result is verified as well: it is what repgeom.datasets.bundled expects.
"""

import argparse
import gzip
import struct
from pathlib import Path

import numpy as np

from repgeom.datasets.bundled import BUNDLED, N_IMAGES
from repgeom.datasets.idx import FILES, SOURCES, UNSIGNED_BYTE, find_file, parse_idx, read_verified
from repgeom.resources import FOLDER


def main() -> None:
    """Bundle both datasets."""
    arguments = _arguments()
    for bundled in BUNDLED.values():
        for split, names in FILES.items():
            for name in names:
                whole = _published(bundled.name, name, arguments.data_dir)
                target = arguments.to / bundled.name / f"{name}.gz"
                write(target, whole[: N_IMAGES[split]])
                read_verified(bundled.sha256[name], target)
                print(f"{target}: {target.stat().st_size} bytes")


def write(path: Path, values: np.ndarray) -> None:
    """Write bytes of any shape as a gzipped IDX file, whose own bytes hold neither a time nor a name."""
    header = bytes([0, 0, UNSIGNED_BYTE, values.ndim]) + struct.pack(f">{values.ndim}I", *values.shape)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(header + values.tobytes(), compresslevel=9, mtime=0))


def _published(dataset: str, name: str, data_dir: Path) -> np.ndarray:
    source = SOURCES[dataset]
    path = find_file(source, name, data_dir)
    return parse_idx(read_verified(source.sha256[name], path), str(path))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data_dir", type=Path, help="where the full files lie or are downloaded to")
    parser.add_argument("--to", type=Path, default=FOLDER, help="folder for the bundled files (default: this one)")
    return parser.parse_args()


if __name__ == "__main__":
    main()
