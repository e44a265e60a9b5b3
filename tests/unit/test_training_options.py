"""Optimisers, schedules, smoothing and averaging: each against what it is said to do, all of it resumable to the byte."""

import copy
import math

import pytest
import torch
from pydantic import ValidationError
from torch import nn
from torch.nn import functional as F

from repgeom.config.models import Averaging as AveragingSection
from repgeom.config.models import Training
from repgeom.models.architectures import PixelModel, build_network
from repgeom.training.averaging import Averaging, WeightAverage
from repgeom.training.classifier import EPOCH_SEED_STRIDE, Images, Recipe, learning_rate_factor, train
from repgeom.training.precision import usable_precision
from repgeom.training.recipe import progress_from_state, recipe_from_config, state_of

PLAIN = Recipe("sgd", 0.05, epochs=3, batch_size=16, seed=1)


@pytest.fixture(autouse=True)
def one_thread():
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    yield
    torch.use_deterministic_algorithms(False)


class Normalised(nn.Sequential):
    """A network with batch normalisation, whose buffers training changes."""

    def __init__(self):
        super().__init__(nn.Flatten(), nn.Linear(36 * 36, 12), nn.BatchNorm1d(12), nn.ReLU(), nn.Linear(12, 4))


def some_images(n=48, seed=0):
    generator = torch.Generator().manual_seed(seed)
    labels = torch.arange(n) % 4
    images = 0.5 * torch.rand(n, 1, 36, 36, generator=generator)
    for i, label in enumerate(labels):
        images[i, 0, 8 * label : 8 * label + 6] += 0.4
    return Images(images, labels)


def new_model(architecture="normalised", seed=3):
    torch.manual_seed(seed)
    if architecture == "normalised":
        return PixelModel(Normalised())
    return PixelModel(build_network(architecture, {"canvas": [36, 36], "features": [3, 4, 8], "n_categories": 4}, seed))


def recipe(**changes):
    return Recipe(**PLAIN.__dict__ | changes)


def run(what, architecture="normalised", model=None, **arguments):
    return train(model or new_model(architecture), some_images(), some_images(20, 1), what, **arguments)


def last(progress):
    return progress.weights[progress.epoch]


def equal(a, b):
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


# The recipes that there have always been


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_adam_with_cosine_is_this_loop(precision):
    """Spelled out, so that no option that is off changes a byte of what a recipe without it has always made."""
    model, data = new_model("rcnn"), some_images()
    optimiser = torch.optim.Adam(model.network.parameters(), lr=0.01, fused=True)
    for epoch in (1, 2, 3):
        torch.manual_seed(1 * EPOCH_SEED_STRIDE + epoch)
        for i, batch in enumerate(torch.randperm(48).split(16)):
            done = epoch - 1 + i / 3
            optimiser.param_groups[0]["lr"] = 0.01 * (0.5 * (1 + math.cos(math.pi * done / 3)))
            with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bfloat16"):
                logits = model(data.images[batch])
            optimiser.zero_grad()
            F.cross_entropy(logits.float(), data.labels[batch]).backward()
            optimiser.step()
    what = recipe(optimiser="adam", learning_rate=0.01, schedule="cosine", precision=precision)
    assert equal(last(run(what, "rcnn")), model.network.state_dict())


# Optimisers


def steps_of(what, n):
    """The parameters before the first step and after each of the first n, (n + 1, parameters)."""
    model = new_model()
    seen = [vector(model)]
    run(what, model=model, after_batch=lambda: seen.append(vector(model)))
    return torch.stack(seen[: n + 1])


def vector(model):
    return nn.utils.parameters_to_vector(model.network.parameters()).detach().clone()


def test_adamw_shrinks_weights_apart_from_the_gradient():
    plain, decayed = (steps_of(recipe(optimiser="adamw", weight_decay=decay), 1) for decay in (0.0, 0.1))
    torch.testing.assert_close(decayed[1] - plain[1], -0.05 * 0.1 * plain[0], atol=1e-7, rtol=1e-4)
    assert torch.equal(plain, steps_of(recipe(optimiser="adam"), 1))


def test_sgd_adds_weight_decay_to_the_gradient():
    plain, decayed = (steps_of(recipe(weight_decay=decay), 1) for decay in (0.0, 0.1))
    torch.testing.assert_close(decayed[1] - plain[1], -0.05 * 0.1 * plain[0], atol=1e-7, rtol=1e-4)


def test_momentum_carries_the_first_step_into_the_second():
    def gradient_after(first_step):
        model = new_model()
        nn.utils.vector_to_parameters(first_step, model.network.parameters())
        model.train()
        data, torch_order = some_images(), order_of_epoch(1)
        batch = torch_order.split(16)[1]
        F.cross_entropy(model(data.images[batch]), data.labels[batch]).backward()
        return torch.cat([p.grad.flatten() for p in model.network.parameters()])

    start, first, second = steps_of(recipe(momentum=0.9), 2)
    torch.testing.assert_close(second - first, 0.9 * (first - start) - 0.05 * gradient_after(first))


