"""Compiled functions, where what is compiled can be kept and where it cannot."""

import pytest
from numba.core.caching import CacheImpl

from repgeom.jit import njit


def twice(x):
    return 2 * x


@pytest.mark.parametrize("options", [{}, {"nogil": True}])
def test_a_function_is_kept_in_a_file(options):
    compiled = njit(**options)(twice)
    assert compiled(4) == 8
    assert compiled.targetoptions.items() >= options.items()
    assert compiled._cache.cache_path  # numba's own, which has no public name


def test_with_no_place_to_write_a_function_is_compiled_all_the_same(monkeypatch):
    """A read-only installation, and a user with no home."""
    monkeypatch.setattr(CacheImpl, "_locator_classes", [])
    compiled = njit(nogil=True)(twice)
    assert compiled(4) == 8
    assert type(compiled._cache).__name__ == "NullCache"
