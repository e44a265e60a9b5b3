"""How many GPUs a rule asks for."""

import os
import shutil


def gpus_wanted(device: str) -> int:
    """How many GPUs a rule that can use one asks for: 0 or 1.

    Decided without importing torch. With `auto`, 1 where an NVIDIA driver answers; on a cluster the head
    node may have none although the nodes do: say `cuda` there.
    """
    if device == "auto":
        return int(shutil.which("nvidia-smi") is not None and os.path.exists("/dev/nvidiactl"))
    return int(device == "cuda")
