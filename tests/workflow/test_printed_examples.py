"""Every block of code that the pages print is run: when the site is built, by a test that follows its page, or here.

Here pages are followed in one copy of the project, whose default configuration is the quick one with its results: files
that a block names are written, commands run as they are printed, and YAML without a name is laid over what is there
and planned. Where a command would run for long, what is run in its place, and which test runs it at length, stands below.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest
import yaml
from PIL import Image
from project import ROOT, copy_project

from repgeom.cli import merged_configuration
from repgeom.config.configuration import load_configuration
from repgeom.store.stimuli import read_stimuli
from repgeom.workflow.measured import check_data
from repgeom.workflow.plan import Plan

PAGES = [*(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "results/README.md")),
         *sorted((ROOT / "docs").glob("*.md"))]  # fmt: skip
FENCED = re.compile(r"^```(\S*)[^\n]*\n(.*?)^```$", flags=re.S | re.M)
HERE, SITE = "followed here", "read or run when the site is built, where a warning is an error"
ELSEWHERE = {
    ("README.md", "python"): "unit/test_documentation.py",
    ("architecture.md", ""): "unit/test_documentation.py",
    ("benchmarks.md", "text"): "unit/test_documentation.py",
    ("extending.md", "python"): "workflow/test_extending.py",
    ("extending.md", "rst"): "workflow/test_extending.py",
    ("module.md", "python"): "workflow/test_module.py",
    ("module.md", "yaml"): "workflow/test_module.py",
    ("notebook.md", "python"): "workflow/test_own_page.py",
    ("own-networks-and-images.md", "python"): "workflow/test_own_recurrent.py",
    ("storage.md", "bash"): "workflow/test_storage.py",
}
"""Page and language → the test that runs such blocks, or compares them with what they tell of."""
FOLLOWED = ("README.md", "CONTRIBUTING.md", "cluster.md", "configuration.md", "inference.md", "large.md",
            "own-networks-and-images.md", "published.md", "staleness.md")  # fmt: skip
"""Pages whose commands and configurations are tried here; the first section of one's own network in `test_own_page.py`."""
PARTS = "Makefile: a part of `make test`, which .ci/run runs"
INSTEAD = {
    "make": ("make -n", "workflow/conftest.py: quick"),
    "make test": ("make -n test", ".ci/run: make test"),
    "make lint": ("make -n lint", PARTS),
    "make unit": ("make -n unit", PARTS),
    "make workflow": ("make -n workflow", PARTS),
    "make docs": ("make -n docs", ".github/workflows/docs.yml: make docs"),
    "make bench": ("make -n bench", "unit/test_documentation.py: test_benchmarks_md_is_what_the_script_writes"),
    "make cluster": ("make -n cluster", "slurm/test_quick.py: test_quick_configuration_on_the_cluster"),
    "pip install -e .[slurm]": ("pip install --quiet --dry-run --no-index --no-build-isolation -e '.[slurm]'", "Makefile: setup"),
    "snakemake --workflow-profile profiles/slurm": (
        "snakemake --workflow-profile profiles/slurm -n", "slurm/test_quick.py: test_quick_configuration_on_the_cluster"),
    "snakemake --configfile mine.yaml -- mine": (
        "snakemake --configfile mine.yaml -n --quiet rules -- mine", "workflow/test_own_recurrent.py: folder"),
    "snakemake --directory mine": ("snakemake --directory mine -n", "workflow/test_own_project.py: done"),
    "snakemake --configfile configs/published.yaml --directory published": (
        "snakemake --configfile configs/published.yaml --directory published -n", "workflow/conftest.py: quick"),
    "snakemake --configfile configs/published.yaml configs/published-weights.yaml --directory published-weights": (
        "snakemake --configfile configs/published.yaml configs/published-weights.yaml --directory published-weights -n",
        "workflow/test_import.py: test_"),
    "snakemake --configfile configs/published.yaml configs/published-fast.yaml --directory published-fast -- recurrence": (
        "snakemake --configfile configs/published.yaml configs/published-fast.yaml --directory published-fast -n -- recurrence",
        "workflow/conftest.py: quick"),
    "snakemake --configfile configs/published.yaml configs/published-fast-weights.yaml --directory published-fast-weights -- recurrence": (
        "snakemake --configfile configs/published.yaml configs/published-fast-weights.yaml --directory published-fast-weights -n "
        "-- recurrence",
        "unit/test_trained_weights.py: test_"),
    "export SNAKEMAKE_OUTPUT_CACHE=/shared/repgeom-cache": (
        "mkdir cache; export SNAKEMAKE_OUTPUT_CACHE=$PWD/cache", "workflow/test_sharing.py: shared"),
}  # fmt: skip
"""A command that takes long, or a place of somebody's → what is run here, and which test runs the whole of it."""
NETWORK = """
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv, self.pool, self.fc = nn.Conv2d(1, channels, 5, stride=4), nn.AdaptiveAvgPool2d(3), nn.Linear(9 * channels, 4)

    def forward(self, images):
        return self.fc(self.pool(torch.relu(self.conv(images))).flatten(1))
"""
NOUNS = {
    "datasets": {"faces": {"source": "digits"}},
    "models": {f"net{i}": {"architecture": "networks/layers.py:Net", "dataset": "faces", "seeds": [1], "source": {"untrained": True}}
               for i in (1, 2, 3)},
    "stimuli": {"faces10": {"kind": "select", "dataset": "faces", "per_class": 10},
                "noisy10": {"kind": "perturb", "of": "faces10", "perturbation": {"method": "gaussian_noise", "strength": 0.1}}},
}  # fmt: skip
"""What the first example of studies takes for granted."""
LAYERS = (
    NETWORK.replace("conv,", "layer1,")
    .replace("self.conv(", "self.layer1(")
    .replace("self, channels", "self, channels=4")
)
"""A network with layers of the names that this example asks for."""


