"""Full-batch gradient descent on the mean squared error of linear networks, recorded at every step.

The loss is the mean over all items *and* outputs (as ``torch.nn.MSELoss`` takes it), so a learning rate
lr moves the map by 2·lr / (n_items · n_outputs) times the summed error; that number is the *rate* below.

Everything runs in the reduced basis of :func:`repgeom.models.deep_linear.reduce_outputs`, in float64:
one step, and one recorded decomposition, costs the same for ten thousand outputs as for forty.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, islice
from typing import NamedTuple

import numpy as np

from repgeom.errors import InputError
from repgeom.models.deep_linear import (
    ReducedProblem,
    Weights,
    hidden_activations,
    initial_weights,
    reduce_outputs,
    total_map,
)


class Prediction(NamedTuple):
    """A prediction to follow during training: what the network says of one item's feature."""

    item: int
    feature: int


@dataclass(frozen=True)
class Training:
    """How a network is built and trained.

    Parameters
    ----------
    hidden
        Units of every hidden layer; ``()`` is the shallow network, linear regression by descent.
    lr
        Learning rate for the mean squared error over items and outputs.
    gamma
        Scale of the initial weights, N(0, γ² / (n_in + n_out)).
    n_steps
        Steps of gradient descent; each sees all items once, so a step is an epoch.
    every
        Record every so many steps, the initial state first; a divisor of ``n_steps``.
    seed
        Seed of the initial weights.
    """

    hidden: tuple[int, ...] = (30,)
    lr: float = 100.0
    gamma: float = 1e-12
    n_steps: int = 250
    every: int = 1
    seed: int = 2021

    def __post_init__(self) -> None:
        if not self.lr > 0:
            raise InputError(f"The learning rate is {self.lr}; it must be positive.")
        if self.n_steps < 1 or self.every < 1 or self.n_steps % self.every:
            raise InputError(
                f"n_steps is {self.n_steps} and every is {self.every}; n_steps must be a multiple of every."
            )


@dataclass(frozen=True)
class History:
    """What a linear network went through.

    Fields
    ------
    steps : (n_records,) int
        Steps of gradient descent taken before each record.
    loss : (n_records,)
        Mean squared error over items and outputs.
    modes : (n_records, n_modes)
        Singular values of the map from inputs to all outputs, largest first.
    rsm : (n_records, n_hidden_layers, n_items, n_items)
        Inner products between the items' hidden activations, HHᵀ, per hidden layer.
    predictions : (n_records, n_predictions)
        The chosen predictions.
    solution : (n_outputs, n_inputs)
        The map after the last step.
    initial_weights, targets
        The start of the run in the reduced basis, which is all that a theory of it needs.
    training
        How the network was trained.
    n_target_entries
        Number of items times number of outputs.
    """

    steps: np.ndarray
    loss: np.ndarray
    modes: np.ndarray
    rsm: np.ndarray
    predictions: np.ndarray
    solution: np.ndarray
    initial_weights: Weights
    targets: np.ndarray
    training: Training
    n_target_entries: int

    @property
    def rate(self) -> float:
        """Step of the map per unit of summed error, 2·lr / (n_items · n_outputs)."""
        return descent_rate(self.training.lr, self.n_target_entries)

    def arrays(self) -> dict[str, np.ndarray]:
        """Return every array under its name, for a file."""
        names = ("steps", "loss", "modes", "rsm", "predictions", "solution", "targets")
        layers = {f"initial_weights_{i}": layer for i, layer in enumerate(self.initial_weights, start=1)}
        return {name: getattr(self, name) for name in names} | layers

    def descriptors(self) -> dict[str, int | float | list[int]]:
        """Return what a reader must know to understand the arrays, for a file."""
        settings = vars(self.training) | {"hidden": list(self.training.hidden)}
        return settings | {"n_target_entries": self.n_target_entries}

    @classmethod
    def from_parts(cls, arrays: dict[str, np.ndarray], descriptors: dict) -> "History":
        """Rebuild a history from what :meth:`arrays` and :meth:`descriptors` returned."""
        names = ("steps", "loss", "modes", "rsm", "predictions", "solution", "targets")
        settings = {name: descriptors[name] for name in ("lr", "gamma", "n_steps", "every", "seed")}
        training = Training(hidden=tuple(descriptors["hidden"]), **settings)
        layers = tuple(arrays[f"initial_weights_{i}"] for i in range(1, len(training.hidden) + 2))
        return cls(
            **{name: arrays[name] for name in names},
            initial_weights=layers,
            training=training,
            n_target_entries=int(descriptors["n_target_entries"]),
        )


