"""The fingerprint changes with the logic behind a script, and with nothing else."""

import collections
import os

import pytest

from repgeom.errors import InputError
from repgeom.workflow.fingerprint import Modules

FILES = {
    "scripts/job.py": '"""Doc."""\nfrom repgeom.a.used import double\nprint(double(2))\n',
    "repgeom/__init__.py": '"""Top."""\n',
    "repgeom/a/__init__.py": "",
    "repgeom/a/used.py": "import numpy\nfrom repgeom.b import deep\n\ndef double(x):\n    return deep.twice(x)\n",
    "repgeom/a/unused.py": "X = 1\n",
    "repgeom/b/__init__.py": "",
    "repgeom/b/deep.py": 'import repgeom.c as c\n\ndef twice(x):\n    """Twice."""\n    return 2 * x  # why\n',
    "repgeom/c.py": 'NAMED = "repgeom.d:Late"\n',
    "repgeom/d.py": "class Late:\n    pass\n",
}
PARTS = {"repgeom/c.html": "<p>{{ x }}</p>", "repgeom/c.js": "let x;", "repgeom/a/unused.css": "p {}"}


@pytest.fixture
def tree(tmp_path):
    for name, text in (FILES | PARTS).items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def fingerprint(tree):
    return Modules(tree).code(tree / "scripts/job.py").fingerprint


def edit(tree, file, old, new):
    path = tree / file
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


@pytest.mark.parametrize(
    "file, old, new",
    [
        ("scripts/job.py", "double(2)", "double(3)"),
        ("repgeom/a/used.py", "twice(x)", "twice(x + 1)"),
        ("repgeom/b/deep.py", "2 * x", "3 * x"),
        ("repgeom/c.py", "repgeom.d:Late", "repgeom.d:Later"),
        ("repgeom/d.py", "pass", "x = 1"),
        ("repgeom/__init__.py", '"""Top."""', "import os"),
        ("repgeom/c.html", "x", "y"),
        ("repgeom/c.js", "x", "y"),
    ],
)
def test_logic_counts(tree, file, old, new):
    before = fingerprint(tree)
    edit(tree, file, old, new)
    assert fingerprint(tree) != before


@pytest.mark.parametrize(
    "file, old, new",
    [
        ("scripts/job.py", "Doc.", "Other."),
        ("scripts/job.py", "print(double(2))", "print(\n    double(2)\n)"),
        ("repgeom/b/deep.py", "# why", "# because"),
        ("repgeom/b/deep.py", "Twice.", "Two times."),
        ("repgeom/a/unused.py", "1", "2"),
        ("repgeom/a/unused.css", "{}", "{x}"),
    ],
)
def test_nothing_else_does(tree, file, old, new):
    before = fingerprint(tree)
    edit(tree, file, old, new)
    assert fingerprint(tree) == before


def test_place_does_not_count(tree, tmp_path_factory):
    before = fingerprint(tree)
    other = tmp_path_factory.mktemp("elsewhere") / "clone"
    tree.rename(other)
    assert fingerprint(other) == before
    assert Modules(other).code(other / "scripts/job.py").files == tuple(sorted(set(FILES) - {"repgeom/a/unused.py"}))


def test_versions_of_what_is_imported(tree):
    code = Modules(tree).code(tree / "scripts/job.py")
    assert set(code.versions) == {"numpy"}


def test_relative_imports_are_refused(tree):
    edit(tree, "repgeom/a/used.py", "from repgeom.b import deep", "from ..b import deep")
    with pytest.raises(SyntaxError, match="full module name"):
        fingerprint(tree)


def test_user_files_count(tree, tmp_path):
    mine = tmp_path / "mine.py"
    mine.write_text("import helper\nX = 1\n")
    (tmp_path / "helper.py").write_text("Y = 1\n")

    def with_mine():
        return Modules(tree).code(tree / "scripts/job.py", mine).fingerprint

    before = with_mine()
    (tmp_path / "helper.py").write_text("Y = 22\n")
    assert with_mine() != before


OWN = {
    "lab/nets/__init__.py": "from .common import WIDTH\n",
    "lab/nets/common.py": "WIDTH = 3\n",
    "lab/nets/vision/__init__.py": "",
    "lab/nets/vision/mine.py": "from . import blocks\nfrom ..layers.conv import Conv\nfrom helpers import act\nimport nowhere\n",
    "lab/nets/vision/blocks.py": "X = 1\n",
    "lab/nets/layers/__init__.py": "",
    "lab/nets/layers/conv.py": "from nets.layers import deep\nclass Conv: pass\n",
    "lab/nets/layers/deep.py": "Y = 1\n",
    "project/helpers/__init__.py": "from .act import act\n",
    "project/helpers/act.py": "act = 1\n",
    "lab/nets/unused.py": "Z = 1\n",
}


@pytest.mark.parametrize("file", OWN)
def test_any_file_that_a_users_network_imports_counts(file, tree, tmp_path, monkeypatch):
    """Beside it, in its package, relative or not, and in the project's folder."""
    for name, text in OWN.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path / "project")

    def with_mine():
        return Modules(tree).code(tree / "scripts/job.py", tmp_path / "lab/nets/vision/mine.py").fingerprint

    before = with_mine()
    (tmp_path / file).write_text(OWN[file] + "MORE = 1\n")
    assert (with_mine() != before) == (file != "lab/nets/unused.py")


def test_a_package_that_is_installed_for_editing_counts(tree, tmp_path, monkeypatch):
    (tmp_path / "src/labnets").mkdir(parents=True)
    (tmp_path / "src/labnets/__init__.py").write_text("X = 1\n")
    (tmp_path / "own").mkdir()
    (tmp_path / "own/mine.py").write_text("import labnets\n")
    monkeypatch.syspath_prepend(str(tmp_path / "src"))
    files = Modules(tree).code(tree / "scripts/job.py", tmp_path / "own/mine.py").files
    assert "src/labnets/__init__.py" in files or "__init__.py" in files


def test_names_in_packages_without_init_are_found(tree):
    (tree / "scripts/helpers").mkdir()
    (tree / "scripts/helpers/deep.py").write_text("Z = 1\n")
    edit(tree, "scripts/job.py", "print(", "from helpers.deep import Z\nimport numpy.linalg\nprint(Z, ")
    assert "scripts/helpers/deep.py" in Modules(tree).code(tree / "scripts/job.py").files


def test_every_file_is_read_and_looked_up_once(tree, monkeypatch):
    """Whatever the number of scripts: on a network disk every question counts."""
    asked, stat = collections.Counter(), os.stat
    modules = Modules(tree)
    monkeypatch.setattr(
        os, "stat", lambda path, *rest, **named: asked.update([str(path)]) or stat(path, *rest, **named)
    )
    scripts = [tree / f"scripts/job{i}.py" for i in range(20)]
    for script in scripts:
        script.write_text(FILES["scripts/job.py"])
        modules.code(script)
    asked_for_modules = {path: n for path, n in asked.items() if "/repgeom/" in path}
    assert len(asked_for_modules) > 5 and set(asked_for_modules.values()) == {1}


@pytest.mark.parametrize(
    "content, message",
    [
        (None, "cannot be read .No such file"),
        (b"class Net(\n", "line 1: no Python"),
        (b"# \xe9", "no Python|cannot be read"),
    ],
)
def test_files_that_cannot_be_read_are_named(tree, tmp_path, content, message):
    if content:
        (tmp_path / "mine.py").write_bytes(content)
    with pytest.raises(InputError, match=f"mine.py.*{message}"):
        Modules(tree).code(tree / "scripts/job.py", tmp_path / "mine.py")
