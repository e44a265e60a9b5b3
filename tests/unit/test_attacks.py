"""Attacks: in the ball, along the sign of the exact gradient, also where float32 cannot see the likelihood's."""

import copy

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from repgeom.datasets.digits import load_digits
from repgeom.errors import InputError
from repgeom.models.architectures import PixelModel, build_network
from repgeom.stimuli.attacks import ATTACKS, fgsm, fgsm_nll, loss_gradient, margin, negative_log_likelihood, pgd
from repgeom.stimuli.selection import first_per_class
from repgeom.training.classifier import Images, Recipe, train
from repgeom.training.recipe import attack_from_config, to_device

EPSILON = 0.2


@pytest.fixture(autouse=True)
def one_thread():
    torch.set_num_threads(1)


def some_images(n=64, seed=0):
    rng = torch.Generator().manual_seed(seed)
    labels = torch.arange(n) % 10
    images = 0.3 * torch.rand(n, 1, 28, 28, generator=rng)
    for i, label in enumerate(labels):
        images[i, 0, 2 * label : 2 * label + 4, 5:20] += 0.6
    return Images(images, labels)


def new_model(seed=1, architecture="recurrent"):
    return PixelModel(build_network(architecture, {}, seed), (0.1, 0.3))


def test_whole_batch_attack_equals_one_image_at_a_time():
    model, data = new_model(architecture="lenet").eval(), some_images(12)
    whole = fgsm(model, data.images, data.labels, 0.2)
    single = torch.cat([fgsm(model, data.images[i : i + 1], data.labels[i : i + 1], 0.2) for i in range(12)])
    # a gradient that is zero but for round-off may have either sign
    clear = loss_gradient(model, data.images, data.labels).abs() > 1e-6
    assert clear.float().mean() > 0.9
    torch.testing.assert_close(whole[clear], single[clear])


def test_fgsm_by_hand():
    weights = torch.tensor([[1.0, -2.0], [0.5, 3.0]])
    images, labels = torch.tensor([[[[0.5, 0.05]]]]), torch.tensor([0])
    attacked = fgsm(lambda x: x.flatten(1) @ weights.T, images, labels, 0.1)
    # the loss of class 0 grows against w₀ − w₁ = (0.5, −5): first pixel down, second up
    torch.testing.assert_close(attacked.flatten(), torch.tensor([0.4, 0.15]))


def test_attacks_stay_in_the_ball_and_in_the_range():
    model, data = new_model(architecture="lenet").eval(), some_images(12)
    epsilon = torch.linspace(0, 0.3, 12)
    for attack in (fgsm, pgd):
        attacked = attack(model, data.images, data.labels, epsilon)
        change = (attacked - data.images).abs().flatten(1).max(dim=1).values
        assert (change <= epsilon + 1e-6).all() and torch.equal(attacked[0], data.images[0])
        assert attacked.min() >= 0 and attacked.max() <= 1


def test_pgd_is_at_least_as_strong():
    model, data = new_model(architecture="lenet").eval(), some_images(30)
    losses = {
        a.__name__: torch.nn.functional.cross_entropy(model(a(model, data.images, data.labels, 0.1)), data.labels)
        for a in (fgsm, pgd)
    }
    assert losses["pgd"] >= losses["fgsm"] * 0.99


@pytest.mark.parametrize("epsilon", [-0.1, float("nan")])
def test_bad_epsilon(epsilon):
    model, data = new_model().eval(), some_images(2)
    with pytest.raises(InputError, match="epsilon"):
        fgsm(model, data.images, data.labels, epsilon)


def test_margin_is_the_logit_of_the_probability_that_is_left():
    """softplus(margin) is the negative log likelihood, from logits and from log-softmax alike."""
    logits, labels = torch.randn(50, 4, generator=torch.Generator().manual_seed(0)).double(), torch.arange(50) % 4
    expected = negative_log_likelihood(logits, labels)
    for outputs in (logits, logits + 7, logits.log_softmax(dim=1)):
        torch.testing.assert_close(F.softplus(margin(outputs, labels)), expected)


class Certain(nn.Module):
    """A linear classifier of pixels whose true logit leads by about `lead`, as logits or log-softmax."""

    def __init__(self, lead, log_softmax):
        super().__init__()
        weights = torch.randn(10, 784, generator=torch.Generator().manual_seed(0))
        self.weights, self.lead, self.log_softmax = nn.Parameter(weights / 10), lead, log_softmax

    def forward(self, images):
        # the images of `some_images` have their class in the first axis of `leads`
        leads = self.lead * F.one_hot(torch.arange(len(images)) % 10, 10)
        logits = images.flatten(1) @ self.weights.T + leads
        return logits.log_softmax(dim=1) if self.log_softmax else logits


