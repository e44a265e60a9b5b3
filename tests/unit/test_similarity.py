"""Similarity of representations: CKA and shape angles against their definitions elsewhere, and what must not matter."""

from functools import partial
from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ortho_group

from repgeom.analyses.similarity import SIMILARITY_COLUMNS, Item, compare_nodes, similarity_rows, spread_table, tree
from repgeom.coordinates.reduction import reduce_activations
from repgeom.errors import InputError
from repgeom.figures.similarity import similarity_figure
from repgeom.measures import cka as module
from repgeom.measures.cka import cka, cka_estimates, u_centred
from repgeom.measures.comparison import compare_rdms
from repgeom.measures.embedding import metric_mds
from repgeom.measures.rdm import compute_rdm
from repgeom.measures.shape import shape_angles, shape_estimates

RNG = np.random.default_rng(0)
N = 20
X, Y, Z = RNG.normal(size=(N, 6)), RNG.normal(size=(N, 30)), RNG.normal(size=(N, 9))
Y[:, :6] += X
NAMES = ["x", "y", "z"]


def hsic_1(k, l):  # noqa: E741
    """As printed by Song et al. 2012, equation 5."""
    n = len(k)
    k, l = k - np.diag(np.diag(k)), l - np.diag(np.diag(l))  # noqa: E741
    cross = 2 / (n - 2) * k.sum(axis=0) @ l.sum(axis=1)
    return (np.trace(k @ l) + k.sum() * l.sum() / ((n - 1) * (n - 2)) - cross) / (n * (n - 3))


def debiased_in_feature_space(x, y):
    """Kornblith's debiased ‖XᵀY‖², from features and lengths of patterns alone."""
    n = len(x)
    x, y = x - x.mean(axis=0), y - y.mean(axis=0)
    lx, ly = (x**2).sum(axis=1), (y**2).sum(axis=1)
    squared = ((x.T @ y) ** 2).sum()
    return squared - n / (n - 2) * lx @ ly + lx.sum() * ly.sum() / ((n - 1) * (n - 2))


def by(similarity, x, y):
    return similarity(x, y) / np.sqrt(similarity(x, x) * similarity(y, y))


def test_debiased_cka_is_that_of_kernels_and_of_features():
    found = cka([X, Y, Z], NAMES)
    for (i, x), (j, y) in permutations(enumerate([X, Y, Z]), 2):
        assert found[i, j] == pytest.approx(by(lambda a, b: hsic_1(a @ a.T, b @ b.T), x, y), abs=1e-12)
        assert found[i, j] == pytest.approx(by(debiased_in_feature_space, x, y), abs=1e-10)
    np.testing.assert_array_equal(np.diag(found), 1)


def test_biased_cka_is_the_formula_of_features():
    x, y = X - X.mean(axis=0), Y - Y.mean(axis=0)
    expected = np.linalg.norm(x.T @ y) ** 2 / (np.linalg.norm(x.T @ x) * np.linalg.norm(y.T @ y))
    assert cka([X, Y], NAMES[:2], debiased=False)[0, 1] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("debiased", [True, False])
def test_by_features_cka_is_the_same(monkeypatch, debiased):
    shifted = [X + 100, Y - Y.mean(axis=0), Z]
    expected = cka(shifted, NAMES, debiased)
    intervals = cka_estimates(shifted, NAMES, debiased)
    monkeypatch.setattr(module, "cheaper_by_features", lambda shapes: True)
    np.testing.assert_allclose(cka(shifted, NAMES, debiased), expected, rtol=0, atol=1e-12)
    for found, other in zip(cka_estimates(shifted, NAMES, debiased)[:3], intervals[:3], strict=True):
        np.testing.assert_allclose(found, other, rtol=0, atol=1e-10)
    with pytest.raises(InputError, match="b: all stimuli have the same pattern"):
        cka([X, 0 * Y + 3], ["a", "b"], debiased)


def test_many_stimuli_of_few_features_need_no_inner_products_of_stimuli():
    x = np.random.default_rng(0).normal(size=(200_000, 3))
    y = x @ np.diag([1, 2, 3]) + np.random.default_rng(1).normal(size=x.shape)
    lx, ly = (x - x.mean(axis=0)), (y - y.mean(axis=0))
    expected = by(lambda a, b: ((a.T @ b) ** 2).sum(), lx, ly)  # of so many stimuli the bias is nothing
    assert cka([x, y], ["x", "y"])[0, 1] == pytest.approx(expected, abs=1e-4)


