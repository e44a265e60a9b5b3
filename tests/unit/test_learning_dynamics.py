"""Tables of deep linear networks, and the published numbers over several seeds."""

import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from repgeom.analyses.learning_dynamics import (
    ILLUSIONS,
    belief_table,
    feature_table,
    grid_table,
    label_table,
    landmark_numbers,
    landmarks,
    loss_table,
    node_table,
    regression_table,
    rsm_table,
    train_illusion,
    trajectory_table,
)
from repgeom.analyses.reproduction import reproduction_table
from repgeom.datasets.tree import BranchingTree, item_names, sample_features
from repgeom.errors import InputError
from repgeom.training.deep_linear import Training, train, train_grid

TREE = BranchingTree()
ITEMS = item_names(TREE)
SEEDS = range(10)
REFERENCES = pd.read_csv(Path(__file__).parents[2] / "resources/reference_learning_dynamics.csv")


def study_features(tree, n_features, seed):
    return sample_features(tree, n_features, np.random.default_rng(seed))


@pytest.fixture(scope="module")
def features():
    return study_features(TREE, 10_000, seed=2021)


@pytest.fixture(scope="module")
def run(features):
    return train(features, Training())


@pytest.fixture(scope="module")
def illusions(features):
    return {name: train_illusion(features, illusion, Training()) for name, illusion in ILLUSIONS.items()}


def seed_landmarks(seed):
    features, training = study_features(TREE, 10_000, seed), Training(seed=seed)
    shark = train_illusion(features, ILLUSIONS["shark"], training)
    slow = train(features, dataclasses.replace(training, lr=20.0))
    return landmarks(train(features, training), shark, slow)


@pytest.fixture(scope="module")
def found():
    return [seed_landmarks(seed) for seed in SEEDS]


@pytest.fixture(scope="module")
def reproduction(found):
    ours = landmark_numbers(found)
    return reproduction_table("learning_dynamics", [("branching tree", ours, False)], REFERENCES).set_index("quantity")


def test_every_seed_has_every_landmark_that_was_published(found, reproduction):
    assert all(set(REFERENCES["quantity"]) <= set(landmarks) for landmarks in found)
    assert list(reproduction.index) == list(REFERENCES["quantity"])


@pytest.mark.parametrize(
    "quantity",
    [name for name in REFERENCES["quantity"] if name.startswith(("loss at plateau", "half height", "final mode"))],
)
def test_reference_shapes_within_three_per_cent(reproduction, quantity):
    ours, reference = reproduction.loc[quantity, ["ours", "reference"]]
    assert ours == pytest.approx(reference, rel=0.03)


def test_a_plateau_that_one_seed_lacks_is_the_mean_of_the_others():
    ours = landmark_numbers([{"loss at plateau 3": 0.2, "final mode 1": 150.0}, {"final mode 1": 160.0}])
    assert ours["loss at plateau 3"][0] == 0.2 and np.isnan(ours["loss at plateau 3"][1])
    assert ours["loss at plateau 3"].interval == "none (one of the seeds)"
    half = 12.706205 * 5  # Student's t with 1 degree of freedom; standard error 5
    assert ours["final mode 1"].interval == "95 % t over seeds"
    assert ours["final mode 1"][:3] == pytest.approx((155, 155 - half, 155 + half))


def test_every_landmark_lies_in_its_interval_and_the_interval_in_the_possible_range(reproduction):
    assert set(reproduction["interval"]) == {"95 % t over seeds"}
    assert (reproduction["low"] <= reproduction["ours"]).all() and (reproduction["ours"] <= reproduction["high"]).all()
    is_belief = reproduction.index.str.contains("belief") & ~reproduction.index.str.contains("epoch)", regex=False)
    assert (reproduction["low"][~is_belief] >= 0).all()
    assert (reproduction["low"][is_belief] >= -1 - 1e-9).all()  # rounding may carry a belief past −1
    assert (reproduction.filter(like="/ mode 1", axis=0)["high"] <= 1).all()


def test_landmarks_of_few_seeds_have_ends_in_the_possible_range():
    names = ["loss at plateau 1", "shark's largest belief", "shark's largest belief (epoch)", "final mode 2 / mode 1"]
    ours = landmark_numbers(
        [dict(zip(names, values, strict=True)) for values in [(0.1, -0.6, 100, 0.7), (0.3, 0.2, 140, 0.9)]]
    )
    t = 12.706205
    assert ours["loss at plateau 1"][:3] == pytest.approx((0.2, 0, 0.2 + 0.1 * t))
    assert ours["shark's largest belief"][:3] == pytest.approx((-0.2, -1, -0.2 + 0.4 * t))
    assert ours["shark's largest belief (epoch)"][:3] == pytest.approx((120, 0, 120 + 20 * t))
    assert ours["final mode 2 / mode 1"][:3] == pytest.approx((0.8, 0, 1))


