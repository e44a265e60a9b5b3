"""The runs of learning dynamics: which networks are trained on one seed's features, and how they are read back."""

from pathlib import Path

import numpy as np

from repgeom.analyses.learning_dynamics import ILLUSIONS, train_illusion
from repgeom.datasets.tree import BranchingTree, sample_features
from repgeom.store.hdf5 import read_arrays
from repgeom.training.deep_linear import History, Training, train


def tree_of(section: dict) -> BranchingTree:
    """The tree that the configuration describes."""
    return BranchingTree(section["levels"], section["branches"], section["flip"], section["root_flip"])


def features_of(data: dict, seed: int) -> np.ndarray:
    """Features (n_items, n_features) of one seed."""
    return sample_features(tree_of(data["tree"]), data["features"], np.random.default_rng(seed))


def training_of(section: dict, seed: int, **changed) -> Training:
    """The training that the configuration describes, with some settings changed."""
    settings = {
        "hidden": tuple(section["hidden"]),
        "lr": section["learning_rate"],
        "gamma": section["gamma"],
        "n_steps": section["epochs"],
        "seed": seed,
    }
    return Training(**(settings | changed))


def train_runs(features: np.ndarray, section: dict, seed: int) -> dict[str, History]:
    """Train on the tree (`main`), with each illusory feature, at the slow rate, and without a hidden layer."""
    main = training_of(section, seed)
    slow = training_of(section, seed, lr=section["slow_learning_rate"])
    shallow = training_of(section, seed, lr=section["shallow_learning_rate"], hidden=())
    runs = {"main": train(features, main), "slow": train(features, slow), "shallow": train(features, shallow)}
    return runs | {name: train_illusion(features, illusion, main) for name, illusion in ILLUSIONS.items()}


def read_history(path: str | Path) -> History:
    """Read back a run that a job wrote."""
    content = read_arrays(path)
    return History.from_parts(content.arrays, content.attributes)
