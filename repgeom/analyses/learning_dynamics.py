"""Learning dynamics: from recorded trainings of deep linear networks to the tables behind the figures.

Source: the deep linear networks tutorial of Neuromatch Academy's deep learning course (W1D2, Tutorial 3),
after Saxe, McClelland & Ganguli 2019 (PNAS 116, 11537). Every table is tidy: one observation per row.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from repgeom.datasets.tree import BranchingTree, add_feature
from repgeom.errors import InputError
from repgeom.measures.linear_dynamics import (
    aligned_start,
    half_height_steps,
    linear_regression,
    loss_plateaus,
    mode_trajectories,
)
from repgeom.measures.uncertainty import Estimate, mean_estimate
from repgeom.training.deep_linear import History, Prediction, Training, train


class Illusion(NamedTuple):
    """A feature that contradicts the hierarchy, and the item of which it is at first believed.

    Fields: the ``statement`` believed on the way, the ``item`` (row) and its ``name`` in place of the
    tree's, and the feature's ``values`` for all eight items.
    """

    statement: str
    item: int
    name: str
    values: tuple[float, ...]

    @property
    def truth(self) -> float:
        """What the network believes in the end."""
        return self.values[self.item]


ILLUSIONS = {
    "shark": Illusion("sharks have bones", 0, "shark", (-1, 1, 1, 1, -1, -1, -1, -1)),
    "parrot": Illusion("parrots cannot speak", 3, "parrot", (1, 1, 1, -1, 1, 1, 1, 1)),
}
"""The tutorial's illusory correlations; they need the tree of eight items."""


def train_illusion(features: np.ndarray, illusion: Illusion, training: Training) -> History:
    """Train on the features and the contradicting one, following the belief in it.

    Raises
    ------
    InputError
        If the illusion was made for another number of items.
    """
    with_illusion = add_feature(features, np.array(illusion.values))
    return train(with_illusion, training, follow=[Prediction(illusion.item, features.shape[1])])


def analytic_modes(history: History) -> np.ndarray:
    """Predict the recorded modes from the initial weights, ``(n_records, rank)``.

    Raises
    ------
    InputError
        If the network has another number of hidden layers than one, or see
        :func:`repgeom.measures.linear_dynamics.mode_trajectories`.
    """
    if len(history.training.hidden) != 1:
        raise InputError(
            f"The network has hidden layers {history.training.hidden}; "
            "its exact trajectories are known for one hidden layer."
        )
    start = aligned_start(*history.initial_weights, np.eye(len(history.targets)), history.targets)
    return mode_trajectories(start, history.rate, history.steps)


def node_table(tree: BranchingTree) -> pd.DataFrame:
    """List the tree's nodes: node, parent (−1 for the root), level, flip probability on the way in."""
    levels = tree.levels
    flips = np.where(levels == 0, tree.root_flip, tree.flip)
    return pd.DataFrame({"node": np.arange(len(levels)), "parent": tree.parents, "level": levels, "flip": flips})


def feature_table(features: np.ndarray, items: Sequence[str]) -> pd.DataFrame:
    """List every item's features, −1 or 1: item, feature, value."""
    return _long(features, item=items, feature=range(features.shape[1]))


def label_table(items: Sequence[str]) -> pd.DataFrame:
    """List the one-hot inputs: item, input, value."""
    return _long(np.eye(len(items)), item=items, input=items)


def loss_table(history: History) -> pd.DataFrame:
    """List the loss of a run: step, loss."""
    return _long(history.loss, "loss", step=history.steps)


def grid_table(loss: np.ndarray, lrs: Sequence[float], gammas: Sequence[float]) -> pd.DataFrame:
    """List the losses of the grid: step, lr, gamma, loss (``inf`` once diverged)."""
    return _long(loss, "loss", step=range(len(loss)), lr=lrs, gamma=gammas)


def trajectory_table(history: History) -> pd.DataFrame:
    """List measured and analytic modes: step, mode, measured, analytic, difference.

    ``difference`` is measured − analytic relative to the largest mode.
    """
    analytic = analytic_modes(history)
    measured = history.modes[:, : analytic.shape[1]]
    axes = {"step": history.steps, "mode": _mode_numbers(analytic)}
    table = _long(measured, "measured", **axes)
    table["analytic"] = analytic.ravel()
    return table.assign(difference=(table.measured - table.analytic) / analytic.max())


def rsm_table(history: History, items: Sequence[str], steps: Sequence[int]) -> pd.DataFrame:
    """List representational similarities at some steps: step, layer, item_a, item_b, similarity.

    Raises
    ------
    InputError
        If a step was not recorded.
    """
    missing = sorted(set(steps) - set(history.steps.tolist()))
    if missing:
        first, last = history.steps[[0, -1]]
        every = history.training.every
        raise InputError(f"Steps {missing} were not recorded; {first} to {last} were, every {every}.")
    rows = np.searchsorted(history.steps, steps)
    layers = range(1, history.rsm.shape[1] + 1)
    return _long(history.rsm[rows], "similarity", step=steps, layer=layers, item_a=items, item_b=items)


