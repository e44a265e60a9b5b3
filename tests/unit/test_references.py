"""Numbers of analyses under the names of published ones, and tables that put both side by side."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest

from repgeom.analyses.references import NAMES, NUMBERS, named_numbers, quantity_name
from repgeom.analyses.reproduction import reference_values, reproduction_table
from repgeom.config.analyses.reproduction import COMPARED
from repgeom.errors import InputError
from repgeom.measures.uncertainty import Estimate

RESOURCES = Path(__file__).parents[2] / "resources"
T_ONE_DEGREE = 12.706205
"""Student's t at 97.5 % with 1 degree of freedom."""


def references(study):
    return pd.read_csv(RESOURCES / f"reference_{study}.csv", dtype=dict.fromkeys(NAMES, str))


def numbers(kind, rows, prefix="", **about):
    return named_numbers(pd.DataFrame(rows), {"kind": kind, "prefix": prefix, "table": "t.csv"} | about)


def history(model, seed, accuracies):
    return [
        {"model": model, "seed": seed, "epoch": i, "test_accuracy": a, "train_accuracy": a + 0.02}
        for i, a in enumerate(accuracies)
    ]


def wilson(correct, n):
    interval = binomtest(correct, n).proportion_ci(0.95, method="wilson")
    return interval.low, interval.high


def test_all_kinds_that_may_be_compared_have_numbers():
    assert set(COMPARED) == set(NUMBERS)


def test_accuracy_after_training_is_a_mean_over_seeds():
    rows = history("a", 1, [0.1, 0.8, 0.6]) + history("b", 1, [0.1, 0.5]) + history("a", 2, [0.1, 0.9, 0.8])
    ours = numbers("history", rows, n_test={"a": 50, "b": 50})
    assert list(ours) == ["clean accuracy of the a model", "clean accuracy of the b model"]
    *value, interval = ours["clean accuracy of the a model"]
    assert value == pytest.approx([0.7, *wilson(35, 50)]) and interval == "95 % Wilson over images (these seeds)"
    assert ours["clean accuracy of the b model"][:3] == pytest.approx((0.5, *wilson(25, 50)))


def test_one_network_is_followed_over_epochs():
    ours = numbers("history", history("a", 1, [0.1, 0.97]), n_test={"a": 1000})
    assert ours["test accuracy after epoch 1"][:3] == pytest.approx((0.97, *wilson(970, 1000)))
    assert ours["training accuracy after epoch 1"][0] == 0.99
    assert "test accuracy after epoch 0" not in ours
    unknown = numbers("history", history("a", 1, [0.1, 0.97]), n_test={"a": None})
    assert np.isnan(unknown["test accuracy after epoch 1"][1])


def accuracy(model, stimuli, seed, value, **more):
    place = {"model": model, "stimuli": stimuli, "seed": seed, "epoch": np.nan, "repetition": 1}
    return place | {"accuracy": value, "n": 50} | more


def test_accuracy_goes_by_the_label_of_the_stimuli():
    rows = [accuracy("a", "fgsm", 1, 0.6), accuracy("a", "fgsm", 2, 0.8), accuracy("b", "fgsm", 1, 0.3)]
    ours = numbers("accuracy", rows, stimuli={"fgsm": "attacked"})
    assert ours["attacked accuracy of the a model"][:3] == pytest.approx((0.7, *wilson(35, 50)))
    assert ours["attacked accuracy of the b model"][:3] == pytest.approx((0.3, *wilson(15, 50)))


def test_numbers_of_two_networks_with_one_name_are_refused():
    rows = [accuracy("a", "fgsm", 1, 0.6, epoch=epoch) for epoch in (3, 5)]
    with pytest.raises(InputError, match=r"t\.csv: two networks have a number 'attacked accuracy of the a model'"):
        numbers("accuracy", rows, stimuli={"fgsm": "attacked"})


def path_number(quantity, model, value, seed=1):
    place = {"quantity": quantity, "model": model, "seed": seed, "epoch": np.nan}
    return place | {"value": value, "low": value - 1, "high": value + 1, "interval": "bootstrap"}


