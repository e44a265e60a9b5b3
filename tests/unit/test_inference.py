"""Models against measured RDMs: rsatoolbox's numbers in the same resamples, and what subjects lack."""

import numpy as np
import pytest
import rsatoolbox
import rsatoolbox.inference.evaluate
from scipy.spatial.distance import pdist, squareform

from repgeom.errors import InputError
from repgeom.measures.comparison import compare_rdms
from repgeom.measures.inference.ceilings import noise_ceiling
from repgeom.measures.inference.dual_bootstrap import (
    Draws,
    bootstrap_samples,
    corrected,
    draw,
    effective_degrees,
    variances,
)
from repgeom.measures.inference.flexible import cross_validated, fitted_weights, flexible_samples, flexible_value
from repgeom.measures.inference.significance import CORRECTIONS, above, different, false_discovery_rate, holm
from repgeom.measures.inference.similarity import MEASURES, Pairs, measured_similarity

N, SUBJECTS, SAMPLES = 12, 4, 12
RNG = np.random.default_rng(0)
PATTERNS = RNG.normal(size=(3, N, 5))
MODELS = np.array([pdist(x) ** 2 for x in PATTERNS])
MODELS[0] = np.round(MODELS[0])  # with ties
DATA = np.array([pdist(PATTERNS[2] + 0.8 * RNG.normal(size=(N, 5))) ** 2 for _ in range(SUBJECTS)])
METHODS = pytest.mark.parametrize("method", MEASURES)
RSA_DATA = rsatoolbox.rdm.RDMs(DATA)


@pytest.fixture
def rsatoolbox_bootstrap(monkeypatch):
    """rsatoolbox's dual bootstrap, and the resamples it drew."""

    def run(method):
        drawn, sample = [], rsatoolbox.inference.evaluate.bootstrap_sample
        np.random.seed(1)  # noqa: NPY002 (its draws come from there)

        def recorded(*arguments, **options):
            found = sample(*arguments, **options)
            drawn.append((np.bincount(found[1], minlength=SUBJECTS), np.bincount(found[2], minlength=N)))
            return found

        models = [rsatoolbox.model.ModelFixed(str(i), rdm) for i, rdm in enumerate(MODELS)]
        with monkeypatch.context() as patched:
            patched.setattr(rsatoolbox.inference.evaluate, "bootstrap_sample", recorded)
            patched.setattr(rsatoolbox.inference.evaluate.tqdm, "trange", range)
            result = rsatoolbox.inference.eval_dual_bootstrap(models, RSA_DATA, method=method, N=SAMPLES)
        return result, Draws(*(np.array(x) for x in zip(*drawn, strict=True)))

    return run


@METHODS
@pytest.mark.filterwarnings("ignore:Noise ceiling for tau:UserWarning")
def test_the_dual_bootstrap_is_rsatoolboxs(method, rsatoolbox_bootstrap):
    result, draws = rsatoolbox_bootstrap(method)
    samples = bootstrap_samples(MODELS, DATA, method, draws)
    np.testing.assert_allclose(samples.scores[0], np.moveaxis(result.evaluations[:, :, 0, 0], -1, 0), atol=1e-10)
    np.testing.assert_allclose(samples.ceilings[0], np.transpose(result.noise_ceiling[:, :, 0], (2, 1, 0)), atol=1e-10)
    variance = variances(samples.scores, SUBJECTS, N)
    np.testing.assert_allclose(variance, result.model_var, atol=1e-10)
    below = variances(samples.scores - samples.ceilings[..., :1], SUBJECTS, N)
    np.testing.assert_allclose(below, result.noise_ceil_var[:, 0], atol=1e-10)
    difference = variances(samples.scores[..., 0] - samples.scores[..., 1], SUBJECTS, N)
    np.testing.assert_allclose(difference, result.diff_var[0], atol=1e-10)
    assert samples.degrees == result.dof
    means = result.get_means()
    np.testing.assert_allclose(above(means, variance, samples.degrees), result.test_zero(), atol=1e-10)
    two_sided = different(means[0] - means[1], difference, samples.degrees)
    np.testing.assert_allclose(two_sided, result.test_pairwise()[0, 1], atol=1e-10)


