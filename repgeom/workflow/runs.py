"""Which configuration a folder was run with, and when, so that one can ask later whether what was made is stale."""

import json
import os
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

PLACE = "results/.runs.jsonl"


class Run(NamedTuple):
    """The configuration of a run: files laid over the folder's own or the default one, and keys over those."""

    files: list[str]
    config: dict


def note_run(files: Iterable[str | Path], config: Mapping, folder: str | Path = ".") -> None:
    """Note that a run begins, where its configuration is another than that of the run before.

    Parameters
    ----------
    files : paths
        Given with `--configfile`.
    config : dict
        Given with `--config`.
    folder : path
        Where the run takes place.
    """
    run = Run([str(Path(file).absolute()) for file in files], dict(config))
    place = Path(folder) / PLACE
    before = _noted(place)
    if before and before[-1][1] == run:
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.open("a", encoding="utf-8") as file:
        file.write(json.dumps({"begun": time.time()} | run._asdict(), default=str) + "\n")


def run_that_made(artifact: Path, folder: str | Path = ".") -> Run | None:
    """The run that was under way when an artifact was written; None where none was noted before."""
    made = artifact.lstat().st_mtime
    earlier = [run for begun, run in _noted(Path(folder) / PLACE) if begun <= made]
    return earlier[-1] if earlier else None


def _noted(place: Path) -> list[tuple[float, Run]]:
    """When each run began, and with what; lines that no run has written are passed over."""
    found = []
    for line in place.read_text(encoding="utf-8").splitlines() if place.is_file() else []:
        try:
            noted = json.loads(line)
            begun, run = float(noted["begun"]), Run(list(noted["files"]), dict(noted["config"]))
            if all(map(os.path.isabs, run.files)) and all(map(str.isidentifier, run.config)):
                found.append((begun, run))
        except (ValueError, KeyError, TypeError, RecursionError):
            continue
    return found