def order_of_epoch(epoch):
    torch.manual_seed(PLAIN.seed * EPOCH_SEED_STRIDE + epoch)
    return torch.randperm(48)


def test_long_gradients_are_cut_to_their_direction():
    start, free = steps_of(PLAIN, 1)
    _, cut = steps_of(recipe(max_gradient_norm=1e-3), 1)
    assert (free - start).norm() > 100 * 0.05 * 1e-3
    torch.testing.assert_close((cut - start).norm(), torch.tensor(0.05 * 1e-3), rtol=1e-2, atol=0)
    assert F.cosine_similarity(cut - start, free - start, dim=0) > 0.999
    assert torch.equal(steps_of(recipe(max_gradient_norm=1e6), 3), steps_of(PLAIN, 3))


def test_label_smoothing_moves_the_target():
    """A network that may become certain stays at the smoothed target's probabilities."""
    model = new_model()
    run(recipe(optimiser="adam", learning_rate=0.02, epochs=60, label_smoothing=0.4), model=model)
    model.eval()
    data = some_images()
    probabilities = model(data.images).softmax(dim=1)
    right = probabilities.gather(1, data.labels[:, None]).detach()
    assert float(right.mean()) == pytest.approx(1 - 0.4 * 3 / 4, abs=0.03)


# Schedules


def rates(what, n_batches=10):
    factors = [
        learning_rate_factor(what, e, i / n_batches) for e in range(1, what.epochs + 1) for i in range(n_batches)
    ]
    return torch.tensor(factors, dtype=torch.float64)


def test_one_cycle_is_pytorchs():
    """PyTorch reaches peak and end one step earlier, because it counts to the last step: compared on 10,000 steps."""
    optimiser = torch.optim.SGD([torch.zeros(1)], lr=1.0)
    theirs = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, max_lr=1.0, total_steps=10_000, pct_start=0.2, final_div_factor=1e9, cycle_momentum=False
    )
    expected = []
    for _ in range(10_000):
        expected.append(optimiser.param_groups[0]["lr"])
        optimiser.step()
        theirs.step() if len(expected) < 10_000 else None
    ours = rates(recipe(schedule="one_cycle", warmup=0.2, epochs=4), 2500)
    torch.testing.assert_close(ours, torch.tensor(expected, dtype=torch.float64), atol=1e-3, rtol=0)


@pytest.mark.parametrize("schedule", ["cosine", "one_cycle"])
def test_rate_rises_over_the_warmup_and_falls_to_nothing(schedule):
    found = rates(recipe(schedule=schedule, warmup=0.25, epochs=4))
    assert found.argmax() == 10 and found[10] == 1
    assert (found[:11].diff() > 0).all() and (found[10:].diff() < 0).all()
    assert found[-1] < 0.01
    assert found[0] == pytest.approx({"cosine": 0, "one_cycle": 0.04}[schedule])


def test_warmup_where_nothing_is_said():
    assert torch.equal(rates(recipe(schedule="one_cycle")), rates(recipe(schedule="one_cycle", warmup=0.3)))
    assert torch.equal(rates(recipe(schedule="cosine")), rates(recipe(schedule="cosine", warmup=0.0)))


# Averages


def states_of(what):
    """The network's own state after every step, and what the training kept."""
    model, seen = new_model(), []
    initial = copy.deepcopy(model.network.state_dict())
    result = run(what, model=model, after_batch=lambda: seen.append(copy.deepcopy(model.network.state_dict())))
    return initial, seen, result


def test_tail_is_the_mean_of_the_last_steps():
    _, seen, result = states_of(recipe(averaging=Averaging("tail", fraction=0.5)))
    for name, value in last(result).items():
        if value.is_floating_point():
            torch.testing.assert_close(value, torch.stack([s[name] for s in seen[4:]]).mean(dim=0))
    assert equal(result.weights[1], seen[2]), "before the tail, the weights are the current ones"


def test_exponential_average_by_its_recursion():
    initial, seen, result = states_of(recipe(averaging=Averaging("exponential", decay=0.3)))
    expected = initial
    for i, state in enumerate(seen):
        decay = min(0.3, (1 + i) / (10 + i))
        expected = {name: decay * expected[name] + (1 - decay) * state[name] for name in state}
    for name, value in last(result).items():
        if value.is_floating_point():
            torch.testing.assert_close(value, expected[name])


def test_averaging_leaves_the_training_alone():
    _, plain, _ = states_of(PLAIN)
    _, averaged, result = states_of(recipe(averaging=Averaging("exponential")))
    assert all(equal(a, b) for a, b in zip(plain, averaged, strict=True))
    assert not equal(last(result), plain[-1])


def test_what_is_evaluated_is_what_is_kept():
    """The statistics of batch normalisation included, which are the averaged weights' own."""
    result = run(recipe(averaging=Averaging("tail", fraction=0.5)))
    model = new_model(seed=9)
    model.network.load_state_dict(last(result))
    model.eval()
    test = some_images(20, 1)
    accuracy = (model(test.images).argmax(dim=1) == test.labels).float().mean()
    assert result.history[-1]["test_accuracy"] == pytest.approx(float(accuracy))
    assert last(result)["2.num_batches_tracked"] == 9