class Block(NamedTuple):
    """A block of code on a page, and the sections before it."""

    page: str
    language: str
    text: str
    before: str


def blocks() -> list[Block]:
    found = []
    for page in PAGES:
        text = page.read_text()
        name = "results" if page.parent.name == "results" else page.name
        found += [Block(name, block[1], block[2], text[: block.start()]) for block in FENCED.finditer(text)]
    return found


def way(block: Block) -> str | None:
    """How a block is run; none if nobody has said so."""
    if block.language.startswith("{"):
        return SITE
    if block.page == "own-networks-and-images.md" and block.before.count("\n## ") == 1:
        return "workflow/test_own_page.py"
    if (block.page in FOLLOWED and block.language in ("bash", "yaml")) or (block.page, block.language) == (
        "inference.md",
        "python",
    ):
        return HERE
    return ELSEWHERE.get((block.page, block.language))


@pytest.mark.parametrize("page", [page.name for page in PAGES])
def test_every_block_is_run_by_somebody(page):
    mine = [block for block in blocks() if block.page == page]
    assert mine or "```" not in next(p for p in PAGES if p.name == page).read_text()
    for block in mine:
        how = way(block)
        assert how, f"{page}: nobody runs this block:\n{block.text}"
        if how not in (HERE, SITE):
            assert page in (ROOT / "tests" / how).read_text(), f"{how} does not read {page}"


def test_what_is_not_run_in_full_here_is_run_in_full_elsewhere():
    printed = {
        line for block in blocks() if way(block) == HERE and block.language == "bash" for line in commands(block.text)
    }
    assert set(INSTEAD) <= printed
    for _, where in INSTEAD.values():
        file, _, name = where.partition(": ")
        path = ROOT / "tests" / file
        text = (path if path.exists() else ROOT / file).read_text()
        assert name == PARTS.partition(": ")[2] or name in text, where


def commands(text: str) -> list[str]:
    """The commands of a block as they are looked up: without comments and quotes."""
    lines = text.replace("\\\n", " ").splitlines()
    return [" ".join(shlex.split(line, comments=True)) for line in lines if shlex.split(line, comments=True)]


# -- following


