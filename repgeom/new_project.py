"""A folder for a project of one's own: a configuration that runs as it stands, a network, a place for images."""

from pathlib import Path

from repgeom.errors import InputError

EXAMPLE = Path(__file__).parent / "example_project"
ROOT_PLACE = "{root}"
"""Where the example's comments say where the workflow lies."""


def new_project(folder: str | Path, root: str | Path) -> list[Path]:
    """Write the example project into a new or an empty folder; returns the files, relative to it.

    Parameters
    ----------
    folder : path
    root : path
        Where the workflow lies, for the commands in the example's comments.

    Raises
    ------
    InputError
        There is something in the folder, or it cannot be written.
    """
    folder = Path(folder)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(f"{folder} exists and is not an empty folder; name another")
    files = [file.relative_to(EXAMPLE) for file in sorted(EXAMPLE.rglob("*")) if file.suffix in (".yaml", ".py", ".md")]
    try:
        for file in files:
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            text = (EXAMPLE / file).read_text(encoding="utf-8").replace(ROOT_PLACE, str(root))
            (folder / file).write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"{folder}: cannot be written ({error.strerror or error}); name another") from error
    return files
