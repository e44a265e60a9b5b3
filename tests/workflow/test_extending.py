"""The recipes of docs/extending.md, followed word by word, add a measure and a kind of analysis that work."""

import re

import numpy as np
import pandas as pd
import pytest
import yaml
from project import ROOT, Workflow, copy_project, planned_rules

from repgeom.store.rdms import read_rdms

BLOCK = re.compile(r"```(?:python|rst)\n(?:#|\.\.) (\S+)\n(.*?)```", flags=re.S)
CONFIGURATION = {
    "datasets": {"digits": {"source": "digits"}},
    "models": {
        "net": {
            "architecture": "single_conv",
            "dataset": "digits",
            "seeds": [1, 2],
            "training": {"learning_rate": 0.01, "epochs": 1, "keep": "last"},
        }
    },
    "stimuli": {"test3": {"kind": "select", "dataset": "digits", "per_class": 3}},
}
OF = [{"model": "net", "stimuli": "test3", "seeds": "all", "nodes": ["input", "conv", "fc"]}]


@pytest.fixture(scope="module")
def extended(tmp_path_factory) -> Workflow:
    """A copy of the project with both recipes followed, and run."""
    root, folder = tmp_path_factory.mktemp("copy"), tmp_path_factory.mktemp("mine")
    copy_project(root)
    for file, text in BLOCK.findall((ROOT / "docs/extending.md").read_text()):
        follow(root / file, text)
    studies = {
        "mine": {
            "dimensions": {"kind": "dimensions", "of": OF},
            "angles": {"kind": "separation", "measure": "angle", "of": OF},
        }
    }
    (folder / "config.yaml").write_text(yaml.safe_dump(CONFIGURATION | {"studies": studies}))
    workflow = Workflow(root, folder)
    workflow.run("--cores", "2", config=None)
    return workflow


def follow(file, text):
    """Write a new file, replace a line that is there, or append."""
    before = file.read_text() if file.exists() else ""
    name = text.partition(" = ")[0]
    if re.fullmatch(r"\w+", name) and f"\n{name} = " in before:
        before, text = re.sub(rf"(?m)^{name} = .*$", text.strip(), before), ""
    file.write_text(f"{before}\n\n{text}" if before and text else before or text)


def table(workflow, name):
    return pd.read_csv(workflow.folder / f"results/tables/mine/{name}.csv")


def test_a_kind_of_analysis_is_six_files(extended):
    files = [file for file, _ in BLOCK.findall((ROOT / "docs/extending.md").read_text()) if "dimensions" in file]
    assert len(files) == 5  # and a file of rules that is there already
    dimensions = table(extended, "dimensions")
    assert list(dimensions["node"]) == ["input", "conv", "fc"] * 2 and set(dimensions["seed"]) == {1, 2}
    assert dimensions["value"].between(1, 30).all()
    assert (extended.folder / "results/figures/mine/dimensions.png").is_file()


def test_a_measure_is_two_files(extended):
    rdms = {
        measure: read_rdms(next((extended.folder / f"results/rdms/{measure}/net").rglob("*.h5")))["conv"]
        for measure in ("angle",)
    }
    assert np.all((rdms["angle"] >= 0) & (rdms["angle"] <= 1))
    assert set(table(extended, "angles")["quantity"]) == {"separation", "label_correlation"}


def test_an_edit_makes_stale_what_depends_on_it(extended):
    script = extended.root / "repgeom/analyses/dimensions.py"
    text = script.read_text()
    script.write_text(text.replace('"value": participation_ratio(', '"value": 1.0 * participation_ratio('))
    assert planned_rules(extended.run("--dry-run", config=None)) == {"dimensions", "dimensions_figure", "index", "all"}
    script.write_text(text)
    assert planned_rules(extended.run("--dry-run", config=None)) == set()
