"""From a network and a stimulus set to an activations file."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from repgeom.activations.batches import to_array, to_tensor
from repgeom.activations.oddities import look_at
from repgeom.activations.recorder import is_one_by_one, record_batches
from repgeom.activations.runs import Node
from repgeom.models.architectures import PixelModel
from repgeom.models.outputs import logits_method
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
        From `look_at`.
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
    recorder, odd = look_at(model.network, first, warn)
    size = 1 if is_one_by_one(recorder) else batch_size
    return Showing(model, stimuli, recorder, odd, size, range(len(stimuli.ids)))


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
    answers = Answers(shown)
    with activation_writer(path, shown.info, attributes | {PART: list(part)}, shown.batch_size, provenance) as writer:

        def emit(node: Node, value: Tensor) -> None:
            if node.name not in shown.odd:
                writer.append(node.name, described(node), to_array(value))

        record_batches(shown.recorder, shown.batches(shown.batch_size), nodes, emit, answers.note)
        writer.describe(answers.descriptors(warn))
    warn_of_left_out(shown.odd | writer.left_out, warn)


def described(node: Node) -> dict:
    """What an artifact says of a node, but for its shape."""
    return {"module": node.module, "timestep": node.timestep, "inputs": list(node.inputs)}


class Answers:
    """The class that the model reports for each image: found while it is recorded, or by asking it once more."""

    def __init__(self, shown: Showing):
        self._shown, self._found = shown, []

    def note(self, answer: Tensor | None) -> None:
        """Take down what the network has answered to the next images."""
        if answer is not None and _are_logits(answer) and not logits_method(self._shown.model.network):
            self._found.append(_classes(answer))

    def descriptors(self, warn: Warn, size: int | None = None) -> dict[str, np.ndarray]:
        """As a descriptor of the stimuli; none where the model's output is no logits."""
        if not self._found or sum(map(len, self._found)) != self._shown.n:
            return self._asked(warn, size or self._shown.batch_size)
        return {"predicted": np.concatenate(self._found)}

    @torch.no_grad()
    def _asked(self, warn: Warn, size: int) -> dict[str, np.ndarray]:
        model, first = self._shown.model, next(replace(self._shown, rows=range(1)).pixels(1))
        answer = model(first)
        if not _are_logits(answer):
            kind = f"{'complex numbers of ' * answer.is_complex()}shape {list(answer.shape)}"
            warn(f"the network returns {kind} for one image, no logits (1, classes): it has no answers")
            return {}
        found = [_classes(model(images)) for images in self._shown.pixels(size)]
        return {"predicted": np.concatenate([np.empty(0, np.int64), *found])}


def _are_logits(answer: Tensor) -> bool:
    return answer.ndim == 2 and not answer.is_complex()


def _classes(logits: Tensor) -> np.ndarray:
    return logits.argmax(dim=1).cpu().numpy()


def device_of(model: PixelModel) -> torch.device:
    """What a model computes on."""
    return next(chain(model.parameters(), model.buffers()), torch.zeros(())).device
