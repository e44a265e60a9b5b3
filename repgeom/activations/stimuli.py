"""From a network and a stimulus set to an activations file."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from repgeom.activations.batches import map_batches, to_tensor
from repgeom.activations.recorder import Node, is_one_by_one, odd_nodes, record_batches, recorder_for
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

    The class that the model reports for each stimulus becomes the descriptor `predicted`, where its output is logits
    (n, classes). Memory is bounded by the batch size, whatever the number of stimuli. A node whose values do not
    begin with the stimuli, or that is not computed for all of them, is left out, of which `warn` is told.
    """
    device = next(model.parameters(), torch.zeros(())).device
    images = stimuli.channels_first()

    def batches(size: int) -> Iterator[Tensor]:
        for start in range(0, len(images), size):
            yield model.normalise(to_tensor(images[start : start + size], device))

    example = next(batches(batch_size))
    recorder = recorder_for(model.network, example, warn)
    odd = odd_nodes(recorder, example)
    size = 1 if is_one_by_one(recorder) else batch_size
    predicted = _answers(model, images, size, device, warn)
    info = StimulusInfo(stimuli.ids, stimuli.labels, stimuli.descriptors | predicted)
    with activation_writer(path, info, attributes, size, provenance) as writer:

        def emit(node: Node, value: Tensor) -> None:
            if node.name not in odd:
                described = {"module": node.module, "timestep": node.timestep, "inputs": list(node.inputs)}
                writer.append(node.name, described, value.cpu().numpy())

        record_batches(recorder, batches(size), nodes, emit)
    for name, why in (odd | writer.left_out).items():
        warn(f"node {name!r} is left out: {why}")


def _answers(
    model: PixelModel, images: np.ndarray, batch_size: int, device: torch.device, warn: Callable[[str], None]
) -> dict[str, np.ndarray]:
    """The class that the model reports for each image, as a descriptor; none where its output is no logits."""
    with torch.inference_mode():
        shape = model(to_tensor(images[:1], device)).shape
    if len(shape) != 2:
        warn(f"the network returns shape {list(shape)} for one image, no logits (1, classes): it has no answers")
        return {}
    return {"predicted": map_batches(lambda x: _predict(model, x), [images], batch_size, device)}


@torch.inference_mode()
def _predict(model: PixelModel, images: Tensor) -> Tensor:
    return model(images).argmax(dim=1)
