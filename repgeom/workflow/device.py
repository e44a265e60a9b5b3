"""Which device a job computes on, and how many threads it uses."""

import ctypes
import os
import shutil
import sys

from repgeom.errors import InputError

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
KEPT_BYTES = 1 << 30


def gpus_wanted(device: str) -> int:
    """How many GPUs a rule that can use one asks for: 0 or 1.

    Decided without importing torch. With `auto`, 1 where an NVIDIA driver answers; on a cluster the head
    node may have none although the nodes do: say `cuda` there.
    """
    if device == "auto":
        return int(shutil.which("nvidia-smi") is not None and os.path.exists("/dev/nvidiactl"))
    return int(device == "cuda")


def set_up_torch(device: str, threads: int):
    """Make torch deterministic, give it its threads, and return the torch device of this job.

    Raises
    ------
    InputError
        `cuda` was asked for and there is none.
    """
    _keep_memory()
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    import torch

    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(True)
    if device == "cuda" and not torch.cuda.is_available():
        raise InputError("device: cuda was asked for, but torch sees no GPU; set device: auto or cpu")
    return torch.device("cuda" if device != "cpu" and torch.cuda.is_available() else "cpu")


def _keep_memory() -> None:
    """Let glibc keep freed memory: handing every tensor back to the kernel costs a third of a CPU training."""
    if sys.platform == "linux":
        libc = ctypes.CDLL(None)
        if hasattr(libc, "mallopt"):
            for option in (M_TRIM_THRESHOLD, M_MMAP_THRESHOLD):
                libc.mallopt(option, KEPT_BYTES)
