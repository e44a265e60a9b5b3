"""Configuration files are read and laid over each other as Snakemake does it, and nothing is said twice."""

import pytest
import yaml
from example_configuration import ROOT
from snakemake.utils import update_config

from repgeom.cli import main, merged_configuration
from repgeom.config.files import merged, read, refuse_repeated_keys
from repgeom.errors import InputError

BELOW = "a: {x: 1, y: {z: [1, 2]}}\nb: &b {c: 1}\nd: *b\ne: {f: 1}\n"
ABOVE = "a: {y: {z: [3], w: 4}}\nb: {c: 2}\ne: null\ng: {h: {i: 5}}\n"


@pytest.fixture
def files(tmp_path):
    for name, text in {"below.yaml": BELOW, "above.yaml": ABOVE}.items():
        (tmp_path / name).write_text(text)
    return [tmp_path / "below.yaml", tmp_path / "above.yaml"]


def test_dictionaries_merge_and_lists_are_replaced(files):
    assert merged(files) == {
        "a": {"x": 1, "y": {"z": [3], "w": 4}},
        "b": {"c": 2},
        "d": {"c": 1},  # what an alias shares is not changed with it
        "e": None,
        "g": {"h": {"i": 5}},
    }


OF_PUBLISHED = ["published-weights", "published-fast", "published-fast-weights"]
OVERLAYS = [["quick"], ["published"], *(["published", name] for name in OF_PUBLISHED)]


@pytest.mark.parametrize("names", OVERLAYS, ids=str)
def test_snakemake_lays_files_over_each_other_in_the_same_way(names):
    files = [ROOT / "config.yaml", *(ROOT / f"configs/{name}.yaml" for name in names)]
    expected = {}
    for file in files:
        update_config(expected, yaml.safe_load(file.read_text()))
    assert merged(files) == expected


REPEATED = [
    ("a: 1\nb: 2\na: 3\n", "line 3: a stands in line 1 already; remove one of the two"),
    ("a:\n  b: 1\n  c: {d: 1, d: 2}\n", "line 3: a.c.d stands in line 3 already"),
    ("a:\n  - {b: 1}\n  - b: 1\n    b: 1\n", "line 4: a.1.b stands in line 3 already"),
]


@pytest.mark.parametrize("text, message", REPEATED)
def test_keys_that_are_there_twice_are_told(tmp_path, text, message, capsys):
    file = tmp_path / "twice.yaml"
    file.write_text(text)
    with pytest.raises(InputError) as error:
        refuse_repeated_keys([file])
    assert str(error.value).startswith(f"{file}, {message}")
    assert main(["check", str(file)]) == 1
    assert message in capsys.readouterr().err


def test_aliases_and_merged_keys_are_not_there_twice(tmp_path):
    file = tmp_path / "aliases.yaml"
    file.write_text("a: &a {x: &x {y: 1}, z: 1}\nb: {<<: *a, z: 2}\nc: {<<: *a, x: *x}\nd: [*x, *x]\n")
    assert read(file)["b"] == {"x": {"y": 1}, "z": 2}


@pytest.mark.parametrize("text", ["a: [1", "a: b: c", "\tx: 1", "- 1\n- 2\n", "just text"])
def test_what_is_no_configuration_is_told(tmp_path, text):
    file = tmp_path / "bad.yaml"
    file.write_text(text)
    with pytest.raises(InputError, match=r"bad.yaml: (cannot be read as YAML|holds no keys)"):
        read(file)


def test_an_empty_file_says_nothing(tmp_path):
    (tmp_path / "empty.yaml").write_text("# nothing\n")
    assert read(tmp_path / "empty.yaml") == {}


def test_a_folder_with_its_own_configuration_has_that_one_alone(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert set(merged_configuration([])["models"]) > {"standard", "rcnn"}
    (tmp_path / "config.yaml").write_text("models: {mine: {}}\n")
    (tmp_path / "above.yaml").write_text("models: {mine: {label: a}, yours: {}}\n")
    assert merged_configuration([tmp_path / "above.yaml"]) == {"models": {"mine": {"label": "a"}, "yours": {}}}
