"""The exact reduction keeps every inner product."""

import numpy as np
import pytest

from repgeom.coordinates.reduction import reduce_activations
from repgeom.errors import InputError


def blocks_of(x, count=3):
    return np.array_split(x, min(count, x.shape[1]), axis=1)


def relative_error(found, expected, lengths_a, lengths_b):
    scale = np.outer(lengths_a, lengths_b)
    return (np.abs(found - expected) / np.where(scale == 0, 1, scale)).max()


CASES = {
    "wide": lambda r: r.normal(size=(40, 3000)),
    "float32": lambda r: r.normal(size=(40, 3000)).astype(np.float32),
    "narrow": lambda r: r.normal(size=(60, 7)),
    "square": lambda r: r.normal(size=(50, 50)),
    "one more": lambda r: r.normal(size=(50, 51)),
    "low rank": lambda r: r.normal(size=(50, 3)) @ r.normal(size=(3, 900)),
    "mean 1e4 everywhere": lambda r: 1e4 + r.normal(size=(50, 2000)),
    "mean 1e4 in any direction": lambda r: 1e4 * r.normal(size=2000) + r.normal(size=(50, 2000)),
    "mean 1e4, narrow": lambda r: 1e4 + r.normal(size=(50, 20)),
    "duplicates": lambda r: np.repeat(r.normal(size=(10, 500)), 3, axis=0),
    "a stimulus of zeros": lambda r: np.vstack([np.zeros(500), r.normal(size=(20, 500))]),
    "lengths from 1e-3 to 1e3": lambda r: r.normal(size=(40, 900)) * np.geomspace(1e-3, 1e3, 40)[:, None],
    "sparse": lambda r: np.maximum(r.normal(size=(40, 900)) - 1, 0),
}


@pytest.mark.parametrize("case", CASES)
def test_inner_products(case):
    raw = CASES[case](np.random.default_rng(0))
    coordinates = reduce_activations(blocks_of(raw))
    x = np.asarray(raw, dtype=np.float64)
    n, d = x.shape
    centred = x - x.mean(axis=0)
    length, centred_length = np.linalg.norm(x, axis=1), np.linalg.norm(centred, axis=1)
    assert coordinates.centred.shape[1] <= max(min(n + 1, d), min(d, n))
    assert coordinates.n_features == d
    c, u = coordinates.centred, coordinates.uncentred
    assert relative_error(c @ c.T, centred @ centred.T, centred_length, centred_length) < 1e-9
    assert relative_error(u @ u.T, x @ x.T, length, length) < 1e-9
    assert relative_error(u @ coordinates.ones, x.sum(axis=1), length, [np.sqrt(d)]) < 1e-9
    assert np.isclose(coordinates.ones @ coordinates.ones, d, rtol=1e-12)
    assert np.isclose(coordinates.mean @ coordinates.mean, x.mean(axis=0) @ x.mean(axis=0), rtol=1e-9)


def test_feature_centred_equals_centring_each_stimulus():
    x = 3 + np.random.default_rng(1).normal(size=(30, 700))
    f = reduce_activations(blocks_of(x)).feature_centred
    expected = x - x.mean(axis=1, keepdims=True)
    np.testing.assert_allclose(f @ f.T, expected @ expected.T, rtol=0, atol=1e-9)


def test_block_sizes_do_not_matter():
    x = np.random.default_rng(2).normal(size=(30, 700))
    a, b = (reduce_activations(blocks_of(x, k)).uncentred for k in (1, 70))
    np.testing.assert_allclose(a @ a.T, b @ b.T, rtol=1e-12, atol=1e-10)


def test_narrow_activations_are_kept_as_they_are():
    x = np.random.default_rng(3).normal(size=(30, 5))
    np.testing.assert_allclose(reduce_activations(blocks_of(x)).uncentred, x, rtol=0, atol=1e-15)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_values_must_be_finite(bad):
    x = np.ones((5, 8))
    x[3, 6] = bad
    with pytest.raises(InputError, match=r"conv1.*stimulus 3"):
        reduce_activations(blocks_of(x), "node 'conv1'")


@pytest.mark.parametrize("blocks", [[], [np.empty((3, 0))], [np.empty((0, 3))]])
def test_nothing_to_reduce(blocks):
    with pytest.raises(InputError):
        reduce_activations(blocks)


def test_blocks_of_different_stimuli():
    with pytest.raises(InputError, match="same stimuli"):
        reduce_activations([np.ones((4, 9)), np.ones((5, 9))])