def test_paths_tell_how_they_approach_the_labels_or_how_well_two_maps_fit():
    reach = [path_number("distance to labels", "a", 5), path_number("input minus last node", "a", 2),
             path_number("first minus other at the last node", "a and b", 3)]  # fmt: skip
    assert numbers("paths", reach, "clean images") == {
        "clean images, a: input minus last node": (2, 1, 3, "bootstrap"),
        "clean images, a minus b at the last node": (3, 2, 4, "bootstrap"),
    }
    disparity = path_number("Procrustes disparity", "", 0.1) | {"low": np.nan, "high": np.nan}
    (name,) = numbers("paths", [*reach, disparity], "few and many images")
    assert name == "Procrustes disparity of the paths on few and many images"


def test_paths_of_several_seeds_are_averaged():
    def over_seeds(*values):
        rows = [path_number("input minus last node", "a", value, seed=i) for i, value in enumerate(values)]
        (estimate,) = numbers("paths", rows).values()
        return estimate

    value, low, high, interval = over_seeds(0.2, 0.22)
    assert (value, low, high) == pytest.approx((0.21, 0.21 - 0.01 * T_ONE_DEGREE, 0.21 + 0.01 * T_ONE_DEGREE))
    assert interval == "95 % t over seeds"
    assert over_seeds(0.2, 0.8)[:3] == pytest.approx((0.5, -2, 2))  # dissimilarities lie between 0 and 2


def test_means_over_seeds_of_paths_stand_beside_those_over_images():
    rows = [path_number("input minus last node", "a", value, seed=i) for i, value in enumerate((0.2, 0.22))]
    found = numbers("paths", [*rows, path_number("input minus last node", "a", 0.21, seed=np.nan)])
    assert list(found) == ["a: input minus last node", "a: input minus last node, over images"]
    assert found["a: input minus last node, over images"][3] == "bootstrap"


def geometry(node, shift=0.0, **more):
    values = {"capacity": 0.1, "radius": 1.0, "dimension": 16.0, "centre_correlation": 0.2}
    rows = {name: value + shift for name, value in values.items()}
    place = {"model": "m", "stimuli": "s", "epoch": np.nan, "repetition": 1, "seed": 1, "node": node}
    errors = {f"{name}_se": 0.01 for name in values} | {"centre_correlation_floor": 1 / 9}
    return place | rows | errors | more


def test_capacity_has_the_interval_of_its_standard_error():
    ours = numbers("capacity", [geometry("input"), geometry("fc")])
    half = 1.959964 * 0.01
    assert ours["capacity at fc"][:3] == pytest.approx((0.1, 0.1 - half, 0.1 + half))
    half = 2.262157 * 0.01  # Student's t for ten classes
    assert ours["centre correlation at input"][:3] == pytest.approx((0.2, 0.2 - half, 0.2 + half))


def test_intervals_of_capacity_over_seeds_stay_where_its_quantities_can_lie():
    seeds = numbers("capacity", [geometry("fc", shift, seed=seed) for seed, shift in enumerate((0, 0.2))])
    half = T_ONE_DEGREE * 0.1
    assert seeds["dimension at fc"][:3] == pytest.approx((16.1, 16.1 - half, 16.1 + half))
    assert seeds["radius at fc"][:3] == pytest.approx((1.1, 0, 1.1 + half))
    assert seeds["centre correlation at fc"][:3] == pytest.approx((0.3, 0, 1))
    alone = numbers("capacity", [geometry("fc", capacity_se=0.1, centre_correlation_se=0.5)])
    assert alone["capacity at fc"][:3] == pytest.approx((0.1, 0, 0.1 + 1.959964 * 0.1))
    assert alone["centre correlation at fc"][:3] == pytest.approx((0.2, 0, 1))


def test_draws_of_the_published_method_have_a_median_and_a_range():
    rows = [geometry("input", shift, mode="reference") for shift in np.linspace(-0.05, 0.05, 41)]
    ours = numbers("capacity_draws", [*rows, geometry("input", 9, mode="configured")])
    assert ours["radius at input, over draws of images"][:3] == pytest.approx((1.0, 0.9525, 1.0475))


def test_networks_that_answer_every_step_count_after_the_last():
    place = {"model": "m", "seed": 1, "stimuli": "clean", "repetition": 1, "n": 100}
    ours = numbers("readout", [place | {"timestep": t, "accuracy": 0.2 * t} for t in (1, 2)])
    assert list(ours) == ["output accuracy, clean", *(f"output accuracy, clean: t = {t}" for t in (1, 2))]
    assert ours["output accuracy, clean"][:3] == pytest.approx((0.4, *wilson(40, 100)))
    assert ours["output accuracy, clean: t = 1"][:3] == pytest.approx((0.2, *wilson(20, 100)))


