"""Training an image classifier, on clean images or on attacked ones, resumable after every epoch.

Nothing is drawn from a state that an interruption could lose: each epoch seeds its own order and
dropout, and the learning rate is a function of the iteration. A run that was killed and resumed
ends with the same bytes as one that was not.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

import torch
from torch import Tensor
from torch.nn import functional as F

from repgeom.errors import InputError
from repgeom.models.architectures import PixelModel
from repgeom.store.weights import StateDict

EVALUATION_BATCH = 250
EPOCH_SEED_STRIDE = 1_000_003

OPTIMISERS: dict[str, Callable[..., torch.optim.Optimizer]] = {
    "adadelta": torch.optim.Adadelta,
    "adam": partial(torch.optim.Adam, fused=True),
    "sgd": torch.optim.SGD,
}


@dataclass(frozen=True)
class Images:
    """Images (n, c, h, w) in [0, 1] and their classes (n,), on one device."""

    images: Tensor
    labels: Tensor

    def __len__(self) -> int:
        return len(self.labels)

    def n_batches(self, recipe: "Recipe") -> int:
        """Batches in an epoch."""
        whole, rest = divmod(len(self), recipe.batch_size)
        return whole + (rest > 0 and not recipe.drop_last)

    def batches(self, recipe: "Recipe", epoch: int) -> "Iterator[Images]":
        """The batches of one epoch; a new order is drawn from torch's generator."""
        order = torch.randperm(len(self)) if recipe.shuffle else torch.arange(len(self))
        for batch in order.split(recipe.batch_size)[: self.n_batches(recipe)]:
            yield Images(self.images[batch], self.labels[batch])


class TrainingData(Protocol):
    """What a network is trained on, epoch by epoch: stored images, or some made on the fly."""

    def n_batches(self, recipe: "Recipe") -> int:
        """Batches in an epoch."""

    def batches(self, recipe: "Recipe", epoch: int) -> Iterator[Images]:
        """The batches of one epoch, counted from 1."""


@dataclass(frozen=True)
class Recipe:
    """How to train.

    Attributes
    ----------
    optimiser : str
        `adadelta`, `adam` or `sgd`.
    learning_rate : float
        At the start.
    schedule : str
        `constant`; `step` (× `gamma` after every epoch); `cosine` (to 0 over all iterations).
    gamma : float
        Factor of the `step` schedule.
    epochs, batch_size : int
    drop_last : bool
        Leave out the last, smaller batch of an epoch.
    shuffle : bool
        New order in every epoch; otherwise the order of the data.
    seed : int
        Of order and dropout (weights are initialised by whoever builds the network).
    attack : callable or None
        (logits, images, labels) → images; every batch is replaced by what it returns, under the
        current weights and with dropout active.
    precision : str
        `float32`; or `bfloat16`, in which matrix products and convolutions are then computed (on a GPU in less
        than half the time), while weights and losses stay in float32.
    """

    optimiser: str
    learning_rate: float
    epochs: int
    batch_size: int
    seed: int
    schedule: str = "constant"
    gamma: float = 1.0
    drop_last: bool = False
    shuffle: bool = True
    attack: Callable[[PixelModel, Tensor, Tensor], Tensor] | None = None
    precision: str = "float32"


@dataclass
class Progress:
    """All that a run has produced so far, and all that it needs to go on."""

    weights: dict[int, StateDict] = field(default_factory=dict)
    history: list[dict[str, float]] = field(default_factory=list)
    optimiser: dict = field(default_factory=dict)

    @property
    def epoch(self) -> int:
        """Epochs done; −1 before the initial weights are noted."""
        return max(self.weights, default=-1)


def train(
    model: PixelModel,
    data: TrainingData,
    test: Images,
    recipe: Recipe,
    done: Progress | None = None,
    after_epoch: Callable[[Progress], None] = lambda _: None,
    after_batch: Callable[[], None] = lambda: None,
    keep: Callable[[int], bool] = lambda _: True,
) -> Progress:
    """Train `model` in place.

    Parameters
    ----------
    model : PixelModel
        With its initial weights.
    data : TrainingData
        Trained on.
    test : Images
        Only evaluated on.
    recipe : Recipe
    done : Progress, optional
        What an interrupted run with the same recipe left; training goes on from there.
    after_epoch : callable
        Called with the progress after the initialisation (epoch 0) and after every epoch.
    after_batch : callable
        Called after every batch.
    keep : callable
        Epoch → whether its weights stay in the result (the first and the last always do).

    Raises
    ------
    InputError
        The network has too few outputs.
    FloatingPointError
        The loss is no longer finite.

    Returns
    -------
    Progress
        Weights by epoch and one row of history per epoch (loss and accuracy on the batches trained
        on, and on `test`).
    """
    _check_outputs(model, test)
    optimiser = OPTIMISERS[recipe.optimiser](model.network.parameters(), lr=recipe.learning_rate)
    progress = done or Progress()
    if progress.epoch < 0:
        _note(progress, model, optimiser, _history_row(0, math.nan, math.nan, recipe.learning_rate, model, test))
        after_epoch(progress)
    else:
        model.network.load_state_dict(progress.weights[progress.epoch])
        optimiser.load_state_dict(progress.optimiser)
    for epoch in range(progress.epoch + 1, recipe.epochs + 1):
        loss, accuracy = _train_epoch(model, data, recipe, optimiser, epoch, after_batch)
        if not math.isfinite(loss):
            raise FloatingPointError(f"the loss is {loss} in epoch {epoch}: lower the learning rate")
        rate = optimiser.param_groups[0]["lr"]
        _note(progress, model, optimiser, _history_row(epoch, loss, accuracy, rate, model, test))
        _forget(progress, epoch - 1, keep)
        after_epoch(progress)
    return progress


