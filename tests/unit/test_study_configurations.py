"""The configurations that ship, and what may be wrong with studies: every sentence of every kind of analysis."""

import json

import jsonschema
import pytest
import yaml
from example_configuration import EXAMPLE, ROOT, changed, loaded

from repgeom.cli import configuration_schema, main
from repgeom.config.analyses import KINDS
from repgeom.config.configuration import load_configuration
from repgeom.config.descriptions import KEYS
from repgeom.config.files import merged, read
from repgeom.errors import InputError

CONFIGS = sorted((ROOT / "configs").glob("*.yaml"))
SCHEMA = jsonschema.Draft202012Validator(json.loads(configuration_schema()))


def analysis(kind, *of, **options):
    return {"kind": kind, "of": list(of), **options}


SHOWN = {"model": "standard", "stimuli": "test5"}
RCNN = {"model": "rcnn", "stimuli": "cluttered"}
ATTACKED = {"stimuli": "test5_fgsm"}

WRONG_STUDIES = [
    ("robustness", [], "studies.robustness: expected keys with values, found []"),
    ("my study", {}, "studies.my study: should be a name: letters, digits and underscores, a letter first"),
    ("robustness.my figure", analysis("graph", SHOWN), "studies.robustness.my figure: should be a name"),
    ("robustness.layers", "x", "studies.robustness.layers: expected keys with values, found 'x'"),
    ("robustness.layers", {"of": [SHOWN]}, "studies.robustness.layers: needs the key 'kind', which says of what kind"),
    ("robustness.layers.kind", "separatoin", "layers.kind: found 'separatoin'; did you mean 'separation'?"),
    ("robustness.layers.agrement", [], "layers.agrement: unknown key; did you mean 'agreement'?"),
    ("robustness.layers.images", 9, "layers.images: unknown key; known: agreement, kind, measure, of, title"),
    ("robustness.layers.model", "standard", "layers.model: unknown key; networks are named in a list, of: [{model: …}]"),
    ("robustness.layers.of", [], "layers.of: should have at least 1 item, found []"),
    ("robustness.layers.of", SHOWN, "layers.of: expected a list, found {'model'"),
    ("robustness.layers.of.0.modl", "x", "layers.of.0.modl: unknown key; did you mean 'model'?"),
    ("robustness.layers.of.0.seeds", "frist", "of.0.seeds: expected 'first' or 'all' or a list, found 'frist'"),
    ("robustness.layers.measure", "pearson", "measure: expected 'correlation', 'euclidean' or 'cosine', found 'pearson'"),
    ("learning_dynamics.tree", {"levels": 2}, "tree: 4 items; the illusory correlations need 8"),
    ("learning_dynamics.rsm_epochs", [0, 400], "rsm_epochs.1: epoch 400 is beyond the last one, 250"),
    ("learning_dynamics.grid.gammas", [1.0], "grid.gammas: should have at least 2 items"),
    ("learning_dynamics.seeds", [], "learning_dynamics.seeds: should have at least 1 item"),
]  # fmt: skip

