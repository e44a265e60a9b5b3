"""Results in other hands: a shared cache, a moved folder, a second clone."""

import shutil
import tarfile

import numpy as np
import pytest
import yaml
from PIL import Image
from project import ROOT, Workflow, copy_project, planned_rules

TARGETS = ("results/figures/manifolds/history.png", "results/figures/manifolds/spectrum.png")
CACHED = ("train", "activations", "coordinates")


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    """A second copy of the project."""
    root = tmp_path_factory.mktemp("clone")
    copy_project(root)
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


def test_nothing_is_stale_after_a_run_that_filled_a_cache(shared):
    done = shared[1].run("--dry-run", "--", *TARGETS)
    assert "Nothing to be done" in done.stdout + done.stderr


def test_a_damaged_copy_in_the_cache_is_named_and_made_again(clone, shared, tmp_path):
    cache, first = shared
    shutil.copytree(cache, tmp_path / "cache")
    damaged = list((tmp_path / "cache").glob("*.zip"))
    for file in damaged:
        file.write_bytes(file.read_bytes()[:-100])
    run, environment = Workflow(clone, tmp_path / "run"), {"SNAKEMAKE_OUTPUT_CACHE": str(tmp_path / "cache")}
    done = run.run("--cores", "1", "--cache", "--", *TARGETS, check=False, **environment)
    assert done.returncode and computed(run) == set()
    assert any(f"delete it and {file}, a shared cache's copy" in done.stdout + done.stderr for file in damaged)
    links = [link for link in (tmp_path / "run/results").rglob("*.zip") if link.resolve() in damaged]
    for file in [*links, *damaged]:
        file.unlink()
    run.run("--cores", "1", "--cache", "--", *TARGETS, **environment)
    assert computed(run) == {"activations", "coordinates"}
    for target in TARGETS:
        assert (run.folder / target).read_bytes() == (first.folder / target).read_bytes()


def draw_images(folder, seed):
    """Two images of each of two classes in both splits."""
    rng = np.random.default_rng(seed)
    for name in ("train/a/1", "train/b/1", "test/a/1", "test/b/1"):
        file = folder / f"images/{name}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(256, size=(28, 28), dtype=np.uint8)).save(file)


def test_other_images_under_the_same_names_are_another_dataset(clone, tmp_path):
    (tmp_path / "cache").mkdir()
    dataset = {"source": "folder", "path": "images"}
    model = {"architecture": "lenet", "dataset": "mine", "seeds": [1], "training": {"learning_rate": 0.1, "epochs": 0}}
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump({"datasets": {"mine": dataset}, "models": {"mine": model}}))
    options = ["--cache", "--configfile", str(ROOT / "configs/quick.yaml"), str(tmp_path / "mine.yaml")]
    target = "results/models/mine/seed1/history.csv"

    def run(name, seed, *more):
        draw_images(tmp_path / name, seed)
        workflow, cache = Workflow(clone, tmp_path / name), str(tmp_path / "cache")
        arguments = ["--cores", "1", *more, *options, "--", target]
        done = workflow.run(*arguments, config=None, SNAKEMAKE_OUTPUT_CACHE=cache)
        return planned_rules(done) if more else computed(workflow)

    assert run("first", 0) == {"train"}
    assert run("same", 0) == set()
    assert run("other", 1) == {"train"}
    assert run("first", 0, "--dry-run") == set()
    assert run("first", 1, "--dry-run") == {"dataset", "train"}


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


def test_a_run_from_the_cache_moves_with_its_files(clone, shared, tmp_path):
    """Also where files are too large for Snakemake to compare their content."""
    with_cache(clone, tmp_path / "run", shared[0])
    shutil.copytree(tmp_path / "run", tmp_path / "elsewhere")
    assert not [p for p in (tmp_path / "elsewhere/results").rglob("*") if p.is_symlink()]
    moved, large = Workflow(clone, tmp_path / "elsewhere"), ("--max-checksum-file-size", "0")
    moved.run("--cores", "1", "--touch", *large, "--", *TARGETS)
    done = moved.run("--dry-run", *large, "--", *TARGETS)
    assert "Nothing to be done" in done.stdout + done.stderr


def test_a_moved_folder_stays_up_to_date(clone, quick, tmp_path):
    """Packed up on one machine, unpacked under another path, with another copy of the code."""
    with tarfile.open(tmp_path / "run.tar", "w") as packed:
        packed.add(quick.folder, "elsewhere")
    with tarfile.open(tmp_path / "run.tar") as packed:
        packed.extraction_filter = lambda member, path: (
            member
        )  # the argument `filter` is not in Python 3.11.0 to 3.11.3
        packed.extractall(tmp_path)
    done = Workflow(clone, tmp_path / "elsewhere").run("--dry-run")
    assert "Nothing to be done" in done.stdout + done.stderr