def test_metamers_of_one_original_count_once():
    def metamer(original, correlation, share):
        place = {"node": "fc", "id": original, "label": 3, "predicted": 3, "held_out_share": share}
        return place | {"pixel_correlation": correlation, "pixel_correlation_class": 0.5}

    ours = numbers("metamers", [metamer("a", 0.1, 1), metamer("a", 0.3, 0), metamer("b", 0.4, 0), metamer("b", 0.4, 0)])
    value, low, high, interval = ours["pixel correlation of metamers of fc"]
    assert interval == "95 % t over originals"
    assert (value, low, high) == pytest.approx((0.3, 0.3 - 0.1 * T_ONE_DEGREE, 1))
    assert ours["metamers of fc recognised by the network itself"][:3] == pytest.approx((1, *wilson(2, 2)))
    assert ours["metamers of fc recognised by the held-out networks"].value == 0.25


@pytest.mark.parametrize(
    "row, name",
    [
        (("layer decoding, clean", "fc", 4, "category"), "layer decoding, clean: fc, t = 4, category"),
        (("auxiliary decoding, mean over layers", "", 2, "auxiliary"), "auxiliary decoding, mean over layers: t = 2"),
        (("auxiliary decoding, mean over time", "fc", np.nan, "auxiliary"), "auxiliary decoding, mean over time: fc"),
        (("output accuracy, clean", "output", np.nan, "category"), "output accuracy, clean"),
    ],
)
def test_names_of_quantities(row, name):
    assert quantity_name(dict(zip(["measure", "layer", "timestep", "variable"], row, strict=True))) == name


def test_published_numbers_are_named_as_ours():
    """A missing layer is read as such: it stands for a mean."""
    table = references("recurrence")
    assert table["quantity"].tolist() == [quantity_name(row) for _, row in table.iterrows()]


def number(value):
    return Estimate(value, value - 1, value + 1, "95 %")


def published(*rows):
    return pd.DataFrame(rows, columns=["quantity", "dataset", "reference", "source"])


def test_only_named_numbers_stand_in_the_table_in_the_order_of_the_references():
    ours = {name: number(i) for i, name in enumerate(("x", "c", "a"))}
    table = reproduction_table("s", [("digits", ours, False)], published(("a", "mnist", 9, "A"), ("b", "mnist", 8, "B"),
                                                                 ("c", "digits", 7, "C")))  # fmt: skip
    assert table[["quantity", "ours"]].values.tolist() == [["a", 2], ["c", 1]]
    assert table["reference"].isna().tolist() == [True, False] and table["source"][1] == "C"


def test_all_numbers_stand_in_the_table_where_none_is_named():
    table = reproduction_table(
        "s", [("digits", {"x": number(1), "y": number(2)}, False)], published(("a", "digits", 9, "A"))
    )
    assert table["quantity"].tolist() == ["x", "y"] and table["reference"].isna().all()


def test_every_number_stands_in_the_table_where_asked_for_after_those_that_were_published():
    ours = {name: number(i) for i, name in enumerate(("x", "c", "a"))}
    rows = published(("a", "digits", 9, "A"), ("c", "digits", 7, "C"))
    table = reproduction_table("s", [("digits", ours, True)], rows)
    assert table["quantity"].tolist() == ["a", "c", "x"] and table["reference"].isna().tolist() == [False, False, True]


def test_the_first_images_of_mnist_stand_beside_published_numbers_on_all_and_are_named():
    rows = published(("a", "mnist", 9, "A"))
    table = reproduction_table("s", [("mnist-10k", {"a": number(1)}, False)], rows)
    assert table[["dataset", "reference"]].values.tolist() == [["mnist-10k", 9]]


def test_a_label_of_stimuli_keeps_what_it_says_behind_a_comma():
    rows = [accuracy("a", "fgsm", 1, 0.6)]
    assert list(numbers("accuracy", rows, stimuli={"fgsm": "attacked, 200 images"})) == [
        "attacked accuracy of the a model, 200 images"]  # fmt: skip


