"""The branching-diffusion data set against the closed form of its statistics."""

import numpy as np
import pytest

from repgeom.datasets.tree import (
    ITEM_NAMES,
    BranchingTree,
    add_feature,
    expected_similarity,
    item_names,
    sample_features,
)
from repgeom.errors import InputError


def sample(tree, n_features=10_000, seed=0):
    return sample_features(tree, n_features, np.random.default_rng(seed))


def edges_apart(tree, a, b):
    """Count edges between two leaves by walking up to the root, as an independent definition."""

    def lineage(leaf):
        node, nodes = len(tree.levels) - tree.n_items + leaf, []
        while node != -1:
            nodes.append(node)
            node = tree.parents[node]
        return set(nodes)

    return len(lineage(a) ^ lineage(b))


@pytest.mark.parametrize(("n_levels", "n_branches"), [(1, 1), (1, 5), (3, 2), (2, 3), (4, 2)])
def test_features_are_signs_with_one_row_per_leaf(n_levels, n_branches):
    tree = BranchingTree(n_levels, n_branches)
    features = sample(tree, 50)
    assert features.shape == (n_branches**n_levels, 50)
    assert set(np.unique(features)) <= {-1.0, 1.0}
    assert len(item_names(tree)) == tree.n_items == np.sum(tree.levels == n_levels)


@pytest.mark.parametrize(("n_levels", "n_branches", "flip"), [(3, 2, 0.15), (2, 3, 0.3), (4, 2, 0.05), (1, 4, 0.8)])
def test_item_similarity_follows_the_number_of_edges_between_items(n_levels, n_branches, flip):
    tree = BranchingTree(n_levels, n_branches, flip)
    items = range(tree.n_items)
    by_walking = np.array([[(1 - 2 * flip) ** edges_apart(tree, a, b) for b in items] for a in items])
    np.testing.assert_allclose(expected_similarity(tree), by_walking, rtol=1e-12)
    features = sample(tree, 40_000)
    # Five standard errors of a mean of 40,000 signs.
    np.testing.assert_allclose(features @ features.T / 40_000, by_walking, atol=5 / np.sqrt(40_000))


def test_modes_of_the_published_tree():
    """One mode for animal or plant plus the common part, then one per split: 1 + 1 + 2 + 4 modes."""
    modes = np.sqrt(10_000 * np.sort(np.linalg.eigvalsh(expected_similarity(BranchingTree())))[::-1])
    q = 0.7**2
    exact = [1 + q + 2 * q**2 + 4 * q**3, 1 + q + 2 * q**2 - 4 * q**3, *2 * [1 + q - 2 * q**2], *4 * [1 - q]]
    np.testing.assert_allclose(modes, 100 * np.sqrt(exact), rtol=1e-12)
    np.testing.assert_allclose(modes / modes[0], [1, 0.784, *2 * [0.643], *4 * [0.457]], atol=5e-4)


def test_extreme_flip_probabilities():
    assert np.all(np.ptp(sample(BranchingTree(flip=0.0), 100), axis=0) == 0)
    always = sample(BranchingTree(n_levels=3, flip=1.0, root_flip=0.0), 100)
    assert np.all(always == -1)
    assert np.all(sample(BranchingTree(flip=0.0, root_flip=1.0), 10) == -1)


def test_siblings_are_neighbours():
    similarity = expected_similarity(BranchingTree())
    names = item_names(BranchingTree())
    assert names == ITEM_NAMES
    np.fill_diagonal(similarity, 0)
    assert names[similarity[names.index("robin")].argmax()] == "canary"
    assert names[similarity[names.index("oak")].argmax()] == "pine"


def test_the_seed_decides():
    tree = BranchingTree()
    assert np.array_equal(sample(tree, 100, seed=3), sample(tree, 100, seed=3))
    assert not np.array_equal(sample(tree, 100, seed=3), sample(tree, 100, seed=4))


def test_add_feature_appends_a_column():
    features = sample(BranchingTree(), 6)
    values = np.arange(8.0)
    extended = add_feature(features, values)
    assert np.array_equal(extended[:, :6], features)
    assert np.array_equal(extended[:, 6], values)
    with pytest.raises(InputError, match="8 items"):
        add_feature(features, values[:7])


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"n_levels": 0}, "n_levels"),
        ({"n_branches": 0}, "n_branches"),
        ({"flip": 1.5}, "flip"),
        ({"root_flip": -0.1}, "root_flip"),
    ],
)
def test_impossible_trees_are_refused(settings, named):
    with pytest.raises(InputError, match=named):
        BranchingTree(**settings)


def test_no_features_are_refused():
    with pytest.raises(InputError, match="n_features"):
        sample(BranchingTree(), 0)
