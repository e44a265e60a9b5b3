"""What pages say of the configuration is so."""

import ast
import importlib.util
import re
import shlex
import sys
import tomllib

import jsonschema
import numpy as np
import pytest
import yaml
from example_configuration import ROOT
from snakemake.cli import get_argument_parser

from repgeom.cli import _parser, merged_configuration
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
    figures = (ROOT / "rules/figures.smk").read_text()
    for kind, section in KINDS.items():
        if not section.has_figure:
            assert f"rule {kind}_table:" in rules, kind
        else:
            assert f'    "{kind}": dict(' in figures, kind
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


sys.path.append(str(ROOT / "docs"))
import site_pages  # noqa: E402

TEXT = {page.name: page.read_text() for page in PAGES}
RUN_ELSEWHERE = {"tutorial.md": "test_tutorial.py", "module.md": "test_module.py", "extending.md": "test_extending.py"}
"""Pages whose blocks tests of the workflow run as they stand."""
TARGETS = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), flags=re.M)
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def commands():
    for page, text in TEXT.items():
        for block in re.findall(r"```bash\n(.*?)```", text, flags=re.S):
            for line in block.replace("\\\n", " ").splitlines():
                if words := shlex.split(line, comments=True):
                    yield pytest.param(words, id=f"{page}: {shlex.join(words)}")


@pytest.mark.parametrize("words", list(commands()))
def test_commands_are_understood(words):
    """By the parser of the program that is called; options, extras, targets and files of the project are there."""
    while "=" in words[0]:
        words = words[1:]
    program, *rest = words
    judge = {"make": made, "snakemake": planned, "repgeom": shown, "pip": installed}
    if program in judge:
        judge[program](rest)
    elif program in ("pytest", "python"):
        assert all((ROOT / word).exists() for word in rest if "/" in word)
    else:
        assert program in (
            "source",
            "export",
            "cd",
            "mkdir",
            "cp",
            "git",
            "unzip",
            "kubectl",
            "docker",
            "tar",
            "rsync",
        ), program


def made(targets):
    assert set(targets) <= set(TARGETS)


def planned(words):
    options = get_argument_parser().parse_args(words)
    for file in options.configfile or []:
        assert (ROOT / file).is_file() or not str(file).startswith("configs/"), file


def shown(words):
    _parser().parse_args(words)


def installed(words):
    for extras in re.findall(r"\[(\w+)\]", " ".join(words)):
        assert extras in PROJECT["optional-dependencies"]


def python_blocks():
    for page, text in TEXT.items():
        if page not in RUN_ELSEWHERE:
            for block in re.findall(r"```python\n(.*?)```", text, flags=re.S):
                yield pytest.param(block, id=f"{page}: {block.splitlines()[0]}")


@pytest.mark.parametrize("block", list(python_blocks()))
def test_python_examples_find_what_they_import(block):
    imports = [node for node in ast.walk(ast.parse(block)) if isinstance(node, ast.Import | ast.ImportFrom)]
    exec(compile(ast.Module(imports, []), "example", "exec"), {})


def test_the_example_of_the_library_runs():
    (block,) = re.findall(r"```python\n(.*?)```", TEXT["README.md"], flags=re.S)
    exec(compile(block, "README.md", "exec"), found := {})
    expected = 1 - np.corrcoef(found["activations"])[np.triu_indices(50, 1)]
    np.testing.assert_allclose(found["rdm"], expected, rtol=1e-9)


@pytest.mark.parametrize("page", RUN_ELSEWHERE)
def test_pages_that_other_tests_run_are_read_by_them(page):
    assert f"docs/{page}" in (ROOT / "tests/workflow" / RUN_ELSEWHERE[page]).read_text()


def test_what_the_drawings_of_architecture_md_name_is_there():
    pipeline, tree = re.findall(r"^```\n(.*?)^```$", TEXT["architecture.md"], flags=re.S | re.M)
    rules = "".join(path.read_text() for path in (ROOT / "rules").glob("*.smk"))
    assert all(step in pipeline and f"rule {step}" in rules for step in ("dataset", "activations", "coordinates"))
    assert all(name in pipeline.replace("stimuli × ", "") for name in ("stimuli", "model", "RDMs", "table", "figure"))
    named = re.findall(r"^(  )?([\w/]+(?:\.\w+)?|config\.yaml)(?= {2,}|/? \w+/)", tree, flags=re.M)
    missing = [name for inside, name in named if not (ROOT / ("repgeom" if inside else "") / name).exists()]
    assert len(named) > 20 and not missing
    folders = {f"{path.name}/" for path in (ROOT / "repgeom").iterdir() if (path / "__init__.py").is_file()}
    assert folders - {"example_project/"} <= {name for inside, name in named if inside}


