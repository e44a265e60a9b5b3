"""A training that saves each step, resumes, notes its runs in a journal, and fails as `fault` says.

`fault` is none, always, or, at the first attempt only, memory or runtime: more of it than was asked for.
"""
# ruff: noqa: F821 (snakemake puts `snakemake` into the script)

import fcntl
import hashlib
import os
import time
from pathlib import Path

from repgeom.workflow.lock import hold_as_job

STEP_SECONDS = float(os.environ.get("TOY_STEP_SECONDS", "0.4"))


def note(journal: Path, event: str) -> None:
    where = {name: os.environ.get(name, "") for name in ("SLURM_JOB_ID", "SLURMD_NODENAME", "CUDA_VISIBLE_DEVICES")}
    with open(journal, "a") as file:
        file.write(" ".join([event, *(f"{k}={v}" for k, v in where.items())]) + "\n")


def fail(fault: str, attempt: int) -> None:
    if fault == "always":
        raise RuntimeError("this training can never succeed")
    if attempt == 1 and fault == "memory":
        ballast = bytearray(os.urandom(2**20)) * 800
        time.sleep(30)
        del ballast
    if attempt == 1 and fault == "runtime":
        time.sleep(300)


def train(model: str, steps: int, saved: Path) -> str:
    state = saved.read_text() if saved.exists() else ""
    lines = state.splitlines()
    while len(lines) < steps:
        time.sleep(STEP_SECONDS)
        lines.append(hashlib.sha256("".join([model, *lines]).encode()).hexdigest())
        partial = saved.with_suffix(f".{os.getpid()}")
        partial.write_text("\n".join(lines))
        partial.replace(saved)
    return "\n".join(lines)


def main(model: str, steps: int, fault: str, attempt: int, output: Path) -> None:
    for folder in ("journal", "resume"):
        Path(folder).mkdir(exist_ok=True)
    hold_as_job()
    journal = Path(f"journal/{model}")
    with open(f"journal/{model}.lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            note(journal, "OVERLAP")
            raise
        note(journal, "start")
        fail(fault, attempt)
        weights = train(model, steps, Path(f"resume/{model}"))
        output.write_text(weights)
        note(journal, "end")


if "snakemake" in globals():
    with open(snakemake.log[0], "w") as log:
        try:
            main(
                snakemake.params.model,
                snakemake.params.steps,
                snakemake.params.fault,
                snakemake.resources.runtime,  # minutes: 1 at the first attempt
                Path(snakemake.output[0]),
            )
        except Exception as error:
            log.write(f"error: {error}\n")
            raise
