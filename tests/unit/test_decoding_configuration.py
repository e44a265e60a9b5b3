"""Faults of analyses that decode, read out and perturb are clear messages: which key, what was found, what to do."""

import copy
from pathlib import Path

import pytest
import yaml

from repgeom.config.configuration import load_configuration
from repgeom.errors import InputError

DEFAULT = yaml.safe_load((Path(__file__).parents[2] / "config.yaml").read_text())
RCNN = {"model": "rcnn", "stimuli": "cluttered"}
TWO_MODELS = [{"model": ["standard", "recurrent"], "stimuli": "test50"}]
EPOCHS = {"model": "rcnn", "epochs": [0, 8]}
UNMODULATED = {"architecture": "rcnn", "options": {"canvas": [36, 36], "gain": False}}

BAD = [
    ({"kind": "decoding", "fit": 500, "of": [RCNN]}, "mine.it.fit: 500 of the 500 stimuli of 'cluttered'; leave some to test"),
    ({"kind": "decoding", "folds": 501, "of": [RCNN]}, "mine.it.folds: 501 folds of the 500 stimuli of 'cluttered'; choose fewer"),
    ({"kind": "decoding", "folds": 1, "of": [RCNN]}, "mine.it.folds: should be greater than or equal to 2, found 1"),
    ({"kind": "decoding", "variables": [], "of": [RCNN]}, "mine.it.variables: should have at least 1 item"),
    ({"kind": "decoding", "over": "time", "of": TWO_MODELS}, "mine.it.of: decoding over time is about the networks of one model"),
    ({"kind": "decoding", "over": "time", "of": [RCNN | EPOCHS]}, "decoding over time is about the networks of one model after one epoch"),
    ({"kind": "auxiliary_decoding", "of": TWO_MODELS}, "mine.it.of: auxiliary_decoding is about the networks of one model"),
    ({"kind": "auxiliary_decoding", "of": [RCNN | EPOCHS]}, "mine.it.of: auxiliary_decoding is about one epoch"),
    ({"kind": "readout", "of": [{"model": "standard", "stimuli": "test5"}]}, "mine.it.of: 'standard' is a lenet, which answers once"),
    ({"kind": "readout", "of": [RCNN | EPOCHS]}, "mine.it.of: readout is about one epoch"),
    ({"kind": "perturbation", "of": [{"model": "standard"}]}, "mine.it.of: 'standard' is a lenet; flows are exchanged in models with"),
    ({"kind": "perturbation", "of": [EPOCHS]}, "mine.it.of: perturbation is about one epoch"),
    ({"kind": "perturbation", "of": [RCNN]}, "mine.it.of.0.stimuli: perturbation shows networks nothing; leave it out"),
    ({"kind": "perturbation", "swaps": "corect", "of": [{"model": "rcnn"}]}, "mine.it.swaps: expected 'corrected' or 'as_published'"),
    ({"kind": "input_maps", "of": [RCNN | {"repetitions": 2}]}, "mine.it.of: input_maps shows the first canvases of one set"),
    ({"kind": "canvas_gallery", "dataset": "digits"}, "mine.it.dataset: 'digits' has no canvases; name a dataset with source: clutter"),
    ({"kind": "canvas_gallery", "dataset": "cluter"}, "mine.it.dataset: no such name 'cluter'; did you mean 'clutter'?"),
]  # fmt: skip


def configuration(analysis, **models):
    return load_configuration(
        copy.deepcopy(DEFAULT) | {"models": DEFAULT["models"] | models, "studies": {"mine": {"it": analysis}}}
    )


@pytest.mark.parametrize("analysis, message", BAD, ids=[message[:60] for _, message in BAD])
def test_faults_are_explained(analysis, message):
    with pytest.raises(InputError) as error:
        configuration(analysis)
    assert message in str(error.value)


def test_a_network_without_flows_cannot_be_perturbed():
    still = DEFAULT["models"]["rcnn"] | UNMODULATED
    with pytest.raises(InputError, match="'still' has no recurrent flow; give it pathways, bias or gain"):
        configuration({"kind": "perturbation", "of": [{"model": "still"}]}, still=still)


def tables(analysis):
    section = configuration(analysis).analyses()["mine/it"]
    return [section.measured(network) for network in section.networks(configuration(analysis))]


def test_the_table_of_a_network_is_shared_by_all_that_ask_for_the_same():
    layers = RCNN | {"nodes": ["fc_t?"]}
    one = tables({"kind": "decoding", "over": "time", "fit": 400, "title": "a", "of": [layers]})
    assert one == tables({"kind": "auxiliary_decoding", "fit": 400, "seed": 7, "of": [layers]})
    assert one != tables({"kind": "decoding", "over": "time", "fit": 300, "of": [layers]})
    validated = tables({"kind": "decoding", "of": [layers]})
    assert validated != tables({"kind": "decoding", "seed": 1, "of": [layers]}) != one
