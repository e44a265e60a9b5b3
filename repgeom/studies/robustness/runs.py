"""A run: one network shown one stimulus set under one condition."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Run:
    """One network shown one stimulus set."""

    model: str
    seed: int
    condition: str
    stimuli: str
