"""Names of what lies in object storage and of the copies that jobs work on, told to processes by the environment.

Without object storage the two are the same.
"""

import os

COPIES = "REPGEOM_STORAGE_COPIES"
"""The folder of the copies, with a slash at its end."""
OBJECTS = "REPGEOM_STORAGE_OBJECTS"
"""The address of what they are copies of, with a slash at its end."""
SENT = " (send to storage)"
"""What Snakemake adds to the address of an output when it shows it."""


def as_in_folder(name: str) -> str:
    """What a copy, or an object as Snakemake shows it, is called in a run without object storage: `results/…`."""
    name = name.removesuffix(SENT)
    return name.removeprefix(os.environ.get(COPIES, "")).removeprefix(os.environ.get(OBJECTS, ""))


def as_copy(name: str) -> str:
    """Where the copy is of a file that Snakemake shows."""
    return os.environ.get(COPIES, "") + as_in_folder(name)


def as_object(name: str) -> str:
    """Where a file lies that Snakemake shows: in the bucket, if there is one."""
    return os.environ.get(OBJECTS, "") + as_in_folder(name)


def naming_objects(text: str) -> str:
    """A text in which the addresses of objects take the place of the names of their copies."""
    copies = os.environ.get(COPIES)
    return text.replace(copies, os.environ[OBJECTS]) if copies else text