def test_debiased_cka_of_unrelated_representations_is_zero_on_average():
    """The biased one is near 1 there: many more features than stimuli."""
    draws = np.random.default_rng(1).normal(size=(400, 2, N, 400))
    pairs = np.array([(u_centred(a @ a.T) * u_centred(b @ b.T)).sum() for a, b in draws])
    assert abs(pairs.mean()) < 3 * pairs.std() / np.sqrt(len(pairs))
    found = np.array([cka(pair, NAMES[:2])[0, 1] for pair in draws])
    assert abs(found.mean()) < 3 * found.std() / np.sqrt(len(found))
    assert cka(draws[0], NAMES[:2], debiased=False)[0, 1] > 0.9


def test_exact_coordinates_will_do():
    small = [reduce_activations([x]).centred for x in (X, Y, Z)]
    for similarity in (cka, shape_angles):
        np.testing.assert_allclose(similarity(small, NAMES), similarity([X, Y, Z], NAMES), atol=1e-10)


@pytest.mark.parametrize("similarity", [cka, shape_angles])
def test_rotation_scale_and_shift_do_not_matter(similarity):
    moved = [3 * X @ ortho_group.rvs(6, random_state=1) + 5, 0.1 * Y @ ortho_group.rvs(30, random_state=2) - 1, Z]
    np.testing.assert_allclose(similarity(moved, NAMES), similarity([X, Y, Z], NAMES), atol=1e-10)


def test_shape_angles_are_netreps():
    """The angle after the best rotation of centred patterns, padded to the same width, as netrep defines it."""

    def netrep_angle(x, y):
        width = max(x.shape[1], y.shape[1])
        x, y = (np.pad(z - z.mean(axis=0), ((0, 0), (0, width - z.shape[1]))) for z in (x, y))
        u, _, vt = np.linalg.svd(x.T @ y)
        x, y = x @ u, y @ vt.T
        return np.arccos((x * y).sum() / (np.linalg.norm(x) * np.linalg.norm(y)))

    found = shape_angles([X, Y, Z], NAMES)
    for (i, x), (j, y) in permutations(enumerate([X, Y, Z]), 2):
        assert found[i, j] == pytest.approx(netrep_angle(x, y), abs=1e-10)


def test_shape_angles_have_netreps_numbers():
    """`netrep.metrics.LinearMetric(alpha=1.0, score_method="angular").fit_score(x, y)`, netrep at 0186b8a."""
    i, j = np.mgrid[:8, :5]
    x, y, z = np.sin(3 * i + j**2), np.cos(i * j + 1), np.sqrt(i + 2 * j[:, ::-1] + 0.5)
    found = shape_angles([x, y, z[:, :3]], NAMES)
    np.testing.assert_allclose(found[np.triu_indices(3, 1)], NETREP, atol=1e-8)


NETREP = (0.8735600997390188, 1.397000173490528, 1.3591232613459772)


def test_shape_angles_are_a_metric():
    patterns = [*np.random.default_rng(3).normal(size=(6, 12, 7)), *np.random.default_rng(4).normal(size=(4, 12, 3))]
    angles = shape_angles(patterns, [str(i) for i in range(10)])
    assert (angles[:, :, None] <= angles[:, None, :] + angles.T[None] + 1e-12).all()
    np.testing.assert_array_equal(angles, angles.T)
    assert (angles[~np.eye(10, dtype=bool)] > 0.1).all() and angles.max() <= np.pi / 2


def test_tiny_angles_keep_their_digits():
    direction = np.random.default_rng(5).normal(size=X.shape)
    small, double = shape_angles([X, X + 1e-9 * direction, X + 2e-9 * direction], NAMES)[0, 1:]
    assert 0 < small < 1e-8 and double == pytest.approx(2 * small, rel=1e-4)


def test_what_is_undefined_is_named():
    flat = np.ones((N, 4)) * 7.3
    with pytest.raises(InputError, match="y: all stimuli have the same pattern, which leaves CKA undefined"):
        cka([X, flat], NAMES[:2])
    with pytest.raises(InputError, match="y: all stimuli have the same pattern, which has no shape"):
        shape_angles([X, flat], NAMES[:2])
    with pytest.raises(InputError, match="3 stimuli have no debiased CKA; give at least 4"):
        cka([X[:3], Y[:3]], NAMES[:2])


ESTIMATES = pytest.mark.parametrize(
    "estimates",
    [cka_estimates, partial(cka_estimates, debiased=False), shape_estimates],
    ids=["cka", "biased", "angle"],
)


