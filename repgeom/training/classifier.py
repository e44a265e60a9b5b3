"""Training an image classifier, on clean images or on attacked ones, resumable after every epoch.

Nothing is drawn from a state that an interruption could lose: each epoch seeds its own order and
dropout, and the learning rate is a function of the iteration, as is the share that new weights have in an
average. A run that was killed and resumed ends with the same bytes as one that was not.
"""

import math
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

import torch
from torch import Tensor
from torch.nn import functional as F

from repgeom.errors import InputError
from repgeom.models.architectures import PixelModel
from repgeom.stimuli.attacks import Logits
from repgeom.store.weights import StateDict
from repgeom.training.averaging import Averaging, WeightAverage
from repgeom.training.history_columns import HISTORY_COLUMNS
from repgeom.training.layout import ChannelsLastGradients, put_channels_last
from repgeom.training.options import OPTIMISER_OPTIONS, WARMUP
from repgeom.training.schedules import cosine, one_cycle

EVALUATION_BATCH = 250
EPOCH_SEED_STRIDE = 1_000_003

OPTIMISERS: dict[str, Callable[..., torch.optim.Optimizer]] = {
    "adadelta": torch.optim.Adadelta,
    "adam": partial(torch.optim.Adam, fused=True),
    "adamw": partial(torch.optim.AdamW, fused=True),
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
        `adadelta`, `adam`, `adamw` or `sgd`.
    learning_rate : float
        At the start; with a schedule that warms up, the highest.
    momentum : float
        Of `sgd`.
    weight_decay : float
        Of `adamw` (decoupled from the gradient) and `sgd` (added to it); it acts on all parameters.
    schedule : str
        `constant`; `step` (× `gamma` after every epoch); `cosine` (to 0 over all iterations); `one_cycle` (up and
        down, see `repgeom.training.schedules`).
    gamma : float
        Factor of the `step` schedule.
    warmup : float or None
        Fraction of all iterations in which `cosine` (none if not given) and `one_cycle` (0.3) rise to the learning
        rate.
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
        than half the time, on CPUs with such instructions up to 1.7 times faster), while weights and losses stay in
        float32. So are the attacks of adversarial training.
    label_smoothing : float
        Share of the target that is spread evenly over all classes; the loss on the batches trained on is the
        smoothed one.
    max_gradient_norm : float or None
        A longer gradient, of all parameters together, is cut down to this length.
    averaging : Averaging or None
        What is then evaluated and kept are averaged weights.
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
    attack: Callable[[Logits, Tensor, Tensor], Tensor] | None = None
    precision: str = "float32"
    momentum: float = 0.0
    weight_decay: float = 0.0
    warmup: float | None = None
    label_smoothing: float = 0.0
    max_gradient_norm: float | None = None
    averaging: Averaging | None = None


@dataclass
class Progress:
    """All that a run has produced so far, and all that it needs to go on.

    `current` are the weights that training goes on from, where `weights` holds averages.
    """

    weights: dict[int, StateDict] = field(default_factory=dict)
    history: list[dict[str, float]] = field(default_factory=list)
    optimiser: dict = field(default_factory=dict)
    current: StateDict = field(default_factory=dict)

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
    run = _Run(model, recipe)
    progress = done or Progress()
    if progress.epoch < 0:
        run.note(progress, _history_row(0, math.nan, math.nan, recipe.learning_rate, run.shown, test))
        after_epoch(progress)
    else:
        run.load(progress)
    for epoch in range(progress.epoch + 1, recipe.epochs + 1):
        loss, accuracy = run.train_epoch(data, epoch, after_batch)
        if not math.isfinite(loss):
            raise FloatingPointError(f"the loss is {loss} in epoch {epoch}: lower the learning rate")
        rate = run.optimiser.param_groups[0]["lr"]
        run.note(progress, _history_row(epoch, loss, accuracy, rate, run.shown, test))
        _forget(progress, epoch - 1, keep)
        after_epoch(progress)
    return progress


def learning_rate_factor(recipe: Recipe, epoch: int, fraction: float) -> float:
    """Learning rate at `fraction` of epoch `epoch` (counted from 1), relative to the recipe's."""
    if recipe.schedule == "step":
        return recipe.gamma ** (epoch - 1)
    if recipe.schedule in WARMUP:
        curve = {"cosine": cosine, "one_cycle": one_cycle}[recipe.schedule]
        warmup = WARMUP[recipe.schedule] if recipe.warmup is None else recipe.warmup
        return curve(epoch - 1 + fraction, recipe.epochs, warmup)
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


