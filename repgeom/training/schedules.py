"""How the learning rate changes, as a function of how much of the training is done.

Nothing is counted from step to step, so a training that is resumed finds the rates of one that was not interrupted.
"""

import math

ONE_CYCLE_START = 0.04
"""The learning rate at the beginning of `one_cycle`, relative to its peak: PyTorch's `div_factor` of 25."""


def cosine(done: float, total: float, warmup: float = 0.0) -> float:
    """Linear rise from 0 to 1 over `warmup` (a fraction of `total`), then half a cosine down to 0.

    Loshchilov & Hutter 2017 (arXiv 1608.03983), without restarts.
    """
    rise = warmup * total
    return done / rise if done < rise else _half_cosine(done - rise, total - rise)


def one_cycle(done: float, total: float, warmup: float) -> float:
    """Half a cosine from `ONE_CYCLE_START` up to 1 over `warmup` (a fraction of `total`), then another one down to 0.

    Smith & Topin 2018 (arXiv 1708.07120); momentum stays as it is.
    """
    rise = warmup * total
    if done < rise:
        return 1 - (1 - ONE_CYCLE_START) * _half_cosine(done, rise)
    return _half_cosine(done - rise, total - rise)


def _half_cosine(done: float, total: float) -> float:
    """From 1 at the beginning to 0 at the end."""
    return 0.5 * (1 + math.cos(math.pi * done / total))