@METHODS
@pytest.mark.filterwarnings("ignore:Noise ceiling for tau:UserWarning")
def test_similarities_and_ceilings_are_rsatoolboxs(method):
    expected = rsatoolbox.rdm.compare(rsatoolbox.rdm.RDMs(MODELS), RSA_DATA, method)
    np.testing.assert_allclose(measured_similarity(MODELS, DATA, method), expected, atol=1e-10)
    ceiling = noise_ceiling(DATA, method)
    np.testing.assert_allclose(ceiling, rsatoolbox.inference.boot_noise_ceiling(RSA_DATA, method), atol=1e-10)
    assert ceiling.lower < ceiling.upper


@pytest.mark.parametrize("method", ["cosine", "corr", "spearman", "tau-a", "rho-a"])
def test_similarities_are_those_between_networks(method):
    both = compare_rdms(np.concatenate([MODELS, DATA]), method)
    np.testing.assert_allclose(measured_similarity(MODELS, DATA, method), both[:3, 3:], atol=1e-12)


@METHODS
def test_a_subject_without_some_stimuli_is_compared_at_the_others(method):
    kept = np.array([0, 1, 2, 4, 5, 6, 7, 9, 10, 11])
    square = squareform(DATA[1])
    few = np.full((N, N), np.nan)
    few[np.ix_(kept, kept)] = square[np.ix_(kept, kept)]
    gaps = DATA.copy()
    gaps[1] = few[np.triu_indices(N, 1)]
    found = measured_similarity(MODELS, gaps, method)
    models = np.array([squareform(squareform(m)[np.ix_(kept, kept)]) for m in MODELS])
    alone = measured_similarity(models, squareform(square[np.ix_(kept, kept)])[None], method)
    np.testing.assert_allclose(found[:, [1]], alone, atol=1e-12)
    others = [0, 2, 3]
    np.testing.assert_allclose(found[:, others], measured_similarity(MODELS, DATA, method)[:, others], atol=1e-14)


@METHODS
def test_ceilings_of_subjects_who_lack_the_same_stimuli_are_those_of_the_others(method):
    kept = np.array([0, 1, 2, 4, 5, 6, 7, 9, 10, 11])
    inside = np.isin(np.triu_indices(N, 1), kept).all(axis=0)
    assert noise_ceiling(np.where(inside, DATA, np.nan), method) == pytest.approx(
        noise_ceiling(DATA[:, inside], method), abs=1e-12
    )


def test_a_subjects_gaps_are_filled_by_nobody():
    """Averages hold whoever has the pair; by hand for the cosine, one pair missing from one subject."""
    gaps = DATA.copy()
    gaps[0, 3] = np.nan
    scaled = gaps / np.sqrt(np.nanmean(gaps**2, axis=1, keepdims=True))
    lower, upper = [], []
    for s in range(SUBJECTS):
        there = np.isfinite(gaps[s])
        for found, others in ((lower, np.delete(scaled, s, axis=0)), (upper, scaled)):
            average = np.nanmean(others, axis=0)
            found.append(1 - pdist([average[there], gaps[s][there]], "cosine")[0])
    assert noise_ceiling(gaps, "cosine") == pytest.approx((np.mean(lower), np.mean(upper)), abs=1e-12)


@METHODS
def test_resamples_with_gaps_are_those_of_repeated_stimuli(method):
    """A resample told by multiplicities equals the RDM of the copied stimuli whose copies are no pair."""
    multiplicity = np.array([2, 0, 1, 3, 1, 0, 1, 1, 0, 2, 1, 0])
    copies = np.repeat(np.arange(N), multiplicity)
    gaps = DATA.copy()
    gaps[0, :4] = np.nan

    def copied(rdm):
        square = squareform(rdm, checks=False)[np.ix_(copies, copies)]
        return np.where(copies[:, None] == copies, np.nan, square)[np.triu_indices(len(copies), 1)]

    models = np.array([copied(m) for m in np.where(np.isfinite(gaps[0]), MODELS, np.nan)])
    expected = rsatoolbox.rdm.compare(rsatoolbox.rdm.RDMs(models), rsatoolbox.rdm.RDMs(copied(gaps[0])[None]), method)
    found = measured_similarity(MODELS, gaps[:1], method, Pairs.of(multiplicity))
    np.testing.assert_allclose(found, expected, atol=1e-9)


