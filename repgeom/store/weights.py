"""Weights of a network at every kept epoch, in one safetensors file: tensors only, nothing to execute.

Tensors are named `{epoch:04d}/{parameter}`; one epoch is read without touching the others. Read
elsewhere with `safetensors.torch.load_file`.
"""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from repgeom.errors import InputError, require_file
from repgeom.store.atomic import atomic_path
from repgeom.store.provenance import NOTEBOOK, Provenance, damaged, of_kind, provenance_in

KEY = "repgeom"
StateDict = dict[str, torch.Tensor]


def write_weights(path: str | Path, epochs: dict[int, StateDict], provenance: Provenance = NOTEBOOK) -> None:
    """Write the state dict of every epoch in `epochs` (0 is the initialisation)."""
    tensors = {  # copies: where layers share a weight, each is written under its own name
        f"{epoch:04d}/{name}": value.detach().cpu().clone(memory_format=torch.contiguous_format)
        for epoch, state in epochs.items()
        for name, value in state.items()
    }
    made_by = provenance.at(path).to_json()
    digests = {str(epoch): _digest(state, epochs, made_by) for epoch, state in epochs.items()}
    # One key only: safetensors writes several in an order that differs from run to run.
    metadata = {KEY: json.dumps({"sha256": digests, "provenance": made_by}, sort_keys=True)}
    content = save(tensors, metadata)  # in memory: only Python's own writing says clearly that a disk is full
    with atomic_path(path) as partial:
        partial.write_bytes(content)
        for epoch in epochs:
            read_weights(partial, epoch)


def read_epochs(path: str | Path) -> list[int]:
    """The epochs whose weights a file holds, in order."""
    with _open(path) as file:
        return _epochs(file)


def read_weights(path: str | Path, epoch: int | None = None) -> StateDict:
    """The state dict of one epoch (the last one by default), checked against its digest.

    Raises
    ------
    InputError
        The file is missing, truncated or altered, or holds no such epoch.
    """
    available = read_epochs(path)
    epoch = available[-1] if epoch is None else epoch
    if epoch not in available:
        raise InputError(f"{path}: no weights of epoch {epoch}; it holds {available}")
    prefix = f"{epoch:04d}/"
    with _open(path) as file:
        state = {n.removeprefix(prefix): file.get_tensor(n) for n in file.keys() if n.startswith(prefix)}  # noqa: SIM118
        metadata = _metadata(file)
    with of_kind(path, "a file of weights"):
        if _digest(state, available, metadata.get("provenance")) != metadata["sha256"].get(str(epoch)):
            raise damaged(path, f"the weights of epoch {epoch} do not match their checksum")
        provenance_in(path, metadata["provenance"])
    return state


def read_weights_provenance(path: str | Path) -> Provenance:
    """What made a weights file; like `read_weights`, it refuses an altered one."""
    read_weights(path)
    with _open(path) as file:
        return provenance_in(path, _metadata(file)["provenance"])


def _open(path: str | Path) -> safe_open:
    require_file(path)
    try:
        file = safe_open(path, framework="pt")
        _epochs(file)
        return file
    except (SafetensorError, OSError, KeyError, AttributeError, TypeError, ValueError, RecursionError) as error:
        raise damaged(path, error) from error


def _metadata(file: safe_open) -> dict:
    return json.loads(file.metadata()[KEY])


def _epochs(file: safe_open) -> list[int]:
    return sorted(int(epoch) for epoch in _metadata(file)["sha256"])


def _digest(state: StateDict, epochs: Iterable[int], provenance: str | None) -> str:
    """SHA-256 over names, types, shapes and bytes, in name order, and over what else the file tells.

    The list of epochs is part of it: with one epoch lost, the last one would be another.
    """
    digest = hashlib.sha256()
    for name, value in sorted(state.items()):
        value, is_bfloat16 = value.detach().cpu(), value.dtype == torch.bfloat16  # which numpy does not know
        array = np.ascontiguousarray((value.view(torch.int16) if is_bfloat16 else value).numpy())
        kind = "bfloat16" if is_bfloat16 else array.dtype.str
        digest.update(f"{name}|{kind}|{array.shape}|".encode())
        digest.update(array.reshape(-1).view(np.uint8))
    digest.update(f"{sorted(epochs)}|{provenance}|".encode())
    return digest.hexdigest()
