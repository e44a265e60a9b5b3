"""Training of deep linear networks against literal training with torch on all outputs."""

import numpy as np
import pytest
import torch

from repgeom.datasets.tree import BranchingTree, sample_features
from repgeom.errors import InputError
from repgeom.models.deep_linear import hidden_activations, initial_weights, reduce_outputs, total_map
from repgeom.store.hdf5 import read_arrays, write_arrays
from repgeom.training.deep_linear import History, Prediction, Training, train, train_grid

FOLLOW = (Prediction(item=0, feature=7), Prediction(item=5, feature=11))


def tree_features(n_features, seed=2021):
    return sample_features(BranchingTree(), n_features, np.random.default_rng(seed))


def literal_training(features, training, inputs):
    """Train by autograd and SGD on torch's mean squared error and keep everything of every step."""
    sizes = (inputs.shape[1], *training.hidden, features.shape[1])
    start = initial_weights(sizes, training.gamma, np.random.default_rng(training.seed))
    weights = [torch.tensor(layer, requires_grad=True) for layer in start]
    optimiser = torch.optim.SGD(weights, lr=training.lr)
    x, y = torch.tensor(inputs), torch.tensor(features)
    losses, maps, rsms, beliefs = [], [], [], []
    for _ in range(training.n_steps + 1):
        layers = [x]
        for layer in weights:
            layers.append(layers[-1] @ layer.T)
        loss = torch.nn.functional.mse_loss(layers[-1], y)
        losses.append(loss.item())
        hidden = [h.detach().numpy() for h in layers[1:-1]]
        rsms.append(np.array([h @ h.T for h in hidden]).reshape(len(hidden), len(x), len(x)))
        beliefs.append([layers[-1][item, feature].item() for item, feature in FOLLOW])
        maps.append(total_map(tuple(layer.detach().numpy().copy() for layer in weights)))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return np.array(losses), maps, np.array(rsms), np.array(beliefs)


def assert_same_course(history, literal):
    losses, maps, rsms, beliefs = literal
    modes = np.array([np.linalg.svd(m, compute_uv=False) for m in maps])
    np.testing.assert_allclose(history.loss, losses, atol=1e-9)
    np.testing.assert_allclose(history.modes, modes, atol=1e-5 * modes.max())
    np.testing.assert_allclose(history.rsm, rsms, atol=1e-7 * max(np.abs(rsms).max(initial=0), 1))
    np.testing.assert_allclose(history.predictions, beliefs, atol=1e-7)
    np.testing.assert_allclose(history.solution, maps[-1], atol=1e-7)


def test_published_run_equals_literal_training_on_ten_thousand_outputs():
    features, training = tree_features(10_000), Training()
    history = train(features, training, follow=FOLLOW)
    assert_same_course(history, literal_training(features, training, np.eye(8)))
    assert history.modes.shape == (251, 8)
    assert history.rsm.shape == (251, 1, 8, 8)


@pytest.mark.parametrize("hidden", [(), (3,), (30,), (12, 9), (7, 6, 5)])
@pytest.mark.parametrize("n_features", [20, 300])
def test_any_depth_equals_literal_training(hidden, n_features):
    """Also networks too narrow for the task, and outputs too few for any reduction."""
    features = tree_features(n_features)
    training = Training(hidden=hidden, lr=2.0, gamma=0.5, n_steps=60, seed=4)
    history = train(features, training, follow=FOLLOW)
    assert_same_course(history, literal_training(features, training, np.eye(8)))


@pytest.mark.parametrize("hidden", [(), (6,), (6, 5)])
def test_any_inputs_equal_literal_training(hidden):
    inputs = np.random.default_rng(1).normal(size=(8, 5))
    features, training = tree_features(100), Training(hidden=hidden, lr=0.5, gamma=0.3, n_steps=50)
    history = train(features, training, inputs=inputs, follow=FOLLOW)
    assert_same_course(history, literal_training(features, training, inputs))


def test_reduction_is_a_rotation():
    weights = initial_weights((8, 30, 500), 1.0, np.random.default_rng(0))
    problem = reduce_outputs(weights, tree_features(500))
    assert problem.basis.shape == (500, 38)
    np.testing.assert_allclose(problem.basis.T @ problem.basis, np.eye(38), atol=1e-12)
    np.testing.assert_allclose(problem.basis @ problem.weights[-1], weights[-1], atol=1e-12)
    np.testing.assert_allclose(problem.basis @ problem.targets.T, tree_features(500).T, atol=1e-12)
    np.testing.assert_allclose(problem.restore(total_map(problem.weights)), total_map(weights), atol=1e-12)


def test_size_of_the_recorded_problem_does_not_grow_with_the_outputs():
    sizes = [train(tree_features(n), Training(n_steps=2)).initial_weights[-1].shape for n in (100, 10_000)]
    assert sizes == [(38, 30), (38, 30)]


def test_tiny_weights_keep_their_relative_accuracy_beside_targets_of_one():
    weights = initial_weights((8, 30, 10_000), 1e-15, np.random.default_rng(0))
    problem = reduce_outputs(weights, tree_features(10_000))
    np.testing.assert_allclose(
        np.linalg.svd(problem.weights[-1], compute_uv=False), np.linalg.svd(weights[-1], compute_uv=False), rtol=1e-10
    )


