"""What analyses need: files, tables that are shared or not, labels, targets."""

import pytest

from repgeom.config.configuration import load_configuration
from repgeom.config.projection import Projection
from repgeom.workflow import artifacts
from repgeom.workflow.plan import Plan, options_key

NETS = {
    f"net{i}": {
        "architecture": "lenet",
        "dataset": "digits",
        "seeds": [1, 2],
        "training": {"learning_rate": 1, "epochs": 3},
        "colour": f"#00000{i}",
    }
    for i in range(3)
}


def plan(**analyses) -> Plan:
    raw = {
        "datasets": {"digits": {"source": "digits"}},
        "models": NETS,
        "stimuli": {
            "test5": {"kind": "select", "dataset": "digits", "per_class": 5, "label": "few"},
            "attacked": {"kind": "attack", "of": "test5", "attack": {"epsilon": 0.1}},
        },
        "studies": {"mine": analyses},
    }
    return Plan(load_configuration(raw))


OF = [{"model": "net*", "stimuli": "test5", "seeds": "all"}]


def capacity(of=OF, **mean_field):
    return {"kind": "capacity", "mean_field": mean_field, "of": of}


def decoding(**options):
    return {"kind": "decoding", "of": OF, **options}


def tables(p, analysis, measure):
    return set(p.measures(f"mine/{analysis}", measure))


def test_the_same_options_share_a_table():
    """Whatever decides the figure alone is no reason to compute again."""
    p = plan(a=capacity(draws=20), b=capacity(draws=20) | {"title": "another"}, c=decoding(), d=decoding(over="nodes"))
    assert tables(p, "a", "capacity") == tables(p, "b", "capacity") and len(tables(p, "a", "capacity")) == 6
    assert tables(p, "c", "decoding") == tables(p, "d", "decoding")


def test_what_is_said_and_what_is_meant_anyway_share_a_table():
    p = plan(a=capacity(), b=capacity(draws=300, margin=0))
    assert tables(p, "a", "capacity") == tables(p, "b", "capacity")


def test_other_options_make_another_table():
    p = plan(
        a=capacity(draws=20),
        b=capacity(draws=21),
        c=capacity([OF[0] | {"nodes": ["fc1"]}], draws=20),
        d={"kind": "capacity_methods", "mean_field": {"draws": 20}, "of": OF},
    )
    a, b, c = (tables(p, name, "capacity") for name in "abc")
    assert not (a & b or a & c or b & c)
    assert tables(p, "d", "capacity") == a and not tables(p, "d", "capacity_methods") & a


def test_one_more_network_adds_its_own_tables_only():
    two, three = (plan(a=capacity([OF[0] | {"model": models}])) for models in (["net0", "net1"], "net*"))
    added = tables(three, "a", "capacity") - tables(two, "a", "capacity")
    assert tables(two, "a", "capacity") < tables(three, "a", "capacity")
    assert {path.split("/")[3] for path in added} == {"net2"} and len(added) == 2


def test_options_are_found_by_the_name_of_their_table():
    p = plan(a=capacity(draws=20), b=capacity(draws=21))
    for analysis, draws in (("a", 20), ("b", 21)):
        keys = {path.split("/")[-1].removesuffix(".csv") for path in tables(p, analysis, "capacity")}
        assert len(keys) == 1
        assert p.options("capacity", keys.pop())["draws"] == draws
    assert len(p.known_options("capacity").split("|")) == 2
    assert p.known_options("decoding") == "(?!)"


def test_keys_do_not_depend_on_the_order_of_options():
    assert (
        options_key({"a": 1, "b": (2, 3)}) == options_key({"b": [2, 3], "a": 1}) != options_key({"a": 1, "b": [3, 2]})
    )


def test_files_are_those_of_the_networks_looked_at():
    p = plan(a={"kind": "accuracy", "of": [{"model": "net1", "stimuli": ["test5", "attacked"], "seeds": "all"}]})
    assert p.files("mine/a", artifacts.RDMS, measure="cosine") == [
        f"results/rdms/cosine/net1/seed{seed}/last/{stimuli}.h5" for stimuli in ("test5", "attacked") for seed in (1, 2)
    ]
    assert p.files("mine/a", artifacts.WEIGHTS) == [
        f"results/models/net1/seed{seed}/weights.safetensors" for seed in (1, 2)
    ]
    assert p.stimuli("mine/a") == [
        "results/stimuli/test5.h5",
        "results/stimuli/test5.h5",
        "results/stimuli/attacked/net1/seed1.h5",
        "results/stimuli/attacked/net1/seed2.h5",
    ]


