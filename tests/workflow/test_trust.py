"""Results that are not what their names say, or were made under another configuration, are never used without a word."""

import itertools
import os
import shutil
from collections import defaultdict
from pathlib import Path

import pytest
import yaml
from PIL import Image
from project import ROOT, Workflow, planned_jobs, planned_rules

from repgeom.errors import InputError
from repgeom.store import provenance
from repgeom.store.coordinates import open_coordinates
from repgeom.store.hdf5 import read_arrays
from repgeom.store.inspection import inspect
from repgeom.store.rdms import read_rdms
from repgeom.store.stimuli import read_split, read_stimuli
from repgeom.store.table_metadata import metadata_path
from repgeom.store.tables import read_table
from repgeom.store.weights import read_epochs, read_weights
from repgeom.workflow.job import _expect


def open_group(path):
    with open_coordinates(path) as file:
        return file.nodes


def weights(path):
    return read_weights(path, read_epochs(path)[0])


def picture(path):
    """As the index reads figures."""
    with Image.open(path) as image:
        provenance.provenance_in(path, image.info["Description"])


READERS = {
    ("datasets", ".h5"): lambda path: read_split(path, "test"),
    ("stimuli", ".h5"): read_stimuli,
    ("metamers", ".h5"): read_arrays,
    ("models", ".h5"): read_arrays,
    ("rdms", ".h5"): read_rdms,
    ("data", ".h5"): inspect,
    ("inference", ".h5"): inspect,
    ("figures", ".png"): picture,
    ("figures", ".pdf"): inspect,
    ("pages", ".html"): inspect,
    ("models", ".safetensors"): weights,
    ("models", ".csv"): read_table,
    ("measures", ".csv"): read_table,
    ("tables", ".csv"): read_table,
    ("activations", ".zip"): open_group,
    ("coordinates", ".zip"): open_group,
}
"""Folder and ending → how jobs read such files."""


@pytest.fixture
def copied(quick, tmp_path):
    """The finished quick run, to be changed freely."""
    shutil.copytree(quick.folder, tmp_path / "run")
    return Workflow(ROOT, tmp_path / "run")


def files_by_kind(results):
    found = defaultdict(list)
    for path in sorted(p for p in results.rglob("*") if p.is_file()):
        found[path.relative_to(results).parts[0], path.suffix].append(path)
    return {kind: found[kind] for kind in READERS if len(found[kind]) > 1}


def exchange(a, b):
    """Exchange two files, and what lies beside them."""
    for one, other in ((a, b), (metadata_path(a), metadata_path(b))):
        if one.exists():
            aside = one.with_name("aside")
            os.rename(one, aside)
            os.rename(other, one)
            os.rename(aside, other)


def test_of_every_two_files_of_a_kind_that_are_exchanged_both_are_refused_by_name(copied, monkeypatch):
    monkeypatch.setattr(provenance, "_checks", [])
    kinds, pairs = files_by_kind(copied.folder / "results"), 0
    assert len(kinds) > 8
    _expect(path for paths in kinds.values() for path in paths)
    for kind, paths in kinds.items():
        for a, b in itertools.combinations(paths, 2):
            exchange(a, b)
            for path, other in ((a, b), (b, a)):
                with pytest.raises(InputError, match=f"{path}: holds what belongs at {provenance.place_of(other)}"):
                    READERS[kind](path)
            exchange(a, b)
            pairs += 1
        for path in paths:
            READERS[kind](path)
    print(f"\n{pairs} pairs of {', '.join(map('/*'.join, kinds))}")


EXCHANGED = {
    "results/coordinates/standard/seed1/last/{}.zarr.zip": (
        "rdms",
        "results/rdms/correlation/standard/seed1/last/test5.h5",
    ),
    "results/models/{}/seed1/history.csv": ("history_figure", "results/figures/robustness/history.png"),
    "results/stimuli/{}.h5": ("activations", "results/activations/standard/seed1/last/test5.zarr.zip"),
    "results/figures/robustness/{}.pdf": ("index", "results/index.html"),
}
"""Files of two models, stimulus sets or analyses → what is made of the first of them."""


NAMES = (("test5", "test5_fgsm"), ("standard", "adversarial"), ("test5", "test20"), ("graph", "rdms"))


@pytest.mark.parametrize("template, names", list(zip(EXCHANGED, NAMES, strict=True)))
def test_jobs_make_nothing_of_exchanged_files(copied, template, names):
    """Also where they are as old as Snakemake has noted."""
    rule, target = EXCHANGED[template]
    a, b = (copied.folder / template.format(name) for name in names)
    times = [os.stat(path) for path in (a, b)]
    exchange(a, b)
    for path, time in zip((a, b), times, strict=True):
        os.utime(path, ns=(time.st_atime_ns, time.st_mtime_ns))
    done = copied.run("--cores", "1", "--forcerun", rule, "--", target, check=False)
    told = done.stdout + done.stderr
    assert done.returncode and not (copied.folder / target).exists()
    assert f"Error: {template.format(names[0])}: holds what belongs at {template.format(names[1])}" in told


def test_exchanged_files_are_stale(copied):
    template, names = next(iter(EXCHANGED)), NAMES[0]
    a, b = (copied.folder / template.format(name) for name in names)
    exchange(a, b)
    _, target = EXCHANGED[template]
    assert planned_jobs(copied.run("--dry-run", "--", target)) >= {"coordinates standard/1/last/test5"}


EPOCHS = {"models": {"standard": {"training": {"epochs": 1}}}}
FROM_STANDARD = "results/tables/robustness/layers.csv"


def planned(workflow, overlay, *targets):
    """The jobs under another configuration, and what was said."""
    (file := workflow.folder / "overlay.yaml").write_text(yaml.safe_dump(overlay))
    configs = ["--configfile", str(ROOT / "configs/quick.yaml"), str(file)]
    done = workflow.run("--dry-run", *configs, "--", *targets, config=None)
    return planned_jobs(done), done.stdout + done.stderr


def test_without_notes_of_snakemake_the_same_jobs_are_stale(copied):
    with_notes, _ = planned(copied, EPOCHS, FROM_STANDARD)
    assert "train standard/1" in with_notes
    shutil.rmtree(copied.folder / ".snakemake")
    assert planned(copied, {}, "all")[0] == set()
    jobs, told = planned(copied, EPOCHS, FROM_STANDARD)
    assert jobs == with_notes
    assert "config.training" in told


def test_a_file_of_another_configuration_in_the_place_of_ours_is_made_again(copied, tmp_path):
    """It is older than what was made of ours, so that its date tells nothing."""
    path = Path("results/stimuli/test5.h5")
    other = Workflow(ROOT, tmp_path / "other")
    (tmp_path / "other.yaml").write_text(yaml.safe_dump({"stimuli": {"test5": {"per_class": 3}}}))
    configs = ["--configfile", str(ROOT / "configs/quick.yaml"), str(tmp_path / "other.yaml")]
    other.run("--cores", "2", *configs, "--", str(path), config=None)
    shutil.copy(other.folder / path, copied.folder / path)
    os.utime(copied.folder / path, (1e9, 1e9))
    target = "results/figures/robustness/graph.png"
    assert "select_stimuli" in planned_rules(copied.run("--dry-run", "--", target))
