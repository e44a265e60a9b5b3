"""numba's `njit`, for functions that are compiled once and kept."""

from collections.abc import Callable

import numba


def njit(**options) -> Callable[[Callable], Callable]:
    """Compile a function, and keep it for later processes where there is a place for that.

    numba refuses to where it can write neither beside the code nor below a home: then each process compiles for itself.
    """

    def compiled(function: Callable) -> Callable:
        try:
            return numba.njit(cache=True, **options)(function)
        except RuntimeError:
            return numba.njit(**options)(function)

    return compiled
