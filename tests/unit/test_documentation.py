"""What the pages say of the configuration is what the configuration takes."""

import re
from pathlib import Path

import yaml

from repgeom.cli import merged_configuration
from repgeom.config.analyses import KINDS
from repgeom.config.configuration import load_configuration

DOCS = Path(__file__).parents[2] / "docs"
COMMON = {"kind", "of", "title"}


def kinds_listed():
    page = (DOCS / "configuration.md").read_text()
    rows = re.findall(r"^\| `(\w+)` \| .* \| (.*?)\s*\|$", page.partition("| kind |")[2], flags=re.M)
    return {kind: options for kind, options in rows}


def test_every_kind_is_listed_with_all_its_options():
    listed = kinds_listed()
    assert set(listed) == set(KINDS)
    for kind, section in KINDS.items():
        assert set(section.model_fields) - COMMON <= set(re.findall(r"`(\w+)`", listed[kind])), kind


def test_every_kind_has_its_rule_script_and_caption():
    root = DOCS.parent
    rules = "".join(path.read_text() for path in (root / "rules").glob("*.smk"))
    for kind, section in KINDS.items():
        name = f"{kind}_figure" if section.has_figure else f"{kind}_table"
        assert f" as {name} with:" in rules, kind
        if section.has_figure:
            assert (root / f"scripts/{kind}_figure.py").is_file() and (root / f"report/{kind}.rst").is_file(), kind


def test_configurations_on_the_page_of_ones_own_networks_are_good(tmp_path):
    page = (DOCS / "own-networks-and-images.md").read_text()
    blocks = re.findall(r"```yaml\n(# mine.yaml\n.*?)```", page, flags=re.DOTALL)
    assert len(blocks) == 2
    for i, block in enumerate(blocks):
        (file := tmp_path / f"{i}.yaml").write_text(block)
        assert yaml.safe_load(block)["studies"]["mine"].keys() <= {
            name.partition("/")[2] for name in load_configuration(merged_configuration([file])).analyses()
        }
