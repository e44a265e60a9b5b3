"""The compiled step of the reduction against NumPy, in all the ways that blocks may lie in memory."""

import subprocess
import sys

import numpy as np
import pytest

from repgeom.coordinates.compiled import centre
from repgeom.coordinates.reduction import reduce_activations

N_FEATURES = 37


def rows(n: int, dtype: str = "f8") -> np.ndarray:
    """With a mean far larger than the spread."""
    return (np.random.default_rng(n).standard_normal((n, N_FEATURES)) + 1e3).astype(dtype)


def by_numpy(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    exact = values.astype(np.longdouble)
    mean = exact.mean(axis=0)
    return exact - mean, mean, (exact**2).sum(axis=1)


def compiled(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    centred, mean, squares = (
        np.full(values.shape, np.nan),
        np.full(values.shape[1], np.nan),
        np.full(len(values), np.nan),
    )
    centre(values, centred, mean, squares)
    return centred, mean, squares


def agree(found: tuple[np.ndarray, ...], expected: tuple[np.ndarray, ...]) -> None:
    for ours, true, size in zip(found, expected, (1e3, 1e3, 1e6 * N_FEATURES), strict=True):
        assert np.abs(ours - true).max() <= 1e-15 * size


@pytest.mark.parametrize("n", range(1, 10))
@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_centred_rows_their_mean_and_squares(n, dtype):
    values = rows(n, dtype)
    agree(compiled(values), by_numpy(values))


LAYOUTS = {
    "columns of a wider block": lambda v: np.hstack([v, v + 1, v])[:, N_FEATURES : 2 * N_FEATURES] - 1,
    "every second column": lambda v: np.repeat(v, 2, axis=1)[:, ::2],
    "columns one after the other": np.asfortranarray,
    "backwards": lambda v: v[::-1, ::-1].copy()[::-1, ::-1],
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_rows_wherever_they_lie(layout):
    values = LAYOUTS[layout](rows(6))
    agree(compiled(values), by_numpy(np.array(values)))


def test_rows_that_may_only_be_read():
    values = rows(5, "f4")
    values.flags.writeable = False
    agree(compiled(values), by_numpy(values))


def test_rows_are_centred_in_place():
    values = rows(7)
    expected = by_numpy(values)
    mean, squares = np.empty(N_FEATURES), np.empty(len(values))
    centre(values, values, mean, squares)
    agree((values, mean, squares), expected)


@pytest.mark.parametrize("dtype", ["?", "i1", "u2", "i8", "f2", ">f4", "g"])
def test_values_of_any_type_are_reduced_as_float64_would_be(dtype):
    values = np.random.default_rng(0).integers(0, 100, (5, N_FEATURES)).astype(dtype)
    found, expected = (reduce_activations([block]) for block in (values, values.astype("f8")))
    assert np.array_equal(found.uncentred, expected.uncentred)


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
@pytest.mark.parametrize("row", [0, 3, 4])
def test_what_is_not_finite_shows_in_its_row_alone(wrong, row):
    values = rows(5)
    values[row, 20] = wrong
    assert list(np.flatnonzero(~np.isfinite(compiled(values)[2]))) == [row]


def test_nothing_is_compiled_later_that_blocks_need():
    """Not in the middle of a pass, when all memory has been shared out."""
    program = """if True:
        import numpy as np
        from repgeom.coordinates.reduction import load_compiled, reduce_activations
        load_compiled()
        from repgeom.coordinates.compiled import centre
        known = set(centre.signatures)
        block = np.random.default_rng(0).random((5, 900), dtype=np.float32)
        reduce_activations([block, block[:, 100:700]])
        assert known == set(centre.signatures) and len(known) == 2, centre.signatures
    """
    subprocess.run([sys.executable, "-c", program], check=True)
