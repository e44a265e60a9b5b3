"""The examples of docs/module.md, run as they are printed: rules of ours in somebody else's workflow."""

import os
import re
import subprocess
import sys

import numpy as np
import pytest
from project import ROOT, planned_rules

from repgeom.store.activations import open_activations
from repgeom.store.inspection import inspect
from repgeom.store.rdms import read_rdms
from repgeom.workflow.fingerprint import Modules

BLOCK = re.compile(r"```(?:python|yaml)\n# (\S+)\n(.*?)```", flags=re.S)
EXAMPLES = [
    (file, text.replace("/path/to/repgeom", str(ROOT)))
    for file, text in BLOCK.findall((ROOT / "docs/module.md").read_text())
]
TWO_RULES, STUDIES = dict(EXAMPLES[:2]), dict(EXAMPLES[2:])
RDM = "results/rdms/correlation/mouse/seed1/last/gratings.h5"


def foreign(folder, files):
    for name, text in files.items():
        (folder / name).write_text(text)
    return folder


def snakemake(folder, *arguments, check=True):
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "-m", "snakemake", "--cores", "1", *arguments],
        cwd=folder, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if check and done.returncode:
        pytest.fail(done.stdout + done.stderr)
    return done


@pytest.fixture(scope="module")
def two_rules(tmp_path_factory):
    """The first example, run where a file of the same name as our configuration holds something else."""
    folder = foreign(tmp_path_factory.mktemp("foreign"), TWO_RULES | {"config.yaml": "author: somebody\n"})
    snakemake(folder)
    return folder


def test_two_rules_turn_foreign_responses_into_rdms(two_rules):
    with open_activations(two_rules / "results/activations/mouse/seed1/last/gratings.zarr.zip") as responses:
        expected = {area: 1 - np.corrcoef(responses.read(area)) for area in ("V1", "LM")}
    rdms = read_rdms(two_rules / RDM)
    assert rdms.nodes == ["V1", "LM"]
    for area in rdms.nodes:
        upper = expected[area][np.triu_indices(12, k=1)]
        np.testing.assert_allclose(rdms[area], upper, rtol=1e-9, atol=1e-12)


def test_results_of_a_module_carry_the_fingerprint_of_our_code(two_rules):
    _, provenance = inspect(two_rules / RDM)
    assert provenance.rule == "geometry_rdms"
    assert provenance.fingerprint == Modules(ROOT).code(ROOT / "scripts/rdms.py").fingerprint


def test_nothing_else_of_ours_is_in_the_foreign_workflow(two_rules):
    assert set(snakemake(two_rules, "--list").stdout.split()) == {
        "all",
        "geometry_coordinates",
        "geometry_rdms",
        "responses",
    }
    assert "Nothing to be done" in snakemake(two_rules, "--dry-run").stdout


def test_jobs_of_a_module_import_the_package_beside_its_rules(two_rules):
    """Not one that happens to be installed, which may be of another version, or another project's."""
    script = "import pathlib, repgeom; pathlib.Path(snakemake.output[0]).write_text(repgeom.__file__)"
    rule = 'rule which:\n    output: "which.txt"\n    script: "which.py"\n'
    foreign(two_rules, {"which.py": script, "Which": TWO_RULES["Snakefile"] + "\n\n" + rule})
    snakemake(two_rules, "--snakefile", "Which", "which.txt")
    assert (two_rules / "which.txt").read_text() == str(ROOT / "repgeom/__init__.py")


def test_studies_of_a_module_have_the_configuration_that_the_caller_gives(tmp_path):
    foreign(tmp_path, STUDIES)
    planned = snakemake(tmp_path, "--dry-run")
    ours = {"dataset", "train", "select_stimuli", "activations", "coordinates", "rdms", "rdms_figure", "rdms_page"}
    assert planned_rules(planned) == {f"geometry_{rule}" for rule in ours} | {"paper"}
    assert "geometry/results/figures/mine/rdms.png" in planned.stdout
    (tmp_path / "config.yaml").write_text(STUDIES["config.yaml"].replace("kind: rdms", "kind: rdm"))
    refused = snakemake(tmp_path, "--dry-run", check=False)
    assert refused.returncode and "studies.mine.rdms" in refused.stdout + refused.stderr


def test_a_caller_may_use_names_and_places_that_are_ours(tmp_path):
    rule = 'rule robustness:\n    output: "results/figures/robustness/{name}.txt"\n    shell: "touch {output}"\n'
    foreign(tmp_path, {"Snakefile": TWO_RULES["Snakefile"] + "\n\n" + rule})
    target = "results/figures/robustness/mine.txt"
    assert planned_rules(snakemake(tmp_path, "--dry-run", target)) == {"robustness"}


@pytest.mark.slow
def test_studies_of_a_module_run(tmp_path):
    foreign(tmp_path, STUDIES)
    snakemake(tmp_path)
    assert (tmp_path / "geometry/results/figures/mine/rdms.png").is_file() and not (tmp_path / "results").exists()
    assert "Nothing to be done" in snakemake(tmp_path, "--dry-run").stdout