def test_labels_are_names_unless_given_and_colours_only_where_they_are_drawn():
    p = plan(a={"kind": "accuracy", "of": OF}, b={"kind": "rdms", "of": OF})
    assert p.names("mine/a") == {
        "models": {f"net{i}": {"label": f"net{i}", "colour": f"#00000{i}"} for i in range(3)},
        "stimuli": {"test5": "few"},
    }
    assert p.names("mine/b")["models"]["net0"] == {"label": "net0"}


def test_each_kind_has_its_analyses():
    p = plan(a=decoding(), b=decoding(fit=20), c=capacity())
    assert p.of_kind("decoding") == "mine/a|mine/b"
    assert p.of_kind("rdms") == "(?!)"
    assert list(p.of_study("mine")) == ["mine/a", "mine/b", "mine/c"] and not p.of_study("min")


def test_a_study_makes_figures_pages_and_tables_that_stand_alone():
    p = plan(
        a=decoding(),
        b={"kind": "generalisation", "rated": "test5", "of": [{"model": "net0", "stimuli": "test5"}]},
        c={"kind": "reproduction", "references": "paths", "of": [{"analysis": "a"}]},
    )
    assert p.targets("mine") == [
        "results/figures/mine/a.png",
        "results/figures/mine/b.png",
        "results/pages/mine/b.html",
        "results/tables/mine/c.csv",
    ]
    assert set(p.targets("mine")) < set(p.made())
    assert {"results/figures/mine/a.pdf", "results/tables/mine/a.csv"} < set(p.made())
    assert not {"results/pages/mine/a.html", "results/figures/mine/c.png"} & set(p.made())
    assert p.reproductions() == ["results/tables/mine/c.csv"]


@pytest.mark.parametrize("attacker, seeds, expected", [
    ("own", [1, 2], ["net0/seed1", "net0/seed2"]),
    ("net1", [1, 2], ["net1/seed1", "net1/seed2"]),
    ("net1", [5], ["net1/seed5", "net1/seed5"]),
])  # fmt: skip
def test_seeds_are_attacked_by_the_seed_at_the_same_place(attacker, seeds, expected):
    raw = {
        "datasets": {"digits": {"source": "digits"}},
        "models": NETS | {"net1": NETS["net1"] | {"seeds": seeds}},
        "stimuli": {
            "test5": {"kind": "select", "dataset": "digits", "per_class": 5},
            "attacked": {"kind": "attack", "of": "test5", "attack": {"epsilon": 0.1}, "model": attacker},
        },
        "studies": {"mine": {"a": decoding() | {"of": [{"model": "net0", "stimuli": "attacked", "seeds": "all"}]}}},
    }
    found = Plan(load_configuration(raw)).stimuli("mine/a")
    assert found == [f"results/stimuli/attacked/{place}.h5" for place in expected]


def test_numbers_that_come_from_projected_coordinates_say_so():
    p = plan(**{"rdms": {"kind": "rdms", "of": [{"model": "net0", "stimuli": "test5"}]}})
    assert p.projection("decoding") == {} and p.reads_coordinates("mine/rdms")
    straight = Plan(p.c.model_copy(update={"projection": Projection(dimensions=20), "rdms_from": "activations"}))
    assert straight.projection("decoding") == {"projection": {"dimensions": 20, "seed": 0}}
    assert straight.projection("history") == straight.projection("rdms") == straight.projection("accuracy") == {}
    assert not straight.reads_coordinates("mine/rdms")


LEAN = {"keep_activations": False}


@pytest.mark.parametrize("settings, nodes, kept", [
    ({}, ["fc1"], None),
    (LEAN, ["fc1"], ["conv1", "fc1"]),
    (LEAN, None, None),
    (LEAN | {"recording_parts": 2}, ["fc1"], None),
    (LEAN | {"rdms_from": "activations"}, ["fc1"], None),
])  # fmt: skip
def test_where_coordinates_come_without_activations_files_hold_what_is_read(settings, nodes, kept):
    of = [{"model": "net0", "stimuli": "attacked"} | ({"nodes": nodes} if nodes else {})]
    more = [{"model": "net0", "stimuli": "attacked", "nodes": ["conv1"]}]
    p = plan(
        a={"kind": "generalisation", "rated": "test5", "of": of},
        b={"kind": "generalisation", "rated": "test5", "of": more},
        c={"kind": "rdms", "of": [{"model": "net*", "stimuli": "*", "seeds": "all"}]},
        d={"kind": "examples", "of": [{"model": "net1", "stimuli": "test5"}]},
    )
    p = Plan(p.c.model_copy(update=settings))
    unread = [] if settings == LEAN else None
    for network in p.networks("mine/c"):
        is_read = network.model == "net0" and network.seed == 1
        assert p.kept_nodes(artifacts.of_network(artifacts.ACTIVATIONS, network)) == (kept if is_read else unread)
