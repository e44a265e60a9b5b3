"""What pages say of the configuration is so."""

import re

import jsonschema
import pytest
import yaml
from example_configuration import ROOT

from repgeom.cli import merged_configuration
from repgeom.config.analyses import KINDS
from repgeom.config.analyses.base import Analysis
from repgeom.config.configuration import Configuration, load_configuration
from repgeom.config.networks import Of
from repgeom.config.schema import overlay_schema

CONFIGURATION = (ROOT / "docs/configuration.md").read_text()
ROWS = dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", CONFIGURATION, flags=re.M))
PAGES = sorted([*ROOT.glob("docs/*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"])


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_in_the_table_with_its_keys(kind):
    own = set(KINDS[kind].model_fields) - set(Analysis.model_fields)
    assert {key for key in own if f"`{key}`" not in ROWS[kind] and f"`{key}:" not in ROWS[kind]} == set()


def test_every_kind_has_its_rule_script_and_caption():
    rules = "".join(path.read_text() for path in (ROOT / "rules").glob("*.smk"))
    for kind, section in KINDS.items():
        name = f"{kind}_figure" if section.has_figure else f"{kind}_table"
        assert f" as {name} with:" in rules, kind
        if section.has_figure:
            assert (ROOT / f"scripts/{kind}_figure.py").is_file() and (ROOT / f"report/{kind}.rst").is_file(), kind


def test_keys_of_networks_are_in_the_table():
    assert set(Of.model_fields) <= set(ROWS)


def blocks():
    """Examples in YAML, but for those of another workflow's configuration, which `tests/workflow/test_module.py` runs."""
    for page in PAGES:
        if page.name == "module.md":
            continue
        for block in re.findall(r"```yaml\n(.*?)```", page.read_text(), flags=re.S):
            yield pytest.param(block, id=f"{page.name}: {block.splitlines()[0]}")


@pytest.mark.parametrize("block", list(blocks()))
def test_examples_are_configurations(block):
    block = block.replace("…", "0" * 64)  # a checksum
    jsonschema.Draft202012Validator(overlay_schema(Configuration)).validate(yaml.safe_load(block))


def test_the_example_that_removes_is_good_over_the_default(tmp_path, monkeypatch):
    (example,) = re.findall(r"```yaml\n(# mine.yaml, laid over the default.*?)```", CONFIGURATION, flags=re.S)
    (tmp_path / "mine.yaml").write_text(example)
    monkeypatch.chdir(ROOT)
    c = load_configuration(merged_configuration([tmp_path / "mine.yaml"]))
    assert c.study_names() == ["robustness", "paths", "manifolds", "measured"]
    assert "manifolds/filters" not in c.analyses()


def test_examples_of_ones_own_networks_are_good_over_the_default(tmp_path, monkeypatch):
    page = (ROOT / "docs/own-networks-and-images.md").read_text()
    examples = re.findall(r"```yaml\n(# mine.yaml\n.*?)```", page, flags=re.DOTALL)
    assert len(examples) == 2
    monkeypatch.chdir(ROOT)
    for i, example in enumerate(examples):
        (file := tmp_path / f"{i}.yaml").write_text(example)
        analyses = load_configuration(merged_configuration([file])).analyses()
        assert {f"mine/{name}" for name in yaml.safe_load(example)["studies"]["mine"]} <= set(analyses)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    for link in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text()):
        assert link.startswith("http") or (page.parent / link).exists(), link


def test_named_files_are_there():
    for page in PAGES:
        for file in re.findall(
            r"`((?:repgeom|scripts|rules|tests|benchmarks|docs|configs)/[\w/.-]+\.\w+)`", page.read_text()
        ):
            assert (ROOT / file).exists() or page.name == "extending.md", f"{page.name}: {file}"
