"""Conic capacity: where manifolds do not meet it is the mean-field capacity without any centring."""

import numpy as np
import pytest

from repgeom.errors import InputError
from repgeom.measures.capacity import conic_capacity
from repgeom.measures.capacity.cone_geometry import cone_geometry


def orthogonal_manifolds(n_manifolds=12, n_points=15, dimension=4, seed=0):
    """Points around unit centres, each in its own dimensions; and each one's own coordinates."""
    rng = np.random.default_rng(seed)
    own = 0.7 * rng.standard_normal((n_manifolds, n_points, dimension))
    manifolds = np.zeros((n_manifolds, n_points, n_manifolds, dimension + 1))
    for i, points in enumerate(own):
        manifolds[i, :, i, :-1], manifolds[i, :, i, -1] = points, 1.0
    return manifolds.reshape(n_manifolds, n_points, -1), own


def test_orthogonal_points_have_capacity_two():
    found = conic_capacity(np.eye(60)[:, None], n_draws=500)
    assert abs(found.capacity - 2) <= 4 * found.capacity_se


def test_orthogonal_manifolds_have_the_harmonic_mean_of_their_capacities():
    manifolds, own = orthogonal_manifolds()
    t = np.random.default_rng(1).standard_normal((20000, own.shape[2] + 1))
    expected = 1 / np.mean([cone_geometry(points, t).inverse_capacity for points in own])
    found = conic_capacity(manifolds, n_draws=1000)
    assert abs(found.capacity - expected) <= 4 * found.capacity_se + 0.005 * expected
    assert found.capacity_se < 0.03 * found.capacity
    assert found.kkt_residual < 1e-10


def test_points_at_the_origin_and_repeated_points_change_nothing():
    manifolds, _ = orthogonal_manifolds(n_manifolds=4)
    padded = [np.concatenate([points, np.zeros((2, points.shape[1]))]) for points in manifolds]
    assert conic_capacity(padded).capacity == pytest.approx(conic_capacity(manifolds).capacity, rel=1e-12)


def test_rotation_and_embedding_change_nothing():
    rng = np.random.default_rng(2)
    manifolds = rng.standard_normal((5, 6, 20))
    embedding = np.linalg.qr(rng.standard_normal((50, 20)))[0].T
    assert conic_capacity(manifolds @ embedding).capacity == pytest.approx(
        conic_capacity(manifolds).capacity, rel=1e-12
    )


def test_errors_say_what_is_wrong():
    with pytest.raises(InputError, match="all points are zero"):
        conic_capacity(np.zeros((2, 3, 4)))
    with pytest.raises(InputError, match="draws are too few"):
        conic_capacity(np.ones((2, 3, 4)), n_draws=2)
