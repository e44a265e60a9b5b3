"""Running a function over stimuli in batches, so that memory does not grow with their number."""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor


def map_batches(
    function: Callable[..., Tensor], arrays: Sequence[np.ndarray], batch_size: int, device: torch.device
) -> np.ndarray:
    """Apply `function` to batches of the arrays (as tensors on `device`) and join what it returns.

    Floating arrays are handed over as float32.
    """
    n = len(arrays[0])
    results = []
    for start in range(0, n, batch_size):
        batch = [to_tensor(a[start : start + batch_size], device) for a in arrays]
        results.append(to_array(function(*batch)))
    return np.concatenate(results)


def to_tensor(array: np.ndarray, device: torch.device) -> Tensor:
    """An array as a tensor on a device; floating ones as float32."""
    if np.issubdtype(array.dtype, np.floating):
        array = array.astype(np.float32)
    return torch.from_numpy(np.ascontiguousarray(array)).to(device)


def to_array(tensor: Tensor) -> np.ndarray:
    """A tensor as an array; bfloat16, which numpy does not know, as float32."""
    tensor = tensor.detach().cpu()
    plain = torch.func.debug_unwrap(tensor.float() if tensor.dtype == torch.bfloat16 else tensor, recurse=True)
    return np.from_dlpack(plain)  # `numpy()` fails while torch.func.grad is at work
