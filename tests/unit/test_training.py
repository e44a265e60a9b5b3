"""Training: deterministic, resumable to the byte, and what the recipe says."""

import copy

import numpy as np
import pytest
import torch

from repgeom.models.architectures import PixelModel, build_network
from repgeom.training.classifier import Images, Recipe, evaluate, learning_rate_factor, train
from repgeom.training.recipe import keep_epoch, progress_from_state, recipe_from_config, state_of

CONFIG = {
    "optimiser": "adadelta", "learning_rate": 1.0, "schedule": "step", "gamma": 0.7, "epochs": 3, "batch_size": 16,
    "shuffle": True, "drop_last": False, "attack": None, "keep": "all", "threads": 1, "precision": "float32",
}  # fmt: skip


@pytest.fixture(autouse=True)
def one_thread():
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    yield
    torch.use_deterministic_algorithms(False)


def some_images(n=64, seed=0):
    rng = torch.Generator().manual_seed(seed)
    labels = torch.arange(n) % 10
    images = 0.3 * torch.rand(n, 1, 28, 28, generator=rng)
    for i, label in enumerate(labels):
        images[i, 0, 2 * label : 2 * label + 4, 5:20] += 0.6
    return Images(images, labels)


def new_model(seed=1, architecture="recurrent"):
    return PixelModel(build_network(architecture, {}, seed), (0.1, 0.3))


def run(config=CONFIG, **arguments):
    return train(new_model(), some_images(), some_images(20, 1), recipe_from_config(config, 1), **arguments)


def same_weights(a, b):
    return a.weights.keys() == b.weights.keys() and all(
        torch.equal(a.weights[e][n], b.weights[e][n]) for e in a.weights for n in a.weights[e]
    )


def test_same_seed_same_weights():
    assert same_weights(run(), run())


@pytest.mark.parametrize("optimiser", ["adadelta", "adam", "sgd"])
@pytest.mark.parametrize("attack", [None, {"method": "fgsm", "epsilon": 0.1, "steps": 1}])
def test_resumed_run_equals_uninterrupted(optimiser, attack, tmp_path):
    config = CONFIG | {"optimiser": optimiser, "attack": attack, "learning_rate": 0.01, "schedule": "cosine"}
    saved = {}

    def save(progress):
        torch.save(state_of(progress), tmp_path / "state.pt")
        saved[progress.epoch] = copy.deepcopy(torch.load(tmp_path / "state.pt", weights_only=True))

    whole = run(config, after_epoch=save)
    for epoch in range(3):
        resumed = run(config, done=progress_from_state(saved[epoch]))
        assert same_weights(whole, resumed), epoch
        np.testing.assert_equal(resumed.history, whole.history)


def test_history_and_kept_epochs():
    result = run(keep=keep_epoch("last"))
    assert list(result.weights) == [0, 3]
    assert [row["epoch"] for row in result.history] == [0, 1, 2, 3]
    assert result.history[-1]["test_accuracy"] == evaluate_again(result)


def evaluate_again(result):
    model = new_model(seed=5)
    model.network.load_state_dict(result.weights[3])
    return evaluate(model, some_images(20, 1))[1]


def test_learns():
    recipe = recipe_from_config(CONFIG | {"optimiser": "adam", "learning_rate": 1e-3, "epochs": 5}, 1)
    result = train(new_model(architecture="single_conv"), some_images(), some_images(20, 1), recipe)
    assert result.history[0]["test_accuracy"] < 0.5 < 0.9 < result.history[-1]["test_accuracy"]


def test_schedules():
    recipe = Recipe("adam", 1.0, epochs=4, batch_size=1, seed=0, schedule="step", gamma=0.7)
    assert [learning_rate_factor(recipe, e, 0.5) for e in (1, 2, 3)] == pytest.approx([1, 0.7, 0.49])
    cosine = Recipe("adam", 1.0, epochs=4, batch_size=1, seed=0, schedule="cosine")
    assert [learning_rate_factor(cosine, e, 0) for e in (1, 3)] == pytest.approx([1, 0.5])
    assert learning_rate_factor(cosine, 4, 1) == pytest.approx(0, abs=1e-12)


def test_diverging_training_says_so():
    with pytest.raises(FloatingPointError, match="lower the learning rate"):
        run(CONFIG | {"optimiser": "sgd", "learning_rate": 1e30})
