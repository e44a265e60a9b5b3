import numpy as np
import pytest
from scipy.spatial.distance import pdist, squareform
from sklearn.datasets import load_digits

from repgeom.coordinates.reduction import reduce_activations
from repgeom.errors import InputError
from repgeom.measures.embedding import align, classical_mds, fix_signs, metric_mds, pca, procrustes_disparity, tsne


@pytest.fixture
def points():
    return np.random.default_rng(0).normal(size=(30, 2)) * [3, 1]


def random_rotation(d, seed=1):
    return np.linalg.qr(np.random.default_rng(seed).normal(size=(d, d)))[0]


def test_pca_of_coordinates_equals_pca_of_features_signs_included():
    x = np.random.default_rng(0).normal(size=(20, 300)) + 7
    of_features, of_coordinates = pca(x, 3), pca(reduce_activations([x]).centred, 3)
    np.testing.assert_allclose(of_coordinates.scores, of_features.scores, atol=1e-10)
    np.testing.assert_allclose(
        of_coordinates.explained_variance_ratio, of_features.explained_variance_ratio, atol=1e-12
    )


def test_pca_scores_are_uncorrelated_and_carry_the_variance():
    x = np.random.default_rng(0).normal(size=(50, 8))
    scores, ratio = pca(x, 8)
    covariance = np.cov(scores.T, bias=True)
    np.testing.assert_allclose(covariance, np.diag(np.diag(covariance)), atol=1e-12)
    np.testing.assert_allclose(np.diag(covariance) / x.var(axis=0).sum(), ratio, atol=1e-12)
    assert ratio.sum() == pytest.approx(1)


def test_embeddings_do_not_flip_with_rotation_reflection_or_round_off(points):
    x = np.hstack([points, np.zeros((30, 3))])
    for turned in (-x, x @ random_rotation(5), x + 1e-13):
        np.testing.assert_allclose(pca(turned).scores, pca(x).scores, atol=1e-10)
        mds, reference = (classical_mds(squareform(pdist(y))) for y in (turned, x))
        np.testing.assert_allclose(mds, reference, atol=1e-7)


def test_signs_of_mirrored_points_are_decided_by_the_first():
    mirrored = np.array([[-1.0], [0.5], [1 + 1e-12]])
    assert fix_signs(mirrored)[0, 0] == 1


def test_mds_recovers_distances_in_the_plane(points):
    d = squareform(pdist(points))
    np.testing.assert_allclose(pdist(classical_mds(d)), pdist(points), atol=1e-7)
    points_, stress = metric_mds(d)
    np.testing.assert_allclose(pdist(points_), pdist(points), atol=1e-7)
    assert stress < 1e-7


def test_metric_mds_reports_stress_1_and_betters_the_classical_start():
    d = squareform(pdist(np.random.default_rng(0).normal(size=(25, 6))))

    def stress_1(points):
        return np.sqrt(((pdist(points) - squareform(d)) ** 2).sum() / (pdist(points) ** 2).sum())

    points, stress = metric_mds(d, tolerance=1e-9, max_iterations=3000)
    assert stress == pytest.approx(stress_1(points), rel=1e-6)
    assert stress < stress_1(classical_mds(d))


def test_embeddings_are_the_same_in_every_run():
    x = np.random.default_rng(0).normal(size=(60, 10))
    d = squareform(pdist(x))
    np.testing.assert_array_equal(metric_mds(d).points, metric_mds(d).points)
    np.testing.assert_array_equal(tsne(x, perplexity=10), tsne(x, perplexity=10))


def test_tsne_keeps_neighbours_of_the_same_class():
    images, labels = load_digits(n_class=5, return_X_y=True)
    embedded = tsne(images[:200], perplexity=20)
    nearest = np.argsort(squareform(pdist(embedded)) + 1e9 * np.eye(200), axis=1)[:, 0]
    assert np.mean(labels[nearest] == labels[:200]) > 0.95


def test_alignment_keeps_distances_and_undoes_rotation_reflection_and_shift(points):
    moved = points @ random_rotation(2) @ np.diag([1, -1]) + [5, -3]
    np.testing.assert_allclose(align(moved, points), points, atol=1e-12)
    np.testing.assert_allclose(align(moved, points[3:9], np.arange(3, 9)), points, atol=1e-12)
    noisy = moved + np.random.default_rng(2).normal(size=moved.shape)
    np.testing.assert_allclose(pdist(align(noisy, points)), pdist(noisy), atol=1e-12)


def test_disparity_ignores_similarity_transformations_and_is_symmetric(points):
    other = np.random.default_rng(5).normal(size=points.shape)
    moved = 7 * points @ random_rotation(2) + 2
    assert procrustes_disparity(points, moved) == pytest.approx(0, abs=1e-12)
    assert procrustes_disparity(points, other) == pytest.approx(procrustes_disparity(other, points))
    assert procrustes_disparity(moved, other) == pytest.approx(procrustes_disparity(points, other))
    assert 0.3 < procrustes_disparity(points, other) <= 1


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda x: tsne(x, perplexity=30), "perplexity 30 for 30 points"),
        (lambda x: pca(x, 3), "3 components of at most 2"),
        (lambda x: pca(np.ones((4, 4))), "all the same"),
        (lambda x: metric_mds(x), r"shape \(30, 2\) are not a symmetric square"),
        (lambda x: classical_mds(-squareform(pdist(x))), "not negative"),
        (lambda x: align(x, x[:4]), "as many of each"),
        (lambda x: procrustes_disparity(x, x[:4]), "same points in both"),
    ],
)
def test_bad_input_is_named(points, call, message):
    with pytest.raises(InputError, match=message):
        call(points)