def test_benchmarks_md_is_what_the_script_writes_of_the_benchmarks_that_are_there():
    """Numbers change, all else is made of the files: which there are, what each says that it does."""
    spec = importlib.util.spec_from_file_location("page", ROOT / "benchmarks/page.py")
    spec.loader.exec_module(script := importlib.util.module_from_spec(spec))
    sections = script.sections_of(TEXT["benchmarks.md"])
    known = sorted(file.stem for file in (ROOT / "benchmarks").glob("*.py") if file.stem != "page")
    assert script.written(known, sections) == TEXT["benchmarks.md"]
    for name, section in sections.items():
        assert section.startswith(f"## {script.title(name)}\n") and re.search(
            r"```text\n.*\d.*\n```\n$", section, flags=re.S
        )


# -- the site


def test_every_page_is_reached():
    lists = {
        page: site_pages.TOCTREE.findall(site_pages.text(page.removesuffix(".md"), text))
        for page, text in TEXT.items()
        if page not in ("README.md", "CONTRIBUTING.md")
    }
    entries = [line for blocks in lists.values() for block in blocks for line in block.splitlines()]
    reached = [entry for entry in entries if not entry.startswith(":")]
    assert len(reached) == len(set(reached))
    pages = {page.stem for page in ROOT.glob("docs/*.md")}
    assert pages - {"index"} == {name for name in reached if not name.startswith("made/")}


def test_links_of_pages_that_lie_elsewhere_lead_to_pages_of_the_site():
    assert "](configuration.md)" in site_pages.text("index", "") and "](extending.md)" in site_pages.text(
        "contributing", ""
    )
    assert "](citation.md)" in site_pages.text("index", "") and "](results.md)" in site_pages.text("index", "")
    for page in site_pages.ELSEWHERE:
        for link in re.findall(r"\]\(([^)#:]+\.md)[^)]*\)", site_pages.text(page, "")):
            assert (ROOT / "docs" / link).is_file(), f"{page}: {link}"


def test_all_studies_of_the_citation_file_are_on_its_page():
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text())["references"]
    page = site_pages.text("citation", "")
    assert len(cited) > 4 and all(work["title"] in page and work["notes"] in page for work in cited)


def test_public_functions_are_in_the_reference():
    """Measures and coordinates above all: what one calls in a notebook."""
    listed = set(re.findall(r"^   (repgeom[\w.]+)$", TEXT["api.md"], flags=re.M))
    for name in listed:
        assert (ROOT / (name.replace(".", "/") + ".py")).is_file() or (ROOT / name.replace(".", "/")).is_dir(), name
    measures = {f"repgeom.measures.{file.stem}" for file in ROOT.glob("repgeom/measures/*.py")}
    assert measures - listed <= {"repgeom.measures.__init__", "repgeom.measures.names"}


def test_every_term_has_a_meaning_and_methods_have_their_source():
    terms = re.split(r"\n\n", re.search(r"```\{glossary\}\n(.*?)```", TEXT["glossary.md"], flags=re.S)[1].strip())
    assert len(terms) > 15 and all(re.fullmatch(r"\S[^\n]*(\n    \S[^\n]*)+", term) for term in terms)
    names = [term.splitlines()[0] for term in terms]
    assert names == sorted(names, key=str.lower)
    sourced = {name for name, term in zip(names, terms, strict=True) if "](https://" in term}
    assert {"RDM", "manifold capacity", "flow", "metamers", "representational path", "deep linear network"} <= sourced


def test_docstrings_with_shapes_begin_no_emphasis():
    lines = ["(n, *shape), in *order*, **kwargs and `a * b`", "*args"]
    assert site_pages.escaped(lines) == [r"(n, \*shape), in *order*, **kwargs and `a * b`", r"\*args"]