def descent_rate(lr: float | np.ndarray, n_target_entries: int) -> float | np.ndarray:
    """Turn a learning rate for the mean squared error into one for half the summed squared error."""
    return 2.0 * lr / n_target_entries


def gradient_descent(
    weights: Weights, inputs: np.ndarray, targets: np.ndarray, rate: float | np.ndarray
) -> Iterator[Weights]:
    """Yield the weights before the first step of gradient descent and after every step, without end.

    Parameters
    ----------
    weights
        One or many networks; leading axes must agree with those of ``rate``.
    inputs, targets
        ``(n_items, n_in)`` and ``(n_items, n_out)``.
    rate
        Step size for half the summed squared error.
    """
    covariance, correlation = inputs.T @ inputs, targets.T @ inputs
    rate = np.asarray(rate)[..., None, None]
    while True:
        yield weights
        descent = rate * (correlation - total_map(weights) @ covariance)
        weights = tuple(layer + step for layer, step in zip(weights, _backpropagate(weights, descent), strict=True))


def train(
    features: np.ndarray,
    training: Training,
    *,
    inputs: np.ndarray | None = None,
    follow: Sequence[Prediction] = (),
) -> History:
    """Train a linear network to name the features of items, and record all of its course.

    Parameters
    ----------
    features : (n_items, n_outputs)
        Targets, such as the features of a branching tree.
    inputs : (n_items, n_inputs)
        What the network is shown; by default every item is one-hot.
    follow
        Predictions to record.

    Raises
    ------
    InputError
        If shapes do not fit, a followed prediction does not exist, or training diverges.
    """
    inputs = np.eye(len(features)) if inputs is None else np.asarray(inputs, dtype=float)
    _check_problem(features, inputs, follow)
    sizes = (inputs.shape[1], *training.hidden, features.shape[1])
    start = initial_weights(sizes, training.gamma, np.random.default_rng(training.seed))
    problem = reduce_outputs(start, features)
    steps = np.arange(0, training.n_steps + 1, training.every)
    recorded = _record(problem, inputs, training)
    return _history(problem, inputs, training, follow, steps, recorded)


def train_grid(features: np.ndarray, lrs: Sequence[float], gammas: Sequence[float], training: Training) -> np.ndarray:
    """Return the loss of networks for every learning rate × initial scale, trained as one batch.

    All networks start from one draw, scaled by their γ, and differ in nothing else. ``training`` gives
    the rest: hidden layers, steps and seed.

    Returns
    -------
    (n_steps + 1, n_lrs, n_gammas)
        Mean squared error; ``inf`` from the step at which a network has diverged.

    Raises
    ------
    InputError
        If a learning rate is not positive or a γ negative.
    """
    lrs, gammas = np.asarray(lrs, dtype=float), np.asarray(gammas, dtype=float)
    if not (np.all(lrs > 0) and np.all(gammas >= 0)):
        raise InputError(f"The grid needs positive learning rates and γ >= 0, but has {lrs} and {gammas}.")
    inputs = np.eye(len(features))
    sizes = (len(features), *training.hidden, features.shape[1])
    problem = reduce_outputs(initial_weights(sizes, 1.0, np.random.default_rng(training.seed)), features)
    rates = descent_rate(lrs[:, None], problem.n_target_entries)
    scaled = tuple(np.tile(gammas[:, None, None] * layer, (len(lrs), 1, 1, 1)) for layer in problem.weights)
    course = gradient_descent(scaled, inputs, problem.targets, rates)
    with np.errstate(over="ignore", invalid="ignore"):
        loss = [_loss(total_map(w), inputs, problem) for w in islice(course, training.n_steps + 1)]
    # Once a network overflows, its loss is nan: inf minus inf.
    return np.where(np.isnan(loss), np.inf, loss)


