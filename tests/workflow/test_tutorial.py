"""The tutorial, cell by cell as the site runs it, but without a notebook."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from project import ROOT

CELL = re.compile(r"```\{code-cell\}\n(?!:tags: \[remove-cell\])(.*?)```", flags=re.S)
CELLS = CELL.findall((ROOT / "docs/tutorial.md").read_text())
COMMANDS = (
    f'repgeom() {{ {sys.executable} -m repgeom.cli "$@"; }}\nsnakemake() {{ {sys.executable} -m snakemake "$@"; }}\n'
)


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> dict:
    """What each cell prints, by its first line, and the variables at the end."""
    folder = tmp_path_factory.mktemp("tutorial")
    said, variables, here = {}, {}, Path.cwd()
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("PYTHONPATH", str(ROOT))
        patched.setenv("REPGEOM", str(ROOT))
        patched.setenv("MPLBACKEND", "module://of_the.notebook")
        patched.chdir(folder)
        for cell in CELLS:
            if cell.startswith("%%bash -e\n"):
                script = COMMANDS + cell.partition("\n")[2]
                done = subprocess.run(["bash", "-e", "-c", script], capture_output=True, text=True, check=False)
                assert done.returncode == 0, cell + done.stdout + done.stderr
                said[cell] = done.stdout + done.stderr
            else:
                exec(compile(cell, "tutorial", "exec"), variables)
    assert Path.cwd() == here
    return {"said": said, "variables": variables, "folder": folder}


def printed(run, part: str) -> str:
    (found,) = (text for cell, text in run["said"].items() if part in cell)
    return found


def test_the_configuration_is_good(run):
    assert "good: 1 dataset, 1 model, 1 stimulus set; studies first" in printed(run, "repgeom check")


def test_the_second_run_does_not_train_again(run):
    planned = printed(run, "--dry-run")
    assert "separation_figure" in planned and not re.search(r"^train ", planned, flags=re.M)


def test_training_does_what_the_text_says(run):
    """Classes are drawn apart at `fc`, hardly at `conv`."""
    tables = run["folder"] / "digits/results/tables/first"
    before, after = (
        pd.read_csv(tables / f"{name}.csv").set_index(["quantity", "node"])["value"]
        for name in ("before", "separation")
    )
    gain = (after - before)["separation"]
    assert gain["fc"] > 0.1 and abs(gain["conv"]) < gain["fc"] / 3


def test_a_file_says_what_made_it(run):
    assert "rule rdms" in printed(run, "repgeom show")
    assert os.path.isfile(run["folder"] / "digits/results/figures/first/rdms.png")
