"""How processes of a run keep memory that they have freed.

Networks free and ask for the same megabytes in every iteration. By default the C library gives them back in between,
and the kernel hands them out anew, zeroed, page by page: a tenth to a quarter of an iteration on a small network.
"""

from collections.abc import MutableMapping

VARIABLE = "GLIBC_TUNABLES"
MEGABYTE = 2**20
TUNABLES = ":".join(
    f"glibc.malloc.{name}={value}"
    for name, value in {
        "mmap_threshold": 64 * MEGABYTE,  # larger blocks go back at once, so that large networks do not pile them up
        "trim_threshold": 4096 * MEGABYTE,
        "top_pad": 64 * MEGABYTE,
        "hugetlb": 1,  # pages of 2 MB, where the kernel grants them to those who ask
    }.items()
)


def keep_freed_memory(environment: MutableMapping[str, str]) -> None:
    """Have processes that are started with these variables keep what they free; settings of one's own stay.

    Other C libraries than glibc do not read them.
    """
    environment.setdefault(VARIABLE, TUNABLES)
