"""The shared cache of Snakemake, which SNAKEMAKE_OUTPUT_CACHE names: no work is lost to it."""

import functools
import logging
import os
from pathlib import Path

from snakemake.caching.local import OutputFileCache
from snakemake.exceptions import WorkflowError

from repgeom.errors import InputError

log = logging.getLogger("snakemake.logging")


def require_cache(folder: str | None) -> None:
    """Check the shared cache before work is done whose results could then not be kept.

    Parameters
    ----------
    folder : path or None
        The value of SNAKEMAKE_OUTPUT_CACHE.

    Raises
    ------
    InputError
        It is relative, missing or read-only.
    """
    if folder is None:
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
    if not hasattr(OutputFileCache.store, "__wrapped__"):
        OutputFileCache.store = _keeping(OutputFileCache.store)


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