@METHODS
def test_a_constant_rdm_has_no_similarity(method):
    for value in (0.0,) if method in ("cosine", "cosine_cov") else (0.0, 0.3):
        flat = np.full((1, DATA.shape[1]), value)
        assert np.isnan(measured_similarity(flat, DATA, method)).all()
        assert np.isnan(measured_similarity(MODELS, flat, method)).all()


def test_draws_are_reproducible_and_hold_three_stimuli():
    draws = draw(4, 5, 300, seed=3)
    np.testing.assert_array_equal(draws.stimuli, draw(4, 5, 300, seed=3).stimuli)
    assert (draws.stimuli.sum(axis=1) == 5).all() and (draws.subjects.sum(axis=1) == 4).all()
    assert ((draws.stimuli > 0).sum(axis=1) >= 3).all()
    with pytest.raises(InputError, match="2 stimuli cannot be resampled; give at least 3"):
        draw(4, 2, 10, seed=0)


def test_the_variance_is_that_of_two_crossed_factors():
    """Subjects r and stimuli p that add up, ``x = a_r + b_p + e_rp``: the bootstraps' expected variances are known."""
    r, p, of_subjects, of_stimuli, of_both = 6, 9, 0.5, 0.3, 5.0
    biased_r, biased_p = (r - 1) / r, (p - 1) / p
    subjects = biased_r * (of_subjects + of_both / p) / r
    stimuli = biased_p * (of_stimuli + of_both / r) / p
    both = (
        biased_r * of_subjects / r
        + biased_p * of_stimuli / p
        + of_both / (r * p) * (biased_r + biased_p + biased_r * biased_p)
    )
    truth = of_subjects / r + of_stimuli / p + of_both / (r * p)
    assert corrected(np.array([both, subjects, stimuli]), r, p) == pytest.approx(truth, rel=1e-12)


def test_degrees_of_freedom_are_those_of_a_sum_of_variances():
    """Halfway between the smallest and Satterthwaite's, which are those of either where the other varies nothing."""
    even, of_subjects, of_stimuli, nothing = effective_degrees(
        np.array([[9, 9, 9, 0], [5 / 6, 1, 0, 0], [9 / 10, 0, 1, 0]]), 6, 10
    )
    assert (of_subjects, of_stimuli, nothing) == pytest.approx((5, np.sqrt(5 * 9), 5))
    assert even == pytest.approx(np.sqrt(5 * 4 / (1 / 5 + 1 / 9)))  # equal variances, after R/(R−1) and P/(P−1)


def test_one_subject_has_intervals_over_stimuli_and_no_ceiling():
    samples = bootstrap_samples(MODELS, DATA[:1], "corr", draw(1, N, 50, seed=0))
    assert samples.degrees == N - 1 and np.isnan(samples.ceilings).all()
    expected = samples.scores[0, 2].var(axis=0, ddof=1) * N / (N - 1)
    np.testing.assert_allclose(variances(samples.scores, 1, N), expected)


def test_corrections_of_many_tests():
    p = np.array([0.01, np.nan, 0.04, 0.03, 0.005])
    np.testing.assert_allclose(holm(p), [0.03, np.nan, 0.06, 0.06, 0.02])
    np.testing.assert_allclose(false_discovery_rate(p), [0.02, np.nan, 0.04, 0.04, 0.02])
    assert set(CORRECTIONS) == {"holm", "fdr"}


@METHODS
def test_weights_are_found_again(method):
    data = 0.4 * MODELS[1] + MODELS[2] + np.zeros((SUBJECTS, 1))
    weights = fitted_weights(MODELS, data, method, Pairs.of(np.ones(N, dtype=int)), np.ones(SUBJECTS))
    monotonic = method in ("spearman", "rho-a", "tau-a")  # fitted to ranks
    np.testing.assert_allclose(weights / weights[2], [0, 0.4, 1], atol=0.2 if monotonic else 1e-10)


