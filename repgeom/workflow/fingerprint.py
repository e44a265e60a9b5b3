"""A fingerprint of the code behind a script: itself and every project module it imports, however deeply.

Snakemake reruns a job when its script changes, but not when a module that the script imports does.
The fingerprint closes that gap. It is taken from syntax trees without docstrings, so that comments,
formatting and documentation do not count. Templates, styles and scripts of pages count with the module of the same name
beside them. Versions of the other libraries that the code imports are found along the way.
"""

import ast
import hashlib
import importlib.metadata
import importlib.util
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

from repgeom.errors import InputError
from repgeom.models.user_files import INIT, search_folders

PACKAGE = "repgeom"
DISTRIBUTIONS = {
    "h5py": "h5py",
    "matplotlib": "matplotlib",
    "numba": "numba",
    "numpy": "numpy",
    "pandas": "pandas",
    "PIL": "pillow",
    "safetensors": "safetensors",
    "scipy": "scipy",
    "sklearn": "scikit-learn",
    "timm": "timm",
    "torch": "torch",
    "torchvision": "torchvision",
    "zarr": "zarr",
}
"""Libraries whose version may change a number or a picture, by the name they are imported by."""

PARTS_OF_PAGES = (".css", ".html", ".js")
"""Endings of files that belong to the module of the same name."""


@dataclass(frozen=True)
class Code:
    """The code behind a script.

    Attributes
    ----------
    fingerprint : str
        Changes when, and only when, the logic of a file in `files`, or a part of a page beside it, does.
    files : tuple of str
        The script and the project modules it imports, relative to the root.
    versions : dict
        Versions of the libraries they import.
    """

    fingerprint: str
    files: tuple[str, ...]
    versions: dict[str, str]


class Modules:
    """The project's Python files. Each is read, and its imports are looked up, once: on a network disk that counts.

    Parameters
    ----------
    root : path
        The folder that holds the package.
    """

    def __init__(self, root: str | Path):
        self.root = Path(root).resolve()
        self._parsed = cache(_parse)
        self._imported = cache(self._find_imported)

    def code(self, *scripts: str | Path) -> Code:
        """The code behind one or more scripts: Python files, which may import modules beside them, too.

        What a file of a user's imports is looked for beside it, in the package it lies in, in the working directory,
        and among what is installed from folders that are edited.
        """
        files = sorted({file for script in scripts for file in self._closure(Path(script).resolve())})
        digest = hashlib.sha256()
        external: set[str] = set()
        for file in files:
            logic, imports = self._parsed(file)
            digest.update(f"{self._relative(file)}:{logic}\n".encode())
            external |= {imported.name.partition(".")[0] for imported in imports if not imported.level}
        used = sorted(external & set(DISTRIBUTIONS))
        return Code(
            fingerprint=digest.hexdigest()[:16],
            files=tuple(self._relative(file) for file in files),
            versions={DISTRIBUTIONS[name]: _version(DISTRIBUTIONS[name]) for name in used},
        )

    def _relative(self, file: Path) -> str:
        return file.relative_to(self.root).as_posix() if file.is_relative_to(self.root) else file.name

    def _closure(self, script: Path) -> set[Path]:
        found, waiting = set(), [script]
        is_own = not script.is_relative_to(self.root) or not script.is_relative_to(self.root / "scripts")
        folders = search_folders(script) if is_own else [script.parent]
        if is_own:
            waiting += _packages_around(script, folders[0])
        while waiting:
            file = waiting.pop()
            if file not in found:
                found.add(file)
                for imported in self._parsed(file)[1]:
                    waiting += self._files_of(imported, file, folders, is_own)
        return found

    def _files_of(self, imported: "Import", file: Path, folders: list[Path], is_own: bool) -> tuple[Path, ...]:
        """The files of ours or of the user's that an import runs."""
        if imported.level:
            if file.is_relative_to(self.root / PACKAGE):
                raise SyntaxError(f"{file}:{imported.line}: relative import; write the full module name")
            return self._imported(imported.name, file.parents[imported.level - 1])
        top = imported.name.partition(".")[0]
        if top == PACKAGE:
            return self._imported(imported.name, self.root)
        for folder in folders:
            if found := self._imported(imported.name, folder):
                return found
        edited = _edited_folder(top) if is_own else None
        return self._imported(imported.name, edited) if edited else ()

    def _find_imported(self, name: str, folder: Path) -> tuple[Path, ...]:
        """The files under `folder` that importing a dotted name runs: those of its packages, and its module's."""
        parent = name.rpartition(".")[0]
        before = self._imported(parent, folder) if parent else ()
        base = folder.joinpath(*name.split("."))
        if (before and before[-1].name != "__init__.py") or not base.parent.is_dir():
            return before  # a name in a module, or nothing of ours
        return before + tuple(file for file in (base / "__init__.py", base.with_suffix(".py")) if file.is_file())


class Import(NamedTuple):
    """A dotted name that a file imports, and how many folders up it begins (0: nowhere in particular)."""

    name: str
    level: int = 0
    line: int = 0


def _parse(file: Path) -> tuple[str, frozenset[Import]]:
    """Digest of a file's logic, and the dotted names it imports (`from a import b` counts as a and a.b)."""
    try:
        tree = ast.parse(file.read_text(encoding="utf-8"), filename=str(file))
    except SyntaxError as error:
        raise InputError(f"{file}, line {error.lineno}: no Python ({error.msg})") from error
    except (OSError, ValueError) as error:
        raise InputError(f"{file}: cannot be read ({getattr(error, 'strerror', None) or error})") from error
    imports = frozenset(_imports(tree))
    _strip_docstrings(tree)
    parts = [file.with_suffix(ending) for ending in PARTS_OF_PAGES]
    logic = [ast.dump(tree), *(part.read_text(encoding="utf-8") for part in parts if part.is_file())]
    return hashlib.sha256("\0".join(logic).encode()).hexdigest(), imports


def _imports(tree: ast.Module) -> Iterator[Import]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (Import(alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = f"{node.module}." if node.module else ""
            yield from (Import(f"{module}{alias.name}", node.level, node.lineno) for alias in node.names)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            # Modules named in strings ("repgeom.models.lenet:LeNet") are imported later by that name.
            module = node.value.partition(":")[0]
            if module.startswith(f"{PACKAGE}.") and " " not in module:
                yield Import(module)


def _packages_around(script: Path, root: Path) -> list[Path]:
    """The `__init__.py` of every package that a file of the user's lies in, all of which importing it runs."""
    between = [folder for folder in script.parents if folder != root and folder.is_relative_to(root)]
    return [folder / INIT for folder in between]


@cache
def _edited_folder(name: str) -> Path | None:
    """Where an installed module is imported from, if that is no folder of installed ones: `pip install --editable`."""
    if name in sys.stdlib_module_names:
        return None
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        return None
    if spec is None or not spec.origin or {"site-packages", "dist-packages"} & set(Path(spec.origin).parts):
        return None
    file = Path(spec.origin)
    return file.parents[1] if file.name == INIT else file.parent


def _strip_docstrings(tree: ast.Module) -> None:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and (
            ast.get_docstring(node, clean=False) is not None
        ):
            node.body = node.body[1:] or [ast.Pass()]


@cache
def _version(distribution: str) -> str:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"
