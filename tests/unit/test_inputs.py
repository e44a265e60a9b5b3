"""What jobs read and are told, found by their wildcards."""

from pathlib import Path

from snakemake.iocontainers import Wildcards
from test_plan import OF, capacity, plan

from repgeom.workflow import artifacts
from repgeom.workflow.inputs import OfAnalysis, OfNetwork, first
from repgeom.workflow.plan import options_key

ROOT = Path(__file__).parents[2]
NET = {"model": "net1", "seed": "2", "epoch": "last", "stimuli": "test5"}


def of(**values):
    return Wildcards(fromdict=values)


def of_network(p, parts=1):
    return OfNetwork(p, artifacts.ACTIVATIONS if parts == 1 else artifacts.ACTIVATIONS_PART, parts)


def metamers():
    section = {"kind": "metamers", "held_out": "net0", "others": "attacked", "snapshots": [0]}
    return section | {"of": [{"model": "net1", "stimuli": "test5", "nodes": ["fc2"]}]}


def test_a_network_is_shown_its_own_attack():
    found = of_network(plan(a=capacity()))
    assert found.stimuli(of(**NET)) == "results/stimuli/test5.h5"
    assert found.stimuli(of(**NET | {"stimuli": "attacked"})) == "results/stimuli/attacked/net1/seed2.h5"
    assert found.dataset(of(**NET | {"stimuli": "attacked"})) == "results/datasets/digits.h5"
    assert found.training_dataset(of(**NET)) == "results/datasets/digits.h5"
    assert found.descriptors(of(**NET, options="0" * 8)) == NET


def test_what_is_recorded_is_one_file_or_all_parts_in_order():
    p = plan(a=capacity())
    whole = "results/activations/net1/seed2/last/test5"
    assert of_network(p).recorded(of(**NET)) == f"{whole}.zarr.zip"
    assert of_network(p, parts=3).recorded(of(**NET)) == [f"{whole}/part{k}of3.zarr.zip" for k in (1, 2, 3)]


def test_options_lead_to_other_files_of_the_same_network():
    p = plan(a={"kind": "separation", "measure": "cosine", "of": OF})
    (key,) = {Path(table).stem for table in p.measures("mine/a", "separation")}
    found, w = of_network(p), of(**NET, options=key)
    assert found.options("separation")(w)["measure"] == "cosine"
    assert found.by_option("separation", artifacts.RDMS, "measure")(w) == "results/rdms/cosine/net1/seed2/last/test5.h5"


def test_metamers_are_shown_to_all_seeds_of_another_model():
    p = plan(m=metamers())
    (options,) = (p.analyses["mine/m"].measured(network)["metamers"] for network in p.networks("mine/m"))
    w = of(**NET, options=options_key(options))
    found = of_network(p)
    assert found.held_out(w) == "net0"
    assert found.held_out_weights(w) == [f"results/models/net0/seed{s}/weights.safetensors" for s in (1, 2)]
    assert found.held_out_network(w) == p.c.models["net0"].network()


def test_an_analysis_reads_a_file_of_each_network_in_order():
    found, w = OfAnalysis(plan(a=capacity()), ROOT), of(analysis="mine/a")
    weights = found.files(artifacts.WEIGHTS)(w)
    assert weights == [f"results/models/net{i}/seed{s}/weights.safetensors" for i in range(3) for s in (1, 2)]
    assert first(found.files(artifacts.WEIGHTS))(w) == weights[0]
    assert found.network(w) == found._c.models["net0"].network()
    assert len(found.measures("capacity")(w)) == 6
    assert (found.images(w), found.classes(w), found.data_label) == ("digits", {"test5": 10}, found.data_label)


def test_an_analysis_is_told_its_networks_names_and_keys_but_not_where_they_are_from():
    told = OfAnalysis(plan(a=capacity(draws=20)), ROOT).told()
    w = of(analysis="mine/a")
    assert [n["seed"] for n in told["networks"](w)] == [1, 2] * 3
    assert told["names"](w)["models"]["net2"] == {"label": "net2", "colour": "#000002"}
    assert told["options"](w)["mean_field"]["draws"] == 20 and not {"kind", "of"} & set(told["options"](w))


def test_names_of_classes_stand_in_the_images_before_the_attack():
    p = plan(a={"kind": "images", "of": [{"model": "net1", "stimuli": "attacked"}]})
    found, w = OfAnalysis(p, ROOT), of(analysis="mine/a")
    assert found.stimuli(w) == ["results/stimuli/attacked/net1/seed1.h5"]
    assert found.originals(w) == ["results/stimuli/test5.h5"]
    assert found.titles(w) == ["attacked (FGSM, ε = 0.1): net1"]


def test_rdms_are_those_of_the_measure_that_is_named_and_of_every_seed_only_where_agreement_is_asked_for():
    section = {"kind": "separation", "measure": "cosine", "of": OF}
    p = plan(a=section, b=section | {"agreement": [["net0", "net1"]]})
    found = OfAnalysis(p, ROOT)
    rdms = [f"results/rdms/cosine/net{i}/seed{s}/last/test5.h5" for i in range(3) for s in (1, 2)]
    assert found.rdms(of(analysis="mine/a")) == rdms
    assert found.rdms_of_agreement(of(analysis="mine/b")) == rdms
    assert found.rdms_of_agreement(of(analysis="mine/a")) == []