def test_averaged_statistics_fit_the_averaged_weights():
    result = run(recipe(epochs=40, learning_rate=0.2, averaging=Averaging("tail", fraction=0.5)))
    network = new_model().network
    network.load_state_dict(last(result))
    seen = network[1](network[0](some_images().images))
    torch.testing.assert_close(network[2].running_mean, seen.mean(dim=0), atol=0.1, rtol=0.1)


def test_tied_weights_enter_an_average_once():
    model = new_model()
    model.network[1].again = model.network[1].weight
    average = WeightAverage(model, Averaging("tail", fraction=1.0))
    average.update(0, 2)
    with torch.no_grad():
        model.network[1].weight.add_(1)
    average.update(1, 2)
    torch.testing.assert_close(average.model.network[1].weight, model.network[1].weight - 0.5)


# Resumption

EVERYTHING = {
    "adamw": recipe(optimiser="adamw", learning_rate=0.01, weight_decay=0.05, schedule="one_cycle", warmup=0.4),
    "sgd": recipe(momentum=0.9, weight_decay=0.01, schedule="cosine", warmup=0.5, label_smoothing=0.1),
    "tail": recipe(averaging=Averaging("tail", fraction=0.6), max_gradient_norm=0.5),
    "exponential": recipe(optimiser="adam", schedule="one_cycle", averaging=Averaging("exponential", decay=0.9)),
    "bfloat16": recipe(optimiser="adamw", precision="bfloat16", averaging=Averaging("exponential")),
}


@pytest.mark.parametrize("what", EVERYTHING.values(), ids=EVERYTHING)
@pytest.mark.parametrize("architecture", ["normalised", "rcnn"])
def test_resumed_run_equals_uninterrupted(what, architecture, tmp_path):
    saved = {}

    def save(progress):
        torch.save(state_of(progress), tmp_path / "state.pt")
        saved[progress.epoch] = copy.deepcopy(torch.load(tmp_path / "state.pt", weights_only=True))

    whole = run(what, architecture, after_epoch=save)
    for epoch in range(3):
        resumed = run(what, architecture, model=new_model(architecture, seed=8), done=progress_from_state(saved[epoch]))
        assert all(equal(whole.weights[e], resumed.weights[e]) for e in range(4)), epoch
        assert resumed.history[epoch + 1 :] == whole.history[epoch + 1 :]


def test_bfloat16_is_deterministic_and_something_else():
    runs = [last(run(recipe(precision=precision), "rcnn")) for precision in ("bfloat16", "bfloat16", "float32")]
    assert equal(runs[0], runs[1]) and not equal(runs[0], runs[2])
    assert all(value.dtype == torch.float32 for value in runs[0].values())


# Configuration


def section(**changes):
    return Training(**{"learning_rate": 0.1, "epochs": 2} | changes)


def test_recipe_of_a_section():
    plain = section(optimiser="sgd", momentum=0.9, averaging={"method": "tail", "fraction": 0.1}).plain()
    found = recipe_from_config(plain, 5)
    assert (found.momentum, found.seed, found.averaging) == (0.9, 5, Averaging("tail", fraction=0.1))
    assert recipe_from_config(section().plain(), 5) == Recipe("adam", 0.1, epochs=2, batch_size=64, seed=5)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"momentum": 0.9}, "momentum does nothing with optimiser: adam; use sgd"),
        ({"weight_decay": 0.1}, "weight_decay does nothing with optimiser: adam; use adamw or sgd"),
        ({"optimiser": "adamw", "momentum": 0.9}, "momentum does nothing with optimiser: adamw; use sgd"),
        ({"warmup": 0.1, "schedule": "step"}, "warmup does nothing with schedule: step; use cosine or one_cycle"),
        ({"averaging": {"method": "tail", "decay": 0.9}}, "decay belongs to method: exponential; leave it out"),
        ({"averaging": {"method": "exponential", "fraction": 0.1}}, "fraction belongs to method: tail; leave it out"),
    ],
)
def test_options_that_would_do_nothing_are_refused(changes, message):
    with pytest.raises(ValidationError, match=message):
        section(**changes)


def test_sections_default_to_the_librarys_averages():
    assert AveragingSection(method="tail").plain() == {"method": "tail", "decay": None, "fraction": None}
    assert recipe_from_config(section(averaging={"method": "tail"}).plain(), 1).averaging == Averaging("tail")


@pytest.mark.parametrize(
    ("features", "precision"),
    [
        ({"avx2": True, "avx512_bf16": False, "amx_bf16": False}, "float32"),
        ({"avx2": True, "avx512_bf16": True, "amx_bf16": False}, "bfloat16"),
        ({"bf16": True}, "bfloat16"),
        ({}, "float32"),
    ],
)
def test_processors_without_bfloat16_compute_in_float32(monkeypatch, features, precision):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: features)
    assert usable_precision("bfloat16", torch.device("cpu")) == precision
    assert usable_precision("float32", torch.device("cpu")) == "float32"
    assert usable_precision("bfloat16", torch.device("cuda")) == "bfloat16"
