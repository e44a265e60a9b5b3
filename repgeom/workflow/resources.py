"""How much memory a job has that shows a network stimuli, as rules say, or `--set-resources`."""

import re
from collections.abc import Iterable

from repgeom.errors import InputError

RECORDING_MB = 3000
"""Of the rules `activations` and `coordinates`."""
SET = re.compile(r"(\w+):(\w+)=(.+)")


def coordinates_mb(set_resources: Iterable[str] = ()) -> int:
    """The `mem_mb` of the rule `coordinates`; `set_resources` are written as for snakemake, `coordinates:mem_mb=8000`.

    Raises
    ------
    InputError
        One of them is written otherwise.
    """
    memory = RECORDING_MB
    for given in set_resources:
        found = SET.fullmatch(given)
        if found is None or (found[2] == "mem_mb" and not found[3].isdecimal()):
            raise InputError(f"--set-resources {given}: not RULE:RESOURCE=VALUE; write coordinates:mem_mb=8000")
        if found.group(1, 2) == ("coordinates", "mem_mb"):
            memory = int(found[3])
    return memory