WRONG_ANALYSES = [
    # What all kinds have in common.
    (analysis("graph", {"stimuli": "test5"}), "x.y.of.0.model: missing; name the networks to look at"),
    (analysis("graph", {"model": "standard"}), "x.y.of.0.stimuli: missing; name what the networks are shown"),
    (analysis("history", SHOWN), "x.y.of.0.stimuli: history shows networks nothing; leave it out"),
    (analysis("graph", SHOWN | {"seeds": "all"}), "x.y.of: graph has room for one network; give each an analysis of its own"),
    (analysis("auxiliary_decoding", RCNN, SHOWN), "x.y.of: auxiliary_decoding is about the networks of one model"),
    (analysis("readout", RCNN, RCNN | {"epochs": [0]}), "x.y.of: readout is about one epoch; give each epoch"),
    (analysis("accuracy", SHOWN, SHOWN | {"stimuli": "cluttered"}, SHOWN | {"stimuli": "clean"}),
     "x.y.of: the stimuli 'test5' and 'clean' have the same label, 'clean'; give each one of its own"),
    (analysis("accuracy", SHOWN, SHOWN | {"nodes": ["fc1"]}),
     "x.y.of: 'standard' is there twice with different nodes; name all its nodes in one place"),
    (analysis("readout", {"stimuli": "cluttered"}), "x.y.of.0.model: missing; name the networks to look at"),
    (analysis("decoding", {"model": "standard"}), "x.y.of.0.stimuli: missing; name what the networks are shown"),
    # Each kind.
    (analysis("history", {"model": "standard", "epochs": [0]}), "x.y.of.0: history shows every epoch of whole networks"),
    (analysis("separation", SHOWN, agreement=[["standard", "adversarial"]]), "x.y.agreement.0.1: no such name 'adversarial'"),
    (analysis("separation", SHOWN, agreement=[["standard"]]), "x.y.agreement.0: should have at least 2 items"),
    (analysis("sweep", SHOWN | ATTACKED), "x.y.of: 'test5_fgsm' is no attacked or perturbed stimulus set with a list of strengths"),
    (analysis("readout", SHOWN), "x.y.of: 'standard' is a lenet, which answers once; name a model with architecture: rcnn"),
    (analysis("capacity", SHOWN | {"seeds": "all"}, over="epochs"), "x.y.of: capacity over epochs has room for one network"),
    (analysis("capacity", SHOWN, over="epochs"), "x.y.of: capacity over epochs needs epochs; name those to look at"),
    (analysis("capacity_draws", SHOWN | {"stimuli": "train_first10", "nodes": ["fc1"]}),
     "x.y.of: 'train_first10' does not select images per class, of which others could be drawn"),
    (analysis("capacity_draws", SHOWN), "x.y.of.0.nodes: missing; every draw is recorded anew, so name nodes"),
    (analysis("capacity_draws", SHOWN | {"nodes": ["fc1"], "epochs": [0, 12]}),
     "x.y.of.0.epochs: capacity_draws has room for one network; name one epoch, or none"),
    (analysis("capacity_draws", SHOWN, draws=1), "x.y.draws: should be greater than or equal to 2, found 1"),
    (analysis("capacity_methods", SHOWN, dichotomies=5), "x.y.dichotomies: should be greater than or equal to 10, found 5"),
    (analysis("decoding", SHOWN, fit=50), "x.y.fit: 50 of the 50 stimuli of 'test5'; leave some to test"),
    (analysis("decoding", SHOWN, folds=51), "x.y.folds: 51 folds of the 50 stimuli of 'test5'; choose fewer"),
    (analysis("decoding", RCNN, {"model": "recurrent", "stimuli": "test5"}, over="time"),
     "x.y.of: decoding over time is about the networks of one model after one epoch"),
    (analysis("rdms", RCNN | {"seeds": "all", "repetitions": 2}, over="time"), "x.y.of: rdms over time have room for one network"),
    (analysis("embeddings", SHOWN, perplexity=50), "x.y.perplexity: 50 for the 50 stimuli of 'test5'; choose less than 50"),
    (analysis("paths", SHOWN, SHOWN | {"stimuli": "test20"}),
     "x.y.of: paths need one shared input, but networks see different stimuli, 'test5', 'test20'; name one set"),
    (analysis("paths", {"model": ["standard", "adversarial"], "stimuli": "test5_fgsm"}),
     "networks see different stimuli, 'test5_fgsm' of 'standard' (seed 1), 'test5_fgsm' of 'adversarial' (seed 1)"),
    (analysis("paths", SHOWN | {"nodes": ["conv?", "fc1"]}), "x.y.of: paths begin at the input, which is not among the nodes; add it"),
    (analysis("spectrum", SHOWN | {"epochs": [0, 12]}), "x.y.of: spectrum has room for one network at one epoch; give each"),
    (analysis("paths", SHOWN, disparity_with="z"), "x.y.disparity_with: no analysis 'z' of kind paths in this study"),
    (analysis("paths", SHOWN, comparison="cosin"), "x.y.comparison: expected 'cosine', 'corr'"),
    (analysis("generalisation", SHOWN, rated="tst"), "x.y.rated: no such name 'tst'; did you mean 'test5'?"),
    (analysis("images", ATTACKED), "x.y.of: 'test5_fgsm' is attacked with the gradients of each network; name a model"),
    (analysis("metamers", SHOWN, held_out="standrd", others="test5", snapshots=[0]), "x.y.held_out: no such name 'standrd'"),
    (analysis("metamers", SHOWN, held_out="adversarial", others="tst5", snapshots=[0]), "x.y.others: no such name 'tst5'"),
    (analysis("metamers", SHOWN, held_out="adversarial", others="test5", snapshots=[0]), "x.y.of.0.nodes: missing; name the nodes"),
    (analysis("metamers", SHOWN | {"nodes": ["fc1"], "epochs": [0, 12]}, held_out="adversarial", others="test5", snapshots=[0]),
     "x.y.of.0: metamers has room for one network; name one epoch and one repetition, or none"),
    (analysis("feature_maps", SHOWN), "x.y.of.0.nodes: name one node"),
    (analysis("connections", {"model": "standard"}), "x.y.of: 'standard' is a lenet; connections are drawn of models with"),
    (analysis("canvas_gallery", dataset="cluter"), "x.y.dataset: no such name 'cluter'; did you mean 'clutter'?"),
    (analysis("canvas_gallery", dataset="digits"), "x.y.dataset: 'digits' has no canvases; name a dataset with source: clutter"),
    (analysis("canvas_gallery", SHOWN, dataset="clutter"), "x.y.of: should have at most 0 items"),
    (analysis("input_maps", RCNN | {"repetitions": 2}), "x.y.of: input_maps shows the first canvases of one set; leave repetitions out"),
    (analysis("perturbation", {"model": "standard"}), "x.y.of: 'standard' is a lenet; flows are exchanged in models with"),
    (analysis("perturbation", {"model": "rcnn"}, swaps="corect"), "x.y.swaps: expected 'corrected' or 'as_published'"),
    ({"kind": "reproduction", "references": "paths", "of": [{"analysis": "z"}]},
     "x.y.of.0.analysis: no such name 'z'; known: y (or remove y, too: null)"),
    ({"kind": "reproduction", "references": "paths", "of": [{"analysis": "y"}]},
     "x.y.of.0.analysis: reproduction has no numbers to compare; name an analysis of kind history"),
    # Networks against measured data.
    (analysis("inference", SHOWN), "x.y.data: missing; add it"),
    (analysis("inference", SHOWN, data="v1"), "x.y.data: no such name 'v1'; none is defined"),
    (analysis("inference", SHOWN, data="v1", comparison="rho"), "x.y.comparison: expected 'cosine', 'corr', 'spearman'"),
    (analysis("encoding", SHOWN, data="v1"), "x.y.data: no such name 'v1'; none is defined"),
    (analysis("encoding", SHOWN, data="v1", folds=1), "x.y.folds: should be greater than or equal to 2, found 1"),
    (analysis("similarity", SHOWN, method="cca"), "x.y.method: expected 'cka', 'cka_biased', 'procrustes' or 'rsa', found 'cca'"),
    (analysis("inference", SHOWN, data="v1", samples=10), "x.y.samples: should be greater than or equal to 100, found 10"),
]  # fmt: skip


