"""Correlations of class centres, and the subspace that carries them."""

from importlib import import_module

import numpy as np
import pytest

from repgeom.errors import InputError
from repgeom.measures.capacity.centre_correlation import WEAK_CENTRE, centre_correlation

module = import_module("repgeom.measures.capacity.centre_correlation")


def residual_cost(centres, subspace):
    """½ Σ_{i≠j} of squared residual correlations, written out."""
    centred = centres - centres.mean(axis=0)
    residual = centred - centred @ subspace @ subspace.T
    correlation = np.corrcoef(np.column_stack([residual, -residual]))  # rows of mean zero: cosines
    n = len(centres)
    return 0.5 * (np.sum(correlation[:n, :n] ** 2) - n)


def shared_directions(n_centres=30, n_features=200, k=2, strength=3.0, seed=0):
    rng = np.random.default_rng(seed)
    directions = np.linalg.qr(rng.standard_normal((n_features, k)))[0]
    own = rng.standard_normal((n_centres, n_features)) / np.sqrt(n_features)
    own -= own @ directions @ directions.T
    return own + strength * rng.standard_normal((n_centres, k)) @ directions.T, directions


def test_orthogonal_centres_have_the_floor_and_nothing_to_remove():
    found = centre_correlation(np.eye(8, 20))
    assert found.correlation == pytest.approx(1 / 7) == found.floor
    assert found.subspace.shape == (20, 0)
    assert not found.avoided


def test_correlation_is_the_mean_absolute_cosine():
    centres = np.random.default_rng(0).standard_normal((6, 30)) + 5
    centred = centres - centres.mean(axis=0)
    cosines = [
        centred[i] @ centred[j] / np.linalg.norm(centred[i]) / np.linalg.norm(centred[j])
        for i in range(6)
        for j in range(i)
    ]
    assert centre_correlation(centres).correlation == pytest.approx(np.mean(np.abs(cosines)), rel=1e-12)


def test_jackknife_over_classes():
    centres = np.random.default_rng(0).standard_normal((7, 30))
    unit = centres - centres.mean(axis=0)
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)

    def mean_correlation(rows):
        return np.mean([abs(rows[i] @ rows[j]) for i in range(len(rows)) for j in range(i)])

    left_out = [mean_correlation(np.delete(unit, i, axis=0)) for i in range(7)]
    expected = np.sqrt(6 / 7 * np.sum((np.array(left_out) - np.mean(left_out)) ** 2))
    assert centre_correlation(centres).standard_error == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("k", [1, 2])
def test_shared_directions_are_found(k):
    centres, directions = shared_directions(k=k)
    found = centre_correlation(centres)
    assert found.subspace.shape[1] == k
    cosines = np.linalg.svd(found.subspace.T @ directions)[1]
    assert cosines.min() > 0.99
    assert found.residual < 0.5 * found.correlation


@pytest.mark.parametrize("k", [1, 2, 3])
def test_subspace_minimises_the_residual_correlations(k):
    """No random restart of the descent, and no subspace near by in the span of the centres, does better."""
    centres = np.random.default_rng(1).standard_normal((8, 12)) @ np.diag(np.linspace(0.1, 2, 12))
    found = centre_correlation(centres, k)
    np.testing.assert_allclose(found.subspace.T @ found.subspace, np.eye(k), atol=1e-12)
    cost = residual_cost(centres, found.subspace)
    vectors, basis = module._centred(centres, "centres")
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    rng = np.random.default_rng(0)
    for _ in range(20):
        start = np.linalg.qr(rng.standard_normal((unit.shape[1], k)))[0]
        elsewhere = basis.T @ module._descend(unit, start, ftol=1e-12)
        step = 1e-3 * basis.T @ rng.standard_normal((len(basis), k))
        near = np.linalg.qr(found.subspace + step)[0]
        assert cost <= residual_cost(centres, elsewhere) + 1e-6
        assert cost < residual_cost(centres, near)


def test_gradient_is_that_of_finite_differences():
    rng = np.random.default_rng(0)
    unit = rng.standard_normal((7, 5))
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    subspace = np.linalg.qr(rng.standard_normal((5, 2)))[0]
    tangent = rng.standard_normal((5, 2))
    tangent -= subspace @ subspace.T @ tangent

    def cost(step):
        return module._cost(unit, np.linalg.qr(subspace + step * tangent)[0])

    expected = (cost(1e-5) - cost(-1e-5)) / 2e-5
    assert np.sum(module._cost_and_gradient(unit, subspace)[1] * tangent) == pytest.approx(expected, rel=1e-6)


def test_automatic_k_is_the_best_of_all_k():
    centres = np.random.default_rng(2).standard_normal((9, 14)) @ np.diag(np.linspace(0.05, 2, 14))
    found = centre_correlation(centres)
    costs = [residual_cost(centres, centre_correlation(centres, k).subspace) for k in range(7)]
    assert not found.avoided
    assert residual_cost(centres, found.subspace) == pytest.approx(min(costs), abs=1e-9)
    assert found.subspace.shape[1] == int(np.argmin(costs)) > 0


def test_reference_removes_at_least_one_direction():
    assert centre_correlation(np.eye(10, 30), "reference").subspace.shape[1] == 1


def one_centre_along_the_shared_direction():
    """Nineteen centres with a direction of their own and the shared one, and one with next to none of its own."""
    centres = np.column_stack([np.eye(20), 8.0 * np.where(np.arange(20) % 2, 1.0, -1.0)])
    centres[0, :20] *= 0.02
    return centres


def test_automatic_k_keeps_every_centre():
    centres = one_centre_along_the_shared_direction()
    reference = centre_correlation(centres, "reference")
    automatic = centre_correlation(centres)
    assert reference.strength.min() < WEAK_CENTRE <= automatic.strength.min()
    assert automatic.avoided
    assert not reference.avoided


def test_rotation_scale_and_shift_change_nothing():
    rng = np.random.default_rng(3)
    centres, _ = shared_directions(n_centres=10, n_features=40)
    rotation = np.linalg.qr(rng.standard_normal((50, 40)))[0]
    found = centre_correlation(centres)
    moved = centre_correlation(3 * centres @ rotation.T + rng.standard_normal(50))
    assert moved.correlation == pytest.approx(found.correlation, rel=1e-12)
    np.testing.assert_allclose(moved.strength, found.strength, rtol=1e-10)
    overlap = np.linalg.svd(moved.subspace.T @ rotation @ found.subspace)[1]
    np.testing.assert_allclose(overlap, 1, rtol=1e-12)


@pytest.mark.parametrize(
    ("centres", "k", "message"),
    [
        (np.ones((1, 3)), "auto", "at least two"),
        (np.array([[1.0, 0], [-1, 0], [0, 0]]), "auto", "manifold 2 has norm zero"),
        (np.eye(2), "reference", "span only one"),
        (np.eye(4), 3, "from 0 to 2, got 3"),
        (np.eye(4), -1, "from 0 to 2, got -1"),
        (np.eye(4), True, "got True"),
        (np.eye(4), "automatic", "got 'automatic'"),
    ],
)
def test_errors_say_what_is_wrong(centres, k, message):
    with pytest.raises(InputError, match=message):
        centre_correlation(centres, k)
