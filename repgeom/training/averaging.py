"""Averages of the weights that a training passes through, which often generalise better than the last ones.

*Exponential*: the average forgets older weights at a constant rate. *Tail*: the plain mean over the last iterations
(Polyak & Juditsky 1992; Izmailov et al. 2018, arXiv 1803.05407).

The running statistics of batch normalisation are averaged like weights: those of the last step alone belong to other
weights than the averaged ones.
"""

import copy
import math
from dataclasses import dataclass

import torch

from repgeom.models.architectures import PixelModel
from repgeom.store.weights import StateDict


@dataclass(frozen=True)
class Averaging:
    """How weights are averaged.

    Attributes
    ----------
    method : str
        `exponential` or `tail`.
    decay : float
        Of the exponential average: the share of the old average in the new one. Smaller at the beginning, so that
        the initial weights are soon forgotten.
    fraction : float
        Of all iterations, over which the tail is averaged. Before, the average is the current weights.
    """

    method: str
    decay: float = 0.999
    fraction: float = 0.25

    def share(self, iteration: int, n_iterations: int) -> float:
        """Share of the newest weights in the average after an iteration, counted from 0."""
        if self.method == "exponential":
            return 1 - min(self.decay, (1 + iteration) / (10 + iteration))
        n_averaged = iteration - math.floor((1 - self.fraction) * n_iterations)
        return 1 / (n_averaged + 1) if n_averaged > 0 else 1.0


class WeightAverage:
    """The average over the weights of a network in training, as a copy of the network.

    Parameters
    ----------
    model : PixelModel
        In training; `model` of this object has its averaged weights.
    averaging : Averaging
    """

    def __init__(self, model: PixelModel, averaging: Averaging):
        self.model = copy.deepcopy(model)
        self._averaging = averaging
        self._pairs = list(zip(_tensors(self.model), _tensors(model), strict=True))

    def load(self, weights: StateDict) -> None:
        """Go on from an average that was stored."""
        self.model.network.load_state_dict(weights)

    @torch.no_grad()
    def update(self, iteration: int, n_iterations: int) -> None:
        """Let the current weights into the average; iterations are counted from 0 over the whole training."""
        share = self._averaging.share(iteration, n_iterations)
        for average, current in self._pairs:
            if average.is_floating_point() and share < 1:
                average.lerp_(current, share)
            else:  # nothing to average yet, or a count
                average.copy_(current)


def _tensors(model: PixelModel) -> list[torch.Tensor]:
    """Every parameter and buffer once, under however many names."""
    return [*model.network.parameters(), *model.network.buffers()]
