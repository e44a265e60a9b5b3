"""Manifold analysis from points to pooled numbers."""

import gzip
import os
import warnings
from pathlib import Path

import numpy as np
import pytest

from repgeom.errors import InputError
from repgeom.measures.capacity import (
    WeakCentreWarning,
    analyse_layers,
    analyse_manifolds,
    sweep_points,
)

STATISTICS = ("inverse_capacity", "inverse_capacity_se", "radius", "radius_se", "dimension", "dimension_se")


def manifolds(n_manifolds=8, n_points=20, n_features=60, shared=0.0, seed=0):
    """Gaussian manifolds whose centres share a direction to some extent."""
    rng = np.random.default_rng(seed)
    centres = rng.standard_normal((n_manifolds, 1, n_features))
    common = shared * rng.standard_normal((n_manifolds, 1, 1)) * rng.standard_normal(n_features)
    return centres + common + rng.standard_normal((n_manifolds, n_points, n_features))


def table(analysis):
    return np.array([[getattr(manifold, s) for s in STATISTICS] for manifold in analysis.manifolds])


def orthonormal(n_rows, n_columns, seed=9):
    return np.linalg.qr(np.random.default_rng(seed).standard_normal((n_columns, n_rows)))[0].T


@pytest.mark.parametrize("dim", ["prx", "reference"])
@pytest.mark.parametrize("shared", [0.0, 2.0])
@pytest.mark.parametrize("margin", [0.0, 0.4])
def test_rotation_scale_and_shift_change_nothing(shared, margin, dim):
    points = manifolds(shared=shared)
    moved = 7 * points @ orthonormal(60, 60) + np.linspace(-2, 2, 60)
    one = analyse_manifolds(points, margin=margin, dim=dim)
    other = analyse_manifolds(moved, margin=margin, dim=dim)
    assert one.centres.subspace.shape[1] == (1 if shared else 0)
    np.testing.assert_allclose(table(other), table(one), rtol=1e-12)
    assert other.capacity == pytest.approx(one.capacity, rel=1e-12)


def test_embedding_and_exact_coordinates_change_nothing():
    """More features than points, as many coordinates as points, or padding with zeros: the same numbers."""
    points = manifolds(n_manifolds=4, n_points=12, n_features=200, shared=1.0)
    flat = points.reshape(48, 200)
    values, vectors = np.linalg.eigh(flat @ flat.T)
    coordinates = (vectors * np.sqrt(values)).reshape(4, 12, 48)
    padded = np.concatenate([coordinates, np.zeros((4, 12, 100))], axis=2) @ orthonormal(148, 300)
    raw = analyse_manifolds(points)
    np.testing.assert_allclose(table(analyse_manifolds(coordinates)), table(raw), rtol=1e-12)
    np.testing.assert_allclose(table(analyse_manifolds(padded)), table(raw), rtol=1e-12)


@pytest.mark.parametrize("shared", [0.0, 2.0])
def test_order_of_classes_changes_nothing(shared):
    points, order = manifolds(shared=shared), np.random.default_rng(1).permutation(8)
    names = [f"class {i}" for i in range(8)]
    one = analyse_manifolds(points, labels=names)
    other = analyse_manifolds(points[order], labels=[names[i] for i in order])
    np.testing.assert_allclose(table(other), table(one)[order], rtol=1e-12)
    assert other.capacity == pytest.approx(one.capacity, rel=1e-12)
    assert other.centres.correlation == pytest.approx(one.centres.correlation, rel=1e-12)


def test_lists_of_float32_manifolds_of_different_size():
    points = manifolds().astype(np.float32)
    whole = analyse_manifolds(points)
    np.testing.assert_allclose(table(analyse_manifolds(list(points))), table(whole), rtol=1e-12)
    uneven = analyse_manifolds([manifold[: 10 + i] for i, manifold in enumerate(points)])
    assert uneven.n_points == tuple(range(10, 18))


def test_means_far_larger_than_spreads_do_no_harm():
    points = manifolds()
    far = analyse_manifolds(points + 1e6)
    np.testing.assert_allclose(table(far), table(analyse_manifolds(points)), rtol=1e-6)


