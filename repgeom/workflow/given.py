"""What the configuration names and no job makes: files that are missing, and images that do not do, told by key."""

import functools
from collections.abc import Iterable, Iterator, Mapping
from os.path import normpath
from pathlib import Path

from snakemake.exceptions import MissingInputException
from snakemake_interface_common.exceptions import ApiError

from repgeom.config.configuration import Configuration
from repgeom.config.datasets import ImageArrays, ImageFolder
from repgeom.config.messages import as_list
from repgeom.config.nouns import Nouns
from repgeom.errors import InputError
from repgeom.workflow.chosen import stimuli_faults


def tell_missing(workflow, c: Configuration) -> None:
    """Let `workflow` say which key names a file or folder that is not there, once a job needs it, before any runs.

    Snakemake names the rule that needs a file, and does not know that scripts read folders. Nor does it know which
    images will be chosen: that there are too few is told here, too.

    Parameters
    ----------
    workflow : the object that rules know by this name
    c : Configuration
    """
    build = workflow._build_dag

    @functools.wraps(build)
    def told(*arguments, **options):
        try:
            built = build(*arguments, **options)
        except MissingInputException as error:
            refuse(needed_files(c, str(error)))
            raise
        if workflow.is_main_process:
            jobs = list(workflow.dag.needrun_jobs())
            needed = _named(jobs, "dataset", rule="dataset")
            refuse(missing_images(c, needed))
            sets = _named(jobs, "stimuli", rule="select_stimuli")
            refuse([*unfit_images(c, needed), *stimuli_faults(c, sets, _named(jobs, "analysis"))])
        return built

    workflow._build_dag = told


def _named(jobs: Iterable, wildcard: str, rule: str | None = None) -> list[str]:
    """The values of a wildcard among jobs, or among those of one rule."""
    found = (getattr(job.wildcards, wildcard, None) for job in jobs if rule in (None, job.rule.name))
    return sorted({value for value in found if value})


def refuse(faults: Iterable[str]) -> None:
    """Stop the run where there are faults.

    Raises
    ------
    ApiError
        Which Snakemake shows without where it was raised.
    """
    if faults := list(faults):
        raise ApiError(as_list(faults))


def needed_files(c: Nouns, message: str) -> list[str]:
    """What to say of all that the configuration names and that is not there, if a message lists such a file."""
    keys = given_files(c)
    missing = {path: key for path, key in keys.items() if not Path(path).is_file()}
    if not {normpath(line.strip()) for line in message.splitlines()} & {normpath(path) for path in missing}:
        return []
    return [*missing_images(c, c.datasets), *(_absent(key, path, "file") for path, key in missing.items())]


def missing_images(c: Nouns, datasets: Iterable[str]) -> Iterator[str]:
    """What to say of folders of images that are not there, and of tables that describe them."""
    for name in sorted(datasets):
        section = c.datasets[name]
        if isinstance(section, ImageFolder):
            if not Path(section.path).is_dir():
                yield _absent(f"datasets.{name}.path", section.path, "folder")
            if section.labels and not Path(section.labels).is_file():
                yield _absent(f"datasets.{name}.labels", section.labels, "file")


def unfit_images(c: Nouns, datasets: Iterable[str]) -> Iterator[str]:
    """What to say of folders and arrays whose images cannot be read as the configuration says."""
    for name in sorted(datasets):
        section = c.datasets[name]
        if isinstance(section, ImageFolder | ImageArrays):
            try:
                section.look()
            except InputError as error:
                yield f"datasets.{name}: {error}"


def given_files(c: Nouns) -> Mapping[str, str]:
    """File → the key that names it: measured data, weights, arrays of images."""
    data = {
        getattr(section, source): f"data.{name}.{source}"
        for name, section in c.data.items()
        for source in ("rdms", "responses")
    }
    weights = {m.source.path: f"models.{name}.source.path" for name, m in c.models.items() if m.source}
    arrays = {d.path: f"datasets.{name}.path" for name, d in c.datasets.items() if isinstance(d, ImageArrays)}
    return {path: key for path, key in (data | weights | arrays).items() if path}


def _absent(key: str, path: str, what: str) -> str:
    return f"{key}: no such {what} {path} (looked for in {Path.cwd()})"