def _backpropagate(weights: Weights, descent: np.ndarray) -> list[np.ndarray]:
    """Turn a descent direction of the map into one of every layer by the chain rule."""
    below = list(accumulate(weights[:-1], lambda product, layer: layer @ product))
    steps = []
    for depth in range(len(weights) - 1, 0, -1):
        steps.append(descent @ np.swapaxes(below[depth - 1], -1, -2))
        descent = np.swapaxes(weights[depth], -1, -2) @ descent
    return [descent, *reversed(steps)]


def _record(problem: ReducedProblem, inputs: np.ndarray, training: Training) -> Weights:
    """Return the weights at every recorded step, each layer ``(n_records, n_out, n_in)``."""
    rate = descent_rate(training.lr, problem.n_target_entries)
    course = gradient_descent(problem.weights, inputs, problem.targets, rate)
    with np.errstate(over="ignore", invalid="ignore"):
        records = list(islice(course, 0, training.n_steps + 1, training.every))
    if not all(np.isfinite(layer).all() for layer in records[-1]):
        raise InputError(f"Training diverged at lr {training.lr} and gamma {training.gamma}; lower one of them.")
    return tuple(np.stack(layers) for layers in zip(*records, strict=True))


def _history(
    problem: ReducedProblem,
    inputs: np.ndarray,
    training: Training,
    follow: Sequence[Prediction],
    steps: np.ndarray,
    recorded: Weights,
) -> History:
    maps = total_map(recorded)
    return History(
        steps=steps,
        loss=_loss(maps, inputs, problem),
        modes=np.linalg.svd(maps, compute_uv=False),
        rsm=_similarities(recorded, inputs),
        predictions=_followed(maps, inputs, problem.basis, follow),
        solution=problem.restore(maps[-1]),
        initial_weights=problem.weights,
        targets=problem.targets,
        training=training,
        n_target_entries=problem.n_target_entries,
    )


def _loss(maps: np.ndarray, inputs: np.ndarray, problem: ReducedProblem) -> np.ndarray:
    error = inputs @ np.swapaxes(maps, -1, -2) - problem.targets
    return np.square(error).sum(axis=(-2, -1)) / problem.n_target_entries


def _similarities(recorded: Weights, inputs: np.ndarray) -> np.ndarray:
    """Stack HHᵀ over hidden layers; a shallow network has none and gives an empty axis."""
    n_records, n_items = len(recorded[0]), len(inputs)
    similarities = np.empty((n_records, len(recorded) - 1, n_items, n_items))
    for layer, hidden in enumerate(hidden_activations(recorded, inputs)):
        similarities[:, layer] = hidden @ np.swapaxes(hidden, -1, -2)
    return similarities


def _followed(maps: np.ndarray, inputs: np.ndarray, basis: np.ndarray, follow: Sequence[Prediction]) -> np.ndarray:
    """Return the followed predictions without ever forming the others, ``(n_records, n_predictions)``."""
    columns = [maps @ inputs[item] @ basis[feature] for item, feature in follow]
    return np.stack(columns, axis=-1) if columns else np.empty((len(maps), 0))


def _check_problem(features: np.ndarray, inputs: np.ndarray, follow: Sequence[Prediction]) -> None:
    if np.ndim(features) != 2 or len(inputs) != len(features):
        raise InputError(
            f"features {np.shape(features)} and inputs {inputs.shape} must be two tables with a row per item."
        )
    for item, feature in follow:
        if not (0 <= item < features.shape[0] and 0 <= feature < features.shape[1]):
            raise InputError(
                f"Cannot follow feature {feature} of item {item}: there are {features.shape[0]} items "
                f"and {features.shape[1]} features."
            )
