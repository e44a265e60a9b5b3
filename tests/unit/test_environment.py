"""The environment that rules name installs what their scripts import, at the versions that are tested."""

import ast
import importlib.metadata
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from example_configuration import ROOT
from snakemake.cli import get_argument_parser

ENVIRONMENT = ROOT / "envs/repgeom.yaml"
RULES = [ROOT / "Snakefile", *sorted((ROOT / "rules").glob("*.smk"))]
LOCKED = (ROOT / "requirements.lock").read_text().splitlines()


def packages() -> list[str]:
    """The pip part of the environment."""
    return yaml.safe_load(ENVIRONMENT.read_text())["dependencies"][-1]["pip"]


def version_of(requirement: str) -> str:
    """Name and version, without the machines that it is for."""
    return requirement.partition(" ;")[0]


def name_of(requirement: str) -> str:
    return re.match(r"[\w.-]+", requirement)[0].lower().replace("_", "-").replace(".", "-")


def test_every_environment_that_rules_name_is_there_and_every_one_there_is_named():
    named = {file for rules in RULES for file in re.findall(r'"\.\./(envs/[^"]+)"', rules.read_text())}
    assert named == {str(path.relative_to(ROOT)) for path in (ROOT / "envs").glob("*.yaml")}


def test_versions_are_those_that_are_tested():
    assert set(map(version_of, packages())) <= set(map(version_of, LOCKED)), "run `make lock`"


def test_what_the_project_needs_is_there_and_tools_for_tests_are_not():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    names = set(map(name_of, packages()))
    assert set(map(name_of, project["dependencies"])) <= names
    assert not {"pytest", "ruff", "snakefmt", "rsatoolbox"} & names


def test_scripts_import_nothing_else():
    files = [*(ROOT / "scripts").rglob("*.py"), *(ROOT / "repgeom").rglob("*.py")]
    imported = {name for file in files for name in imports(file)} - {"repgeom", *sys.stdlib_module_names}
    known = importlib.metadata.packages_distributions()
    missing = {
        name for name in imported if not set(map(name_of, known.get(name, [name]))) & set(map(name_of, packages()))
    }
    assert missing <= OPTIONAL, "name it in pyproject.toml and run `make lock`, or import it where it is installed only"


OPTIONAL = {"timm", "huggingface_hub", "botocore"}
"""Imported only where they are installed."""


def imports(file: Path):
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module.partition(".")[0]


def test_nothing_in_it_depends_on_where_it_lies():
    """Snakemake copies the file to another folder before conda reads it."""
    assert not [line for line in packages() if line.startswith("-") or "/" in line]


@pytest.mark.slow
def test_the_project_is_added_to_it(tmp_path):
    """The script that Snakemake runs in a new environment, run in one without conda."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "env"], check=True)
    environment = {"PATH": f"{tmp_path}/env/bin:/usr/bin:/bin", "REPGEOM_ROOT": str(ROOT)}
    subprocess.run(["bash", ENVIRONMENT.with_suffix(".post-deploy.sh")], env=environment, check=True)
    found = subprocess.run(
        ["python", "-c", "import repgeom; print(repgeom.__file__)"],
        env=environment, cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert found.stdout.strip() == str(ROOT / "repgeom/__init__.py")


def test_the_declared_snakemake_is_the_one_that_the_workflow_asks_for():
    (asked,) = re.findall(r'min_version\("([\d.]+)"\)', (ROOT / "Snakefile").read_text())
    assert f'"snakemake>={asked}"' in (ROOT / "pyproject.toml").read_text()


GITHUB = sorted((ROOT / ".github/workflows").glob("*.yml"))


@pytest.mark.parametrize("file", GITHUB, ids=lambda file: file.stem)
def test_what_github_runs_is_what_make_runs(file):
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), flags=re.M)
    jobs = yaml.safe_load(file.read_text())["jobs"]
    runs = [step["run"] for job in jobs.values() for step in job["steps"] if "run" in step]
    assert runs and {target for run in runs for target in re.findall(r"^make (\w+)", run)} <= set(targets)
    assert all(job["timeout-minutes"] for job in jobs.values())
    for command in re.findall(r"python -m snakemake ([^\n]*)", " ".join(" ".join(run.split()) for run in runs)):
        options = get_argument_parser().parse_args(shlex.split(command))
        assert all((ROOT / file).is_file() for file in options.configfile)


def test_the_catalogue_is_told_of_conda_and_reports():
    told = yaml.safe_load((ROOT / ".snakemake-workflow-catalog.yml").read_text())["usage"]["software-stack-deployment"]
    assert told["conda"] and told["report"] and not told["apptainer"]