@pytest.mark.parametrize("log_softmax", [False, True])
@pytest.mark.parametrize("lead", [5, 30, 200, 1e4])
def test_a_network_that_is_certain_keeps_its_gradient(lead, log_softmax):
    model, data = Certain(lead, log_softmax), some_images(200)
    signs = loss_gradient(model, data.images, data.labels).sign()
    exact = loss_gradient(model.double(), data.images.double(), data.labels).sign()
    assert (signs != exact).sum() < 10
    assert (signs != 0).float().mean() > 0.99


def test_the_published_attack_stands_still_where_the_network_is_certain():
    data = some_images(20)
    for log_softmax in (False, True):
        certain, unsure = Certain(200, log_softmax), Certain(1, log_softmax)
        assert torch.equal(fgsm_nll(certain, data.images, data.labels, EPSILON), data.images)
        assert not torch.equal(fgsm(certain, data.images, data.labels, EPSILON), data.images)
        attacked = [attack(unsure, data.images, data.labels, EPSILON) for attack in (fgsm, fgsm_nll)]
        assert (attacked[0] != attacked[1]).sum() < 10


def test_the_published_attack_misses_the_true_class_once_float32_takes_it_for_certain():
    """A lead of 30: 1 − p = 1e-12 or so; what is left of the gradient adds the other classes and forgets the true one."""
    data = some_images(200)
    signs = loss_gradient(Certain(30, False), data.images, data.labels, negative_log_likelihood).sign()
    exact = loss_gradient(Certain(30, False), data.images, data.labels).sign()
    assert (signs != exact).float().mean() > 0.1


class LogSoftmax(nn.Module):
    """A small perceptron; `sharpness` multiplies its logits, as longer training would."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Flatten(), nn.Linear(784, 100), nn.ReLU(), nn.Linear(100, 10))
        self.sharpness = 1

    def forward(self, images):
        return (self.sharpness * self.layers(images)).log_softmax(dim=1)


@pytest.fixture(scope="module", params=["standard", "adversarial"])
def trained(request):
    """A trained network, and 200 test images with their classes."""
    splits = load_digits()
    data, test = (to_device(splits[name], torch.device("cpu")) for name in ("train", "test"))
    torch.manual_seed(0)
    model = PixelModel(LogSoftmax())
    attack = attack_from_config({"method": "fgsm", "epsilon": 0.1}) if request.param == "adversarial" else None
    train(model, data, test, Recipe("adam", 3e-3, epochs=25, batch_size=64, seed=0, attack=attack))
    chosen = torch.from_numpy(first_per_class(splits["test"], 20))
    return model.eval(), Images(test.images[chosen], test.labels[chosen])


def withstood(model, data, attack, epsilon, dtype):
    """How many of the images the model still recognises."""
    model, images = copy.deepcopy(model).to(dtype), data.images.to(dtype)
    attacked = attack(model, images, data.labels, epsilon)
    return int((model(attacked).argmax(dim=1) == data.labels).sum())


@pytest.mark.parametrize("sharpness", [1, 10])
@pytest.mark.parametrize("attack", [fgsm, pgd])
def test_attacked_accuracy_in_float32_is_that_of_float64(trained, attack, sharpness):
    model, data = trained
    model.network.sharpness = sharpness
    for epsilon in (0.02, 0.05, 0.1, EPSILON):
        single, double = (withstood(model, data, attack, epsilon, t) for t in (torch.float32, torch.float64))
        assert abs(single - double) <= 1
        assert double < 195


def test_certainty_protects_from_the_published_attack_only(trained):
    """A hundred times the logits leave every answer as it is, and hide the gradient of the likelihood."""
    model, data = trained
    model.network.sharpness = 100
    exact, published = (withstood(model, data, attack, 0.1, torch.float32) for attack in (fgsm, fgsm_nll))
    assert published > exact + 10


def test_every_attack_of_a_configuration_is_found_by_its_method():
    model, data = new_model().eval(), some_images(4)
    for method, attack in ATTACKS.items():
        configured = attack_from_config({"method": method, "epsilon": 0.1, "steps": 10})
        torch.testing.assert_close(
            configured(model, data.images, data.labels), attack(model, data.images, data.labels, 0.1)
        )