def test_rows_say_which_interval_they_have_and_no_value_lies_outside_its_own():
    kinds = {
        "history": (history("a", 1, [0.1, 1.0]) + history("b", 1, [0.1, 0.96]) + history("b", 2, [0.1, 1.0]), {"n_test": {"a": 50, "b": 50}}),
        "accuracy": ([accuracy("a", "fgsm", seed, value) for seed, value in enumerate((1.0, 0.98, 1.0))], {"stimuli": {"fgsm": "attacked"}}),
        "capacity": ([geometry("fc", capacity_se=9), geometry("conv", seed=1), geometry("conv", 0.5, seed=2)], {}),
        "capacity_draws": ([geometry("in", shift, mode="reference") for shift in (0, 0.1, 0.7)], {}),
        "paths": ([path_number("input minus last node", "a", value, seed=i) for i, value in enumerate((0.2, 0.9))], {}),
    }  # fmt: skip
    parts = [("digits", numbers(kind, rows, **about), True) for kind, (rows, about) in kinds.items()]
    table = reproduction_table("s", parts, published())
    assert table["interval"].ne("").all() and table["interval"].notna().all()
    has_ends = table["low"].notna()
    assert (has_ends == ~table["interval"].str.startswith("none (")).all() and has_ends.sum() > 15
    ends = table[has_ends]
    assert ((ends["low"] <= ends["ours"]) & (ends["ours"] <= ends["high"])).all()
    shares = ends[ends["quantity"].str.contains("accuracy|centre correlation")]
    assert shares["low"].ge(0).all() and shares["high"].le(1).all() and (shares["low"] < shares["high"]).all()
    geometries = ends[ends["quantity"].str.contains("capacity|radius|dimension")]
    assert len(geometries) == 9 and geometries["low"].ge(0).all()
    differences = ends[ends["quantity"].str.contains("last node")]
    assert differences["low"].ge(-2).all() and differences["high"].le(2).all()


def test_a_quantity_of_two_analyses_is_that_of_the_first():
    parts = [("digits", {"a": number(1)}, False), ("mnist", {"a": number(5), "b": number(6)}, False)]
    table = reproduction_table("s", parts, published(("a", "digits", 9, "A"), ("b", "mnist", 8, "B")))
    assert table[["quantity", "dataset", "ours", "reference"]].values.tolist() == [
        ["a", "digits", 1, 9],
        ["b", "mnist", 6, 8],
    ]


def test_what_another_analysis_already_tells_does_not_decide_what_stands():
    """The second analysis has one number of its own, which was not published."""
    parts = [("digits", {"a": number(1)}, False), ("digits", {"a": number(5), "x": number(6)}, False)]
    table = reproduction_table("s", parts, published(("a", "digits", 9, "A")))
    assert table[["quantity", "ours"]].values.tolist() == [["a", 1], ["x", 6]]


def test_every_published_number_of_manifolds_stands_beside_ours_on_its_dataset():
    nodes, about = ("input", "conv", "fc"), {"n_test": {"m": 10_000}}
    parts = [
        ("mnist", numbers("capacity", [geometry(node) for node in nodes]), False),
        ("mnist", numbers("capacity_draws", [geometry(node, mode="reference") for node in nodes]), False),
        ("mnist", numbers("history", history("m", 1, [0.98] * 11), **about), False),
    ]
    table = reproduction_table("manifolds", parts, references("manifolds")).set_index("quantity")
    assert len(table) == 2 * 12 + 4 + 10 + 2 and table["reference"].notna().all()
    assert set(references("manifolds")["quantity"]) <= set(table.index)
    for name in ("capacity at input", "radius at fc"):
        assert table.loc[f"{name}, over draws of images", "reference"] == table.loc[name, "reference"]
    same, other = table.loc["capacity at input, same images"], table.loc["capacity at input"]
    assert same["ours"] == other["ours"] and same["reference"] != other["reference"]


def test_numbers_on_the_very_images_are_left_out_on_other_images():
    ours = numbers("capacity", [geometry("input")])
    table = reproduction_table("manifolds", [("digits", ours, False)], references("manifolds"))
    assert set(table["quantity"]) == set(ours) and table["reference"].isna().all()


def test_published_values_of_nodes_are_those_of_the_same_dataset():
    assert reference_values(references("manifolds"), "mnist", ["fc"])["capacity", "fc"] == 0.3628
    assert len(reference_values(references("manifolds"), "mnist", ["input", "softmax"])) == 4
    assert reference_values(references("manifolds"), "digits", ["fc"]) == {}
