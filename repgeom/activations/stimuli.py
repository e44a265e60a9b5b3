"""From a network and a stimulus set to an activations file."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from repgeom.activations.batches import to_array, to_tensor
from repgeom.activations.oddities import odd_nodes
from repgeom.activations.recorder import Node, is_one_by_one, record_batches, recorder_for
from repgeom.models.architectures import PixelModel
from repgeom.store.activations import StimulusInfo, activation_writer, warn_of_left_out
from repgeom.store.parts import PART, rows_of_part
from repgeom.store.provenance import NOTEBOOK, Provenance
from repgeom.store.stimuli import StimulusSet

Warn = Callable[[str], None]


@dataclass(frozen=True)
class Showing:
    """A network and the stimuli that it is shown.

    Attributes
    ----------
    model, stimuli
        Of the stimuli's images no more than a batch is held in memory at once, if they lie on disk.
    recorder
        From `recorder_for`.
    odd : dict
        Node → why it cannot be recorded.
    batch_size : int
        Stimuli shown at once: 1 where each image goes its own way through the network.
    rows : range
        Which of the stimuli are shown.
    """

    model: PixelModel
    stimuli: StimulusSet
    recorder: object
    odd: dict[str, str]
    batch_size: int
    rows: range

    @property
    def n(self) -> int:
        """How many stimuli are shown."""
        return len(self.rows)

    @property
    def info(self) -> StimulusInfo:
        """What is known of them."""
        rows = slice(self.rows.start, self.rows.stop)
        descriptors = {name: np.asarray(values)[rows] for name, values in self.stimuli.descriptors.items()}
        return StimulusInfo(self.stimuli.ids[rows], self.stimuli.labels[rows], descriptors)

    def pixels(self, size: int) -> Iterator[Tensor]:
        """The images (≤ size, c, h, w) in [0, 1], batch by batch."""
        device = device_of(self.model)
        for start in self.rows[::size]:
            yield to_tensor(self.stimuli.channels_first(slice(start, min(start + size, self.rows.stop))), device)

    def batches(self, size: int) -> Iterator[Tensor]:
        """What the network is given of them."""
        return map(self.model.normalise, self.pixels(size))


def show(model: PixelModel, stimuli: StimulusSet, batch_size: int, warn: Warn = print) -> Showing:
    """Find out how a network can be recorded; `warn` is told where not every operation can."""
    first = model.normalise(to_tensor(stimuli.channels_first(slice(0, 3)), device_of(model)))
    recorder = recorder_for(model.network, first, warn)
    size = 1 if is_one_by_one(recorder) else batch_size
    return Showing(model, stimuli, recorder, odd_nodes(recorder, first, warn), size, range(len(stimuli.ids)))


def record_stimuli(
    path: str | Path,
    model: PixelModel,
    stimuli: StimulusSet,
    attributes: dict,
    batch_size: int,
    nodes: list[str] | None = None,
    provenance: Provenance = NOTEBOOK,
    warn: Warn = print,
    part: tuple[int, int] = (1, 1),
) -> None:
    """Show the stimuli to the network, batch by batch, and write what its nodes compute to `path`.

    The class that the model reports for each stimulus becomes the descriptor `predicted`, where its output is logits
    (n, classes). Memory is bounded by the batch size, whatever the number of stimuli. A node whose values do not
    begin with the stimuli, or that is not computed for all of them, is left out, of which `warn` is told.
    `part` (2, 4) shows only the second quarter of the stimuli: `repgeom.store.parts` joins them.
    """
    shown = show(model, stimuli, batch_size, warn)
    shown = replace(shown, rows=rows_of_part(shown.n, shown.batch_size, *part))
    info = replace(shown.info, descriptors=shown.info.descriptors | answers(shown, warn))
    with activation_writer(path, info, attributes | {PART: list(part)}, shown.batch_size, provenance) as writer:

        def emit(node: Node, value: Tensor) -> None:
            if node.name not in shown.odd:
                # A last batch of one image, squeezed, has no axis left.
                writer.append(node.name, described(node), np.atleast_1d(to_array(value)))

        record_batches(shown.recorder, shown.batches(shown.batch_size), nodes, emit)
    warn_of_left_out(shown.odd | writer.left_out, warn)


def described(node: Node) -> dict:
    """What an artifact says of a node, but for its shape."""
    return {"module": node.module, "timestep": node.timestep, "inputs": list(node.inputs)}


def answers(shown: Showing, warn: Warn, size: int | None = None) -> dict[str, np.ndarray]:
    """The class that the model reports for each image, as a descriptor; none where its output is no logits."""
    with torch.inference_mode():
        shape = shown.model(to_tensor(shown.stimuli.channels_first(slice(0, 1)), device_of(shown.model))).shape
    if len(shape) != 2:
        warn(f"the network returns shape {list(shape)} for one image, no logits (1, classes): it has no answers")
        return {}
    found = [_predict(shown.model, images) for images in shown.pixels(size or shown.batch_size)]
    return {"predicted": np.concatenate([np.empty(0, np.int64), *found])}


@torch.inference_mode()
def _predict(model: PixelModel, images: Tensor) -> np.ndarray:
    return model(images).argmax(dim=1).cpu().numpy()


def device_of(model: PixelModel) -> torch.device:
    """What a model computes on."""
    return next(model.parameters(), torch.zeros(())).device