def learning_rate_factor(recipe: Recipe, epoch: int, fraction: float) -> float:
    """Learning rate at `fraction` of epoch `epoch` (counted from 1), relative to the start."""
    if recipe.schedule == "step":
        return recipe.gamma ** (epoch - 1)
    if recipe.schedule == "cosine":
        return 0.5 * (1 + math.cos(math.pi * (epoch - 1 + fraction) / recipe.epochs))
    return 1.0


@torch.no_grad()
def evaluate(model: PixelModel, data: Images) -> tuple[float, float]:
    """Mean cross entropy and accuracy, in evaluation mode (dropout off)."""
    model.eval()
    loss, correct = 0.0, 0
    for images, labels in zip(data.images.split(EVALUATION_BATCH), data.labels.split(EVALUATION_BATCH), strict=True):
        logits = model(images)
        loss += F.cross_entropy(logits, labels, reduction="sum").item()
        correct += int((logits.argmax(dim=1) == labels).sum())
    return loss / len(data), correct / len(data)


@torch.no_grad()
def _check_outputs(model: PixelModel, test: Images) -> None:
    """Refuse a network with fewer outputs than there are classes, before it trains for hours."""
    model.eval()
    n_outputs, n_classes = model(test.images[:1]).shape[1], int(test.labels.max()) + 1
    if n_outputs < n_classes:
        raise InputError(
            f"the network has {n_outputs} outputs but the data {n_classes} classes; set the number of classes in the "
            "model's options"
        )


def _train_epoch(
    model: PixelModel,
    data: TrainingData,
    recipe: Recipe,
    optimiser: torch.optim.Optimizer,
    epoch: int,
    after_batch: Callable[[], None],
) -> tuple[float, float]:
    torch.manual_seed(recipe.seed * EPOCH_SEED_STRIDE + epoch)
    model.train()
    n_batches = data.n_batches(recipe)
    loss_sum, correct, seen = 0.0, 0, 0
    for i, batch in enumerate(data.batches(recipe, epoch)):
        images, labels = batch.images, batch.labels
        for group in optimiser.param_groups:
            group["lr"] = recipe.learning_rate * learning_rate_factor(recipe, epoch, i / n_batches)
        if recipe.attack:
            images = recipe.attack(model, images, labels)
        with _precision(recipe, images.device):
            logits = model(images)
        loss = F.cross_entropy(logits.float(), labels)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        loss_sum += loss.item() * len(labels)
        correct += int((logits.argmax(dim=1) == labels).sum())
        seen += len(labels)
        after_batch()
    return loss_sum / seen, correct / seen


def _precision(recipe: Recipe, device: torch.device) -> torch.autocast:
    return torch.autocast(device.type, torch.bfloat16, enabled=recipe.precision == "bfloat16")


def untrained_row(model: PixelModel, test: Images) -> dict[str, float]:
    """The row of a history for weights that were not trained here: what they do on `test`."""
    _check_outputs(model, test)
    return _history_row(0, math.nan, math.nan, math.nan, model, test)


def _history_row(
    epoch: int, loss: float, accuracy: float, rate: float, model: PixelModel, test: Images
) -> dict[str, float]:
    test_loss, test_accuracy = evaluate(model, test)
    return {
        "epoch": epoch,
        "train_loss": loss,
        "train_accuracy": accuracy,
        "test_loss": test_loss,
        "test_accuracy": test_accuracy,
        "learning_rate": rate,
    }


def _note(progress: Progress, model: PixelModel, optimiser: torch.optim.Optimizer, row: dict) -> None:
    state = model.network.state_dict()
    progress.weights[int(row["epoch"])] = {k: v.detach().cpu().clone() for k, v in state.items()}
    progress.history.append(row)
    progress.optimiser = optimiser.state_dict()


def _forget(progress: Progress, epoch: int, keep: Callable[[int], bool]) -> None:
    if epoch > 0 and not keep(epoch):
        progress.weights.pop(epoch, None)
