"""The connections of a recurrent network as a table."""

import pandas as pd
from torch import nn

from repgeom.errors import InputError
from repgeom.models.recurrent_network import RecurrentNetwork

CONNECTION_COLUMNS = {
    "module": "name of its parameters in the weights",
    "source": "layer it comes from",
    "target": "layer it goes to",
    "kind": "bottom-up, lateral, top-down or readout",
    "modulation": "drive, bias or gain",
    "operation": "what it computes",
    "kernel": "height × width in px; empty for linear maps",
    "stride": "in px; empty for linear maps",
    "source_shape": "channels × height × width",
    "target_shape": "channels × height × width",
    "n_parameters": "weights and biases",
}


def connection_table(network: nn.Module, architecture: str) -> pd.DataFrame:
    """One row per connection: `CONNECTION_COLUMNS`.

    Raises
    ------
    InputError
        The network, of this architecture, is no `RecurrentNetwork`.
    """
    if not isinstance(network, RecurrentNetwork):
        raise InputError(
            f"{architecture}: is no RecurrentNetwork, whose connections have kinds; derive yours from it "
            "(docs/own-networks-and-images.md)"
        )
    rows = [
        {name: " × ".join(map(str, v)) if isinstance(v, tuple) else v for name, v in connection._asdict().items()}
        for connection in network.connections()
    ]
    return pd.DataFrame(rows)
