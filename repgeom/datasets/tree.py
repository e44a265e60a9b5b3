"""Items whose features diffuse down a branching tree: a data set with a hierarchy and nothing else.

Every feature starts at the root as +1 or −1 and flips sign with a fixed probability on each edge on
its way to the leaves, independently of all other features. The leaves are the items. Two items share
more features the later their lineages part, so the covariance between items has one singular mode per
split of the tree, and broad splits have the strong modes.

Source: Saxe, McClelland & Ganguli 2019 (PNAS 116, 11537), "A mathematical theory of semantic
development in deep neural networks".
"""

from dataclasses import dataclass

import numpy as np

from repgeom.errors import InputError

ITEM_NAMES = ("goldfish", "tuna", "robin", "canary", "rose", "daisy", "pine", "oak")
"""Names of the eight leaves of a binary tree with three levels, siblings side by side."""


@dataclass(frozen=True)
class BranchingTree:
    """The tree that features diffuse along.

    Parameters
    ----------
    n_levels
        Edges between the root and every leaf, at least 1.
    n_branches
        Children of every inner node, at least 1.
    flip
        Probability in [0, 1] that a feature changes sign along an edge.
    root_flip
        Probability in [0, 1] that a feature is −1 at the root.

    Raises
    ------
    InputError
        If a number is outside its range.
    """

    n_levels: int = 3
    n_branches: int = 2
    flip: float = 0.15
    root_flip: float = 0.5

    def __post_init__(self) -> None:
        for name in ("n_levels", "n_branches"):
            if getattr(self, name) < 1:
                raise InputError(f"The tree's {name} is {getattr(self, name)}; give an integer of at least 1.")
        for name in ("flip", "root_flip"):
            if not 0 <= getattr(self, name) <= 1:
                raise InputError(f"The tree's {name} is {getattr(self, name)}; give a probability, 0 to 1.")

    @property
    def n_items(self) -> int:
        """Number of leaves."""
        return self.n_branches**self.n_levels

    @property
    def levels(self) -> np.ndarray:
        """Depth of every node, the root (0) first and the leaves last, ``(n_nodes,)``."""
        depths = np.arange(self.n_levels + 1)
        return np.repeat(depths, self.n_branches**depths)

    @property
    def parents(self) -> np.ndarray:
        """Index of every node's parent in the same order, −1 for the root, ``(n_nodes,)``."""
        return (np.arange(len(self.levels)) - 1) // self.n_branches


def item_names(tree: BranchingTree) -> tuple[str, ...]:
    """Name the leaves: after animals and plants where the tree has eight, ``item 1`` … otherwise."""
    if (tree.n_levels, tree.n_branches) == (3, 2):
        return ITEM_NAMES
    return tuple(f"item {number}" for number in range(1, tree.n_items + 1))


def sample_features(tree: BranchingTree, n_features: int, rng: np.random.Generator) -> np.ndarray:
    """Let features diffuse from the root to the leaves.

    Returns
    -------
    (n_items, n_features) float64
        +1 or −1; siblings are neighbouring rows.

    Raises
    ------
    InputError
        If ``n_features`` is less than 1.
    """
    if n_features < 1:
        raise InputError(f"n_features is {n_features}; ask for at least one feature.")
    values = _signs(tree.root_flip, (1, n_features), rng)
    for _ in range(tree.n_levels):
        children = np.repeat(values, tree.n_branches, axis=0)
        values = children * _signs(tree.flip, children.shape, rng)
    return values


def expected_similarity(tree: BranchingTree) -> np.ndarray:
    """Return the mean product of two items' features, which sampled features approach.

    Two leaves whose last common ancestor is k levels up are 2k edges apart, and every edge multiplies
    the mean product by 1 − 2·flip (Saxe et al. 2019, supplement on the branching diffusion process).

    Returns
    -------
    (n_items, n_items)
    """
    leaves = np.arange(tree.n_items)
    edges_apart = np.zeros((tree.n_items, tree.n_items), dtype=int)
    for height in range(tree.n_levels):
        ancestor = leaves // tree.n_branches**height
        edges_apart += 2 * (ancestor[:, None] != ancestor)
    return (1.0 - 2.0 * tree.flip) ** edges_apart


def add_feature(features: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Append one feature, given by its value for every item, as the last column.

    Raises
    ------
    InputError
        If there is not one value per item.
    """
    values = np.asarray(values, dtype=float)
    if values.shape != (len(features),):
        raise InputError(
            f"The added feature has shape {values.shape} but there are {len(features)} items; give one value per item."
        )
    return np.column_stack([features, values])


def _signs(p_negative: float, shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    return np.where(rng.random(shape) < p_negative, -1.0, 1.0)
