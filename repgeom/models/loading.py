"""Loading a network with the weights of one epoch."""

from pathlib import Path

import torch

from repgeom.errors import InputError
from repgeom.models.architectures import PixelModel, build_model
from repgeom.store.weights import read_weights

LAST = "last"


def load_model(weights: str | Path, network: dict, device: torch.device | str = "cpu", epoch: str = LAST) -> PixelModel:
    """A network in evaluation mode.

    Parameters
    ----------
    weights : path
        As `repgeom.store.weights` writes them.
    network : dict
        As `repgeom.models.architectures.build_model` takes it.
    device : torch.device
    epoch : str
        `last`, or `epoch003` and the like.

    Raises
    ------
    InputError
        The file is damaged, holds no such epoch, or does not fit the architecture.
    """
    model = build_model(network, seed=0)
    number = None if epoch == LAST else int(epoch.removeprefix("epoch"))
    try:
        model.network.load_state_dict(read_weights(weights, number))
    except RuntimeError as error:
        raise InputError(f"{weights} does not fit architecture {network['architecture']!r}: {error}") from error
    return model.to(device).eval()
