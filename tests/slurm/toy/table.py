"""A small job: a line for each input."""
# ruff: noqa: F821 (snakemake puts `snakemake` into the script)

import hashlib
from pathlib import Path

if "snakemake" in globals():
    digests = [hashlib.sha256(Path(file).read_bytes()).hexdigest() for file in snakemake.input]
    Path(snakemake.output[0]).write_text("\n".join(digests) + "\n")