def test_the_loss_ends_at_zero_or_never_moves(reproduction):
    assert reproduction.ours["loss at the end"] < 1e-9
    assert reproduction.ours["loss at the end, lr 20"] == pytest.approx(1, abs=1e-9)


def test_sharks_are_believed_to_have_bones_for_a_while(reproduction):
    ours = reproduction.ours
    assert ours["shark's belief at epoch 100"] == pytest.approx(-0.25, abs=0.03)
    assert ours["shark's largest belief"] == pytest.approx(0.5, abs=0.03)
    assert ours["shark's largest belief (epoch)"] == pytest.approx(124, rel=0.03)
    assert ours["shark's belief at epoch 145"] == pytest.approx(0, abs=0.05)
    assert ours["shark's belief at the end"] == pytest.approx(-1, abs=1e-6)


def test_parrots_are_believed_to_speak_until_they_are_told_apart(illusions):
    beliefs = belief_table(illusions).query("illusion == 'parrot'")
    assert beliefs.belief.max() > 0.5
    assert beliefs.belief.iloc[-1] == pytest.approx(-1, abs=1e-6)
    assert set(beliefs.item) == {"parrot"}
    assert len(beliefs) == 251


def test_deep_and_shallow_networks_agree_with_the_regression(features, run):
    shallow = train(features, Training(hidden=(), lr=1000.0))
    table = regression_table(features, {"deep": run, "shallow": shallow})
    table = table[table.share == 1].set_index("network")
    assert (table.difference < 1e-2).all()
    assert np.abs(run.solution - shallow.solution).max() < 1e-2
    assert table.difference["shallow"] == pytest.approx(np.abs(shallow.solution - features.T).max())


def test_trajectory_table_holds_both_courses_and_their_difference(run):
    table = trajectory_table(run)
    assert len(table) == 251 * 8
    assert table.measured.tolist() == run.modes.ravel().tolist()
    assert table.difference.abs().max() < 0.02
    np.testing.assert_allclose(table.difference, (table.measured - table.analytic) / 156.2, atol=1e-4)


def test_loss_is_what_the_modes_leave(run):
    """With one-hot inputs and aligned modes, loss = Σ (s* − s)² / N once training has settled."""
    table, modes = loss_table(run), run.modes
    settled = ((modes[-1] - modes[230]) ** 2).sum() / 80_000
    assert table.loss[230] == pytest.approx(settled, abs=1e-9)
    assert table.step.tolist() == list(range(251))


def test_grid_table_names_every_cell(features):
    lrs, gammas = [20.0, 100.0], [1e-12, 1e-6, 1e-2]
    loss = train_grid(features, lrs, gammas, Training(n_steps=100))
    table = grid_table(loss, lrs, gammas)
    assert len(table) == 101 * 6
    cell = table.query("lr == 100 and gamma == 1e-6 and step == 100").loss.item()
    assert cell == loss[100, 1, 1] < table.query("lr == 20 and gamma == 1e-6 and step == 100").loss.item()


def test_rsm_table_separates_animals_from_plants_once_the_second_mode_is_learned(run):
    table = rsm_table(run, ITEMS, steps=[100, 124])
    assert len(table) == 2 * 64
    before, after = (table.query("step == @step").set_index(["item_a", "item_b"]).similarity for step in (100, 124))
    assert before["goldfish", "canary"] == pytest.approx(before["goldfish", "oak"], rel=0.1)
    assert after["goldfish", "canary"] > 3 * after["goldfish", "oak"]
    assert after["robin", "rose"] == run.rsm[124, 0, 2, 4]


def test_rsm_table_refuses_steps_that_were_not_recorded(run):
    with pytest.raises(InputError, match=r"\[251\] were not recorded; 0 to 250 were, every 1"):
        rsm_table(run, ITEMS, steps=[251])


def test_tables_of_the_data(features):
    shown = feature_table(features[:, :20], ITEMS)
    assert len(shown) == 160
    assert shown.query("item == 'rose' and feature == 3").value.item() == features[4, 3]
    assert label_table(ITEMS).query("item == input").value.tolist() == [1.0] * 8
    nodes = node_table(TREE)
    assert nodes.level.value_counts().to_dict() == {0: 1, 1: 2, 2: 4, 3: 8}
    assert nodes.flip.tolist() == [0.5] + [0.15] * 14


def test_an_illusion_needs_its_eight_items():
    small = study_features(BranchingTree(n_levels=2), 100, seed=0)
    with pytest.raises(InputError, match="4 items"):
        train_illusion(small, ILLUSIONS["shark"], Training())