@pytest.mark.parametrize("path, value, message", WRONG_STUDIES, ids=[f"{p}={v!r:.20}" for p, v, _ in WRONG_STUDIES])
def test_faults_of_studies_are_explained(path, value, message):
    with pytest.raises(InputError) as error:
        loaded(f"studies.{path}", value)
    assert message in str(error.value)


@pytest.mark.parametrize("section, message", WRONG_ANALYSES, ids=[m[:50] for _, m in WRONG_ANALYSES])
def test_faults_of_analyses_are_explained(section, message):
    with pytest.raises(InputError) as error:
        loaded("studies", {"x": {"y": section}})
    assert message in str(error.value)


def test_an_analysis_to_compare_with_is_of_the_same_networks():
    other = analysis("paths", SHOWN | {"model": "adversarial"})
    with pytest.raises(InputError, match="disparity_with: 'other' is of other networks, whose paths have other nodes"):
        loaded("studies", {"x": {"y": analysis("paths", SHOWN, disparity_with="other"), "other": other}})


def test_a_network_without_flows_has_none_to_exchange():
    alone = changed("models.rcnn.options", {"canvas": [40, 40], "lateral": False, "top_down": False})
    with pytest.raises(InputError, match=r"x\.y\.of: 'rcnn' has no recurrent flow; give it pathways, bias or gain"):
        load_configuration(alone | {"studies": {"x": {"y": analysis("perturbation", {"model": "rcnn"})}}})


def test_flows_are_exchanged_on_canvases():
    model = {"architecture": "mine.py:Net", "dataset": "digits"}
    mine = changed("models.mine", EXAMPLE["models"]["recurrent"] | model)
    with pytest.raises(InputError, match=r"x\.y\.of: 'mine' is trained on 'digits'; this needs a dataset with source"):
        load_configuration(mine | {"studies": {"x": {"y": analysis("perturbation", {"model": "mine"})}}})


def test_encoding_needs_responses():
    rdms = changed("data", {"it": {"rdms": "it.h5"}})
    with pytest.raises(InputError, match=r"x\.y\.data: 'it' holds RDMs; encoding needs responses"):
        load_configuration(rdms | {"studies": {"x": {"y": analysis("encoding", SHOWN, data="it")}}})


def test_every_kind_of_analysis_is_in_the_default_configuration():
    assert {a.kind for a in load_configuration(read(ROOT / "config.yaml")).analyses().values()} == set(KINDS)


@pytest.mark.parametrize("file", CONFIGS, ids=lambda p: p.stem)
def test_shipped_configurations_are_good(file, capsys):
    below = [str(ROOT / "configs/published.yaml")] if file.stem.startswith("published-") else []
    assert main(["check", *below, str(file)]) == 0
    assert "good" in capsys.readouterr().out