def test_no_non_negative_weights_do_better_at_what_they_were_fitted_to():
    pairs, once = Pairs.of(np.arange(N) % 3), np.ones(SUBJECTS)
    for method in ("cosine", "corr", "cosine_cov", "corr_cov"):
        pooled = once @ MEASURES[method].pooled(DATA[:, pairs.columns], pairs.weights)
        target = np.zeros((1, DATA.shape[1]))
        target[:, pairs.columns] = pooled
        fitted = fitted_weights(MODELS, DATA, method, pairs, once)
        others = np.random.default_rng(0).exponential(size=(200, len(MODELS)))
        found = measured_similarity(np.vstack([fitted, others]) @ MODELS, target, method, pairs)[:, 0]
        assert found.argmax() == 0, method


def test_a_weighted_sum_is_tested_on_other_subjects_and_stimuli():
    """Subjects like a sum of two models: the sum comes out above both, and is not fitted to noise."""
    rng, once = np.random.default_rng(2), (np.ones(30, dtype=int), np.ones(8, dtype=int))
    models = np.array([pdist(x) ** 2 for x in rng.normal(size=(6, 30, 5))])
    data = models[0] + models[1] + 6 * rng.normal(size=(8, models.shape[1]))
    value, ceiling, _ = flexible_value(models, data, "corr", seed=0)
    assert value[-1] > value[:-1].max() + 0.1 and value[-1] < ceiling[1]
    np.testing.assert_allclose(value[:-1], measured_similarity(models, data, "corr").mean(axis=1), atol=0.05)
    noise = rng.normal(size=data.shape)
    chance = [cross_validated(models, noise, "corr", *once, np.random.default_rng(i)).scores[-1] for i in range(20)]
    assert abs(np.mean(chance)) < 0.05
    few = cross_validated(models, data, "corr", (np.arange(30) < 5).astype(int), once[1], rng)
    assert np.isnan(few.scores).all() and np.isnan(few.weights).all()


def test_the_best_model_is_chosen_without_what_it_is_tested_on():
    """Of models unrelated to the data the most similar one is similar by chance; the chosen one is not."""
    rng, once = np.random.default_rng(3), (np.ones(24, dtype=int), np.ones(6, dtype=int))
    of_best, chosen = [], []
    for _ in range(20):
        patterns = rng.normal(size=(18, 24, 6))
        data, unrelated = np.split(np.array([pdist(x) ** 2 for x in patterns]), [6])
        of_best.append(measured_similarity(unrelated, data, "corr").mean(axis=1).max())
        found = cross_validated(unrelated, data, "corr", *once, rng, ["best"])
        assert found.weights.shape == (1, 12) and found.weights.sum() == pytest.approx(1)
        chosen.append(found.scores[-1])
    error = np.std(chosen) / np.sqrt(20)
    assert abs(np.mean(chosen)) < 2.5 * error and np.mean(of_best) > 5 * error


@METHODS
def test_the_right_model_is_chosen_always(method):
    models = np.vstack([MODELS[:2], DATA.mean(axis=0)])
    found = flexible_value(models, DATA, method, 0, ["weighted", "best"])
    assert found.weights[1].tolist() == [0, 0, 1] and found.scores.shape == (5,)
    assert found.scores[4] == pytest.approx(found.scores[2])


def test_the_chance_in_folds_is_taken_out_of_the_variance():
    """Scores of resamples, each seen twice with noise of its own: the variance is that without the noise."""
    rng = np.random.default_rng(0)
    seen = rng.normal(size=(1, 3, 20_000)) + 2 * rng.normal(size=(2, 3, 20_000))
    assert variances(seen[:, 2:].repeat(3, axis=1), 1, N) == pytest.approx(N / (N - 1), rel=0.1)
    once = variances(seen[:1], 4, N)
    assert once == pytest.approx(variances(np.concatenate([seen[:1], seen[:1]]), 4, N))


def test_weighted_sums_have_resamples_too():
    samples = flexible_samples(MODELS, DATA, "corr", draw(SUBJECTS, N, 60, seed=0), seed=1)
    assert samples.scores.shape == (2, 3, 60, 4) and samples.ceilings.shape == (2, 3, 60, 2)
    assert (samples.variance(samples.scores) > 0).all()