def related(rng, n):
    """Three representations of n stimuli, two of which have four dimensions in common, one of them not of their width."""
    common = rng.normal(size=(n, 4))
    first, second = (np.hstack([common, rng.normal(size=(n, k))]) for k in (2, 5))
    return first, second, rng.normal(size=(n, 6))


@ESTIMATES
def test_standard_errors_are_those_of_leaving_out_each_stimulus(estimates):
    patterns, n = related(np.random.default_rng(8), 200), 200
    without = np.array([estimates([np.delete(x, i, axis=0) for x in patterns], NAMES).value for i in range(n)])
    jackknife = np.sqrt((n - 1) * without.var(axis=0))
    value, low, high, _ = estimates(patterns, NAMES)
    for i, j in ((0, 1), (0, 2)):
        ends = np.array([low[i, j], value[i, j], high[i, j]])
        z = ends if estimates is shape_estimates else np.arctanh(ends) * (1 - value[i, j] ** 2)
        assert np.diff(z) / 1.972 == pytest.approx(jackknife[i, j], rel=0.1)


@pytest.mark.slow
@ESTIMATES
def test_intervals_of_similarities_cover_other_stimuli(estimates):
    """Of related representations, for the mean over samples of as many stimuli."""
    found = np.array([estimates(related(np.random.default_rng([9, s]), 60)[:2], NAMES[:2])[:3] for s in range(300)])
    value, low, high = found[:, :, 0, 1].T
    assert 0.92 <= np.mean((low <= value.mean()) & (value.mean() <= high)) <= 0.985


def items():
    """Two models with three seeds each, two nodes."""
    found = []
    for model, size in (("a", 1.0), ("b", 2.0)):
        for seed in (1, 2, 3):
            network = {"model": model, "seed": seed, "epoch": "last", "set": "s", "repetition": 1}
            for node, base in (("conv", X), ("fc", Z)):
                patterns = base + size * np.random.default_rng([seed, ord(model)]).normal(size=base.shape)
                found.append(Item(network, f"{model}, seed {seed}", node, reduce_activations([patterns])))
    return found


@pytest.mark.parametrize("method", ["cka", "cka_biased", "procrustes", "rsa"])
def test_tables_hold_every_pair_and_the_figure_is_drawn(method):
    options = {"method": method, "measure": "euclidean", "comparison": "corr"}
    found = items()
    compared = compare_nodes(found, options)
    dissimilarity = compared.dissimilarity
    table = pd.DataFrame(similarity_rows(found, compared))
    assert list(table.columns) == list(SIMILARITY_COLUMNS)
    of_interval = table["dissimilarity" if compared.is_angle else "similarity"]
    assert ((table["low"] < of_interval) & (of_interval < table["high"])).all()
    assert table["interval"].str.startswith("95 %").all()
    assert len(table) == 12 * 11 / 2 and (table["dissimilarity"] >= 0).all()
    assert table["relation"].value_counts().to_dict() == {"nodes": 36, "models": 18, "seeds": 12}
    if method == "rsa":
        rdms = np.array([compute_rdm(item.coordinates, "euclidean") for item in found])
        np.testing.assert_allclose(compared.estimate.value, compare_rdms(rdms, "corr"))
    spread = spread_table(found, dissimilarity)
    seeds = table[(table["relation"] == "seeds") & (table["node_a"] == "fc")]["dissimilarity"]
    row = spread[(spread["relation"] == "seeds") & (spread["node"] == "fc")].iloc[0]
    assert row["mean"] == pytest.approx(seeds.mean()) and row["pairs"] == 6 and row["low"] < row["mean"] < row["high"]
    whose = [(item.network["model"], item.label, item.node) for item in found]
    looks = {"a": {"label": "a", "colour": "#0072B2"}, "b": {"label": "b", "colour": "#D55E00"}}
    drawn = tree(dissimilarity), metric_mds(dissimilarity)
    figure = similarity_figure(whose, compared.estimate.value, *drawn, spread, looks, options)
    assert len(figure.axes) == 5
    alike = {name: look | {"colour": "#000000"} for name, look in looks.items()}
    drawn_alike = similarity_figure(whose, compared.estimate.value, *drawn, spread, alike, options)
    (legend,) = drawn_alike.subfigs[0].legends
    colours = {line.get_color() for line in legend.get_lines()}
    assert len(colours) == 2  # of two models that share a colour
