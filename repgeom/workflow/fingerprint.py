"""A fingerprint of the code behind a script: itself and every project module it imports, however deeply.

Snakemake reruns a job when its script changes, but not when a module that the script imports does.
The fingerprint closes that gap. It is taken from syntax trees without docstrings, so that comments,
formatting and documentation do not count. Versions of the other libraries that the code imports are
found along the way.
"""

import ast
import hashlib
import importlib.metadata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

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
    "torch": "torch",
    "torchvision": "torchvision",
    "zarr": "zarr",
}
"""Libraries whose version may change a number or a picture, by the name they are imported by."""


@dataclass(frozen=True)
class Code:
    """The code behind a script.

    Attributes
    ----------
    fingerprint : str
        Changes when, and only when, the logic of a file in `files` does.
    files : tuple of str
        The script and the project modules it imports, relative to the root.
    versions : dict
        Versions of the libraries they import.
    """

    fingerprint: str
    files: tuple[str, ...]
    versions: dict[str, str]


def script_code(root: str | Path, *scripts: str | Path) -> Code:
    """The code behind one or more scripts.

    Parameters
    ----------
    root : path
        The folder that holds the package.
    scripts : paths
        Python files; modules beside them may be imported too.
    """
    root = Path(root).resolve()
    files = sorted({file for script in scripts for file in _closure(Path(script).resolve(), root)})
    digest = hashlib.sha256()
    external: set[str] = set()
    for file in files:
        logic, imports = _parse(file, file.stat().st_mtime_ns)
        digest.update(f"{_relative(file, root)}:{logic}\n".encode())
        external |= {name.partition(".")[0] for name in imports}
    used = sorted(external & set(DISTRIBUTIONS))
    return Code(
        fingerprint=digest.hexdigest()[:16],
        files=tuple(_relative(file, root) for file in files),
        versions={DISTRIBUTIONS[name]: _version(DISTRIBUTIONS[name]) for name in used},
    )


def _relative(file: Path, root: Path) -> str:
    return file.relative_to(root).as_posix() if file.is_relative_to(root) else file.name


def _closure(script: Path, root: Path) -> set[Path]:
    found, waiting = set(), [script]
    while waiting:
        file = waiting.pop()
        if file not in found:
            found.add(file)
            imports = _parse(file, file.stat().st_mtime_ns)[1]
            waiting += [f for name in imports for f in _module_files(name, root, script.parent)]
    return found


def _module_files(name: str, root: Path, beside: Path) -> Iterator[Path]:
    """The files that importing a dotted name runs, as far as they are the project's."""
    folder = root if name.split(".")[0] == PACKAGE else beside
    parts = name.split(".")
    for i in range(1, len(parts) + 1):
        base = folder.joinpath(*parts[:i])
        for file in (base / "__init__.py", base.with_suffix(".py")):
            if file.is_file():
                yield file


@cache
def _parse(file: Path, mtime_ns: int) -> tuple[str, frozenset[str]]:
    """Digest of a file's logic, and the dotted names it imports (`from a import b` counts as a and a.b)."""
    tree = ast.parse(file.read_text(), filename=str(file))
    imports = frozenset(_imports(tree, file))
    _strip_docstrings(tree)
    return hashlib.sha256(ast.dump(tree).encode()).hexdigest(), imports


def _imports(tree: ast.Module, file: Path) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                raise SyntaxError(f"{file}:{node.lineno}: relative import; write the full module name")
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            # Modules named in strings ("repgeom.models.lenet:LeNet") are imported later by that name.
            module = node.value.partition(":")[0]
            if module.startswith(f"{PACKAGE}.") and " " not in module:
                yield module


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
