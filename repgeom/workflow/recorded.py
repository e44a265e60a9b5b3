"""What artifacts say of themselves, asked for where Snakemake's own notes of them are missing or about other files.

Snakemake notes params and inputs of each file under `.snakemake`. Without these notes it takes whatever lies in its
place for up to date: results that were copied without them, or a file that was put in the place of another. Every
artifact carries the same facts itself.
"""

import functools
import json
import os
from collections.abc import Iterator

from snakemake.persistence import ParamsChange

from repgeom.store.inspection import provenance_of
from repgeom.store.provenance import Provenance, place_of

CLOCK = 0.01
"""Seconds by which a file system may round the time of a file."""


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


def _told_by_itself(notes, job) -> Iterator[tuple[str, Provenance]]:
    """The outputs that are not those which the notes are about, and what they say made them."""
    for output in job.output:
        path, noted = str(output), notes.metadata(output)
        if not _is_noted(path, noted.endtime if noted else None) and (provenance := provenance_of(path)):
            yield path, provenance


def _is_noted(path: str, endtime: float | None) -> bool:
    """Whether a file is as old as when its job ended."""
    try:
        times = os.stat(path).st_mtime, os.lstat(path).st_mtime
    except OSError:
        return True
    return endtime is not None and any(abs(time - endtime) < CLOCK for time in times)


def _change(job, path: str, provenance: Provenance) -> ParamsChange:
    old, new = _recorded(provenance), _wanted(job, path)
    different = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    return ParamsChange(
        only_old={f"{name} {_shorten(old.get(name))}" for name in different},
        only_new={f"{name} {_shorten(new.get(name))}" for name in different},
        files={path},
    )


def _recorded(provenance: Provenance) -> dict:
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
        "inputs": sorted(map(str, job.input)),
        "code": params.pop("code", ""),
        "versions": params.pop("versions", {}),
        **{f"config.{name}": value for name, value in params.items()},
    }


def _shorten(value: object) -> str:
    text = json.dumps(value, sort_keys=True)
    return text if len(text) <= 200 else f"{text[:197]}…"
