"""Means and intervals over networks, against numbers worked out by hand."""

import numpy as np
import pandas as pd
import pytest

from repgeom.analyses.intervals import over_seeds, proportions, with_intervals, with_standard_errors

T_TWO_DEGREES = 4.302653
"""Student's t at 97.5 % with 2 degrees of freedom."""
Z = 1.959964


def table(accuracies, model="rcnn", n=20):
    """One row per (seed, repetition, accuracy)."""
    return pd.DataFrame(accuracies, columns=["seed", "repetition", "accuracy"]).assign(model=model, n_test=n)


def summary(found):
    return with_intervals(found, ["model"], proportions("accuracy", "n_test"))


def only_row(found):
    (row,) = found.to_dict("records")
    return row


def wilson(correct, n):
    """Closed form of Wilson's interval."""
    centre = (correct + Z**2 / 2) / (n + Z**2)
    half = Z / (n + Z**2) * np.sqrt(correct * (n - correct) / n + Z**2 / 4)
    return centre - half, centre + half


def test_repetitions_are_averaged_within_networks_before_networks_are_compared():
    unequal = [(0, 1, 0.4), (0, 2, 0.6), (1, 1, 0.6), (2, 1, 0.7), (2, 2, 0.7), (2, 3, 0.7)]
    row = only_row(summary(table(unequal)))
    half = T_TWO_DEGREES * 0.1 / np.sqrt(3) / (0.6 * 0.4)  # networks .5, .6, .7; on the logit of their mean
    ends = 1 / (1 + np.exp(-(np.log(0.6 / 0.4) + np.array([-half, half]))))
    assert row["mean"] == pytest.approx(0.6)
    assert (row["low"], row["high"]) == pytest.approx(ends, abs=0.01)  # the mean is smoothed by half a canvas
    assert (row["interval"], row["n"]) == ("95 % t over networks", 3)


def test_two_networks_are_too_few_and_the_images_that_both_saw_count_once():
    row = only_row(summary(table([(0, 1, 0.7), (1, 1, 0.8)])))
    assert row["mean"] == pytest.approx(0.75)
    assert (row["low"], row["high"]) == pytest.approx(wilson(15, 20), abs=1e-6)
    assert row["interval"] == "95 % Wilson over images (these networks)"


def test_different_sets_of_canvases_count_together():
    row = only_row(summary(table([(0, 1, 0.7), (0, 2, 0.8)])))
    assert (row["low"], row["high"]) == pytest.approx(wilson(30, 40), abs=1e-6)
    assert row["interval"] == "95 % Wilson over images"


def test_one_network_that_is_always_right_still_has_an_interval():
    row = only_row(summary(table([(0, 1, 1.0)])))
    assert (row["low"], row["high"]) == pytest.approx((20 / (20 + Z**2), 1), abs=1e-6)


def test_a_model_with_few_networks_beside_one_with_enough_has_its_interval_over_images():
    many, one = table([(s, 1, 0.1 * s) for s in (1, 2, 3)], "many"), table([(1, 1, 0.5)], "one")
    found = summary(pd.concat([many, one])).set_index("model")
    assert found["interval"].to_dict() == {"many": "95 % t over networks", "one": "95 % Wilson over images"}


def test_a_single_seed_keeps_the_interval_of_its_row():
    one = pd.DataFrame([{"node": "fc", "seed": 1, "value": 2.0, "low": 1.5, "high": 2.25, "interval": "of its own"}])
    assert only_row(over_seeds(one, ["node"])) == {
        "node": "fc", "mean": 2.0, "low": 1.5, "high": 2.25, "interval": "of its own", "n": 1}  # fmt: skip


def test_seeds_have_the_interval_of_students_t_within_the_possible_range():
    three = pd.DataFrame({"node": "fc", "seed": [1, 2, 3], "value": [0.0, 0.1, 0.2]})
    row = only_row(over_seeds(three, ["node"], lowest=0))
    assert (row["low"], row["high"]) == pytest.approx((0, 0.1 + T_TWO_DEGREES * 0.1 / np.sqrt(3)), abs=1e-6)
    assert row["interval"] == "95 % t over seeds"


def test_repetitions_of_one_network_are_no_seeds():
    """Two sets of canvases that one network saw tell nothing of other networks."""
    repeated = pd.DataFrame({"node": "fc", "seed": [1, 1], "value": [0.1, 0.3], "low": 0.0, "high": 0.5,
                             "interval": "of its own"})  # fmt: skip
    row = only_row(over_seeds(repeated, ["node"]))
    assert row["mean"] == pytest.approx(0.2) and np.isnan(row["low"]) and np.isnan(row["high"])
    assert (row["interval"], row["n"]) == ("none (one of the seeds)", 1)
    four = pd.DataFrame({"node": "fc", "seed": [1, 1, 2, 2], "value": [0.0, 0.2, 0.2, 0.4]})
    row = only_row(over_seeds(four, ["node"]))
    half = 12.706205 * 0.1  # Student's t with 1 degree of freedom; networks .1 and .3
    assert [row["mean"], row["low"], row["high"]] == pytest.approx([0.2, 0.2 - half, 0.2 + half])


def test_errors_of_networks_that_saw_the_same_canvases_do_not_cancel():
    columns = ["seed", "draw", "importance", "standard_error"]
    two = pd.DataFrame([(1, 1, 0.2, 0.1), (2, 1, 0.4, 0.1), (1, 2, 0.3, 0.1), (2, 2, 0.3, 0.1)], columns=columns)
    estimate = with_standard_errors("importance", "standard_error", "draw")
    row = only_row(with_intervals(two.assign(layer="fc"), ["layer"], estimate))
    half = Z * 0.1 / np.sqrt(2)  # two draws, each as sure as one network is
    assert [row["mean"], row["low"], row["high"]] == pytest.approx([0.3, 0.3 - half, 0.3 + half], abs=1e-5)