@pytest.fixture(scope="module")
def clone(quick, tmp_path_factory) -> Path:
    """A copy of the project whose default configuration is the quick one, with its results, and what pages bring along."""
    folder = tmp_path_factory.mktemp("clone")
    copy_project(folder)
    for name in ("Makefile", "README.md", "LICENSE", "requirements.lock"):
        shutil.copy(ROOT / name, folder)
    for results in (folder, folder / "quick"):
        shutil.copytree(quick.folder / "results", results / "results", copy_function=os.link)
        shutil.copytree(quick.folder / ".snakemake", results / ".snakemake")
    configuration = merged_configuration([ROOT / "configs/quick.yaml"])
    (folder / "config.yaml").write_text(yaml.safe_dump(configuration, sort_keys=False))
    programs(folder)
    (folder / "tests").mkdir()
    shutil.copy(ROOT / "tests/storage.lock", folder / "tests")
    (folder / "networks").mkdir()
    (folder / "networks/mine.py").write_text(NETWORK)
    (folder / "networks/layers.py").write_text(LAYERS)
    faces(folder / "faces")
    (folder / "weights").mkdir()
    (folder / "weights/mine.pth").touch()
    return folder


def programs(folder: Path) -> None:
    """What a virtual environment brings, for this Python."""
    bin_ = folder / ".venv/bin"
    bin_.mkdir(parents=True)
    for name, module in {"snakemake": "snakemake", "repgeom": "repgeom.cli", "pip": "pip", "python": ""}.items():
        (bin_ / name).write_text(f'#!/bin/sh\nexec {sys.executable} {module and f"-m {module}"} "$@"\n')
        (bin_ / name).chmod(0o755)
    (bin_ / "activate").write_text(f'export PATH="{bin_}:$PATH"\n')
    (bin_.parent / ".ready").touch()


def faces(folder: Path) -> None:
    """Squares at places of their own for each of four classes."""
    rng = np.random.default_rng(0)
    for split, number in {"train": 12, "test": 10}.items():
        for place, name in enumerate(("ann", "bob", "cem", "dee")):
            (folder / split / name).mkdir(parents=True)
            for i in range(number):
                pixels = rng.integers(0, 60, (32, 32)).astype(np.uint8)
                pixels[4 + 6 * place :][:6, 8:24] += 150
                Image.fromarray(pixels).save(folder / split / name / f"{i}.png")


def measured(folder: Path) -> dict:
    """Data of two subjects as the page on inference describes them; the names that its example of RDMs uses."""
    ids, rng = read_stimuli(folder / "results/stimuli/test5.h5").ids, np.random.default_rng(0)
    channels = {f"channel{i}": rng.normal(size=4 * len(ids)) for i in range(5)}
    rows = {
        "stimulus": np.tile(ids, 4),
        "repetition": np.tile(np.repeat([1, 2], len(ids)), 2),
        "subject": np.repeat(["a", "b"], 2 * len(ids)),
    }
    pd.DataFrame(rows | channels).to_csv(folder / "v4.csv", index=False)
    pairs = len(ids) * (len(ids) - 1) // 2
    return {"dissimilarities": rng.random((2, pairs)), "stimulus_ids": ids, "subject_names": ["a", "b"]}


def shell(folder: Path, script: str) -> str:
    """What a script prints, run in a folder with the programs of its environment."""
    path = f"{folder / '.venv/bin'}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-ec", script], cwd=folder, capture_output=True, text=True, check=False,
        env=os.environ | {"PYTHONPATH": str(folder), "PATH": path},
    )  # fmt: skip
    said = done.stdout + done.stderr
    assert done.returncode == 0, f"{script}\n{said[-6000:]}"
    return said


def run(folder: Path, block: str) -> str:
    """Run the commands of a block as they are printed, but for what takes long."""
    return shell(folder, "\n".join(INSTEAD.get(line, (line,))[0] for line in commands(block)))


def planned(folder: Path, *overlays: str, over: tuple[str, ...] = (), targets: tuple[str, ...] = ("mine",)) -> str:
    """What snakemake plans with configurations laid over that of the copy, or over files before them."""
    files = list(over)
    for text in overlays:
        files.append(f"overlay{len(files)}.yaml")
        (folder / files[-1]).write_text(text)
    return shell(folder, shlex.join(["snakemake", "-n", "--quiet", "rules", "--configfile", *files, "--", *targets]))


def texts(page: str) -> list[str]:
    """The blocks of a page that are run here, in their order."""
    return [block.text for block in blocks() if block.page == page and way(block) == HERE]


