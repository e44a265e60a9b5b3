"""Configurations that ask for more than makes sense, or show what cannot be drawn, are refused by `check` in one line."""

import time

import matplotlib.pyplot as plt
import numpy as np
import pytest
from example_configuration import EXAMPLE, loaded
from PIL import Image

from repgeom.cli import main
from repgeom.config.bounds import bound_faults
from repgeom.config.configuration import load_configuration
from repgeom.config.files import read
from repgeom.datasets.folder import load_folder
from repgeom.errors import InputError
from repgeom.figures.classes import class_key
from repgeom.figures.style import house_style, new_figure, shared_legend

TRAINING = "models.standard.training"
LARGE = [
    ("datasets.clutter.canvas_size", 10**6, "datasets.clutter.canvas_size: 1000000 is out of range; at most 4096"),
    ("datasets.letters.train_per_class", 10**9, "train_per_class: 1000000000 is out of range; at most 100000"),
    (f"{TRAINING}.threads", 10**6, f"{TRAINING}.threads: 1000000 is out of range; at most 1024"),
    (f"{TRAINING}.epochs", 10**12, f"{TRAINING}.epochs: 1000000000000 is out of range; at most 1000000"),
    ("stimuli.test5.per_class", 10**30, "stimuli.test5.per_class: 1"),
    ("stimuli.many", {"kind": "attack", "of": "test5", "attack": {"epsilon": [0.1] * 10**6}}, "stimuli.many.attack.epsilon: a list of 1000000; at most 1000"),
    ("models.standard.seeds", list(range(20_000)), "models.standard.seeds: a list of 20000; at most 10000"),
    (f"{TRAINING}.learning_rate", float("nan"), f"{TRAINING}.learning_rate: should be a finite number, found nan"),
    (f"{TRAINING}.learning_rate", float("inf"), f"{TRAINING}.learning_rate: should be a finite number, found inf"),
    ("models.standard.options", {"channels": 10**18}, "models.standard.options.channels: 1000000000000000000 is out of range"),
    ("models." + "x" * 101, EXAMPLE["models"]["standard"], "a name of 101 letters; at most 100"),
]  # fmt: skip


@pytest.mark.parametrize("path, value, message", LARGE)
def test_what_is_too_large_is_told_with_the_range(path, value, message):
    start = time.process_time()
    with pytest.raises(InputError) as error:
        loaded(path, value)
    assert message in str(error.value) and len(str(error.value)) < 500
    assert time.process_time() - start < 20


LABELS = [
    ("_hidden", "begins with an underscore"),
    ("two\nlines", "cannot be printed in one line"),
    ("\x1b[2J", "cannot be printed in one line"),
    ("漢字", "no glyph for '漢' (U+6F22)"),
    ("x" * 101, "101 letters; at most 100"),
]


@pytest.mark.parametrize("label, message", LABELS)
@pytest.mark.parametrize("path", ["models.standard.label", "stimuli.test5.label"])
def test_labels_that_figures_cannot_show_are_refused(path, label, message):
    with pytest.raises(InputError) as error:
        loaded(path, label)
    assert f"{path}: " in str(error.value) and message in str(error.value)


@pytest.mark.parametrize("label", ["</script><b>", "{x}", r"$\bad{", "costs 5 $", "ε ≤ 0.2, Größe × 2", "Ψ→∞"])
def test_other_labels_are_drawn_as_they_stand(label, tmp_path):
    assert loaded("models.standard.label", label).model_label("standard") == label
    with house_style():
        figure = new_figure()
        axes = figure.subplots()
        axes.plot([0, 1], label=label)
        axes.set_title(label)
        legend = axes.legend()
        figure.savefig(tmp_path / "a.pdf")
    assert [text.get_text() for text in legend.get_texts()] == [label]
    plt.close(figure)


TEXTS = ["_hidden", r"$\bad{", "{x}", "</script><b>"]


