"""A branching diffusion tree over its items, their features and labels."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from repgeom.datasets.tree import BranchingTree
from repgeom.figures.style import COLUMN, MM, house_style, letter_panels, new_figure


def tree_figure(tree: BranchingTree, features: np.ndarray, items: Sequence[str]) -> Figure:
    """Draw the tree from its root to its leaves, the first features of every leaf and its one-hot label.

    Parameters
    ----------
    tree : BranchingTree
    features : (n_items, n_shown) in ±1
    items : names
    """
    with house_style():
        figure = new_figure(COLUMN, 52 * MM)
        left, middle, right = figure.subplots(1, 3, width_ratios=[1, 1.8, 0.9])
        _draw_tree(left, tree)
        middle.imshow(features, cmap="cividis", aspect="auto", vmin=-1, vmax=1, interpolation="nearest")
        middle.set(xlabel=f"feature (first {features.shape[1]};\nyellow +1, blue −1)")
        middle.set_yticks(range(len(items)), items)
        right.imshow(np.eye(len(items)), cmap="Greys", aspect="auto")
        right.set(xlabel="input\n(one-hot)", yticks=[], xticks=range(0, len(items), max(1, len(items) // 4)))
        letter_panels([left, middle, right])
        return figure


def _draw_tree(axes, tree: BranchingTree) -> None:
    heights = _heights(tree)
    for node, parent in enumerate(tree.parents):
        axes.plot(tree.levels[node], heights[node], "o", color="black", ms=2.5)
        if parent >= 0:
            axes.plot([tree.levels[parent], tree.levels[node]], [heights[parent], heights[node]], color="0.4", lw=0.8)
    axes.set_ylim(tree.n_items - 0.5, -0.5)
    axes.set_yticks([])
    axes.set_xticks(range(tree.n_levels + 1))
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("level")


def _heights(tree: BranchingTree) -> np.ndarray:
    """Leaves at 0, 1, 2 …; every other node at the mean of its children."""
    heights = np.zeros(len(tree.levels))
    heights[tree.levels == tree.n_levels] = np.arange(tree.n_items)
    for node in reversed(range(len(tree.levels))):
        children = np.flatnonzero(tree.parents == node)
        if len(children):
            heights[node] = heights[children].mean()
    return heights
