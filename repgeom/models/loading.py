"""Loading a network with the weights of one epoch."""

from pathlib import Path

import torch
from torch import nn

from repgeom.errors import InputError
from repgeom.models.architectures import PixelModel, build_model
from repgeom.store.weights import StateDict, read_weights

LAST = "last"


def load_model(weights: str | Path, network: dict, device: torch.device | str = "cpu", epoch: str = LAST) -> PixelModel:
    """A network in evaluation mode, whose weights stay in their file until they are needed.

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
    state = read_weights(weights, number)
    try:
        model.network.load_state_dict(state)
    except RuntimeError as error:
        raise InputError(f"{weights} does not fit architecture {network['architecture']!r}: {error}") from error
    _leave_in_file(model.network, state)
    return model.to(device).eval()


def _leave_in_file(network: nn.Module, state: StateDict) -> None:
    """Have parameters be what the file holds, in place of copies of it: several processes share that memory.

    What a network's own hooks have made of it while it was loaded stays as it is.
    """
    for name, parameter in network.named_parameters():
        stored = state.get(name)
        if stored is not None and stored.dtype == parameter.dtype and torch.equal(stored, parameter):
            parameter.data = stored
