from itertools import combinations

import numpy as np
import pytest
import rsatoolbox
import scipy.stats
from scipy.spatial.distance import pdist

from repgeom.errors import InputError
from repgeom.measures.comparison import METHODS, check_same_ids, compare_rdms, compare_rdms_as_dissimilarity, rank


@pytest.fixture
def rdms():
    """Six RDMs of 40 stimuli: smooth, rounded to many ties, two-valued, reversed, and with zeros."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(40, 5))
    stack = np.stack([pdist(x + s * rng.normal(size=x.shape), "sqeuclidean") for s in (0.1, 0.5, 1, 2, 3, 0.3)])
    stack[1] = np.round(stack[1])
    stack[2] = stack[2] > np.median(stack[2])
    stack[3] = stack[3].max() - stack[3]
    stack[4][::3] = 0
    return stack


@pytest.mark.parametrize("method", METHODS)
def test_equals_rsatoolbox(rdms, method):
    as_rdms = rsatoolbox.rdm.RDMs(rdms)
    expected = rsatoolbox.rdm.compare(as_rdms, as_rdms, method=method)
    np.testing.assert_allclose(compare_rdms(rdms, method), expected, rtol=0, atol=1e-12)


def test_kendall_tau_a_counts_pairs(rdms):
    x, y = rdms[1, :60], rdms[2, :60]
    signs = [np.sign(x[i] - x[j]) * np.sign(y[i] - y[j]) for i, j in combinations(range(60), 2)]
    assert compare_rdms(np.stack([x, y]), "tau-a")[0, 1] == pytest.approx(np.mean(signs), abs=1e-15)


def test_rho_a_is_spearman_expected_under_random_tie_breaking():
    x, y = np.array([1, 1, 2, 2, 3.0, 3]), np.array([1, 2, 2, 3, 3.0, 1])
    rng = np.random.default_rng(0)

    def broken(values):
        return np.lexsort((rng.random(len(values)), values)).argsort()

    draws = [np.corrcoef(broken(x), broken(y))[0, 1] for _ in range(20_000)]
    assert compare_rdms(np.stack([x, y]), "rho-a")[0, 1] == pytest.approx(np.mean(draws), abs=0.01)


def test_rank_shares_the_mean_of_ties():
    values = np.array([3.0, 1, 3, 0, 1, 1])
    np.testing.assert_array_equal(rank(values).mean_ranks, scipy.stats.rankdata(values))


@pytest.mark.parametrize("method", ["spearman", "tau-a", "rho-a"])
def test_monotone_transformations_leave_rank_correlations(rdms, method):
    transformed = np.vstack([np.exp(rdms[:1] / 10), rdms[1:]])
    np.testing.assert_allclose(compare_rdms(transformed, method), compare_rdms(rdms, method), rtol=0, atol=1e-12)


@pytest.mark.parametrize("method", ["cosine", "corr"])
def test_scale_is_ignored_and_shift_only_by_pearson(rdms, method):
    plain = compare_rdms(rdms, method)
    np.testing.assert_allclose(compare_rdms(1e6 * rdms, method), plain, rtol=0, atol=1e-12)
    shifted = np.abs(compare_rdms(rdms + 5, method) - plain).max()
    assert (shifted < 1e-12) == (method == "corr")


@pytest.mark.parametrize("method", ["spearman", "tau-a", "rho-a"])
def test_round_off_of_equal_distances_is_not_ranked(rdms, method):
    noise = 1e-16 * np.random.default_rng(1).normal(size=rdms.shape[1])
    rough = rdms.copy()
    rough[4] += np.where(rough[4] == 0, np.abs(noise), 0) * rough[4].max()
    assert not np.array_equal(rough[4], rdms[4])
    np.testing.assert_array_equal(compare_rdms(rough, method), compare_rdms(rdms, method))


def test_tau_a_does_not_depend_on_threads(rdms):
    np.testing.assert_array_equal(compare_rdms(rdms, "tau-a", threads=2), compare_rdms(rdms, "tau-a"))


@pytest.mark.parametrize("method", METHODS)
def test_dissimilarity_is_one_minus_similarity_with_zero_diagonal(rdms, method):
    dissimilarity = compare_rdms_as_dissimilarity(rdms, method)
    off_diagonal = ~np.eye(len(rdms), dtype=bool)
    np.testing.assert_array_equal(dissimilarity, dissimilarity.T)
    assert not np.diag(dissimilarity).any()
    np.testing.assert_allclose(dissimilarity[off_diagonal], 1 - compare_rdms(rdms, method)[off_diagonal], atol=1e-15)


@pytest.mark.parametrize("method", ["corr", "spearman", "tau-a", "rho-a"])
@pytest.mark.parametrize("round_off", [0, 1e-15])
def test_constant_rdm_is_refused_by_name(rdms, method, round_off):
    rdms[2] = 0.2 + round_off * np.random.default_rng(0).random(rdms.shape[1])
    with pytest.raises(InputError, match=r"RDM 'fc1' is constant.*leave it out"):
        compare_rdms(rdms, method, names=["input", "conv1", "fc1", "fc2", "softmax", "labels"])


def test_cosine_of_a_constant_rdm_is_defined_and_of_zeros_refused(rdms):
    rdms[2] = 0.2
    expected = rdms[0].sum() / (np.linalg.norm(rdms[0]) * np.sqrt(rdms.shape[1]))
    assert compare_rdms(rdms, "cosine")[0, 2] == pytest.approx(expected, abs=1e-12)
    rdms[2] = 0
    with pytest.raises(InputError, match="RDM 2 is zero everywhere"):
        compare_rdms(rdms, "cosine")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda r: {"rdms": r[0]}, r"shape \(780,\) are not a stack"),
        (lambda r: {"rdms": np.where(r == r[3, 5], np.nan, r)}, "RDM 3 has a value that is not finite"),
        (lambda r: {"method": "spearmann"}, "did you mean 'spearman'"),
        (lambda r: {"names": ["input"]}, "1 names for 6 RDMs"),
    ],
)
def test_bad_input_is_named(rdms, change, message):
    with pytest.raises(InputError, match=message):
        compare_rdms(**{"rdms": rdms, "method": "corr", **change(rdms)})


def test_ids_must_match_in_order():
    check_same_ids(["a", "b"], np.array(["a", "b"]))
    with pytest.raises(InputError, match="at position 0, a and b"):
        check_same_ids(["a", "b"], ["b", "a"])
    with pytest.raises(InputError, match="hold 2 and 3 stimuli"):
        check_same_ids([1, 2], [1, 2, 3])


@pytest.mark.parametrize("p", [3, 63, 64, 65, 8191, 8192, 8193, 20_000])
def test_tau_a_where_words_and_blocks_of_bits_end(p):
    x, y = np.random.default_rng(p).permutation(p), np.random.default_rng(p + 1).permutation(p)
    found = compare_rdms(np.stack([x, x[::-1], y]).astype(float), "tau-a")
    np.testing.assert_allclose(found[0, 2], scipy.stats.kendalltau(x, y).statistic, rtol=1e-12)
    assert found[0, 0] == found[1, 1] == 1


def test_tau_a_of_opposite_orders_is_minus_one():
    x = np.arange(20_000.0)
    assert compare_rdms(np.stack([x, x[::-1]]), "tau-a")[0, 1] == -1
