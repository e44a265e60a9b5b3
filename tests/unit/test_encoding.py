"""Ridge encoding: scikit-learn's predictions without fitting twice, folds, ceilings, and tables."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Ridge, RidgeCV
from sklearn.model_selection import GridSearchCV, LeaveOneGroupOut

from repgeom.analyses.encoding import BEST, ENCODING_COLUMNS, encoding_means, encoding_rows
from repgeom.coordinates.reduction import reduce_activations
from repgeom.errors import InputError
from repgeom.figures.encoding import encoding_figure
from repgeom.measures.encoding import (
    PENALTIES,
    best_in_training,
    columnwise_correlation,
    make_folds,
    mean_over_folds,
    reliability,
    ridge_encoding,
)
from repgeom.measures.inference.simulation import simulated_responses
from repgeom.store.activations import StimulusInfo
from repgeom.store.responses import Responses

N = 48
RNG = np.random.default_rng(0)
PATTERNS = RNG.normal(size=(N, 150)) + 3
RESPONSES = PATTERNS[:, :20] @ RNG.normal(size=(20, 6)) + 3 * RNG.normal(size=(N, 6)) + 5
SCALE = ((PATTERNS - PATTERNS.mean(axis=0)) ** 2).sum() / N
FOLDS = make_folds(N, 5, seed=0)


@pytest.mark.parametrize("patterns", [PATTERNS, PATTERNS[:, :10]], ids=["wide", "narrow"])
def test_predictions_and_penalties_are_those_of_ridge_cv(patterns):
    scale = ((patterns - patterns.mean(axis=0)) ** 2).sum() / N
    found = ridge_encoding(patterns, RESPONSES, FOLDS)
    for fold in range(5):
        train, test = np.flatnonzero(fold != FOLDS), np.flatnonzero(fold == FOLDS)
        reference = RidgeCV(np.array(PENALTIES) * scale, alpha_per_target=True).fit(patterns[train], RESPONSES[train])
        np.testing.assert_allclose(found.predicted[test], reference.predict(patterns[test]), atol=1e-8)
        np.testing.assert_allclose(found.penalty[fold], reference.alpha_ / scale)
        loss = -reference.best_score_ / RESPONSES.var(axis=0)  # of its own leave-one-out
        np.testing.assert_allclose(found.loss[fold], loss, rtol=1e-8)
        in_fold = [np.corrcoef(*pair)[0, 1] for pair in zip(found.predicted[test].T, RESPONSES[test].T, strict=True)]
        np.testing.assert_allclose(found.correlation[fold], in_fold)
    assert len(np.unique(found.penalty)) > 1


def test_groups_are_left_out_together_inside_training_folds_too():
    groups = np.repeat(np.arange(12), 4)
    folds = make_folds(N, 4, seed=1, groups=groups)
    assert all(len(set(folds[groups == group])) == 1 for group in range(12))
    found = ridge_encoding(PATTERNS, RESPONSES[:, :1], folds, groups)
    for fold in range(4):
        train, test = folds != fold, folds == fold
        grid = {"alpha": np.array(PENALTIES) * SCALE}
        search = GridSearchCV(Ridge(), grid, scoring="neg_mean_squared_error", cv=LeaveOneGroupOut())
        search.fit(PATTERNS[train], RESPONSES[train, 0], groups=groups[train])
        np.testing.assert_allclose(found.predicted[test, 0], search.predict(PATTERNS[test]), atol=1e-8)


def test_predictions_of_noise_do_not_correlate_with_it():
    """Over all stimuli at once they would, negatively: every fit knows the mean of all others."""
    rng = np.random.default_rng(4)
    found, naive = [], []
    for seed in range(20):
        noise, patterns = rng.normal(size=(40, 30)), rng.normal(size=(40, 10))
        one = ridge_encoding(patterns, noise, make_folds(40, 8, seed))
        found.append(one.correlation.mean())
        naive.append(columnwise_correlation(one.predicted, noise).mean())
    assert abs(np.mean(found)) < 2.5 * np.std(found) / np.sqrt(20) and np.mean(naive) < -0.05


def test_the_best_patterns_are_chosen_in_training_folds():
    """Of patterns that say nothing, the best of many seems to say something; that chosen in training folds does not."""
    found = [ridge_encoding(x, RESPONSES, FOLDS) for x in (*RNG.normal(size=(3, N, 5)), PATTERNS[:, :20])]
    assert best_in_training(found).tolist() == 5 * [3]
    rng, gains = np.random.default_rng(5), []
    for seed in range(20):
        noise, folds = rng.normal(size=(40, 5)), make_folds(40, 5, seed)
        found = [ridge_encoding(rng.normal(size=(40, 5)), noise, folds) for _ in range(8)]
        of_chosen = np.mean([found[i].correlation[f].mean() for f, i in enumerate(best_in_training(found))])
        gains.append([of_chosen, max(one.correlation.mean() for one in found)])
    (of_chosen, of_best), error = np.mean(gains, axis=0), np.std(gains, axis=0) / np.sqrt(20)
    assert abs(of_chosen) < 2.5 * error[0] and of_best > 5 * error[1]


@pytest.mark.slow
def test_intervals_over_folds_cover_new_stimuli():
    weights, estimates = np.random.default_rng(1).normal(size=(10, 4)) / 3, []
    for seed in range(300):
        rng = np.random.default_rng([7, seed])
        x = rng.normal(size=(60, 10))
        found = ridge_encoding(x, x @ weights + 1.2 * rng.normal(size=(60, 4)), make_folds(60, 5, seed))
        estimates.append(mean_over_folds(np.median(found.correlation, axis=1)))
    value, low, high = np.array([estimate[:3] for estimate in estimates]).T
    assert 0.93 <= np.mean((low <= value.mean()) & (value.mean() <= high)) <= 0.99


def test_exact_coordinates_predict_the_same():
    coordinates = reduce_activations([PATTERNS]).centred
    assert coordinates.shape[1] < PATTERNS.shape[1]
    ours = ridge_encoding(coordinates, RESPONSES, FOLDS).predicted
    np.testing.assert_allclose(ours, ridge_encoding(PATTERNS, RESPONSES, FOLDS).predicted, atol=1e-10)


def test_folds_are_even_and_reproducible():
    counts = np.bincount(make_folds(23, 5, seed=3))
    assert counts.max() - counts.min() <= 1
    np.testing.assert_array_equal(make_folds(23, 5, seed=3), make_folds(23, 5, seed=3))
    with pytest.raises(InputError, match="10 folds of 4 groups; choose 2 to 4"):
        make_folds(N, 10, 0, np.repeat(np.arange(4), 12))
    with pytest.raises(InputError, match="10 folds of 19 stimuli; choose 2 to 6"):
        make_folds(19, 10, 0)
    with pytest.raises(InputError, match="1 of 3 folds hold fewer than 3 stimuli"):
        make_folds(11, 3, 0, [0] * 5 + [1] * 5 + [2])


def test_reliability_is_the_share_of_the_signals_variance():
    """Signal 1, noise 2 in each of eight repetitions: means of all have a reliability of 1 / (1 + 4/8)."""
    rng = np.random.default_rng(1)
    x = rng.normal(size=(400, 1, 60)) + 2 * rng.normal(size=(400, 8, 60))
    assert reliability(x, seed=0).mean() == pytest.approx(1 / (1 + 4 / 8), abs=0.01)
    noise = rng.normal(size=(400, 8, 60))
    assert abs(reliability(noise, seed=0).mean()) < 0.03 and (reliability(noise, seed=0) < 0).any()
    some = np.where(rng.random((400, 8, 1)) < 0.3, np.nan, x)  # some presentations are missing
    assert 0.45 < reliability(some, seed=0).mean() < 1 / (1 + 4 / 8)
    assert np.isnan(reliability(x[:, :1], seed=0)).all()


def test_what_predicts_nothing_is_told():
    with pytest.raises(InputError, match="all stimuli have the same pattern, which predicts nothing"):
        ridge_encoding(np.ones((N, 3)), RESPONSES, FOLDS)
    flat = RESPONSES.copy()
    flat[:, 2] = 1
    with pytest.raises(InputError, match="channel number 3 responds alike to all stimuli; leave it out"):
        ridge_encoding(PATTERNS, flat, FOLDS)
    assert np.isnan(columnwise_correlation(flat, RESPONSES)).tolist() == [False, False, True, False, False, False]


class File:
    """Coordinates of two nodes, one of which the simulated subjects respond like."""

    path = "net.zarr.zip"
    stimuli = StimulusInfo(
        np.array([f"i{i}" for i in range(60)]), np.arange(60) % 10, {"pose": np.repeat(np.arange(6), 10)}
    )
    patterns = {"like": RNG.normal(size=(60, 8)), "other": RNG.normal(size=(60, 8))}  # noqa: RUF012

    def read(self, node):
        return reduce_activations([self.patterns[node]])


OPTIONS = {"folds": 5, "groups": None, "penalties": list(PENALTIES), "seed": 0}


def subjects(noise=0.5, repetitions=4):
    found = simulated_responses(File.patterns["like"], 3, 10, repetitions, noise, seed=1)
    order = np.random.default_rng(2).permutation(60)
    return Responses(File.stimuli.ids[order], {str(s): x[order] for s, x in enumerate(found)}, "v1.h5")


def rows(data, **options):
    return pd.DataFrame(encoding_rows(File(), ["like", "other"], data, OPTIONS | options, lambda _: None))


def test_the_node_that_subjects_respond_like_explains_them_whatever_their_order():
    table = rows(subjects())
    assert set(table.columns) <= set(ENCODING_COLUMNS) and len(table) == 9
    like, other = (table[table["node"] == node] for node in ("like", "other"))
    assert (like["explained"] > 0.9).all() and (other["explained"] < 0.2).all()
    best = table[table["node"] == BEST]
    assert like["chosen"].tolist() == [1, 1, 1] and other["chosen"].tolist() == [0, 0, 0]
    assert best["correlation"].tolist() == like["correlation"].tolist()
    assert ((table["low"] < table["correlation"]) & (table["correlation"] < table["high"])).all()
    means = encoding_means(pd.concat([table.assign(line="net", seed=seed) for seed in (1, 2)]))
    best = means[(means["quantity"] == "correlation") & (means["node"] == "like")].iloc[0]
    assert best["interval"] == "95 % t over subjects" and best["mean"] == pytest.approx(like["correlation"].mean())
    look = {"net": {"colour": "#0072B2", "style": "-", "marker": "o"}}
    assert len(encoding_figure(means, look, ["like", "other"], 0.9, "V1").axes) == 2


def test_one_repetition_has_no_ceiling_and_missing_stimuli_are_counted():
    data = subjects(repetitions=1)
    data.values["1"][:7] = np.nan
    table = rows(data)
    assert table["explained"].isna().all() and table["reliability"].isna().all()
    alone = encoding_means(table[table["subject"] == "0"].assign(line="net", seed=1))
    assert set(alone["interval"]) == {"95 % t over folds (Nadeau & Bengio)"} and alone["low"].notna().all()
    assert table.groupby("subject")[["n_stimuli", "missing"]].first().to_numpy().tolist() == [[60, 0], [53, 7], [60, 0]]
    means = encoding_means(table.assign(line="net", seed=1))
    assert set(means["quantity"]) == {"correlation"}
    look = {"net": {"colour": "#0072B2", "style": "-", "marker": "o"}}
    assert len(encoding_figure(means, look, ["like", "other"], float("nan"), "V1").axes) == 1


def test_groups_are_label_columns():
    assert len(rows(subjects(), groups="pose")) == len(rows(subjects(), groups="category")) == 9
    with pytest.raises(InputError, match=r"stimuli have no 'poses' to group them by; did you mean 'pose'\?"):
        rows(subjects(), groups="poses")
