"""Participation ratio: known spectra and invariances."""

import numpy as np
import pytest

from repgeom.errors import InputError
from repgeom.measures.capacity import participation_ratio


def test_even_spread_over_d_dimensions_is_d():
    points = np.concatenate([np.eye(7), -np.eye(7)])
    assert participation_ratio(points) == pytest.approx(7, rel=1e-12)


@pytest.mark.parametrize("shape", [(40, 6), (6, 40)])
def test_definition_by_the_eigenvalues_of_the_covariance(shape):
    points = np.random.default_rng(0).standard_normal(shape) * np.linspace(0.1, 3, shape[1])
    eigenvalues = np.linalg.eigvalsh(np.cov(points.T))
    expected = eigenvalues.sum() ** 2 / np.sum(eigenvalues**2)
    assert participation_ratio(points) == pytest.approx(expected, rel=1e-10)


def test_a_line_has_one_dimension():
    assert participation_ratio(np.outer([1.0, 2, 5], [3.0, 1, 4])) == pytest.approx(1, rel=1e-12)


def test_rotation_scale_shift_and_embedding_change_nothing():
    rng = np.random.default_rng(1)
    points = rng.standard_normal((20, 5))
    moved = 1e-3 * points @ np.linalg.qr(rng.standard_normal((9, 5)))[0].T + rng.standard_normal(9)
    assert participation_ratio(moved) == pytest.approx(participation_ratio(points), rel=1e-9)


@pytest.mark.parametrize(
    ("points", "message"),
    [
        (np.ones((1, 3)), "at least two points"),
        (np.ones(3), "at least two points"),
        (np.full((4, 3), 7.0), "coincide"),
        (np.array([[1.0, 2], [np.nan, 0]]), "point 1 holds NaN"),
    ],
)
def test_errors_say_what_is_wrong(points, message):
    with pytest.raises(InputError, match=message):
        participation_ratio(points)