def belief_table(histories: Mapping[str, History]) -> pd.DataFrame:
    """List the beliefs in illusory correlations: illusion, statement, item, step, belief, truth.

    Parameters
    ----------
    histories
        What :func:`train_illusion` returned, by the illusion's name in ``ILLUSIONS``.
    """
    return pd.concat([_beliefs(name, history) for name, history in histories.items()], ignore_index=True)


def regression_table(features: np.ndarray, histories: Mapping[str, History]) -> pd.DataFrame:
    """Compare trained maps with linear regression: network, hidden, lr, steps, loss, share, difference.

    ``difference`` is the largest absolute difference between the entries of the maps among the ``share`` of them that
    differ least, in a row for each per cent; entries in the regression are the features themselves, −1 and 1.
    """
    exact = linear_regression(np.eye(len(features)), features)
    rows = [row for name, run in histories.items() for row in _regression_rows(name, run, exact)]
    return pd.DataFrame(rows)


def landmarks(run: History, shark: History, slow: History) -> dict[str, float]:
    """Read one seed's numbers off its runs, under the names of `resources/reference_learning_dynamics.csv`.

    Parameters
    ----------
    run, shark, slow
        The main run; the run with the shark's feature; the main run at lr 20.
    """
    return {**_plateaus(run), **_modes(run), **_shark(shark), "loss at the end, lr 20": slow.loss[-1]}


def landmark_numbers(seeds: Sequence[Mapping[str, float]]) -> dict[str, Estimate]:
    """Quantity → mean over seeds, from what :func:`landmarks` returned for each seed.

    Losses, modes and epochs are not negative, beliefs lie above −1, and no mode is larger than the first. A seed that
    lacks a quantity (a plateau that was not found) is left out of its mean.
    """
    table = pd.DataFrame(seeds)
    lowest = {name: -1.0 if "belief" in name and "(epoch)" not in name else 0.0 for name in table}
    highest = {name: 1.0 if name.endswith("/ mode 1") else np.inf for name in table}
    return {name: mean_estimate(table[name].dropna(), lowest=lowest[name], highest=highest[name]) for name in table}


def _long(values: np.ndarray, name: str = "value", /, **axes: Sequence) -> pd.DataFrame:
    """Turn an array into rows: one column per axis and one for the values."""
    index = pd.MultiIndex.from_product([list(labels) for labels in axes.values()], names=list(axes))
    return pd.DataFrame({name: np.ravel(values)}, index=index).reset_index()


def _mode_numbers(modes: np.ndarray) -> range:
    return range(1, modes.shape[1] + 1)


def _beliefs(name: str, history: History) -> pd.DataFrame:
    illusion = ILLUSIONS[name]
    table = _long(history.predictions[:, 0], "belief", step=history.steps)
    table = table.assign(illusion=name, statement=illusion.statement, item=illusion.name, truth=illusion.truth)
    return table[["illusion", "statement", "item", "step", "belief", "truth"]]


def _regression_rows(name: str, history: History, exact: np.ndarray) -> Iterator[dict[str, object]]:
    shares = np.arange(101) / 100
    run = {
        "network": name,
        "hidden": " ".join(map(str, history.training.hidden)),
        "lr": history.training.lr,
        "steps": history.training.n_steps,
        "loss": history.loss[-1],
    }
    for share, difference in zip(shares, np.quantile(np.abs(history.solution - exact), shares), strict=True):
        yield run | {"share": share, "difference": difference}


def _plateaus(run: History) -> dict[str, float]:
    plateaus = enumerate(loss_plateaus(run.loss, run.steps), start=1)
    return {f"loss at plateau {number}": plateau.loss for number, plateau in plateaus} | {
        "loss at the end": run.loss[-1]
    }


def _modes(run: History) -> dict[str, float]:
    half, final = half_height_steps(run.modes, run.steps), run.modes[-1]
    heights = {f"half height of mode {mode} (epoch)": step for mode, step in enumerate(half, start=1)}
    relative = {f"final mode {mode} / mode 1": value / final[0] for mode, value in enumerate(final, start=1)}
    return heights | relative | {"final mode 1": final[0]}


def _shark(shark: History) -> dict[str, float]:
    belief = shark.predictions[:, 0]
    peak = int(np.argmax(belief))
    return {
        "shark's belief at epoch 100": np.interp(100, shark.steps, belief),
        "shark's largest belief": belief[peak],
        "shark's largest belief (epoch)": shark.steps[peak],
        "shark's belief at epoch 145": np.interp(145, shark.steps, belief),
        "shark's belief at the end": belief[-1],
    }