class _Run:
    """A network in training, with its optimiser and, if the recipe asks for it, the average of its weights."""

    def __init__(self, model: PixelModel, recipe: Recipe):
        self.model, self.recipe = model, recipe
        self._is_mixed = recipe.precision == "bfloat16"
        if self._is_mixed:
            put_channels_last(model.network)
        options = {name: getattr(recipe, name) for name in OPTIMISER_OPTIONS[recipe.optimiser]}
        parameters = model.network.parameters()
        self.optimiser = OPTIMISERS[recipe.optimiser](parameters, lr=recipe.learning_rate, **options)
        self.average = WeightAverage(model, recipe.averaging) if recipe.averaging else None

    @property
    def shown(self) -> PixelModel:
        """The network that is evaluated and kept."""
        return self.average.model if self.average else self.model

    def load(self, progress: Progress) -> None:
        """Go on from where an interrupted run stopped."""
        kept = progress.weights[progress.epoch]
        self.model.network.load_state_dict(progress.current if self.average else kept)
        self.optimiser.load_state_dict(progress.optimiser)
        if self.average:
            self.average.load(kept)

    def note(self, progress: Progress, row: dict[str, float]) -> None:
        """Add the state after an epoch to the progress."""
        progress.weights[int(row["epoch"])] = _weights_of(self.shown)
        progress.history.append(row)
        progress.optimiser = self.optimiser.state_dict()
        progress.current = _weights_of(self.model) if self.average else {}

    def train_epoch(self, data: TrainingData, epoch: int, after_batch: Callable[[], None]) -> tuple[float, float]:
        """One epoch, counted from 1; returns mean loss and accuracy on its batches."""
        torch.manual_seed(self.recipe.seed * EPOCH_SEED_STRIDE + epoch)
        self.model.train()
        n_batches = data.n_batches(self.recipe)
        loss_sum, correct, seen = 0.0, 0, 0
        for i, batch in enumerate(data.batches(self.recipe, epoch)):
            self._set_rate(learning_rate_factor(self.recipe, epoch, i / n_batches))
            with ChannelsLastGradients() if self._is_mixed else nullcontext():
                loss, n_correct = self._step(batch)
            if self.average:
                self.average.update((epoch - 1) * n_batches + i, self.recipe.epochs * n_batches)
            loss_sum += loss * len(batch)
            correct += n_correct
            seen += len(batch)
            after_batch()
        return loss_sum / seen, correct / seen

    def _set_rate(self, factor: float) -> None:
        for group in self.optimiser.param_groups:
            group["lr"] = self.recipe.learning_rate * factor

    def _step(self, batch: Images) -> tuple[float, int]:
        """Loss and number of correct answers on a batch, by the weights before it."""
        images, labels, recipe = batch.images, batch.labels, self.recipe
        if recipe.attack:
            images = recipe.attack(self._logits, images, labels)
        logits = self._logits(images)
        loss = F.cross_entropy(logits, labels, label_smoothing=recipe.label_smoothing)
        self.optimiser.zero_grad()
        loss.backward()
        if recipe.max_gradient_norm:
            torch.nn.utils.clip_grad_norm_(self.model.network.parameters(), recipe.max_gradient_norm)
        self.optimiser.step()
        return loss.item(), int((logits.argmax(dim=1) == labels).sum())

    def _logits(self, images: Tensor) -> Tensor:
        """Logits (n, classes) in float32, computed in the recipe's precision."""
        with torch.autocast(images.device.type, torch.bfloat16, enabled=self._is_mixed):
            return self.model(images).float()


def untrained_row(model: PixelModel, test: Images) -> dict[str, float]:
    """The row of a history for weights that were not trained here: what they do on `test`."""
    _check_outputs(model, test)
    return _history_row(0, math.nan, math.nan, math.nan, model, test)


def untested_row() -> dict[str, float]:
    """The row of a history for weights that were neither trained nor tested here."""
    return dict.fromkeys(HISTORY_COLUMNS, math.nan) | {"epoch": 0}


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


def _weights_of(model: PixelModel) -> StateDict:
    layout = torch.contiguous_format
    return {name: v.detach().cpu().clone(memory_format=layout) for name, v in model.network.state_dict().items()}


def _forget(progress: Progress, epoch: int, keep: Callable[[int], bool]) -> None:
    if epoch > 0 and not keep(epoch):
        progress.weights.pop(epoch, None)
