"""Which recurrent flow matters for what: swapping flows between images (Thorat, Aldegheri & Kietzmann 2021).

While a network sees an image, the recurrent flow into one layer at one step is exchanged for the flow
that an image with one property changed (its position, say) sends there in a run of its own. The control
adds the same change of flow with its units shuffled. Where accuracy suffers more from the true change
than from the shuffled one, the flow carries that property and the network uses it, see
`repgeom.measures.functional_importance`.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

from repgeom.errors import InputError
from repgeom.measures.functional_importance import PerturbationOutcome
from repgeom.models.recurrent_network import Flows, RecurrentNetwork, Step

Flow = Mapping[str, Tensor]
"""Flow into one layer at one step: modulation → (n, *shape)."""


@torch.inference_mode()
def perturb_flows(
    network: RecurrentNetwork,
    images: Tensor,
    swapped: Mapping[str, Tensor],
    categories: Tensor,
    *,
    seed: int,
    image_ids: Sequence[int] | None = None,
    batch_size: int = 100,
    after_batch: Callable[[int], None] = lambda _: None,
) -> PerturbationOutcome:
    """Exchange flows for every swap, modulated layer and step from t = 2.

    Parameters
    ----------
    network
        On any device; images are brought to it batch by batch.
    images : (n, h, w) or (n, 1, h, w)
    swapped
        Swap → images of the same shape in which that one property is exchanged.
    categories : (n,) int
        True categories of `images`.
    seed, image_ids
        Together they fix the shuffles of each image, whatever else is in its batch; ids default to 0 … n − 1.
    batch_size
        Affects time and memory only.
    after_batch
        Called with the number of images of every batch that is done.

    Raises
    ------
    InputError
        A network without recurrence, or swapped images, categories or ids that do not match the images.
    """
    ids = np.arange(len(images)) if image_ids is None else np.asarray(image_ids)
    _check_perturbable(network, images, swapped, categories, ids)
    device = next(network.parameters()).device
    batches = []
    for start in range(0, len(images), batch_size):
        rows = slice(start, start + batch_size)
        batch = _Batch(network, images[rows].to(device), seed, ids[rows])
        runs = [batch.logits_of_swap(other[rows].to(device)) for other in swapped.values()]
        is_correct = _recognised(torch.stack([batch.logits, *(x for run in runs for x in run)]), categories[rows])
        batches.append(is_correct.cpu().numpy())
        after_batch(len(batch.images))
    return _outcome(network, tuple(swapped), np.concatenate(batches, axis=-1))


def _recognised(logits: Tensor, categories: Tensor) -> Tensor:
    return logits.argmax(dim=-1) == categories.to(logits.device)


def _outcome(network: RecurrentNetwork, swaps: tuple[str, ...], is_correct: np.ndarray) -> PerturbationOutcome:
    timesteps = tuple(range(2, network.n_steps + 1))
    axes = (len(swaps), len(network.modulated_layers), len(timesteps), 2, is_correct.shape[-1])
    perturbed, control = np.moveaxis(is_correct[1:].reshape(axes), 3, 0)
    layers = network.modulated_layers
    modulations = {layer: network.modulations_of(layer) for layer in layers}
    return PerturbationOutcome(swaps, layers, timesteps, modulations, is_correct[0], perturbed, control)


class _Batch:
    """The original images of one batch, their run, and their shuffles, shared by all swaps."""

    def __init__(self, network: RecurrentNetwork, images: Tensor, seed: int, ids: np.ndarray):
        self.network = network
        self.images = network.checked(images)
        self.steps = list(network.unroll(self.images))
        self.logits = network.readout([network.top(step.state) for step in self.steps])
        self.orders = {
            (layer, t, m): shuffles(seed, ids, (network.layers.index(layer), t, k), flow[0].numel()).to(images.device)
            for t, step in enumerate(self.steps, start=1)
            for layer, flows in step.flows.items()
            for k, (m, flow) in enumerate(flows.items())
        }

    def logits_of_swap(self, swapped: Tensor) -> list[Tensor]:
        """Logits with the swapped images' flow and with its control, in turn, for layer × step."""
        flows: list[Flows] = [step.flows for step in self.network.unroll(swapped)]
        logits = []
        for layer in self.network.modulated_layers:
            for t in range(2, self.network.n_steps + 1):
                for flow in (flows[t - 1][layer], self._control(layer, t, flows[t - 1][layer])):
                    logits.append(logits_with_flow(self.network, self.images, self.steps, layer, t, flow))
        return logits

    def _control(self, layer: str, t: int, flow: Flow) -> Flow:
        own = self.steps[t - 1].flows[layer]
        return {m: own[m] + shuffled(flow[m] - own[m], self.orders[layer, t, m]) for m in flow}


def logits_with_flow(
    network: RecurrentNetwork, images: Tensor, steps: Sequence[Step], layer: str, timestep: int, flow: Flow
) -> Tensor:
    """Logits (n, n_categories) if `flow` came into `layer` at `timestep`, and all that follows from it.

    Parameters
    ----------
    network
    images : (n, 1, h, w)
    steps
        The undisturbed run on these images. What precedes the disturbance is taken from it.
    layer, timestep
        Timesteps count from 1; the first has no flows.
    flow
        Modulation → (n, *shape of the layer before pooling).
    """
    undisturbed = steps[timestep - 1]
    flows = {**undisturbed.flows, layer: flow}
    state = network.advance(images, flows, first=layer, below=undisturbed.state)
    later = network.resume(images, state, network.n_steps - timestep)
    states = [*(step.state for step in steps[: timestep - 1]), state, *(step.state for step in later)]
    return network.readout([network.top(state) for state in states])


def shuffles(seed: int, image_ids: Sequence[int], key: Sequence[int], n_units: int) -> Tensor:
    """One order of the units per image, (n_images, n_units) int64, fixed by seed, image id and key alone."""
    orders = torch.empty((len(image_ids), n_units), dtype=torch.int64)
    generator = torch.Generator()
    for order, image_id in zip(orders, image_ids, strict=True):
        state = np.random.SeedSequence([seed, int(image_id), *key]).generate_state(1, np.uint64)
        generator.manual_seed(int(state[0]))
        torch.randperm(n_units, generator=generator, out=order)
    return orders


def shuffled(values: Tensor, orders: Tensor) -> Tensor:
    """`values` (n, *shape) with the units of each image in another order."""
    return values.flatten(1).gather(1, orders).view(values.shape)


def _check_perturbable(
    network: RecurrentNetwork, images: Tensor, swapped: Mapping[str, Tensor], categories: Tensor, ids: np.ndarray
) -> None:
    if not isinstance(network, RecurrentNetwork):
        raise InputError(
            f"perturbation exchanges recurrent flows, and a {type(network).__name__} does not tell its own: derive it "
            "from repgeom.models.recurrent_network.RecurrentNetwork"
        )
    if network.n_steps < 2 or not network.modulated_layers:
        raise InputError(
            "perturbation exchanges recurrent flows, and this network has none: give it at least two steps, "
            "and lateral or top-down connections"
        )
    shapes = {name: tuple(other.shape) for name, other in swapped.items()}
    for name, shape in shapes.items():
        if shape != tuple(images.shape):
            raise InputError(f"swap {name!r}: images have shape {shape}, the originals {tuple(images.shape)}")
    for name, found in (("categories", len(categories)), ("image_ids", len(ids))):
        if found != len(images):
            raise InputError(f"{name} has {found} entries for {len(images)} images; give one per image")
