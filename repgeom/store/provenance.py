"""What made an artifact and where it belongs: configuration, code, inputs, versions, device, place."""

import csv
import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path, PurePath

from repgeom.errors import DamagedError, InputError, require_file

CHUNK_BYTES = 1 << 22
RESULTS = "results"
_checks: list[Callable[[str, "Provenance"], None]] = []


@dataclass(frozen=True)
class Provenance:
    """Where an artifact comes from, and where it belongs. Written into every artifact, as JSON.

    It holds no time of day: the same configuration, code and inputs give the same bytes. When an
    artifact was made is its file's modification time.

    Attributes
    ----------
    artifact : str
        Its place, from the folder `results` on; empty for a file that is written elsewhere.
    repgeom : str
        Version of the project that made it.
    """

    rule: str
    wildcards: dict = field(default_factory=dict)
    config: dict = field(default_factory=dict)
    fingerprint: str = ""
    inputs: dict[str, str] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    device: str = "cpu"
    threads: int = 1
    artifact: str = ""
    repgeom: str = ""

    def to_json(self) -> str:
        """One line of JSON with sorted keys."""
        return json.dumps(asdict(self), sort_keys=True, default=str)

    def at(self, path: str | Path) -> "Provenance":
        """The same of the artifact that is written to `path`."""
        return replace(self, artifact=place_of(path))


def provenance_in(path: str | Path, recorded: str | dict) -> Provenance:
    """The provenance that stands in the file at `path`, once whoever reads it agrees (see `when_read`).

    Raises
    ------
    InputError
        It was written by another version of the project, or the file is not the one that was asked for.
    """
    found = json.loads(recorded) if isinstance(recorded, str) else recorded
    if not isinstance(found, dict) or {name: type(value) for name, value in found.items()} != _types():
        raise other_version(path, found.get("repgeom") if isinstance(found, dict) else None)
    provenance = Provenance(**found)
    for check in _checks:
        check(str(path), provenance)
    return provenance


def _types() -> dict[str, type]:
    return {known.name: type(getattr(NOTEBOOK, known.name)) for known in fields(Provenance)}


def when_read(check: Callable[[str, Provenance], None]) -> None:
    """Have `check` called with the path and provenance of each artifact that is read; it raises where they differ."""
    _checks.append(check)


def refuse_misplaced(path: str, provenance: Provenance) -> None:
    """Refuse a file that belongs elsewhere: two were exchanged, or one was renamed.

    Raises
    ------
    InputError
        Names the file and what it is.
    """
    if provenance.artifact not in ("", place_of(path)):
        raise InputError(
            f"{path}: holds what belongs at {provenance.artifact} (of rule {provenance.rule}); "
            f"files were exchanged or renamed. Put both back, or {remedy(path)}"
        )


def place_of(path: str | Path) -> str:
    """A path from the last folder named `results` on; empty where there is none."""
    parts = PurePath(path).parts
    if RESULTS not in parts[:-1]:
        return ""
    return "/".join(parts[len(parts) - 1 - parts[::-1].index(RESULTS) :])


def remedy(path: str | Path) -> str:
    """What can be done about a file that is no good: only those among the results are made again."""
    if not place_of(Path(path).absolute()):
        return "get it again from where it came from"
    link = Path(path)
    also = f" and {link.resolve()}, a shared cache's copy to which it leads" if link.is_symlink() else ""
    return f"delete it{also}, and the next run of snakemake makes it again"


@contextmanager
def of_kind(path: str | Path, kind: str) -> Iterator[None]:
    """Whatever the block does not find in a whole file is due to its kind, or to the version that wrote it."""
    try:
        yield
    except InputError:
        raise
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError, csv.Error) as error:
        raise InputError(
            f"{path}: is not {kind}, or was written by another version of repgeom ({error}); {remedy(path)}"
        ) from error


def damaged(path: str | Path, why: object) -> DamagedError:
    """The error for a file that cannot be trusted any more."""
    return DamagedError(f"{path}: damaged ({why}); {remedy(path)}")


def other_version(path: str | Path, version: object) -> InputError:
    """The error for a file that another version of the project has written."""
    maker = f"repgeom {version}" if version else "another version of repgeom, or something else,"
    return InputError(f"{path}: written by {maker} in a form that this version does not read; {remedy(path)}")


NOTEBOOK = Provenance(rule="(made outside the workflow)")


def file_sha256(path: str | Path) -> str:
    """SHA-256 of a file's content, in hexadecimal; see `require_file` for what it raises."""
    require_file(path)
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