def test_seed_gives_the_draws():
    points = manifolds()
    np.testing.assert_array_equal(table(analyse_manifolds(points, seed=3)), table(analyse_manifolds(points, seed=3)))
    assert analyse_manifolds(points, seed=4).capacity != analyse_manifolds(points, seed=3).capacity


def test_manifolds_have_draws_of_their_own():
    """Equal manifolds around orthogonal centres differ by their draws alone, so that errors average out."""
    shape = np.random.default_rng(0).standard_normal((10, 5))
    points = np.zeros((6, 10, 11))
    for i in range(6):
        points[i, :, :5], points[i, :, 5 + i] = shape, 3.0
    found = analyse_manifolds(points)
    assert len(set(table(found)[:, 0])) == 6
    np.testing.assert_allclose(table(found)[:, 0], table(found)[0, 0], rtol=0.2)


def test_points_have_capacity_two():
    found = analyse_manifolds(np.eye(30)[:, None], n_draws=2000)
    assert abs(found.capacity - 2) <= 4 * found.capacity_se
    assert found.centres.correlation == pytest.approx(found.centres.floor)
    assert found.summary()["radius"] == found.summary()["dimension"] == 0


def test_margin_costs_capacity():
    points = manifolds()
    capacities = [analyse_manifolds(points, margin=margin).capacity for margin in (0, 0.5, 1)]
    assert capacities == sorted(capacities, reverse=True)


def test_pooling():
    found = analyse_manifolds(manifolds())
    inverse, inverse_se, radius, radius_se, dimension, dimension_se = table(found).T
    row = found.summary()
    assert row["capacity"] == pytest.approx(len(inverse) / inverse.sum())
    assert row["capacity_se"] == pytest.approx(np.sqrt(np.sum(inverse_se**2)) / 8 * row["capacity"] ** 2)
    for name, values, errors in (("radius", radius, radius_se), ("dimension", dimension, dimension_se)):
        assert row[name] == pytest.approx(values.mean())
        assert row[f"{name}_median"] == pytest.approx(np.median(values))
        assert row[f"{name}_se"] == pytest.approx(np.linalg.norm(errors) / 8)
    assert (row["k"], row["n_manifolds"], row["n_points"], row["n_draws"]) == (0, 8, 20, 300)
    assert row["kkt_residual"] < 1e-10
    assert [r["manifold"] for r in found.rows()] == list(range(8))
    assert found.rows()[2]["radius"] == radius[2]


def test_standard_error_of_capacity_is_the_spread_over_seeds():
    points = manifolds(n_manifolds=4, n_points=12)
    found = [analyse_manifolds(points, seed=seed) for seed in range(100)]
    spread = np.std([f.capacity for f in found])
    assert np.mean([f.capacity_se for f in found]) == pytest.approx(spread, rel=0.3)
    assert spread < 0.02 * found[0].capacity


def test_reference_dimension_depends_on_the_frame_and_prx_does_not():
    points = manifolds(n_points=20, n_features=12)
    padded = np.concatenate([points, np.zeros((8, 20, 30))], axis=2)

    def dimension(x, dim):
        return analyse_manifolds(x, dim=dim).summary()["dimension"]

    assert dimension(points, "prx") == pytest.approx(dimension(padded, "prx"), rel=1e-12)
    assert dimension(points, "reference") != pytest.approx(dimension(padded, "reference"), rel=1e-3)
    assert dimension(points, "reference") == pytest.approx(dimension(points, "prx"), rel=0.15)
    rotated = points @ orthonormal(12, 12)
    assert dimension(rotated, "reference") == pytest.approx(dimension(points, "reference"), rel=1e-12)


