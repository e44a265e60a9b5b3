"""Capacity, radius and dimension of shapes whose values are known, and of random points by an independent solver."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import chi, norm

from repgeom.measures.capacity.cone_geometry import cone_geometry


def draws(dimension, n=4000, seed=0):
    return np.random.default_rng(seed).standard_normal((n, dimension + 1))


def circle(n_points):
    angle = 2 * np.pi * np.arange(n_points) / n_points
    return np.column_stack([np.cos(angle), np.sin(angle)])


def sphere(n_points):
    """Fibonacci lattice."""
    i = np.arange(n_points) + 0.5
    height, angle = 1 - 2 * i / n_points, np.pi * (1 + np.sqrt(5)) * i
    return np.column_stack([np.sqrt(1 - height**2)[:, None] * np.column_stack([np.cos(angle), np.sin(angle)]), height])


def ball_inverse_capacity(dimension, radius, margin):
    """∫χ_D(r)dr [∫_{κ−r/R}^{κ+Rr} Dt (Rr − t + κ)²/(1+R²) + ∫_{−∞}^{κ−r/R} Dt ((t−κ)² + r²)]."""

    def given(r):
        edge = margin - r / radius
        touching = quad(
            lambda t: norm.pdf(t) * (radius * r - t + margin) ** 2 / (1 + radius**2), edge, margin + radius * r
        )[0]
        inside = quad(lambda t: norm.pdf(t) * ((t - margin) ** 2 + r**2), -np.inf, edge)[0]
        return touching + inside

    return quad(lambda r: chi.pdf(r, dimension) * given(r), 0, np.inf)[0]


def assert_capacity(found, inverse):
    assert found.inverse_capacity_se < 0.05 * inverse
    assert abs(found.inverse_capacity - inverse) <= 4 * found.inverse_capacity_se + 1e-12


@pytest.mark.parametrize("margin", [-0.7, 0.0, 0.5, 2.0])
def test_single_point(margin):
    found = cone_geometry(np.zeros((1, 0)), draws(0, n=20000), margin)
    assert_capacity(found, (1 + margin**2) * norm.cdf(margin) + margin * norm.pdf(margin))
    assert found.radius == found.dimension == found.rank == 0


@pytest.mark.parametrize("radius", [0.2, 1.0, 5.0])
def test_segment(radius):
    found, angle = cone_geometry(radius * np.array([[-1.0], [1.0]]), draws(1)), np.arctan(radius)
    assert_capacity(found, 0.5 + 2 * angle / np.pi)
    expected = radius**2 * (1 - angle / np.pi) + (radius - angle) / np.pi
    assert abs(found.radius**2 - expected) <= 4 * 2 * found.radius * found.radius_se
    assert abs(found.dimension - 1) <= 4 * found.dimension_se
    assert abs(found.separated - (0.5 - angle / np.pi)) <= 4 * 0.5 / np.sqrt(4000)


@pytest.mark.parametrize("radius", [0.3, 1.0, 3.0])
def test_disk(radius):
    angle = np.arctan(radius)
    found = cone_geometry(radius * circle(400), draws(2))
    assert_capacity(found, 1.5 + np.sin(angle) - np.cos(angle))


@pytest.mark.parametrize(("radius", "margin"), [(0.5, 0.0), (0.5, 0.8), (2.0, 0.0), (2.0, 0.8)])
@pytest.mark.parametrize("unit_ball", [np.array([[-1.0], [1.0]]), circle(400), sphere(1000)], ids=["1", "2", "3"])
def test_ball_with_margin(unit_ball, radius, margin):
    dimension = unit_ball.shape[1]
    found = cone_geometry(radius * unit_ball, draws(dimension, n=2000), margin)
    assert_capacity(found, ball_inverse_capacity(dimension, radius, margin))


def test_the_formula_for_balls_contains_those_for_segment_and_disk():
    angle = np.arctan(0.8)
    assert ball_inverse_capacity(1, 0.8, 0.0) == pytest.approx(0.5 + 2 * angle / np.pi, abs=1e-6)
    assert ball_inverse_capacity(2, 0.8, 0.0) == pytest.approx(1.5 + np.sin(angle) - np.cos(angle), abs=1e-6)


def test_inscribed_polytope_of_a_20_dimensional_ball_has_more_capacity_than_the_ball():
    directions = np.random.default_rng(0).standard_normal((50, 20))
    points = 0.5 * directions / np.linalg.norm(directions, axis=1, keepdims=True)
    ball = 1 / ball_inverse_capacity(20, 0.5, 0.0)
    assert ball == pytest.approx(0.209, abs=5e-4)
    assert 1 / cone_geometry(points, draws(20)).inverse_capacity == pytest.approx(0.563, rel=0.03)


def test_unbounded_manifold_leaves_only_its_dimensions():
    points = 1e6 * np.random.default_rng(0).standard_normal((60, 5))
    found = cone_geometry(points, draws(5))
    assert_capacity(found, 5.5)
    assert np.isfinite([found.radius, found.dimension, found.kkt_residual]).all()


@pytest.mark.parametrize("n_points", [2, 3, 10, 40])
def test_regular_simplex_whose_lifted_vertices_are_orthogonal(n_points):
    centred = np.eye(n_points) - 1 / n_points
    axes = np.linalg.svd(centred)[2][: n_points - 1]
    points = np.sqrt(n_points) * centred @ axes.T
    np.testing.assert_allclose(np.sum(points**2, axis=1), n_points - 1)
    assert_capacity(cone_geometry(points, draws(n_points - 1)), n_points / 2)


@pytest.mark.parametrize("seed", range(4))
def test_three_points_by_spherical_trigonometry(seed):
    points = np.random.default_rng(seed).standard_normal((3, 2))
    lifted = np.column_stack([points, np.ones(3)])
    unit = lifted / np.linalg.norm(lifted, axis=1, keepdims=True)
    sides = [np.arccos(unit[i] @ unit[j]) for i, j in ((0, 1), (1, 2), (2, 0))]
    inverse = 0.5 + (sum(map(lambda i: dihedral(unit, i), range(3))) - np.pi + sum(sides)) / (2 * np.pi)
    assert_capacity(cone_geometry(points, draws(2, n=20000)), inverse)


def dihedral(unit, i):
    """Angle of a spherical triangle at vertex i."""
    at, first, second = unit[i], unit[(i + 1) % 3], unit[(i + 2) % 3]
    u, v = first - (first @ at) * at, second - (second @ at) * at
    return np.arccos(u @ v / np.linalg.norm(u) / np.linalg.norm(v))


def test_control_variates_only_take_noise_away():
    points, t = 0.8 * circle(60), draws(2, n=300)
    repeated = np.array([cone_geometry(points, draws(2, n=300, seed=s)).inverse_capacity for s in range(200)])
    found = cone_geometry(points, t)
    angle = np.arctan(0.8)
    assert repeated.mean() == pytest.approx(1.5 + np.sin(angle) - np.cos(angle), rel=0.005)
    assert found.inverse_capacity_se == pytest.approx(repeated.std(), rel=0.25)
    assert found.inverse_capacity_se < 0.025 * found.inverse_capacity


@pytest.mark.parametrize("statistic", ["radius", "dimension"])
def test_standard_errors_are_the_spread_over_repetitions(statistic):
    points = np.random.default_rng(5).standard_normal((15, 8))
    repeated = [cone_geometry(points, draws(8, n=300, seed=s)) for s in range(300)]
    spread = np.std([getattr(r, statistic) for r in repeated])
    claimed = np.mean([getattr(r, f"{statistic}_se") for r in repeated])
    assert claimed == pytest.approx(spread, rel=0.2)


def test_repeated_and_interior_points_change_nothing():
    rng = np.random.default_rng(3)
    points, t = rng.standard_normal((12, 6)), draws(6, n=500)
    interior = rng.dirichlet(np.ones(12), size=20) @ points
    alone = cone_geometry(points, t, 0.3)
    crowded = cone_geometry(np.concatenate([points[:5], interior, points]), t, 0.3)
    for statistic in ("inverse_capacity", "radius", "dimension", "separated"):
        assert getattr(crowded, statistic) == pytest.approx(getattr(alone, statistic), rel=1e-12)


def test_rotation_of_manifold_and_draws_changes_nothing():
    rng = np.random.default_rng(4)
    points, t = rng.standard_normal((12, 6)), draws(6, n=500)
    rotation = np.linalg.qr(rng.standard_normal((6, 6)))[0]
    rotated = cone_geometry(points @ rotation, np.column_stack([t[:, :-1] @ rotation, t[:, -1]]))
    for statistic in ("inverse_capacity", "radius", "dimension"):
        assert getattr(rotated, statistic) == pytest.approx(getattr(cone_geometry(points, t), statistic), rel=1e-12)


@pytest.mark.parametrize("margin", [0.0, 0.5])
@pytest.mark.parametrize(("n_points", "dimension"), [(20, 19), (40, 6)])
def test_agreement_with_an_interior_point_solver(n_points, dimension, margin):
    points = 0.9 * np.random.default_rng(6).standard_normal((n_points, dimension))
    t = draws(dimension, n=150)
    found = cone_geometry(points, t, margin)
    inverse, radius, size = by_quadratic_programs(points, t, margin)
    assert 1 / found.inverse_capacity == pytest.approx(1 / inverse, abs=1e-8)
    assert found.radius == pytest.approx(radius, abs=1e-8)
    assert found.dimension == pytest.approx(size, abs=1e-8)
    assert found.kkt_residual < 1e-10


def by_quadratic_programs(points, t, margin):
    """1/α, R and D from min ½‖v − t‖² subject to Sᵀv + κ ≤ 0, one primal program per draw."""
    cvxopt = pytest.importorskip("cvxopt")
    options = {"show_progress": False, "abstol": 1e-14, "reltol": 1e-14, "feastol": 1e-14, "maxiters": 60}
    lifted = np.column_stack([points, np.ones(len(points))])
    bounds = cvxopt.matrix(np.full(len(points), -margin))
    identity = cvxopt.matrix(np.eye(t.shape[1]))
    v = [
        np.ravel(cvxopt.solvers.qp(identity, cvxopt.matrix(-x), cvxopt.matrix(lifted), bounds, options=options)["x"])
        for x in t
    ]
    moved = t - np.array(v)
    separated = (t @ lifted.T + margin <= 0).all(axis=1)
    touched = points[(t[:, :-1] @ points.T).argmax(axis=1)]
    anchors = np.where(separated[:, None], touched, moved[:, :-1] / moved[:, -1:])
    known = np.column_stack([np.ones(len(t)), t[:, -1], t[:, -1] ** 2 - 1, np.sum(t**2, axis=1) - t.shape[1]])
    inverse = np.linalg.lstsq(known, np.where(separated, 0, np.sum(moved**2, axis=1)))[0][0]
    radius = np.sqrt(np.sum(anchors.var(axis=0)))
    cosine = np.sum(t[:, :-1] * anchors, axis=1) / np.linalg.norm(anchors, axis=1)
    return inverse, radius, np.mean(cosine**2)
