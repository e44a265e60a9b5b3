"""Where images and weights come from, and which names a rule is about."""

import re

import pytest
from example_configuration import EXAMPLE

from repgeom.config.configuration import load_configuration
from repgeom.errors import InputError
from repgeom.workflow import sources

NET = {"architecture": "lenet", "dataset": "digits", "seeds": [1]}
MODELS = {
    "trained": NET | {"training": {"learning_rate": 1, "epochs": 3}},
    "fetched": NET | {"source": {"url": "https://osf.io/s5rt6/download"}},
    "given": NET | {"source": {"path": "a.pth", "sha256": "0" * 64}, "architecture": "networks/mine.py:Net"},
    "fetched_rcnn": {
        "architecture": "rcnn",
        "options": {"canvas": [40, 40]},
        "dataset": "clutter",
        "seeds": [1],
        "source": {"path": "b.pth", "md5": "0" * 32},
    },
    "rcnn": EXAMPLE["models"]["rcnn"],
}


TRAINED = {"training": {"learning_rate": 1, "epochs": 3}}


@pytest.fixture(scope="module")
def c():
    stimuli = {name: EXAMPLE["stimuli"][name] for name in ("test5", "test5_fgsm", "cluttered", "clean")}
    return load_configuration(EXAMPLE | {"models": MODELS, "stimuli": stimuli, "studies": None})


def matched(pattern, names):
    return [name for name in names if re.fullmatch(pattern, name)]


def test_every_model_is_made_by_one_rule(c):
    made = [sources.trained_on(c, canvases=False), sources.trained_on(c, canvases=True), sources.imported(c)]
    assert [matched(pattern, c.models) for pattern in made] == [
        ["trained"],
        ["rcnn"],
        ["fetched", "given", "fetched_rcnn"],
    ]


def test_rules_about_nothing_match_nothing(c):
    assert matched(sources.one_of([]), ["", "trained"]) == []
    empty = c.model_copy(update={"models": {}})
    assert matched(sources.imported(empty), ["", "trained"]) == []


def test_stimuli_of_a_kind_match_with_repetitions_and_wholly(c):
    names = ["test5", "test5_fgsm", "cluttered", "cluttered_repetition2", "cluttered_repetition", "clean_repetition10"]
    assert matched(sources.stimuli_of_kind(c, "canvases"), names) == [
        "cluttered",
        "cluttered_repetition2",
        "clean_repetition10",
    ]
    assert matched(sources.stimuli_of_kind(c, "select"), names) == ["test5"]


def test_canvases_are_made_of_the_images_of_their_domains(c):
    assert sources.domain_files(c, "clutter") == ["results/datasets/digits.h5", "results/datasets/letters.h5"]
    assert sources.domain_files(c, "digits") == ["results/datasets/digits.h5"]


def test_the_recipe_of_canvases_counts_and_their_domains_do_not(c):
    recipe = sources.canvas_recipe(c, "clutter")
    assert recipe["held_out"] == 200 and recipe["recipe"]["canvas_size"] == 40
    assert "domains" not in recipe["recipe"]
    assert sources.imported_canvases(c, "fetched_rcnn") == recipe
    assert sources.imported_canvases(c, "given") is None


def test_only_images_in_a_folder_of_ones_own_have_a_digest(tmp_path, c):
    (tmp_path / "train/a").mkdir(parents=True)
    (tmp_path / "train/a/one.png").write_bytes(b"one")
    folder = {"source": "folder", "path": str(tmp_path)}
    raw = {"datasets": {"mine": folder, "digits": {"source": "digits"}}, "models": {}, "stimuli": {}}
    mine = load_configuration(raw)
    assert re.fullmatch("[0-9a-f]{64}", sources.dataset_content(mine, "mine"))
    assert sources.dataset_content(mine, "digits") is None


def test_weights_are_a_file_or_an_address_with_a_checksum(c):
    assert sources.weights_file(c, "given") == ["a.pth"] and sources.weights_file(c, "fetched") == []
    assert sources.weights_source(c, "given") == {"url": None, "checksum": ("sha256", "0" * 64)}
    fetched = sources.weights_source(c, "fetched")
    assert fetched["url"] == "https://osf.io/s5rt6/download" and fetched["checksum"][0] == "md5"


def test_ones_own_file_is_an_input(c):
    assert sources.user_files(c, "given") == ["networks/mine.py"] and sources.user_files(c, "trained") == []


def test_training_starts_with_the_weights_of_the_same_seed_or_of_the_only_one():
    several = NET | TRAINED | {"seeds": [1, 2]}
    models = {"first": several, "fetched": MODELS["fetched"]}
    models |= {"next": several | {"start": "first"}, "alone": several | {"start": "fetched"}}
    c = load_configuration(EXAMPLE | {"models": models, "stimuli": {}, "studies": None})
    weights = "results/models/{}/seed{}/weights.safetensors".format
    assert sources.start_weights(c, "next", 2) == [weights("first", 2)]
    assert sources.start_weights(c, "alone", 2) == [weights("fetched", 1)]
    assert sources.start_weights(c, "first", 2) == []


def test_a_line_of_starts_without_the_seeds_or_without_an_end_is_refused():
    models = {"first": NET | TRAINED | {"seeds": [1, 2], "start": "next"}}
    models["next"] = NET | TRAINED | {"seeds": [1, 3], "start": "first"}
    with pytest.raises(InputError) as error:
        load_configuration(EXAMPLE | {"models": models, "stimuli": {}, "studies": None})
    assert "models.first.start: first starts with next starts with first; one of them must" in str(error.value)
    assert "models.next.start: 'first' has no seed 3, but several others" in str(error.value)
