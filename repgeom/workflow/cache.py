"""The shared cache of Snakemake, which SNAKEMAKE_OUTPUT_CACHE names: no work is lost to it."""

import functools
import logging
import os
from pathlib import Path

from snakemake.caching.local import OutputFileCache
from snakemake.caching.storage import OutputFileCache as StorageCache
from snakemake.exceptions import WorkflowError

from repgeom.errors import InputError

log = logging.getLogger("snakemake.logging")
BUCKETS = "s3://"


def require_cache(folder: str | None, in_storage: bool = False) -> None:
    """Check the shared cache before work is done whose results could then not be kept.

    Parameters
    ----------
    folder : path, address or None
        The value of SNAKEMAKE_OUTPUT_CACHE.
    in_storage : bool
        Whether results are kept in object storage, where Snakemake looks for the cache, too.

    Raises
    ------
    InputError
        It is relative, missing or read-only; or one is in object storage, and the other is not.
    """
    if folder is None:
        return
    if in_storage != folder.startswith(BUCKETS):
        where = f"{BUCKETS}BUCKET/FOLDER, as results are there" if in_storage else "a folder, as results are in one"
        raise InputError(f"SNAKEMAKE_OUTPUT_CACHE={folder}: write {where}, or unset the variable")
    if in_storage:
        return
    if not Path(folder).is_absolute():
        raise InputError(f"SNAKEMAKE_OUTPUT_CACHE={folder}: links into a relative folder break; write its whole path")
    if not Path(folder).is_dir():
        raise InputError(f"SNAKEMAKE_OUTPUT_CACHE={folder}: no such folder; make it, or unset the variable")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise InputError(
            f"SNAKEMAKE_OUTPUT_CACHE={folder}: may not be written to; ask its owner, or unset the variable"
        )


def keep_what_cannot_be_cached() -> None:
    """Let a job end well whose results find no place in the shared cache: a disk may fill up after the start.

    Snakemake would take the job for failed, and delete its results.
    """
    for kind in (OutputFileCache, StorageCache):
        if not hasattr(kind.store, "__wrapped__"):
            kind.store = _keeping(kind.store)


def _keeping(store):
    @functools.wraps(store)
    async def stored(cache, job) -> None:
        try:
            await store(cache, job)
        except (OSError, WorkflowError) as error:
            if not all(os.path.exists(file) for file in job.output):
                raise
            log.warning("not kept in the shared cache, but here: %s (%s)", ", ".join(map(str, job.output)), error)

    return stored