@pytest.mark.parametrize(
    ("n_features", "capacity", "radius", "dimension"), [(500, 0.0378, 1.563, 37.0), (5000, 0.0375, 1.553, 37.4)]
)
def test_published_implementation_on_gaussian_manifolds(n_features, capacity, radius, dimension):
    points = np.random.default_rng(0).standard_normal((10, 50, n_features))
    row = analyse_manifolds(points, k="reference", dim="reference").summary()
    assert row["capacity"] == pytest.approx(capacity, rel=0.03)
    assert row["radius"] == pytest.approx(radius, rel=0.02)
    assert row["dimension"] == pytest.approx(dimension, rel=0.03)
    assert row["centre_correlation"] == pytest.approx(0.111, abs=1e-3)
    assert row["k"] == 1


def test_forcing_a_direction_out_shortens_uncorrelated_centres():
    """With P = 10, K = 1 leaves 8/10 of their squared norm where centring alone leaves 9/10."""
    points = np.random.default_rng(0).standard_normal((10, 50, 2000))
    free, forced = analyse_manifolds(points), analyse_manifolds(points, k="reference")
    assert free.centres.subspace.shape[1] == 0
    assert np.mean(forced.centres.strength**2) == pytest.approx(8 / 9, rel=0.02)
    assert forced.summary()["radius"] > free.summary()["radius"]


def weak_centre(norm):
    """Eight orthogonal centres, the last of which nearly coincides with the mean of all."""
    centres = np.eye(8, 40)[:, None]
    centres[7] = np.delete(centres, 7, axis=0).mean(axis=0)
    centres[7, 0, 7] = norm
    return centres + 0.3 * _spread()


def _spread():
    """Points around a mean of zero."""
    points = np.random.default_rng(1).standard_normal((8, 20, 40))
    return points - points.mean(axis=1, keepdims=True)


def test_a_nearly_vanishing_centre_is_named_and_everything_stays_finite():
    with pytest.warns(WeakCentreWarning, match="centre of 7 has 0.1.% of"):
        found = analyse_manifolds(weak_centre(2e-3))
    row = found.summary()
    assert found.weak == (7,)
    assert row["weak_centres"] == 1
    assert all(np.isfinite(v) for v in row.values() if not isinstance(v, str))
    sound = analyse_manifolds(weak_centre(1.0)).summary()
    assert row["radius"] > 5 * sound["radius"]
    assert row["radius_median"] == pytest.approx(sound["radius_median"], rel=0.15)
    assert found.manifolds[7].inverse_capacity <= found.manifolds[7].rank + 1


def test_a_centre_that_projection_would_take_away_is_kept():
    centres = np.column_stack([np.eye(20), 8.0 * np.where(np.arange(20) % 2, 1.0, -1.0)])
    centres[0, :20] *= 0.02
    spread = 0.2 * np.random.default_rng(0).standard_normal((20, 10, 21))
    points = centres[:, None] + spread - spread.mean(axis=1, keepdims=True)
    with pytest.warns(WeakCentreWarning, match="next best is projected out"):
        found = analyse_manifolds(points, n_draws=50)
    assert found.weak == ()
    with pytest.warns(WeakCentreWarning, match="centre of 0 has 3.* of the median centre's norm"):
        analyse_manifolds(points, n_draws=50, k="reference")


def test_a_centre_of_norm_zero_is_an_error():
    points = _spread()
    points[:7] += np.eye(7, 40)[:, None]
    points[7] += points[:7].mean(axis=(0, 1))
    with pytest.raises(InputError, match="manifold 7 has norm zero"):
        analyse_manifolds(points)


def test_layers_share_their_draws():
    points = manifolds()
    layers = analyse_layers({"conv": points, "fc": 3 * points @ orthonormal(60, 60)}, seed=5)
    np.testing.assert_allclose(table(layers["fc"]), table(layers["conv"]), rtol=1e-12)


@pytest.mark.parametrize("other", [np.s_[:, :19], np.s_[:7]])
def test_layers_of_different_size_are_not_compared(other):
    points = manifolds()
    with pytest.raises(InputError, match=r"layer 'fc' .* layer 'conv'"):
        analyse_layers({"conv": points, "fc": points[other]})


def test_errors_and_warnings_name_the_layer():
    with pytest.raises(InputError, match="layer 'fc': manifold 2, point 5 holds NaN"):
        analyse_layers({"conv": manifolds(), "fc": _nan(manifolds())})
    with pytest.warns(WeakCentreWarning, match="layer 'fc': the residual centre of 7"):
        analyse_layers({"conv": weak_centre(1.0), "fc": weak_centre(2e-3)})


