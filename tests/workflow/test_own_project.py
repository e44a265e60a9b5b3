"""A folder with a configuration of its own: what it says is computed, and nothing else."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections import Counter

import numpy as np
import pandas as pd
import pytest
from project import ROOT, Workflow, planned_jobs, planned_rules
from scipy.spatial.distance import pdist

from repgeom.new_project import new_project
from repgeom.store.coordinates import open_coordinates
from repgeom.store.inspection import provenance_of
from repgeom.store.measured_rdms import MeasuredRDMs, write_measured_rdms
from repgeom.store.stimuli import read_stimuli

ANALYSES = ("separation", "paths", "decoding", "capacity")
PER_NETWORK = ("train", "activations", "coordinates", "separation", "decoding", "capacity")
FOURTH = "  net8: {<<: *net, label: 8 channels, options: {channels: 8}}\n"


@pytest.fixture
def mine(tmp_path) -> Workflow:
    """As `repgeom new` writes it."""
    new_project(tmp_path, ROOT)
    return Workflow(ROOT, tmp_path)


@pytest.fixture(scope="module")
def done(tmp_path_factory) -> Workflow:
    """The same with one seed and little training, run."""
    workflow = Workflow(ROOT, tmp_path_factory.mktemp("mine"))
    new_project(workflow.folder, ROOT)
    edit(workflow, "seeds: [1, 2, 3]", "seeds: [1]")
    edit(workflow, "epochs: 2", "epochs: 1")
    edit(workflow, "source: mnist-10k", "source: digits")
    workflow.run("--cores", "2", config=None)
    return workflow


def edit(workflow, old, new):
    path = workflow.folder / "config.yaml"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


def dry_run(workflow, *arguments, **options):
    return workflow.run("--dry-run", *arguments, config=None, **options)


def counted_rules(dry_run) -> Counter:
    return Counter(re.findall(r"^ *(?:local)?rule (\w+):", dry_run.stdout, flags=re.M))


def test_three_networks_in_twelve_lines_are_so_many_jobs(mine):
    once = ("dataset", "select_stimuli", "all", "index", "paths_page", *(f"{name}_figure" for name in ANALYSES))
    nine = dict.fromkeys(PER_NETWORK, 9)  # three networks with three seeds
    assert counted_rules(dry_run(mine)) == Counter(dict.fromkeys(once, 1) | nine | {"rdms": 18})


def test_one_more_analysis_of_what_is_there_computes_its_own_numbers_only(done):
    addition = "    cosine: {kind: separation, measure: cosine, of: *nets}\n    again: {kind: capacity, of: *nets}\n"
    text = (done.folder / "config.yaml").read_text()
    (done.folder / "config.yaml").write_text(text + addition)
    try:
        planned = planned_jobs(dry_run(done))
    finally:
        (done.folder / "config.yaml").write_text(text)
    networks = [f"net{channels}/1/last/test20" for channels in (4, 16, 64)]
    expected = {f"rdms cosine/{n}" for n in networks} | {f"separation {n}" for n in networks}
    assert planned == expected | {"mine/cosine", "mine/again", "index", "all"}


def test_a_fourth_network_costs_one_network_and_the_figures(done):
    text = (done.folder / "config.yaml").read_text()
    edit(done, "\nstimuli:", FOURTH + "\nstimuli:")
    try:
        planned = planned_jobs(dry_run(done))
    finally:
        (done.folder / "config.yaml").write_text(text)
    shown = "net8/1/last/test20"
    steps = ("activations", "coordinates", "separation", "decoding", "capacity")
    expected = {"train net8/1"} | {f"{step} {shown}" for step in steps}
    expected |= {f"rdms {measure}/{shown}" for measure in ("correlation", "euclidean")}
    assert planned == expected | {f"mine/{name}" for name in ANALYSES} | {"index", "all"}


def test_measured_data_are_an_input_whose_change_is_seen(done):
    """Subjects like fc of net4, from a file of RDMs: it is found, and another file makes stale what follows."""
    with open_coordinates(done.folder / "results/coordinates/net4/seed1/last/test20.zarr.zip") as file:
        ids, node = file.stimuli.ids, list(file.nodes)[-1]
        patterns = file.read(node).centred
    rng, text, source = np.random.default_rng(0), (done.folder / "config.yaml").read_text(), done.folder / "it.h5"

    def measure(noise):
        rdms = [pdist(patterns) ** 2 + noise * rng.exponential(size=len(ids) * (len(ids) - 1) // 2) for _ in range(4)]
        write_measured_rdms(source, MeasuredRDMs(np.array(rdms), list("abcd"), ids))

    measure(noise=0.1)
    analysis = (
        "    it: {kind: inference, data: it, measure: euclidean, comparison: tau-a, samples: 100, weighted: true, "
        "best: true, of: [{model: net4, stimuli: test20}]}\n"
    )
    (done.folder / "config.yaml").write_text(f"{text}{analysis}\ndata: {{it: {{rdms: it.h5}}}}\n")
    try:
        done.run("--cores", "2", "results/tables/mine/it.csv", config=None)
        table = pd.read_csv(done.folder / "results/tables/mine/it.csv").set_index("node")
        assert table.index[-2:].tolist() == ["weighted sum", "best node"]
        of_nodes = table.iloc[:-2]
        assert of_nodes["value"].idxmax() == of_nodes["chosen"].idxmax() == node
        assert table.loc["best node", "p_corrected"] < 0.05 < table.loc["best node", "value"]
        digest = hashlib.sha256(source.read_bytes()).hexdigest()
        assert provenance_of(done.folder / "results/data/it/rdms.h5").inputs["it.h5"] == digest
        assert planned_rules(dry_run(done, "results/tables/mine/it.csv")) == set()
        measure(noise=0.2)
        stale = planned_jobs(dry_run(done, "results/tables/mine/it.csv"))
        assert stale == {"import_rdms it", "inference net4/1/last/test20", "mine/it"}
    finally:
        (done.folder / "config.yaml").write_text(text)


def test_what_is_removed_or_called_otherwise_computes_nothing(done, tmp_path):
    overlay = tmp_path / "less.yaml"
    overlay.write_text("studies: {mine: {decoding: null}}\n")
    assert planned_rules(dry_run(done, "--configfile", str(overlay))) == {"index", "all"}
    overlay.write_text("models: {net4: {colour: '#000000'}}\n")
    assert planned_jobs(dry_run(done, "--configfile", str(overlay))) <= {f"mine/{name}" for name in ANALYSES} | {
        "index",
        "all",
    }


def test_figures_and_tables_are_of_all_networks(done):
    for name in ANALYSES:
        assert (done.folder / f"results/figures/mine/{name}.png").is_file()
        assert (done.folder / f"results/figures/mine/{name}.pdf").is_file()
        models = pd.read_csv(done.folder / f"results/tables/mine/{name}.csv")["model"]
        assert {"net4", "net16", "net64"} <= set(models), name


def test_commands_work_from_inside_the_folder(done):
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    for command, said in (
        (["snakemake", "-s", str(ROOT / "Snakefile"), "-n"], "Nothing to be done"),
        (["repgeom.cli", "check"], "good: 1 dataset, 3 models, 1 stimulus set; studies mine"),
        (["repgeom.cli", "show", "results/tables/mine/paths.csv"], "stale      no"),
    ):
        ran = subprocess.run(
            [sys.executable, "-m", *command],
            cwd=done.folder, env=environment, capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert said in ran.stdout + ran.stderr


@pytest.mark.parametrize(
    "target, message",
    [
        ("mien", "no study or rule 'mien'; did you mean 'mine'?"),
        ("results/figures/mine/path.png", "path.png; did you mean 'results/figures/mine/paths.png'?"),
    ],
)
def test_a_wrong_target_is_told_before_anything_is_planned(mine, target, message):
    refused = dry_run(mine, "--", target, check=False)
    said = refused.stdout + refused.stderr
    assert refused.returncode and f"Error: {message}" in said.replace("no analysis makes results/figures/mine/", "")
    assert "Building DAG" not in said and "Traceback" not in said


def test_other_commands_than_a_run_are_not_disturbed(done):
    assert "mine" in dry_run(done, "--list-target-rules").stdout.split()
    dry_run(done, "--delete-all-output")
    assert (done.folder / "results/figures/mine/paths.png").is_file()
    done.run("--report", "report.html", config=None)
    report = (done.folder / "report.html").read_text()
    assert "separation" in report and "representations look like" in report


def test_a_key_that_is_there_twice_is_told(mine):
    edit(mine, "stimuli:\n", "stimuli:\n  test20: {kind: select, dataset: digits, per_class: 5}\n")
    refused = dry_run(mine, check=False)
    assert refused.returncode and "stimuli.test20 stands in line" in refused.stdout + refused.stderr


def test_coordinates_straight_from_the_network_are_the_same(done, tmp_path):
    shutil.copytree(done.folder, tmp_path / "straight")
    straight = Workflow(done.root, tmp_path / "straight")
    shutil.rmtree(straight.folder / "results/activations")
    edit(straight, "models:\n", "keep_activations: false\nmodels:\n")
    made = [path.relative_to(done.folder) for path in sorted((done.folder / "results/coordinates").rglob("*.zip"))][:2]
    straight.run("--cores", "2", "--forcerun", "coordinates", "--until", "coordinates", *map(str, made), config=None)
    assert not (straight.folder / "results/activations").exists()
    for path in made:
        with open_coordinates(done.folder / path) as a, open_coordinates(straight.folder / path) as b:
            assert a.nodes == b.nodes and a.stimuli.to_attributes() == b.stimuli.to_attributes()
            assert b.group.attrs["provenance"]["config"]["script"] == "coordinates_of_network.py"
            for node in a.nodes:
                np.testing.assert_array_equal(a.read(node).uncentred, b.read(node).uncentred)
    log = next((straight.folder / "results/logs/coordinates").rglob("*.log")).read_text()
    assert re.search(r"nodes of \d+ stimuli in one pass, which hold at most \d+ MB", log)


def show(workflow, artifact):
    """The answer to whether an artifact is stale, asked from elsewhere."""
    ran = subprocess.run(
        [sys.executable, "-m", "repgeom.cli", "show", str(workflow.folder / artifact)],
        env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=True, cwd=ROOT,
    )  # fmt: skip
    return ran.stdout.splitlines()[-1].partition("stale")[2].strip()


def test_stimuli_are_those_that_were_named(mine):
    edit(mine, "source: mnist-10k", "source: digits")
    chosen = {
        "numbers": "per_class: 2, classes: ['7', '1']",
        "patterns": "ids: ['digits-test-00003', '*-test-0000[01]']",
        "firsts": "first: 4",
    }
    lines = "".join(f"  {name}: {{kind: select, dataset: digits, {how}}}\n" for name, how in chosen.items())
    edit(mine, "\nstimuli:\n", f"\nstimuli:\n{lines}")
    mine.run("--cores", "1", "--", *(f"results/stimuli/{name}.h5" for name in chosen), config=None)
    numbers, patterns, firsts = (read_stimuli(mine.folder / f"results/stimuli/{name}.h5") for name in chosen)
    assert numbers.labels.tolist() == [1, 1, 7, 7]
    assert patterns.ids.tolist() == [f"digits-test-0000{i}" for i in (3, 0, 1)]
    assert firsts.ids.tolist() == [f"digits-test-0000{i}" for i in range(4)]


def test_staleness_is_asked_with_the_configuration_that_made_the_artifact(mine):
    edit(mine, "source: mnist-10k", "source: digits")
    overlay, stimuli = mine.folder / "few.yaml", "results/stimuli/test20.h5"
    overlay.write_text("stimuli: {test20: {per_class: 3}}\n")
    keys = ["--config", "batch_size=50"]
    mine.run("--cores", "1", "--configfile", str(overlay), *keys, "--", stimuli, config=None)
    assert show(mine, stimuli) == f"no (asked with {overlay})"
    overlay.write_text("stimuli: {test20: {per_class: 4}}\n")
    assert show(mine, stimuli).startswith("yes; reason: Params have changed")
    overlay.unlink()
    assert show(mine, stimuli) == f"unknown: it was made with {overlay}, which is no longer there"


def test_whoever_reads_only_the_beginning_gets_no_traceback(done):
    command = f"{sys.executable} -m repgeom.cli show --no-stale results/tables/mine/paths.csv | head -1"
    ran = subprocess.run(
        command, shell=True, cwd=done.folder, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True
    )
    assert ran.stdout == "results/tables/mine/paths.csv\n" and not ran.stderr