def test_initial_weights_have_the_stated_scale():
    first, second = initial_weights((200, 300, 400), 0.5, np.random.default_rng(0))
    assert first.shape == (300, 200)
    assert second.shape == (400, 300)
    # The standard deviation of n draws is known to 1 / sqrt(2n); five of those.
    assert first.std() == pytest.approx(0.5 / np.sqrt(500), rel=5 / np.sqrt(2 * first.size))
    assert second.std() == pytest.approx(0.5 / np.sqrt(700), rel=5 / np.sqrt(2 * second.size))
    assert abs(first.mean()) < 5 * first.std() / np.sqrt(first.size)


def test_hidden_activations_lead_to_the_map():
    weights = initial_weights((4, 6, 5, 9), 1.0, np.random.default_rng(0))
    hidden = hidden_activations(weights, np.eye(4))
    assert [h.shape for h in hidden] == [(4, 6), (4, 5)]
    np.testing.assert_allclose(hidden[-1] @ weights[-1].T, total_map(weights).T)
    assert hidden_activations(weights[:1], np.eye(4)) == []


def test_every_cell_of_the_grid_equals_its_own_run():
    features, lrs, gammas = tree_features(400), [1.0, 5.0, 20.0], [1e-12, 1e-3, 1.0]
    grid = train_grid(features, lrs, gammas, Training(n_steps=150))
    assert grid.shape == (151, 3, 3)
    for i, lr in enumerate(lrs):
        for j, gamma in enumerate(gammas):
            run = train(features, Training(lr=lr, gamma=gamma, n_steps=150))
            np.testing.assert_allclose(grid[:, i, j], run.loss, atol=1e-9)


def test_diverged_cells_are_infinite_and_leave_their_neighbours_alone():
    features = tree_features(400)
    grid = train_grid(features, [20.0, 3000.0], [1.0], Training(n_steps=100))
    assert np.isfinite(grid[:, 0]).all()
    assert grid[-1, 1, 0] == np.inf
    assert not np.isnan(grid).any()


def test_divergence_of_a_run_is_an_error():
    with pytest.raises(InputError, match="diverged at lr 3000"):
        train(tree_features(400), Training(lr=3000.0, gamma=1.0))


def test_tiny_weights_and_a_low_learning_rate_never_learn():
    history = train(tree_features(10_000), Training(lr=20.0))
    np.testing.assert_allclose(history.loss, 1.0, atol=1e-9)


def test_same_seed_same_bytes():
    one, two = (train(tree_features(500), Training(lr=20.0), follow=FOLLOW) for _ in range(2))
    for name, array in one.arrays().items():
        assert array.tobytes() == two.arrays()[name].tobytes()
    other = train(tree_features(500), Training(lr=20.0, seed=1))
    assert not np.array_equal(one.initial_weights[0], other.initial_weights[0])


def test_recording_every_fifth_step_changes_nothing_else():
    features = tree_features(300)
    full, sparse = (train(features, Training(lr=20.0, every=every)) for every in (1, 5))
    assert np.array_equal(full.steps[::5], sparse.steps)
    assert np.array_equal(full.modes[::5], sparse.modes)


@pytest.mark.parametrize("hidden", [(), (30,), (5, 4)])
def test_a_history_survives_its_file(tmp_path, hidden):
    history = train(tree_features(60), Training(hidden=hidden, lr=1.0, gamma=0.1, n_steps=20), follow=FOLLOW)
    write_arrays(tmp_path / "run.h5", history.arrays(), history.descriptors())
    stored = read_arrays(tmp_path / "run.h5")
    again = History.from_parts(stored.arrays, stored.attributes)
    assert again.training == history.training
    assert again.rate == history.rate
    assert again.arrays().keys() == history.arrays().keys()
    for name, array in history.arrays().items():
        np.testing.assert_array_equal(again.arrays()[name], array)


@pytest.mark.parametrize(
    ("settings", "named"),
    [({"lr": 0.0}, "learning rate"), ({"n_steps": 0}, "n_steps"), ({"n_steps": 250, "every": 4}, "multiple")],
)
def test_impossible_trainings_are_refused(settings, named):
    with pytest.raises(InputError, match=named):
        Training(**settings)


def test_wrong_shapes_are_refused():
    features = tree_features(20)
    with pytest.raises(InputError, match="row per item"):
        train(features, Training(), inputs=np.eye(7))
    with pytest.raises(InputError, match="feature 20 of item 0"):
        train(features, Training(), follow=[Prediction(0, 20)])
    with pytest.raises(InputError, match="gamma is -1"):
        train(features, Training(gamma=-1.0))
    with pytest.raises(InputError, match="layer sizes"):
        train(features, Training(hidden=(0,)))
    with pytest.raises(InputError, match="has 9 outputs"):
        reduce_outputs(initial_weights((8, 9), 1.0, np.random.default_rng(0)), features)
    with pytest.raises(InputError, match="positive learning rates"):
        train_grid(features, [-1.0], [1.0], Training())
