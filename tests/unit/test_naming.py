"""How figures name networks and tell them apart, and how stimuli are titled."""

import numpy as np
import pandas as pd
import pytest

from repgeom.analyses.naming import epoch_label, line_looks, network_labels, network_names
from repgeom.cli import merged_configuration
from repgeom.config.configuration import load_configuration
from repgeom.config.networks import Network, Of
from repgeom.figures.palette import CYCLE
from repgeom.workflow.shown import class_counts, original_files, shown_titles

NAMES = {"models": {"net": {"label": "our network", "colour": "#111111"}, "old": {"label": "old", "colour": "#222222"}}}


def networks(*seeds_and_epochs):
    return [Network(model, seed, epoch)._asdict() for model, seed, epoch in seeds_and_epochs]


def test_names_tell_only_what_differs_among_the_networks_of_a_model():
    found = networks(("net", 1, "last"), ("net", 2, "last"), ("old", 1, "epoch003"), ("old", 1, "last"))
    assert network_names(found) == ["net_seed1", "net_seed2", "old_epoch003", "old_last"]
    assert network_labels(found, NAMES) == [
        "our network, seed 1",
        "our network, seed 2",
        "old, epoch 3",
        "old, last epoch",
    ]
    assert network_names(found[1:3]) == ["net", "old"]


def test_epochs_of_a_model_share_its_colour_but_not_its_line():
    table = pd.DataFrame({"model": ["net", "old", "net", "net"], "epoch": [2.0, np.nan, np.nan, 2.0]})
    lines, looks = line_looks(table, NAMES | {"stimuli": {}}, by=("model", "epoch"))
    assert lines.tolist() == [
        "our network, epoch 2", "old, last epoch", "our network, last epoch", "our network, epoch 2"]  # fmt: skip
    assert [look["colour"] for look in looks.values()] == ["#111111", "#222222", "#111111"]
    assert looks["our network, epoch 2"]["style"] != looks["our network, last epoch"]["style"]
    assert (epoch_label(0.0), epoch_label(np.nan)) == ("epoch 0", "last epoch")


def lines_of(*rows, **colours):
    """Lines of rows of (model, epoch, stimuli), and their looks."""
    models = {name: {"label": name.title(), "colour": colour} for name, colour in colours.items()}
    names = {"models": models, "stimuli": {"test5": "clean", "fgsm": "attacked"}}
    return line_looks(pd.DataFrame(rows, columns=["model", "epoch", "stimuli"]), names)


def test_models_differ_in_colour_and_stimuli_in_style():
    rows = [("a", np.nan, "test5"), ("a", np.nan, "fgsm"), ("b", np.nan, "test5"), ("a", np.nan, "test5")]
    lines, looks = lines_of(*rows, a="#111111", b="#222222")
    assert lines.tolist() == ["A, clean", "A, attacked", "B, clean", "A, clean"]
    assert {name: look["colour"] for name, look in looks.items()} == {
        "A, clean": "#111111", "A, attacked": "#111111", "B, clean": "#222222"}  # fmt: skip
    assert looks["A, clean"]["style"] == looks["B, clean"]["style"] != looks["A, attacked"]["style"]


def test_what_is_about_two_models_is_black_and_names_both():
    lines, looks = lines_of(("a", np.nan, "test5"), ("a and b", np.nan, "test5"), a="#111111", b="#222222")
    assert lines.tolist() == ["A", "A and B"] and looks["A and B"]["colour"] == "#000000"


def test_labels_say_only_what_differs_and_epochs_where_there_are_several():
    lines, looks = lines_of(("a", 0, "test5"), ("a", np.nan, "test5"), a="#111111")
    assert lines.tolist() == ["A, epoch 0", "A, last epoch"]
    assert len({look["style"] for look in looks.values()}) == 2
    assert lines_of(("a", np.nan, "test5"), a="#111111")[0].tolist() == ["A"]


def test_models_that_share_a_colour_get_different_ones():
    _, looks = lines_of(("a", np.nan, "test5"), ("b", np.nan, "test5"), a="#000000", b="#000000")
    assert [look["colour"] for look in looks.values()] == list(CYCLE[:2])


@pytest.fixture(scope="module")
def c():
    return load_configuration(merged_configuration([]))


def shown(c, **of):
    return Of(**of).networks(c)


def test_titles_tell_whose_gradients_attacked_the_images(c):
    assert shown_titles(c, shown(c, stimuli=["test5", "test20"])) == ["clean", "test20"]
    own = shown(c, model=["standard", "adversarial"], stimuli="test5_fgsm")
    assert shown_titles(c, own) == [
        "attacked (FGSM, ε = 0.2): standard", "attacked (FGSM, ε = 0.2): adversarially trained"]  # fmt: skip
    given = shown(c, model=["standard", "adversarial"], stimuli="test5_fgsm_single_conv")
    assert shown_titles(c, given) == 2 * ["attacked (FGSM, ε = 0.2): single convolution"]


def test_titles_differ_where_files_do(c):
    seeds = shown(c, model="standard", stimuli="test5_fgsm", seeds=[1, 3])
    assert shown_titles(c, seeds) == [
        f"attacked (FGSM, ε = 0.2): standard, seed {seed}" for seed in (1, 3)]  # fmt: skip
    (sweep,) = shown_titles(c, shown(c, model="standard", stimuli="test5_pgd_sweep"))
    assert sweep == "PGD (PGD, ε = 0 – 0.3): standard"
    repeated = shown(c, model="rcnn", stimuli="clean", repetitions=2)
    assert shown_titles(c, repeated) == ["clean", "clean, repetition 2"]


def test_names_of_classes_stand_in_the_images_before_the_attack(c):
    files = original_files(c, shown(c, model="rcnn", stimuli="clean", repetitions=2))
    assert files == ["results/stimuli/clean.h5", "results/stimuli/clean_repetition2.h5"]
    assert original_files(c, shown(c, model="standard", stimuli="test5_fgsm")) == ["results/stimuli/test5.h5"]


def test_classes_are_those_of_the_dataset(c):
    assert class_counts(c, shown(c, model="rcnn", stimuli=["cluttered", "test5_fgsm"])) == {
        "cluttered": 20, "test5_fgsm": 10}  # fmt: skip
