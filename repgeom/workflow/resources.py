"""How much memory a job has that shows a network stimuli: as rules say, a profile, or `--set-resources`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from repgeom.errors import InputError

if TYPE_CHECKING:
    from snakemake.resources import Resource

RECORDING_MB = 3000
"""Of the rules `activations` and `coordinates`."""
RULE, RESOURCE = "coordinates", "mem_mb"


def coordinates_mb(set_resources: Sequence[str] = (), profile: str | None = None) -> int:
    """The `mem_mb` of the rule `coordinates` when a job is tried first.

    Parameters
    ----------
    set_resources
        Written as for snakemake, `coordinates:mem_mb=8000`; they go before the profile.
    profile
        Name or folder of a profile, as for `snakemake --workflow-profile`.

    Raises
    ------
    InputError
        There is no such profile, or something is not written as snakemake takes it, or depends on a job's input.
    """
    given = [*(_set_in(profile) if profile else []), *set_resources]
    if not given:
        return RECORDING_MB
    from snakemake.cli import parse_set_resources  # takes most of a second, which a check without either need not
    from snakemake.exceptions import WorkflowError

    try:
        found = parse_set_resources(given).get(RULE, {})
        return _at_first(found[RESOURCE]) if RESOURCE in found else RECORDING_MB
    except (TypeError, ValueError, WorkflowError):
        raise InputError(
            f"set-resources {' '.join(given)}: not RULE:RESOURCE=VALUE, or not a number of megabytes that can be told "
            f"beforehand; write {RULE}:{RESOURCE}=8000"
        ) from None


def _at_first(resource: "Resource") -> int:
    """The number that it is, or becomes at the first attempt."""
    return resource.evaluate(None, input=None, attempt=1, threads=1, rulename=RULE, async_run=None).value


def _set_in(profile: str) -> list[str]:
    """What a profile says under `set-resources`."""
    from snakemake.cli import get_profile_dir
    from snakemake.profiles import ProfileConfigFileParser

    found = get_profile_dir(profile)
    if found is None:
        raise InputError(
            f"--workflow-profile {profile}: no folder with a config.yaml; name one, such as profiles/slurm"
        )
    with found[1].open(encoding="utf-8") as file:
        return ProfileConfigFileParser().parse(file).get("set-resources", [])
