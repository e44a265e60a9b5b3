"""Projection onto a cone: optimality, and an independent solver."""

import numpy as np
import pytest
from scipy.optimize import nnls

from repgeom.measures.capacity.cone import project_onto_cone


def _random_cone(n_dimensions, n_generators, n_vectors=50, seed=0):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((n_dimensions, n_generators)), rng.standard_normal((n_vectors, n_dimensions))


@pytest.mark.parametrize("shape", [(1, 1), (3, 40), (10, 10), (40, 60), (60, 20)])
def test_weights_are_those_of_scipy(shape):
    generators, vectors = _random_cone(*shape)
    found = project_onto_cone(generators.T @ generators, vectors @ generators)
    expected = np.array([nnls(generators, t)[0] for t in vectors])
    np.testing.assert_allclose(found.weights @ generators.T, expected @ generators.T, atol=1e-12)
    np.testing.assert_allclose(found.squared_norm, np.sum((expected @ generators.T) ** 2, axis=1), atol=1e-12)


@pytest.mark.parametrize("shape", [(5, 30), (50, 50), (20, 200)])
def test_moreau_decomposition(shape):
    generators, vectors = _random_cone(*shape, n_vectors=100)
    found = project_onto_cone(generators.T @ generators, vectors @ generators)
    projected = found.weights @ generators.T
    remainder = vectors - projected
    assert found.weights.min() >= 0
    assert (remainder @ generators).max() <= 1e-10
    np.testing.assert_allclose(
        np.sum(vectors**2, axis=1), np.sum(remainder**2, axis=1) + np.sum(projected**2, axis=1), rtol=1e-12
    )
    assert found.kkt_residual.max() <= 1e-10


def test_projection_ignores_length_and_repetition_of_generators():
    generators, vectors = _random_cone(8, 20)
    more = np.column_stack([generators * np.geomspace(1e-3, 1e3, 20), generators[:, :7], generators @ np.ones(20)])
    once = project_onto_cone(generators.T @ generators, vectors @ generators)
    twice = project_onto_cone(more.T @ more, vectors @ more)
    np.testing.assert_allclose(once.weights @ generators.T, twice.weights @ more.T, atol=1e-11)


def test_vectors_inside_and_in_the_polar_cone():
    orthant, vectors = np.eye(3), np.array([[1.0, 2.0, 3.0], [-1.0, -2.0, -3.0], [1.0, -1.0, 0.0]])
    found = project_onto_cone(orthant, vectors)
    np.testing.assert_array_equal(found.weights, np.maximum(vectors, 0))


def test_nearly_parallel_generators_reach_optimality():
    rng = np.random.default_rng(1)
    base = rng.standard_normal((6, 4))
    generators = np.column_stack([base + step * rng.standard_normal((6, 4)) for step in (0, 1e-4, 1e-6, 1e-9)])
    vectors = rng.standard_normal((200, 6))
    found = project_onto_cone(generators.T @ generators, vectors @ generators)
    expected = np.array([nnls(generators, t, maxiter=1000)[1] for t in vectors])
    residual = np.linalg.norm(vectors - found.weights @ generators.T, axis=1)
    np.testing.assert_allclose(residual, expected, atol=1e-7)
