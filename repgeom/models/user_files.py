"""Python files of users: where what they import lies, and how one is imported."""

import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

from repgeom.errors import InputError

INIT = "__init__.py"


def package_root(file: Path) -> Path:
    """The folder from which a file is imported: its own, or the one that holds the outermost package it lies in."""
    folder = file.parent
    while (folder / INIT).is_file() and folder.parent != folder:
        folder = folder.parent
    return folder


def search_folders(file: Path) -> list[Path]:
    """Where modules that a user's file imports may lie, besides installed ones: beside it, and in the project."""
    return list(dict.fromkeys([package_root(file), Path.cwd()]))


def load_module(file: Path) -> ModuleType:
    """Import a user's file, alone or as part of the packages it lies in; it may import modules beside it.

    Raises
    ------
    InputError
        There is no such file, or it fails when it is imported; says in which line.
    """
    if not file.is_file():
        raise InputError(f"architecture: no such file {file} (looked for in {Path.cwd()})")
    file = file.resolve()
    for folder in reversed(search_folders(file)):
        if str(folder) not in sys.path:
            sys.path.insert(0, str(folder))
    try:
        return _imported(file)
    except ModuleNotFoundError as error:
        raise InputError(
            f"{file}: imports {error.name!r}, which is neither installed nor beside it, nor in {Path.cwd()}; install "
            f"it where {sys.executable} finds it, or put it there"
        ) from error
    except SystemExit as error:
        raise InputError(
            f"{file}: ends the program when it is imported, as scripts that read arguments do; put what is to run "
            'under if __name__ == "__main__":'
        ) from error
    except Exception as error:  # whatever the user's own code raises
        raise InputError(f"{file}: cannot be imported ({type(error).__name__}: {error})") from error


def _imported(file: Path) -> ModuleType:
    place = file.relative_to(package_root(file)).with_suffix("")
    if len(place.parts) > 1:
        return importlib.import_module(".".join(place.parts))
    name = f"repgeom_user_{file.stem}"
    spec = importlib.util.spec_from_file_location(name, file)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module
