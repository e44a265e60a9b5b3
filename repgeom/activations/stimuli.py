"""From a network and a stimulus set to an activations file."""

from collections.abc import Callable, Iterator
from pathlib import Path

import torch
from torch import Tensor

from repgeom.activations.batches import map_batches, to_tensor
from repgeom.activations.recorder import Node, record_batches, recorder_for
from repgeom.models.architectures import PixelModel
from repgeom.store.activations import StimulusInfo, activation_writer
from repgeom.store.provenance import NOTEBOOK, Provenance
from repgeom.store.stimuli import StimulusSet


def record_stimuli(
    path: str | Path,
    model: PixelModel,
    stimuli: StimulusSet,
    attributes: dict,
    batch_size: int,
    nodes: list[str] | None = None,
    provenance: Provenance = NOTEBOOK,
    warn: Callable[[str], None] = print,
) -> None:
    """Show the stimuli to the network, batch by batch, and write what its nodes compute to `path`.

    The class that the model reports for each stimulus becomes the descriptor `predicted`. Memory
    is bounded by the batch size, whatever the number of stimuli.
    """
    device = next(model.parameters(), torch.zeros(())).device
    images = stimuli.channels_first()
    predicted = map_batches(lambda x: _predict(model, x), [images], batch_size, device)
    info = StimulusInfo(stimuli.ids, stimuli.labels, stimuli.descriptors | {"predicted": predicted})

    def batches() -> Iterator[Tensor]:
        for start in range(0, len(images), batch_size):
            yield model.normalise(to_tensor(images[start : start + batch_size], device))

    recorder = recorder_for(model.network, next(batches()), warn)
    with activation_writer(path, info, attributes, batch_size, provenance) as writer:

        def emit(node: Node, value: Tensor) -> None:
            described = {"module": node.module, "timestep": node.timestep, "inputs": list(node.inputs)}
            writer.append(node.name, described, value.cpu().numpy())

        record_batches(recorder, batches(), nodes, emit)


@torch.inference_mode()
def _predict(model: PixelModel, images: Tensor) -> Tensor:
    return model(images).argmax(dim=1)
