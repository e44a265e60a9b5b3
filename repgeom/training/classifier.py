"""Training an image classifier, on clean images or on attacked ones, resumable after every epoch.

Nothing is drawn from a state that an interruption could lose: each epoch seeds its own order and
dropout, and the learning rate is a function of the iteration. A run that was killed and resumed
ends with the same bytes as one that was not.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import torch
from torch import Tensor
from torch.nn import functional as F

from repgeom.models.architectures import PixelModel
from repgeom.store.weights import StateDict

EVALUATION_BATCH = 1000
EPOCH_SEED_STRIDE = 1_000_003

OPTIMISERS: dict[str, Callable[..., torch.optim.Optimizer]] = {
    "adadelta": torch.optim.Adadelta,
    "adam": torch.optim.Adam,
    "sgd": torch.optim.SGD,
}


@dataclass(frozen=True)
class Images:
    """Images (n, c, h, w) in [0, 1] and their classes (n,), on one device."""

    images: Tensor
    labels: Tensor

    def __len__(self) -> int:
        return len(self.labels)


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
    data: Images,
    test: Images,
    recipe: Recipe,
    done: Progress | None = None,
    after_epoch: Callable[[Progress], None] = lambda _: None,
    keep: Callable[[int], bool] = lambda _: True,
) -> Progress:
    """Train `model` in place.

    Parameters
    ----------
    model : PixelModel
        With its initial weights.
    data, test : Images
        Trained on; only evaluated on.
    recipe : Recipe
    done : Progress, optional
        What an interrupted run with the same recipe left; training goes on from there.
    after_epoch : callable
        Called with the progress after the initialisation (epoch 0) and after every epoch.
    keep : callable
        Epoch → whether its weights stay in the result (the first and the last always do).

    Returns
    -------
    Progress
        Weights by epoch and one row of history per epoch (loss and accuracy on the batches trained
        on, and on `test`).
    """
    optimiser = OPTIMISERS[recipe.optimiser](model.network.parameters(), lr=recipe.learning_rate)
    progress = done or Progress()
    if progress.epoch < 0:
        _note(progress, model, optimiser, _history_row(0, math.nan, math.nan, recipe.learning_rate, model, test))
        after_epoch(progress)
    else:
        model.network.load_state_dict(progress.weights[progress.epoch])
        optimiser.load_state_dict(progress.optimiser)
    for epoch in range(progress.epoch + 1, recipe.epochs + 1):
        loss, accuracy = _train_epoch(model, data, recipe, optimiser, epoch)
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


def _train_epoch(
    model: PixelModel, data: Images, recipe: Recipe, optimiser: torch.optim.Optimizer, epoch: int
) -> tuple[float, float]:
    torch.manual_seed(recipe.seed * EPOCH_SEED_STRIDE + epoch)
    model.train()
    batches = list(_batches(len(data), recipe))
    loss_sum, correct, seen = 0.0, 0, 0
    for i, batch in enumerate(batches):
        images, labels = data.images[batch], data.labels[batch]
        for group in optimiser.param_groups:
            group["lr"] = recipe.learning_rate * learning_rate_factor(recipe, epoch, i / len(batches))
        if recipe.attack:
            images = recipe.attack(model, images, labels)
        logits = model(images)
        loss = F.cross_entropy(logits, labels)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        loss_sum += loss.item() * len(labels)
        correct += int((logits.argmax(dim=1) == labels).sum())
        seen += len(labels)
    return loss_sum / seen, correct / seen


def _batches(n: int, recipe: Recipe) -> Iterator[Tensor]:
    """Indices of the batches of one epoch; draws the order from torch's generator."""
    order = torch.randperm(n) if recipe.shuffle else torch.arange(n)
    for batch in order.split(recipe.batch_size):
        if len(batch) == recipe.batch_size or not recipe.drop_last:
            yield batch


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
