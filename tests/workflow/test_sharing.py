"""Results in other hands: a shared cache, a moved folder, a second clone."""

import shutil
import tarfile

import pytest
from project import ROOT, Workflow

COPIED = (
    "Snakefile",
    "config.yaml",
    "configs",
    "profiles",
    "repgeom",
    "report",
    "resources",
    "rules",
    "scripts",
    "envs",
)
TARGETS = ("results/figures/manifolds/history.png", "results/figures/manifolds/spectrum.png")
CACHED = ("train", "activations", "coordinates")


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    """A second copy of the project."""
    root = tmp_path_factory.mktemp("clone")
    for name in COPIED:
        source = ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copy2)(source, root / name)
    return root


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """A cache that the checkout has filled, and its run."""
    cache = tmp_path_factory.mktemp("cache")
    first = Workflow(ROOT, tmp_path_factory.mktemp("first"))
    first.run("--cores", "2", "--cache", "--", *TARGETS, SNAKEMAKE_OUTPUT_CACHE=str(cache))
    assert computed(first) == set(CACHED)
    return cache, first


def computed(workflow) -> set[str]:
    """The cacheable rules whose scripts ran: only these write to their logs."""
    logs = workflow.folder / "results/logs"
    return {rule for rule in CACHED if any(log.read_text() for log in (logs / rule).rglob("*.log"))}


def with_cache(root, folder, cache, *options):
    workflow = Workflow(root, folder)
    workflow.run("--cores", "2", "--cache", *options, "--", *TARGETS, SNAKEMAKE_OUTPUT_CACHE=str(cache))
    return computed(workflow)


def test_a_second_clone_computes_nothing_that_is_shared(clone, shared, tmp_path):
    cache, first = shared
    assert with_cache(clone, tmp_path, cache) == set()
    for target in TARGETS:
        assert (tmp_path / target).read_bytes() == (first.folder / target).read_bytes()


@pytest.mark.parametrize("edit", ["seed", "code"])
def test_another_seed_or_training_loop_is_computed_again(clone, shared, tmp_path, edit):
    cache, _ = shared
    file, old, new = {
        "seed": ("config.yaml", "seeds: [111]", "seeds: [112]"),
        "code": ("repgeom/training/classifier.py", "EVALUATION_BATCH = 250", "EVALUATION_BATCH = 125"),
    }[edit]
    text = (clone / file).read_text()
    assert text.count(old) == 1
    try:
        (clone / file).write_text(text.replace(old, new))
        assert with_cache(clone, tmp_path, cache) == set(CACHED)
    finally:
        (clone / file).write_text(text)


def test_a_moved_folder_stays_up_to_date(clone, quick, tmp_path):
    """Packed up on one machine, unpacked under another path, with another copy of the code."""
    with tarfile.open(tmp_path / "run.tar", "w") as packed:
        packed.add(quick.folder, "elsewhere")
    with tarfile.open(tmp_path / "run.tar") as packed:
        packed.extractall(tmp_path, filter="fully_trusted")
    done = Workflow(clone, tmp_path / "elsewhere").run("--dry-run")
    assert "Nothing to be done" in done.stdout + done.stderr
