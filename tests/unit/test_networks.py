"""Which networks an analysis looks at: names and patterns, seeds, epochs, nodes, repetitions."""

import re

import pytest
from example_configuration import EXAMPLE, changed, loaded

from repgeom.config.configuration import load_configuration
from repgeom.config.networks import Network, Of, matching, unmatched
from repgeom.errors import InputError
from repgeom.workflow.sources import recorded_nodes

TRAINING = {"learning_rate": 1, "epochs": 10}
NET = {"architecture": "lenet", "dataset": "digits", "seeds": [3, 1], "training": TRAINING}


@pytest.fixture(scope="module")
def c():
    raw = changed("studies", None)
    raw["models"] |= {"net10": NET, "net2": NET, "netto": NET | {"seeds": [7]}, "own": None}
    raw["models"]["mine"] = NET | {"architecture": "mine.py:Net"}
    return load_configuration(raw)


def networks(c, **of):
    return [tuple(network[:4]) for network in Of(**of).networks(c)]


def test_first_seed_and_last_epoch_are_meant_if_nothing_is_said(c):
    assert Of(model="net2", stimuli="test5").networks(c) == [Network("net2", 3, "last", "test5", "test5", 1, None)]


def test_patterns_match_in_the_order_of_the_configuration(c):
    assert [n[0] for n in networks(c, model="net*", stimuli="test5")] == ["net10", "net2", "netto"]
    assert [n[0] for n in networks(c, model="net?", stimuli="test5")] == ["net2"]
    assert [n[0] for n in networks(c, model="net[0-9]*", stimuli="test5")] == ["net10", "net2"]
    assert [n[3] for n in networks(c, model="net2", stimuli="test_first?")] == ["test_first3", "test_first5"]


def test_names_come_in_the_order_named_each_once(c):
    assert [n[0] for n in networks(c, model=["netto", "net*"], stimuli="test5")] == ["netto", "net10", "net2"]


def test_letters_count_as_they_are_written(c):
    assert matching("Net*", c.models) == []


def test_every_model_is_shown_every_set(c):
    shown = networks(c, model=["net2", "netto"], stimuli=["test5", "test20"])
    assert [(n[0], n[3]) for n in shown] == [
        ("net2", "test5"),
        ("net2", "test20"),
        ("netto", "test5"),
        ("netto", "test20"),
    ]


@pytest.mark.parametrize("seeds, expected", [("first", [3]), ("all", [3, 1]), ([1], [1]), ([1, 3], [1, 3])])
def test_seeds_are_the_first_all_or_some(c, seeds, expected):
    assert [n[1] for n in networks(c, model="net2", stimuli="test5", seeds=seeds)] == expected


def test_epochs_are_named_as_files_are(c):
    assert [n[2] for n in networks(c, model="net2", epochs=[0, 10])] == ["epoch000", "epoch010"]


def test_nothing_need_be_shown_and_nobody_need_be_named(c):
    assert Of(model="net2").networks(c) == [Network("net2", 3)]
    assert Of(stimuli="test5").networks(c) == [Network("", 0, stimuli="test5", set="test5")]


def test_repetitions_are_sets_of_their_own(c):
    first, second = Of(model="rcnn", stimuli="clean", repetitions=2).networks(c)
    assert (first.stimuli, first.set, first.repetition) == ("clean", "clean", 1)
    assert (second.stimuli, second.set, second.repetition) == ("clean_repetition2", "clean", 2)
    assert c.stimulus_section(second.stimuli).seed == c.stimuli["clean"].seed + 1


def test_nodes_may_be_patterns(c):
    (network,) = Of(model="rcnn", stimuli="clean", nodes=["conv?_t1", "fc_t*"]).networks(c)
    assert network.nodes == ("conv?_t1", "fc_t*")
    assert not list(Of(model="rcnn", stimuli="clean", nodes=["conv?_t1", "fc_t*"]).faults("of.0", c))


