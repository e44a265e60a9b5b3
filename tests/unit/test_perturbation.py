"""Swapping flows: identities that must hold exactly, and an independent run of the network with the flow exchanged."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from repgeom.errors import InputError
from repgeom.models.rcnn import RCNN
from repgeom.perturbation import logits_with_flow, perturb_flows, shuffled, shuffles

VARIANTS = [{"bias": True, "gain": True}, {"bias": True, "gain": False}, {"top_down": False}, {"lateral": False}]


def build(n_steps=4, **options):
    """A network whose recurrence is strong enough for a perturbation to change its answers."""
    generator = torch.Generator().manual_seed(0)
    network = RCNN(
        canvas=(32, 32), features=(3, 4, 16), n_steps=n_steps, n_categories=5, generator=generator, **options
    )
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            if name.endswith("bias"):
                torch.nn.init.uniform_(parameter, 0, 0.2, generator=generator)
            elif name.split(".")[0][-1] in "bg":
                parameter.mul_(3)
    return network


def draw(n=12, seed=1):
    generator = torch.Generator().manual_seed(seed)
    images, other = torch.rand(2, n, 32, 32, generator=generator)
    return images, {"other": other, "flipped": images.flip(2)}


def answers(network, images):
    with torch.no_grad():
        return network(images).argmax(dim=1)


def undisturbed(network, images):
    images = network.checked(images)
    return images, list(network.unroll(images))


def run_with_flow(network, images, layer, timestep, flow):
    """The whole network from its first step, the flow exchanged on the way: nothing is reused."""
    images = network.checked(images)
    state = network.advance(images, {})
    states = [state]
    for t in range(2, network.n_steps + 1):
        flows = network.flows(state)
        if t == timestep:
            flows[layer] = flow
        state = network.advance(images, flows)
        states.append(state)
    return F.linear(torch.cat([s.outputs["fc"] for s in states], dim=1), network.fc2.weight, network.fc2.bias)


@pytest.mark.parametrize("options", VARIANTS, ids=str)
def test_own_flow_gives_bit_identical_logits(options):
    network = build(**options)
    images, steps = undisturbed(network, draw()[0])
    for layer in network.modulated_layers:
        for t in (2, 3, 4):
            own = {m: flow.clone() for m, flow in steps[t - 1].flows[layer].items()}
            assert torch.equal(logits_with_flow(network, images, steps, layer, t, own), network(images))


@pytest.mark.parametrize("options", VARIANTS, ids=str)
def test_another_flow_has_the_effect_of_a_whole_run_with_it(options):
    network, (images, swapped) = build(**options), draw()
    images, steps = undisturbed(network, images)
    _, others = undisturbed(network, swapped["other"])
    for layer in network.modulated_layers:
        for t in (2, 3, 4):
            flow = others[t - 1].flows[layer]
            found = logits_with_flow(network, images, steps, layer, t, flow)
            torch.testing.assert_close(found, run_with_flow(network, images, layer, t, flow))
            assert not torch.equal(found, network(images))


def test_outcome_is_that_of_whole_runs():
    network, (images, swapped) = build(bias=True), draw()
    categories = answers(network, images)
    outcome = perturb_flows(network, images, swapped, categories, seed=3, batch_size=5)
    assert outcome.swaps == ("other", "flipped")
    assert outcome.layers == ("input", "conv1", "conv2", "fc")
    assert outcome.timesteps == (2, 3, 4)
    assert outcome.original.all()
    assert outcome.perturbed.shape == outcome.control.shape == (2, 4, 3, 12)
    for s, other in enumerate(swapped.values()):
        _, others = undisturbed(network, other)
        for k, layer in enumerate(outcome.layers):
            for t in outcome.timesteps:
                logits = run_with_flow(network, images, layer, t, others[t - 1].flows[layer])
                is_correct = (logits.argmax(dim=1) == categories).numpy()
                np.testing.assert_array_equal(outcome.perturbed[s, k, t - 2], is_correct)
    assert not outcome.perturbed.all()
    assert not outcome.control.all()


def test_swapping_with_the_images_themselves_changes_nothing():
    network, (images, _) = build(bias=True), draw()
    outcome = perturb_flows(network, images, {"same": images}, answers(network, images), seed=0)
    assert outcome.perturbed.all()
    assert outcome.control.all()


def test_the_network_that_answers_wrongly_is_told_so():
    network, (images, swapped) = build(), draw()
    categories = (answers(network, images) + torch.arange(12) % 2) % 5
    outcome = perturb_flows(network, images, swapped, categories, seed=0)
    np.testing.assert_array_equal(outcome.original, np.arange(12) % 2 == 0)


@pytest.mark.parametrize("batch_size", [1, 5, 12])
def test_results_do_not_depend_on_the_batch(batch_size):
    network, (images, swapped) = build(bias=True), draw()
    categories = answers(network, images)
    whole = perturb_flows(network, images, swapped, categories, seed=3, batch_size=100)
    parts = perturb_flows(network, images, swapped, categories, seed=3, batch_size=batch_size)
    for name in ("original", "perturbed", "control"):
        np.testing.assert_array_equal(getattr(whole, name), getattr(parts, name))


def test_an_image_with_its_id_can_be_perturbed_alone():
    network, (images, swapped) = build(bias=True), draw()
    categories = answers(network, images)
    whole = perturb_flows(network, images, swapped, categories, seed=3, image_ids=range(100, 112))
    row = slice(7, 8)
    alone = perturb_flows(
        network, images[row], {k: v[row] for k, v in swapped.items()}, categories[row], seed=3, image_ids=[107]
    )
    np.testing.assert_array_equal(alone.control, whole.control[..., row])


def test_the_seed_changes_the_control_only():
    network, (images, swapped) = build(bias=True), draw(40)
    categories = answers(network, images)
    first, second = (perturb_flows(network, images, swapped, categories, seed=seed) for seed in (1, 2))
    np.testing.assert_array_equal(first.perturbed, second.perturbed)
    assert (first.control != second.control).any()


def test_shuffles_are_orders_of_the_units_fixed_by_seed_id_and_key():
    orders = shuffles(7, [3, 8, 3], (0, 1, 1), 50)
    assert torch.equal(orders.sort(dim=1).values, torch.arange(50).expand(3, 50))
    assert torch.equal(orders[0], orders[2])
    for other in (orders[1], shuffles(8, [3], (0, 1, 1), 50)[0], shuffles(7, [3], (0, 2, 1), 50)[0]):
        assert not torch.equal(orders[0], other)


def test_shuffles_are_uniform():
    """Unit 0 lands anywhere equally often: χ² of 2000 images over 10 places, 99.9 % quantile 27.9."""
    counts = torch.bincount((shuffles(0, range(2000), (0, 0, 0), 10) == 0).int().argmax(dim=1), minlength=10)
    assert ((counts - 200) ** 2 / 200).sum() < 27.9


def test_shuffling_keeps_the_values_of_each_image():
    values = torch.rand(4, 2, 3, 5, generator=torch.Generator().manual_seed(0))
    values = values.contiguous(memory_format=torch.channels_last)  # as the network's flows are
    found = shuffled(values, shuffles(0, range(4), (1, 2, 0), 30))
    assert found.shape == values.shape
    assert not torch.equal(found, values)
    assert torch.equal(found.flatten(1).sort(dim=1).values, values.flatten(1).sort(dim=1).values)


def test_the_control_adds_the_shuffled_change_of_flow():
    """A flow that changes by the same amount everywhere has a control equal to the perturbation."""
    network, (images, swapped) = build(), draw()

    class Shifted(RCNN):
        """Sends flows that differ between the images and the swapped ones by a constant."""

        shift = 0.3

        def flows(self, state):
            return {
                layer: {m: torch.zeros_like(f) + self.shift for m, f in of.items()}
                for layer, of in super().flows(state).items()
            }

        def unroll(self, seen):
            self.shift = 0.3 if torch.equal(self.checked(seen), self.checked(images)) else 1.0
            yield from super().unroll(seen)
            self.shift = 0.3

    network.__class__ = Shifted
    outcome = perturb_flows(network, images, swapped, answers(network, images), seed=0)
    assert not outcome.perturbed.all()
    np.testing.assert_array_equal(outcome.perturbed, outcome.control)


def test_what_cannot_be_perturbed_is_refused():
    images, swapped = draw()
    categories = torch.zeros(12, dtype=torch.int64)
    for network in (build(gain=False), build(n_steps=1)):
        with pytest.raises(InputError, match="recurrent flows"):
            perturb_flows(network, images, swapped, categories, seed=0)
    network = build()
    with pytest.raises(InputError, match="swap 'x'"):
        perturb_flows(network, images, {"x": images[1:]}, categories, seed=0)
    with pytest.raises(InputError, match="categories has 11"):
        perturb_flows(network, images, swapped, categories[1:], seed=0)
    with pytest.raises(InputError, match="image_ids has 1"):
        perturb_flows(network, images, swapped, categories, seed=0, image_ids=[0])
