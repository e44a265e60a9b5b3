"""What artifacts say of themselves, asked for where Snakemake's own notes of them are missing or about other files.

Snakemake notes params and inputs of each file under `.snakemake`. Without these notes it takes whatever lies in its
place for up to date: results that were copied without them, or a file that was put in the place of another. Every
artifact carries the same facts itself, and an object in storage a digest of those of its artifact.
"""

import functools
import hashlib
import json
import os
from collections.abc import Iterator

from snakemake.persistence import ParamsChange

from repgeom.store.inspection import provenance_of
from repgeom.store.provenance import Provenance, place_of
from repgeom.workflow.stored import as_in_folder

CLOCK, CLOCK_OF_STORAGE = 0.01, 1.0
"""Seconds by which a file system may round the time of a file, and object storage that of an object."""
MADE = "repgeom-made"
"""The key under which an object tells a digest of what made it."""


def ask_artifacts(workflow) -> None:
    """Let `workflow` ask artifacts what made them where Snakemake has no notes of these very files.

    Parameters
    ----------
    workflow : the object that rules know by this name
    """
    prepare = workflow._prepare_dag

    @functools.wraps(prepare)
    def prepared(*arguments, **options):
        result = prepare(*arguments, **options)
        _complete(workflow.persistence)
        return result

    workflow._prepare_dag = prepared


def _complete(notes) -> None:
    """Let Snakemake's notes answer for files that they lack."""
    has_metadata, params_changed = notes.has_metadata, notes.params_changed

    def has_notes(job) -> bool:
        return has_metadata(job) or any(_told_by_itself(notes, job))

    def changed(job, file=None):
        found = params_changed(job, file)
        for path, provenance in _told_by_itself(notes, job):
            if file is None or path == file:
                found |= _change(job, path, provenance)
        return found

    notes.has_metadata, notes.params_changed = has_notes, changed


def _told_by_itself(notes, job) -> Iterator[tuple[str, Provenance | str]]:
    """The outputs that are not those which the notes are about, and what they say made them: objects, a digest."""
    for output in job.output:
        path, noted = str(output), notes.metadata(output)
        told = _said_by_object if output.is_storage else _said_by_file
        if said := told(output, noted.endtime if noted else None):
            yield path, said


def _said_by_file(output, endtime: float | None) -> Provenance | None:
    return None if _is_noted(str(output), endtime) else provenance_of(str(output))


def _said_by_object(output, endtime: float | None) -> str | None:
    known = output.rule.workflow.iocache.mtime.get(output)
    dated = known.storage() if known else None
    if dated is None or (endtime is not None and abs(dated - endtime) < CLOCK_OF_STORAGE):
        return None  # it is not there, or the one that was noted
    return output.storage_object.s3obj().metadata.get(MADE)


def _is_noted(path: str, endtime: float | None) -> bool:
    """Whether a file is as old as when its job ended."""
    try:
        times = os.stat(path).st_mtime, os.lstat(path).st_mtime
    except OSError:
        return True
    return endtime is not None and any(abs(time - endtime) < CLOCK for time in times)


def _change(job, path: str, said: Provenance | str) -> ParamsChange:
    old, new = (
        ({MADE: said}, {MADE: digest(_wanted(job, path))})
        if isinstance(said, str)
        else (recorded(said), _wanted(job, path))
    )
    different = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    return ParamsChange(
        only_old={f"{name} {_shorten(old.get(name))}" for name in different},
        only_new={f"{name} {_shorten(new.get(name))}" for name in different},
        files={path},
    )


def digest(facts: dict) -> str:
    """SHA-256 of what made an artifact, in hexadecimal."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True, default=str).encode()).hexdigest()


def recorded(provenance: Provenance) -> dict:
    """What an artifact says of itself that its job decides."""
    return {
        "place": provenance.artifact,
        "inputs": sorted(provenance.inputs),
        "code": provenance.fingerprint,
        "versions": provenance.versions,
        **{f"config.{name}": value for name, value in provenance.config.items()},
    }


def _wanted(job, path: str) -> dict:
    """The same of the job that would make the file."""
    params = json.loads(json.dumps(dict(job.params.items()), default=str))
    return {
        "place": place_of(path),
        "inputs": sorted({as_in_folder(str(file)) for file in job.input}),
        "code": params.pop("code", ""),
        "versions": params.pop("versions", {}),
        **{f"config.{name}": value for name, value in params.items()},
    }


def _shorten(value: object) -> str:
    text = json.dumps(value, sort_keys=True)
    return text if len(text) <= 200 else f"{text[:197]}…"
