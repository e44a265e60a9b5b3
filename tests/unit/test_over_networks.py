"""Means and intervals over networks, against numbers worked out by hand; and lines that tell networks apart."""

import numpy as np
import pandas as pd
import pytest

from repgeom.analyses.lines import line_looks
from repgeom.analyses.over_networks import proportion, with_intervals
from repgeom.figures.style import CYCLE

T_TWO_DEGREES = 4.302653
"""Student's t at 97.5 % with 2 degrees of freedom."""
Z = 1.959964


def table(accuracies, model="rcnn", n=20):
    """One row per (seed, repetition, accuracy)."""
    return pd.DataFrame(accuracies, columns=["seed", "repetition", "accuracy"]).assign(model=model, n_test=n)


def summary(found):
    return with_intervals(found, ["model"], "accuracy", proportion("accuracy", "n_test"))


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
    half = T_TWO_DEGREES * 0.1 / np.sqrt(3)  # networks: 0.5, 0.6, 0.7
    assert [row["mean"], row["low"], row["high"]] == pytest.approx([0.6, 0.6 - half, 0.6 + half], abs=1e-6)
    assert (row["over"], row["n"]) == ("networks", 3)


def test_two_networks_are_too_few_and_their_images_count():
    row = only_row(summary(table([(0, 1, 0.7), (1, 1, 0.8)])))
    assert row["mean"] == pytest.approx(0.75)
    assert (row["low"], row["high"]) == pytest.approx(wilson(30, 40), abs=1e-6)
    assert (row["over"], row["n"]) == ("images", 40)


def test_one_network_with_one_repetition_still_has_an_interval():
    row = only_row(summary(table([(0, 1, 1.0)])))
    assert (row["low"], row["high"]) == pytest.approx((20 / (20 + Z**2), 1), abs=1e-6)


def test_a_model_with_few_networks_beside_one_with_enough_has_its_interval_over_images():
    many, one = table([(s, 1, 0.1 * s) for s in (1, 2, 3)], "many"), table([(1, 1, 0.5)], "one")
    found = summary(pd.concat([many, one])).set_index("model")
    assert found["over"].to_dict() == {"many": "networks", "one": "images"}
    assert found["n"].to_dict() == {"many": 3, "one": 20}


def networks(*rows):
    return pd.DataFrame(rows, columns=["model", "epoch", "stimuli"])


def names(**colours):
    models = {name: {"label": name.title(), "colour": colour} for name, colour in colours.items()}
    return {"models": models, "stimuli": {"test5": "clean", "fgsm": "attacked"}}


def test_models_differ_in_colour_and_stimuli_in_style():
    found = networks(("a", np.nan, "test5"), ("a", np.nan, "fgsm"), ("b", np.nan, "test5"), ("a", np.nan, "test5"))
    lines, looks = line_looks(found, names(a="#111111", b="#222222"))
    assert lines.tolist() == ["A, clean", "A, attacked", "B, clean", "A, clean"]
    assert {name: look["colour"] for name, look in looks.items()} == {
        "A, clean": "#111111", "A, attacked": "#111111", "B, clean": "#222222"}  # fmt: skip
    assert looks["A, clean"]["style"] == looks["B, clean"]["style"] != looks["A, attacked"]["style"]


def test_labels_say_only_what_differs_and_epochs_where_there_are_several():
    lines, looks = line_looks(networks(("a", 0, "test5"), ("a", np.nan, "test5")), names(a="#111111"))
    assert lines.tolist() == ["A, epoch 0", "A, last epoch"]
    assert len({look["style"] for look in looks.values()}) == 2
    assert line_looks(networks(("a", np.nan, "test5")), names(a="#111111"))[0].tolist() == ["A"]


def test_models_that_share_a_colour_get_different_ones():
    found = networks(("a", np.nan, "test5"), ("b", np.nan, "test5"))
    _, looks = line_looks(found, names(a="#000000", b="#000000"))
    assert [look["colour"] for look in looks.values()] == list(CYCLE[:2])
