"""Whether a device computes in bfloat16, rather than imitating it."""

import torch


def usable_precision(precision: str, device: torch.device) -> str:
    """What a device computes in that was asked for `precision`: `float32` where a CPU has no instructions for bfloat16.

    A processor that imitates it takes seven times longer than in float32.
    """
    if precision == "bfloat16" and device.type == "cpu" and not _has_bfloat16():
        return "float32"
    return precision


def _has_bfloat16() -> bool:
    """By the names of the processor's features: `avx512_bf16`, `amx_bf16`, `bf16` …"""
    features = torch.cpu.get_capabilities() if hasattr(torch.cpu, "get_capabilities") else {}
    return any(has for name, has in features.items() if name.endswith("bf16"))