def test_published_weights_are_laid_over_the_published_parameters():
    """Nobody trains what is imported, and nothing looks at its training."""
    files = [str(ROOT / f"configs/{name}.yaml") for name in ("published", "published-weights")]
    assert main(["check", *files]) == 0


def test_the_fast_recipe_trains_the_published_network_in_both_variants():
    """All but the way of training is as published."""
    files = [ROOT / "config.yaml", *(ROOT / f"configs/{name}.yaml" for name in ("published", "published-fast"))]
    fast, published = (load_configuration(merged(files[:n])) for n in (3, 2))
    assert fast.datasets["clutter"] == published.datasets["clutter"]
    assert fast.models["rcnn"].network() == published.models["rcnn"].network()
    multiplicative, additive = fast.models["rcnn"], fast.models["additive"]
    assert additive.options == published.models["rcnn"].options | {"bias": True, "gain": False}
    assert multiplicative.training != published.models["rcnn"].training
    iterations = []
    for model in (multiplicative, additive):
        begun = fast.models[model.start]
        assert begun.network() == model.network() and begun.seeds != model.seeds
        assert begun.training.batch_size == model.training.batch_size == 32
        iterations.append([part.training.epochs * part.training.iterations for part in (begun, model)])
    assert iterations == [[16_000, 11_000], [7_000, 13_000]]


def test_null_removes_what_has_a_name():
    raw = changed("studies.robustness.reproduction", None)
    raw["studies"]["robustness"]["history"] = raw["studies"]["learning_dynamics"] = None
    raw["models"]["nobody"] = raw["stimuli"]["nothing"] = raw["datasets"]["none"] = None
    c = load_configuration(raw)
    assert c.study_names() == ["robustness", "paths"]
    assert "robustness/layers" in c.analyses() and "robustness/history" not in c.analyses()
    assert "nobody" not in c.models and "nothing" not in c.stimuli and "none" not in c.datasets
    assert load_configuration(raw | {"studies": None}).study_names() == []


def test_schema_is_up_to_date():
    assert json.loads((ROOT / "config.schema.json").read_text()) == json.loads(configuration_schema())


@pytest.mark.parametrize(
    "file", [ROOT / "config.yaml", *CONFIGS, ROOT / "repgeom/example_project/config.yaml"], ids=str
)
def test_editors_find_no_fault_in_what_is_laid_over(file):
    SCHEMA.validate(read(file))


def test_editors_know_what_may_be_removed_and_what_is_wrong():
    nothing = {"digits": None}
    SCHEMA.validate({"datasets": nothing, "models": nothing, "stimuli": nothing, "studies": nothing})
    SCHEMA.validate({"studies": {"robustness": {"layers": None}}})
    for wrong in (
        {"model": {}},
        {"models": {"my model": None}},
        {"models": {"standard": {"training": {"epochs": -1}}}},
        {"models": {"standard": {"training": {"learning_rate": 0}}}},
        {"studies": {"robustness": {"layers": {"kind": "separatoin"}}}},
        {"studies": {"robustness": {"layers": {"resample": 9}}}},
        {"studies": {"robustness": {"layers": {"of": [{"modl": "standard"}]}}}},
    ):
        assert not SCHEMA.is_valid(wrong), wrong


def test_editors_are_told_what_everything_is():
    sections = [SCHEMA.schema, *SCHEMA.schema["$defs"].values()]
    assert all(section.get("description") for section in sections)
    keys = {key: told for section in sections for key, told in section.get("properties", {}).items()}
    assert len(keys) > 100 and all(told.get("description") for told in keys.values())
    assert "column" in SCHEMA.schema["$defs"]["ImageFolder"]["properties"]["class_column"]["description"]
    unused = KEYS.keys() - keys.keys()
    assert not unused, "descriptions of keys that are no more"


def test_command_tells_errors_and_not_tracebacks(tmp_path, capsys):
    assert main(["show", str(tmp_path / "nothing.h5")]) == 1
    assert "no such file" in capsys.readouterr().err
    (tmp_path / "bad.yaml").write_text("device: gpu\n")
    assert main(["check", str(tmp_path / "bad.yaml")]) == 1
    assert "device: expected" in capsys.readouterr().err


@pytest.mark.parametrize("other", ["kubernetes", "s3", "slurm"])
def test_profiles_agree_on_what_must_hold_in_both(other):
    default, profile = (
        yaml.safe_load((ROOT / f"profiles/{name}/config.yaml").read_text()) for name in ("default", other)
    )
    for key in (
        "rerun-triggers",
        "max-checksum-file-size",
        "keep-going",
        "nolock",
        "rerun-incomplete",
        "show-failed-logs",
        "printshellcmds",
    ):
        assert default[key] == profile[key], key
    assert default["cores"] == "all" and "gpu=1" in default["resources"]
