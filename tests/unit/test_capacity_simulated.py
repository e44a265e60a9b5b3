"""Capacity by simulation: Cover's theorem, and separability by linear programming."""

import numpy as np
import pytest
from scipy.optimize import linprog
from scipy.special import comb

from repgeom.errors import InputError
from repgeom.measures.capacity import is_separable, simulated_capacity


def cover(n_points, n_dimensions):
    return 2.0 ** (1 - n_points) * comb(n_points - 1, np.arange(n_dimensions)).sum()


@pytest.mark.parametrize("n_dimensions", [3, 5, 8])
def test_share_of_separable_dichotomies_is_covers(n_dimensions):
    rng = np.random.default_rng(0)
    signs = rng.choice([-1.0, 1.0], size=(1000, 10))
    share = np.mean([is_separable(rng.standard_normal((10, n_dimensions)), sign) for sign in signs])
    expected = cover(10, n_dimensions)
    assert abs(share - expected) <= 4 * np.sqrt(expected * (1 - expected) / 1000)


def test_all_dichotomies_of_points_in_the_plane_by_counting():
    angle = np.array([0.1, 0.9, 1.7, 2.5])
    points = np.column_stack([np.cos(angle), np.sin(angle)])
    signs = np.array(np.meshgrid(*4 * [[-1.0, 1.0]])).reshape(4, -1).T
    assert sum(is_separable(points, sign) for sign in signs) == 2 * 4


def test_separability_agrees_with_linear_programming():
    rng = np.random.default_rng(1)
    answers = []
    for _ in range(200):
        points, signs = rng.standard_normal((20, 9)) * rng.exponential(size=(20, 1)), rng.choice([-1.0, 1.0], size=20)
        program = linprog(np.zeros(9), A_ub=-signs[:, None] * points, b_ub=-np.ones(20), bounds=(None, None))
        answers.append(program.status == 0)
        assert is_separable(points, signs) == answers[-1]
    assert 20 < sum(answers) < 180


def test_a_point_at_the_origin_is_on_no_side():
    assert not is_separable(np.array([[1.0, 0], [0, 0]]), np.ones(2))


def test_points_in_general_position_have_capacity_two():
    points = np.random.default_rng(2).standard_normal((30, 1, 80))
    found = simulated_capacity(points, n_dichotomies=150)
    assert abs(found.capacity - 2) <= 4 * found.capacity_se
    assert 0 < found.capacity_se < 0.1
    for n in (13, 15, 18):
        expected = cover(30, n)
        assert abs(found.separable(n) - expected) <= 4 * np.sqrt(expected * (1 - expected) / 150)


def test_repeated_points_count_once_and_spread_lowers_capacity():
    rng = np.random.default_rng(3)
    centres = rng.standard_normal((15, 1, 60))
    spread = rng.standard_normal((15, 6, 60))
    alone = simulated_capacity(centres, n_dichotomies=40)
    repeated = simulated_capacity(np.repeat(centres, 3, axis=1), n_dichotomies=40)
    spread_out = simulated_capacity(centres + 0.5 * spread, n_dichotomies=40)
    assert repeated.capacity == pytest.approx(alone.capacity, abs=4 * np.hypot(alone.capacity_se, repeated.capacity_se))
    assert spread_out.capacity < 0.75 * alone.capacity


def test_too_few_dimensions_leave_the_capacity_open_but_bounded():
    found = simulated_capacity(np.random.default_rng(4).standard_normal((10, 20, 3)), n_dichotomies=20)
    assert np.isnan([found.capacity, found.capacity_se, found.critical_dimension]).all()
    assert found.n_dimensions == 3
    assert found.separable(3) < 0.5


def test_errors_say_what_is_wrong():
    with pytest.raises(InputError, match="at least two"):
        simulated_capacity([np.ones((3, 2))])
    with pytest.raises(InputError, match="dichotomies are too few"):
        simulated_capacity(np.ones((3, 2, 2)), n_dichotomies=1)