def test_fewer_points_have_more_capacity():
    swept = sweep_points(manifolds(n_points=40), [5, 10, 20, 40])
    assert list(swept) == [5, 10, 20, 40]
    assert [a.n_points[0] for a in swept.values()] == [5, 10, 20, 40]
    capacities = [a.capacity for a in swept.values()]
    assert capacities == sorted(capacities, reverse=True)


def _nan(points):
    points = points.copy()
    points[2, 5, 0] = np.nan
    return points


@pytest.mark.parametrize(
    ("points", "options", "message"),
    [
        (manifolds()[:1], {}, "at least two, got 1"),
        (_nan(manifolds()), {}, "manifold 2, point 5 holds NaN"),
        ([*manifolds()[:3], manifolds()[3][:1]], {}, "3 has a single point"),
        ([manifolds()[0], manifolds()[1][:, :5]], {}, "manifold 1 has 5 features, manifold 0 has 60"),
        (manifolds()[:, 0], {}, "must be .points, features."),
        ([["a"], ["b"]], {}, "must be .points, features."),
        ([[["a"]], [["b"]]], {}, "real numbers"),
        (manifolds(), {"dim": "prxx"}, "did you mean 'prx'"),
        (manifolds(), {"margin": np.inf}, "finite number"),
        (manifolds(), {"n_draws": 3}, "too few"),
        (manifolds(), {"labels": [0] * 8}, "1 different labels for 8"),
        (manifolds(), {"k": "all"}, "got 'all'"),
    ],
)
def test_errors_say_what_is_wrong(points, options, message):
    with pytest.raises(InputError, match=message):
        analyse_manifolds(points, **options)


def test_sweep_names_the_size_it_cannot_take():
    with pytest.raises(InputError, match=r"cannot take 21 points .* take 2 to 20"):
        sweep_points(manifolds(), [10, 21])


@pytest.fixture(scope="module")
def mnist():
    """Train images (60000, 784) in [0, 1] and their labels."""
    if "REPGEOM_DATA_DIR" not in os.environ:
        pytest.skip("REPGEOM_DATA_DIR is not set")
    folder = Path(os.environ["REPGEOM_DATA_DIR"]) / "mnist"
    images = gzip.decompress((folder / "train-images-idx3-ubyte.gz").read_bytes())
    labels = gzip.decompress((folder / "train-labels-idx1-ubyte.gz").read_bytes())
    return np.frombuffer(images, np.uint8, offset=16).reshape(-1, 784), np.frombuffer(labels, np.uint8, offset=8)


def digits(mnist, choose):
    images, labels = mnist
    return np.stack([images[choose(np.flatnonzero(labels == c))] / 255 for c in range(10)])


@pytest.mark.published
def test_published_implementation_on_mnist(mnist):
    """First 50 train images of each digit, κ = 0, n_t = 300."""
    row = analyse_manifolds(digits(mnist, lambda i: i[:50]), k="reference", dim="reference").summary()
    assert row["capacity"] == pytest.approx(0.1039, rel=0.05)
    assert row["radius"] == pytest.approx(1.128, rel=0.03)
    assert row["dimension"] == pytest.approx(15.98, rel=0.04)
    assert row["centre_correlation"] == pytest.approx(0.2070, abs=1e-3)
    assert row["k"] == 1


@pytest.mark.published
@pytest.mark.slow
def test_published_values_lie_within_the_spread_over_draws_of_images(mnist):
    rng = np.random.default_rng(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", WeakCentreWarning)
        rows = [
            analyse_manifolds(
                digits(mnist, lambda i: rng.permutation(i)[:50]), k="reference", dim="reference"
            ).summary()
            for _ in range(20)
        ]
    for name, published in {"capacity": 0.1023, "radius": 1.0957, "dimension": 16.73}.items():
        values = [row[name] for row in rows]
        assert min(values) < published < max(values)
