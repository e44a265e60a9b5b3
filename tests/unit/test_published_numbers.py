"""Published numbers stand beside a model's only where it, its canvases and their images are as published."""

import copy
from pathlib import Path

import pytest

from repgeom.config.configuration import load_configuration
from repgeom.workflow.plan import Plan
from repgeom.workflow.published import as_published, comparable, published_beside, reference_rows

ROOT = Path(__file__).parents[2]
REFERENCES = reference_rows(ROOT)
RCNN = {"architecture": "rcnn", "options": {"canvas": [100, 100]}, "dataset": "clutter", "seeds": [1, 2],
        "training": {"learning_rate": 0.1, "epochs": 2, "iterations": 1, "validation": 10}}  # fmt: skip
RAW = {
    "datasets": {
        "mnist": {"source": "mnist"},
        "fashion": {"source": "fashion-mnist"},
        "clutter": {"source": "clutter", "domains": ["mnist", "fashion"], "held_out": 5000},
    },
    "models": {"rcnn": RCNN},
    "stimuli": {
        "many": {"kind": "canvases", "dataset": "clutter", "first": 1000},
        "single": {"kind": "canvases", "dataset": "clutter", "first": 1000, "version": "clean"},
    },
    "studies": {},
}
BOTH = [{"model": "rcnn", "stimuli": ["many", "single"], "seeds": "all"}]


def configuration(analysis=None, **changes):
    """The published configuration with some keys (`a__b__c`) set otherwise."""
    raw = copy.deepcopy(RAW)
    for path, value in changes.items():
        *parents, last = path.split("__")
        section = raw
        for key in parents:
            section = section[key]
        section[last] = value
    if analysis:
        raw["studies"] = {"mine": {"it": analysis}}
    return load_configuration(raw)


def beside(analysis, **changes):
    c = configuration(analysis, **changes)
    plan = Plan(c)
    return published_beside(c, plan.analyses["mine/it"], plan.networks("mine/it"), REFERENCES)


def test_the_published_network_is_as_published_with_or_without_its_default_written_out():
    assert as_published(configuration(), "rcnn")
    assert as_published(configuration(models__rcnn__options={"canvas": [100, 100], "gain": True}), "rcnn")


@pytest.mark.parametrize(
    "changes",
    [
        {"datasets__mnist": {"source": "letters"}},
        {"datasets__clutter__domains": ["fashion", "mnist"]},
        {"datasets__clutter__n_objects": 5},
        {"models__rcnn__options": {"canvas": [100, 100], "bias": True}},
        {"models__rcnn__options": {"canvas": [100, 100], "n_steps": 5}},
        {"models__rcnn__architecture": "mine.py:Net", "models__rcnn__options": {}},
    ],
)
def test_another_network_other_canvases_or_images_are_not(changes):
    if "datasets__mnist" in changes:
        changes["datasets__clutter__held_out"] = 100
    c = configuration({"kind": "readout", "of": BOTH}, **changes)
    assert not as_published(c, "rcnn")
    plan = Plan(c)
    assert published_beside(c, plan.analyses["mine/it"], plan.networks("mine/it"), REFERENCES) == []


def test_published_rows_say_which_stimuli_of_ours_they_are_about():
    rows = beside({"kind": "readout", "of": BOTH})
    assert {(r["measure"], r["stimuli"], r["reference"]) for r in rows} == {
        ("output accuracy, many", "many", 0.81226), ("output accuracy, single", "single", 0.86874)}  # fmt: skip
    decoding = beside({"kind": "decoding", "over": "time", "fit": 800, "of": BOTH})
    assert {r["measure"] for r in decoding} == {
        "layer decoding, many", "layer decoding, single", "gain flow decoding, many"}  # fmt: skip
    fc = [
        r for r in decoding if (r["measure"], r["layer"], r["variable"]) == ("layer decoding, many", "fc", "category")
    ]
    original = [r for r in REFERENCES if r["quantity"].startswith("layer decoding, cluttered: fc, t =")]
    assert [r["reference"] for r in fc] == [r["reference"] for r in original if r["variable"] == "category"]
    assert [r["timestep"] for r in fc] == [1, 2, 3, 4]


def test_auxiliary_decoding_was_published_of_cluttered_canvases():
    rows = beside({"kind": "auxiliary_decoding", "fit": 800, "of": BOTH})
    assert len(rows) == 8 and {r["stimuli"] for r in rows} == {"many"}


def test_cross_validated_decoding_is_another_measure_than_the_published_one():
    assert beside({"kind": "decoding", "over": "time", "of": BOTH}) == []


@pytest.mark.parametrize(
    "change", [{"version": "x"}, {"split": "validation"}, {"noise": False}], ids=["version", "split", "noise"]
)
def test_other_stimuli_have_no_published_numbers(change):
    rows = beside({"kind": "readout", "of": BOTH}, stimuli__many=RAW["stimuli"]["many"] | change)
    assert {r["stimuli"] for r in rows} == {"single"}


def test_untrained_networks_have_no_published_numbers():
    of = [{"model": "rcnn", "stimuli": "many", "epochs": [0]}]
    assert beside({"kind": "readout", "of": of}) == []


def test_swaps_that_we_define_otherwise_are_not_compared():
    def variables(swaps):
        return {r["variable"] for r in beside({"kind": "perturbation", "swaps": swaps, "of": [{"model": "rcnn"}]})}

    assert variables("as_published") - variables("corrected") == {"scale", "orientation"}
    assert {"location", "category"} < variables("corrected")
    about_decoding = [r for r in comparable(REFERENCES, "corrected") if "decoding" in r["measure"]]
    assert {"scale", "orientation"} < {r["variable"] for r in about_decoding}