def jobs(said: str) -> set[str]:
    """The rules of which jobs are planned."""
    return set(re.findall(r"^(\w+) +\d+$", said, flags=re.M)) - {"total"}


def test_readme(clone):
    (clone / "results/figures/robustness/graph.png").unlink()
    make, after = texts("README.md")
    assert "snakemake --cores all" in run(clone, make)
    run(clone, after)
    assert (clone / "results/figures/robustness/graph.png").is_file() and (clone / "mine/config.yaml").is_file()
    shutil.rmtree(clone / "mine")


def test_contributing(clone):
    (make,) = texts("CONTRIBUTING.md")
    said = run(clone, make)
    assert all(program in said for program in ("ruff check", "pytest", "sphinx", "benchmarks/page.py"))


def test_configuration(clone):
    commands_, studies, removed = texts("configuration.md")
    said = run(clone, commands_)
    assert ("Nothing to be done" in said or "2 jobs done" in said) and "good: 1 dataset" in said
    shutil.rmtree(clone / "mine")
    assert {"separation_figure", "capacity_figure", "decoding_figure"} <= jobs(
        planned(clone, yaml.safe_dump(NOUNS), studies)
    )
    assert "capacity_figure" in jobs(planned(clone, removed, targets=("manifolds",)))


def test_cluster(clone):
    (submitted,) = texts("cluster.md")
    assert jobs(run(clone, submitted)) <= {"index", "all"}  # which shows how the configuration differs from the default


def test_inference(clone):
    data, saved, encoding, similarity = texts("inference.md")
    scope = measured(clone)
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(clone)
        exec(compile(saved, "inference.md", "exec"), scope)
        (clone / "mine.yaml").write_text(data)
        told, faults = check_data(Plan(load_configuration(merged_configuration([Path("mine.yaml")]))))
    assert not faults and any("RDMs of 2 subjects" in line for line in told)
    found = jobs(planned(clone, encoding, similarity, over=("mine.yaml",)))
    assert {"import_rdms", "import_responses", "inference", "encoding", "similarity_figure"} <= found


def test_large(clone):
    kept, parts, straight, projected = texts("large.md")
    found = jobs(planned(clone, kept, parts, projected, targets=("robustness",)))
    assert {"activations", "coordinates"} <= found
    assert "rdms" in jobs(planned(clone, straight, targets=("results/figures/robustness/rdms.png",)))


def test_own_networks(clone):
    faces_, check, perturbed, recurrent, again = texts("own-networks-and-images.md")
    (clone / "mine.yaml").write_text(faces_)
    said = run(clone, check)
    assert "good: " in said and {"train", "separation_figure", "paths_figure"} <= jobs(said)
    assert "sweep_figure" in jobs(planned(clone, perturbed, over=("mine.yaml",)))
    (clone / "mine.yaml").write_text(recurrent)
    assert {"perturbation", "input_maps_figure"} <= jobs(run(clone, again))


def test_published(clone):
    """Laid over the default configuration, not the quick one."""
    published, fast, trained, weights, source, start = texts("published.md")
    shutil.move(clone / "config.yaml", clone / "quick.yaml")
    shutil.copy(ROOT / "config.yaml", clone)
    trains, takes_over = ((published, "train"), (fast, "train_on_canvases")), (trained, weights)
    for commands_, rule in (*trains, *((text, "import_weights") for text in takes_over)):
        assert rule in jobs(run(clone, commands_))
    shown = yaml.safe_dump({
        "datasets": {"mnist": {"source": "mnist"}},
        "studies": {"mine": {"rdms": {"kind": "rdms", "of": [{"model": ["standard", "continued"], "stimuli": "test5"}]}}},
    })  # fmt: skip
    assert {"import_weights", "train"} <= jobs(
        planned(clone, source.replace("…", "0" * 64), start, shown, over=("configs/published.yaml",))
    )
    shutil.move(clone / "quick.yaml", clone / "config.yaml")


def test_staleness(clone):
    asked, cached = texts("staleness.md")
    said = run(clone, asked)
    assert "Nothing to be done" in said and re.search(r"stale +no", said)
    said = run(clone, cached)
    assert "Nothing to be done" in said or "2 jobs done" in said  # the index, as above