FAULTS = [
    ({"model": "net3"}, "of.0.model: no such name 'net3'; did you mean 'net2'?"),
    ({"model": "net3*"}, "of.0.model: nothing matches 'net3*'; did you mean 'net2'?"),
    ({"model": ["net2", "nobody", "x?"]}, ["of.0.model: no such name 'nobody'", "of.0.model: nothing matches 'x?'"]),
    ({"stimuli": "test55"}, "of.0.stimuli: no such name 'test55'; did you mean 'test5'?"),
    ({"seeds": [1, 4]}, "of.0.seeds: model 'net2' has no seed 4; it has [3, 1]"),
    ({"epochs": [11]}, "of.0.epochs.0: epoch 11 is beyond the last one of 'net2', 10"),
    ({"model": "standard", "epochs": [0, 5]}, "models.standard.training.keep: of.0.epochs looks at epochs in between"),
    ({"nodes": ["conv1", "conv3"]}, "of.0.nodes.1: model 'net2' has no node 'conv3'; did you mean 'conv"),
    ({"nodes": ["layer?"]}, "of.0.nodes.0: model 'net2' has no node 'layer?'"),
    ({"repetitions": 2}, "of.0.repetitions: 'test5' is one set of images; only canvases have repetitions"),
]


@pytest.mark.parametrize("of, messages", FAULTS, ids=lambda p: str(p)[:40])
def test_faults_are_explained(c, of, messages):
    messages = [messages] if isinstance(messages, str) else messages
    faults = list(Of(**{"model": "net2", "stimuli": "test5"} | of).faults("of.0", c))
    assert len(faults) == len(messages)
    for fault, message in zip(faults, messages, strict=True):
        assert message in fault


def test_first_and_last_epoch_are_always_kept(c):
    assert not list(Of(model="standard", epochs=[0, 12]).faults("of.0", c))


def test_imported_weights_have_one_epoch():
    source = {"path": "a.pth", "md5": "0" * 32}
    raw = EXAMPLE | {"studies": None, "models": {"net": NET | {"training": None, "seeds": [1], "source": source}}}
    raw["stimuli"] = {"test5": EXAMPLE["stimuli"]["test5"]}
    (fault,) = Of(model="net", epochs=[0]).faults("of.0", load_configuration(raw))
    assert fault == "of.0.epochs: 'net' has imported weights, of one epoch; leave epochs out"


def test_nodes_of_ones_own_network_are_known_only_when_it_is_recorded(c):
    assert not list(Of(model="mine", stimuli="test5", nodes=["anything"]).faults("of.0", c))


def test_only_what_matches_nothing_is_a_fault():
    known = {"a": 1, "b": 2}
    assert list(unmatched("key", ["a", "?"], known)) == []
    assert list(unmatched("key", ["c"], {})) == ["key: no such name 'c'; none is defined"]


@pytest.mark.parametrize(
    "path, message",
    [
        (
            "stimuli.test5.nodes",
            "x.y.of.0.nodes.0: model 'standard', of which stimuli.test5 records some, has no node 'conv1'",
        ),
        ("models.standard.nodes", "x.y.of.0.nodes.0: model 'standard', which records some, has no node 'conv1'"),
    ],
)
def test_nodes_that_are_not_recorded_are_told_before_anything_runs(path, message):
    of = [{"model": "standard", "stimuli": "test5", "nodes": ["conv1"]}]
    studies = {"x": {"y": {"kind": "rdms", "of": of}}}
    with pytest.raises(InputError, match=re.escape(message)):
        loaded(path, ["fc?"], EXAMPLE | {"studies": studies})
    assert loaded(path, ["fc?", "conv*"], EXAMPLE | {"studies": studies})


def test_what_stimuli_record_goes_before_what_the_model_records():
    raw = changed("models.standard.nodes", ["fc2"], EXAMPLE | {"studies": None})
    assert recorded_nodes(load_configuration(raw), "standard", "test5") == ["fc2"]
    raw = changed("stimuli.test5.nodes", ["conv1"], raw)
    assert recorded_nodes(load_configuration(raw), "standard", "test5") == ["conv1"]