def test_names_of_classes_and_nodes_are_drawn_as_they_stand():
    """Matplotlib leaves labels out of legends that begin with an underscore, as nodes of networks often do."""
    with house_style():
        figure = new_figure()
        axes = figure.subplots()
        for name in TEXTS:
            axes.plot([0, 1], label=name)
        axes.plot([0, 1])
        shared_legend(figure)
        class_key(figure, np.arange(4), TEXTS)
        figure.draw_without_rendering()
    assert [[text.get_text() for text in legend.get_texts()] for legend in figure.legends] == [TEXTS, TEXTS]


@pytest.mark.parametrize("name, message", [("漢字", "no glyph for '漢'"), ("two\nlines", "cannot be printed")])
def test_names_of_classes_that_figures_cannot_show_are_refused(tmp_path, name, message):
    folder = tmp_path / "images/test" / name
    folder.mkdir(parents=True)
    Image.new("L", (6, 4)).save(folder / "a.png")
    with pytest.raises(InputError, match=message):
        loaded("datasets.mine", {"source": "folder", "path": str(tmp_path / "images")})
    with pytest.raises(InputError, match=message):
        load_folder(tmp_path / "images")


def test_the_example_is_within_all_bounds():
    assert not list(bound_faults(load_configuration(EXAMPLE).model_dump(mode="json")))


def test_a_table_of_numbers_has_its_name_for_itself():
    paths = {"kind": "paths", "of": [{"model": "standard", "stimuli": "test5"}]}
    with pytest.raises(InputError, match="tables of this name are the numbers of 'first'; choose another"):
        loaded("studies.names", {"first": paths, "first_numbers": paths})


LAUGHS = "a0: &a0 [x, x]\n" + "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 30))
ENDLESS = [
    (LAUGHS, "aliases stand for more than 1000000 values"),
    ("a: &a [*a]\n", "an alias stands for what it is part of"),
    ("a: &a {b: {c: *a}}\n", "an alias stands for what it is part of"),
    ("a: " + "[" * 200_000, "line 1: more than 100 levels; write fewer"),
    ("- " * 200_000 + "x", "line 1: more than 100 levels; write fewer"),
    ("".join(f"{' ' * i}a:\n" for i in range(900)), "line 101: more than 100 levels; write fewer"),
    ("seed: 1" + ":00" * 300_000, "line 1: a number of 900001 letters; at most 100"),
    ("a:\n  seed: 1" + ":00" * 400 + ".5", "line 2: a number of 1203 letters; at most 100"),
    ("seed: 0x" + "F" * 20_000, "line 1: a number of 20002 letters; at most 100"),
    ("models: {" + ", ".join(f"m{i}: 1" for i in range(20_000)) + "}", "line 1: 20000 keys; at most 10000"),
    ("seed: !!int ''", "cannot be read as YAML"),
    ("seed: !!bool maybe", "cannot be read as YAML"),
    ("seed: !!timestamp never", "cannot be read as YAML"),
    ("models: {" + ", ".join(f"m{i}: {{x: 1}}" for i in range(2000)) + "}", "more than 40 faults; the first 40 are"),
    ("__use_yte__: true\na: ?__import__('os').system('touch marker')\n", "__use_yte__ would let the file run code"),
]


@pytest.mark.parametrize("text, message", ENDLESS)
def test_files_that_never_end_or_run_code_are_refused_unread(text, message, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.yaml").write_text(text)
    start = time.process_time()
    assert main(["check", "--only-configuration"]) == 1
    told = capsys.readouterr().err
    assert message in told and len(told) < 10_000
    assert time.process_time() - start < 20 and not (tmp_path / "marker").exists()


def test_a_configuration_is_a_file_of_a_megabyte(tmp_path):
    import os

    os.mkfifo(tmp_path / "fifo.yaml")
    with pytest.raises(InputError, match=r"are no configuration; at most 1000000, in a file"):
        read(tmp_path / "fifo.yaml")
    with open(tmp_path / "large.yaml", "wb") as file:
        file.truncate(1 << 30)
    with pytest.raises(InputError, match="1073741824 bytes are no configuration"):
        read(tmp_path / "large.yaml")
