"""Setting up torch for a job: device, threads, determinism, memory."""

import ctypes
import os
import sys

import torch

from repgeom.errors import InputError
from repgeom.workflow.job import Job

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
KEPT_BYTES = 1 << 30


def torch_device(job: Job) -> torch.device:
    """Make torch deterministic, give it the job's threads, and return the device its param `device` asks for.

    Call it before the job's provenance is used, which names the device.

    Raises
    ------
    InputError
        `cuda` was asked for and there is none.
    """
    _keep_memory()
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    device = job.params["device"]
    use_threads(job)
    torch.set_deterministic_debug_mode("error")  # what use_deterministic_algorithms does, without a second's imports
    # Would otherwise come with it: it overwrites every new tensor, which costs a large network 5 % of its training.
    torch.utils.deterministic.fill_uninitialized_memory = False
    if device == "cuda" and not torch.cuda.is_available():
        raise InputError("device: cuda was asked for, but torch sees no GPU; set device: auto or cpu")
    job.device = "cuda" if device != "cpu" and torch.cuda.is_available() else "cpu"
    return torch.device(job.device)


def use_threads(job: Job) -> None:
    """Give the job's threads to numba, where the script has imported it, and then to torch.

    At its first use numba starts a thread per core, and torch would take part in them.
    """
    if numba := sys.modules.get("numba"):
        numba.set_num_threads(min(job.threads, numba.config.NUMBA_NUM_THREADS))
    torch.set_num_threads(job.threads)


def _keep_memory() -> None:
    """Let glibc keep freed memory: handing every tensor back to the kernel costs a third of a CPU training."""
    if sys.platform == "linux":
        libc = ctypes.CDLL(None)
        if hasattr(libc, "mallopt"):
            for option in (M_TRIM_THRESHOLD, M_MMAP_THRESHOLD):
                libc.mallopt(option, KEPT_BYTES)
