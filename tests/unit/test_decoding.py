import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize
from sklearn.svm import LinearSVC

from repgeom.coordinates.reduction import reduce_activations
from repgeom.errors import InputError
from repgeom.measures import decoding
from repgeom.measures.decoding import SVMProblem, cross_validate, decode, stratified_folds


def activations(n, d, classes, noise=2.0, seed=0):
    """Rectified activations (n, d) around one centre for each class, and the labels."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(classes, size=n)
    centres = rng.normal(size=(classes, d))
    return np.maximum(centres[labels] + noise * rng.normal(size=(n, d)), 0), labels


def liblinear(x, labels, c=1.0):
    return LinearSVC(C=c, dual=True, tol=1e-8, max_iter=100_000, random_state=0).fit(x, labels)


def objective(w, x, y, c=1.0):
    x = np.hstack([x, np.ones((len(x), 1))])
    return w @ w / 2 + c * (np.maximum(1 - y * (x @ w), 0) ** 2).sum()


@pytest.mark.parametrize(("n", "d", "classes"), [(120, 200, 4), (120, 20, 4), (100, 150, 2), (150, 5, 2), (90, 89, 3)])
@pytest.mark.parametrize("c", [1.0, 0.01])
def test_equals_liblinear_solved_to_the_end(n, d, classes, c):
    x, labels = activations(n, d, classes)
    machine, reference = SVMProblem(x, c).fit(labels), liblinear(x, labels, c)
    np.testing.assert_allclose(machine.weights.T, reference.coef_, rtol=0, atol=1e-5 * np.abs(reference.coef_).max())
    np.testing.assert_allclose(machine.bias, reference.intercept_, rtol=0, atol=1e-5 * np.abs(reference.coef_).max())
    new, _ = activations(300, d, classes, seed=1)
    assert np.mean(machine.predict(new) == reference.predict(new)) >= 0.995


@pytest.mark.parametrize("d", [15, 80])
def test_is_the_minimum_that_a_general_optimiser_finds(d):
    x, labels = activations(60, d, 2)
    y = 2.0 * labels - 1
    machine = SVMProblem(x).fit(labels)
    ours = objective(np.append(machine.weights[:, 0], machine.bias[0]), x, y)
    found = minimize(
        objective, np.zeros(d + 1), args=(x, y), method="L-BFGS-B", options={"maxiter": 5000, "ftol": 1e-15}
    )
    assert ours <= found.fun
    assert ours == pytest.approx(found.fun, rel=1e-4)


def test_gap_bounds_the_distance_to_the_optimum():
    x, labels = activations(80, 40, 3)
    machine = SVMProblem(x).fit(labels)
    assert (machine.gap < 1e-14).all()
    y = np.where(labels == 2, 1.0, -1.0)
    solution = np.append(machine.weights[:, 2], machine.bias[2])
    rng = np.random.default_rng(0)
    for _ in range(20):
        assert objective(solution + 1e-4 * rng.normal(size=len(solution)), x, y) > objective(solution, x, y)


@pytest.mark.parametrize("d", [10, 15, 30])
def test_stimuli_and_features_of_very_different_scale_are_solved_too(d):
    """Full Newton steps would go round in circles on some of these; the line search ends them."""
    rng = np.random.default_rng(0)
    for _ in range(100):
        x = rng.normal(size=(25, d)) * 10 ** rng.uniform(-1, 1.5, size=d)
        x[0] *= 100
        assert SVMProblem(x, c=30).fit(rng.permutation(25) % 2).gap[0] < 1e-9


def test_c_grows_on_the_way_so_that_many_features_take_few_steps(monkeypatch):
    """At the asked C from the beginning, this one takes 31 steps; more with more features."""
    rng = np.random.default_rng(0)
    labels = np.arange(1250) % 20
    x = rng.normal(size=(1250, 256)) + 0.3 * rng.normal(size=(20, 256))[labels]
    factored, factor = [], decoding._factor
    monkeypatch.setattr(decoding, "_factor", lambda *given: factored.append(given) or factor(*given))
    assert SVMProblem(x).fit(labels == 0).gap[0] < 1e-14
    assert len(factored) < 20


@pytest.mark.parametrize("classes", [2, 7])
def test_coordinates_give_the_predictions_of_the_features(classes):
    x, labels = activations(200, 3000, classes, noise=6)
    x = x + 20  # a mean much larger than the spread
    coordinates = reduce_activations([x[:, :1000], x[:, 1000:]]).uncentred
    reduced = decode(coordinates, {"category": labels}, n_fit=160)["category"]
    reference = liblinear(x[:160], labels[:160])
    assert np.mean(reduced.predicted == reference.predict(x[160:])) >= 0.995
    assert reduced.accuracy == pytest.approx(reference.score(x[160:], labels[160:]), abs=0.026)


def test_classes_may_have_any_names_and_the_fit_sees_only_its_stimuli():
    x, labels = activations(100, 30, 3, noise=0.3)
    names = np.array(["shirt", "7", "bag"])[labels]
    results = decode(x, {"category": names, "x": labels > 0}, n_fit=80)
    assert results["category"].accuracy == results["x"].accuracy == 1
    shuffled = names.copy()
    shuffled[80:] = np.random.default_rng(0).permutation(shuffled[80:])
    again = decode(x, {"category": shuffled}, n_fit=80)["category"]
    np.testing.assert_array_equal(again.predicted, results["category"].predicted)
    assert again.accuracy == np.mean(shuffled[80:] == names[80:]) < 1


def test_noise_is_decoded_at_chance():
    rng = np.random.default_rng(0)
    accuracy = [
        decode(rng.normal(size=(200, 50)), {"x": rng.integers(2, size=200)}, 100)["x"].accuracy for _ in range(20)
    ]
    assert np.mean(accuracy) == pytest.approx(0.5, abs=0.04)


def test_duplicated_stimuli_weigh_double():
    """Two copies of every stimulus at C = ½ are the same problem as one at C = 1."""
    x, labels = activations(50, 30, 3)
    twice = SVMProblem(np.vstack([x, x]), 0.5).fit(np.append(labels, labels))
    np.testing.assert_allclose(twice.weights, SVMProblem(x, 1).fit(labels).weights, atol=1e-10)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"n_fit": 20}, "20 of 20 stimuli to fit"),
        ({"variables": {"x": np.zeros(19)}}, "19 labels of 'x' for 20 stimuli"),
        ({"variables": {"scale": np.repeat([1, 2], 10)}, "n_fit": 10}, "'scale': all 10 stimuli to fit are 1"),
        ({"c": 0}, "C = 0"),
        ({"x": np.full((20, 3), np.nan)}, "not a finite"),
        ({"x": np.ones((20, 2, 2))}, r"shape \(15, 2, 2\)"),
    ],
)
def test_bad_input_is_named(change, message):
    good = {"x": np.random.default_rng(0).normal(size=(20, 3)), "variables": {"x": np.arange(20) % 2}, "n_fit": 15}
    with pytest.raises(InputError, match=message):
        decode(**{**good, **change})


def test_features_too_large_to_solve_for_are_refused():
    x, labels = activations(60, 100, 3)
    with pytest.raises(InputError, match="from the optimum: features with squared lengths"):
        SVMProblem(1e9 * x).fit(labels)


@pytest.mark.parametrize("classes", [2, 6])
def test_cross_validation_predicts_each_fold_as_liblinear_does_from_the_others(classes):
    x, labels = activations(150, 400, classes, noise=4)
    names = np.array(["shirt", "7", "bag", "a", "b", "c"])[labels]
    folds = stratified_folds(labels, np.arange(150), 5, seed=3)
    coordinates = reduce_activations([x]).uncentred
    found = cross_validate(coordinates, names, folds)
    for fold in range(5):
        reference = liblinear(x[folds != fold], names[folds != fold]).predict(x[folds == fold])
        np.testing.assert_array_equal(found.predicted[folds == fold], reference)
    assert found.accuracy == np.mean(found.predicted == names) < 1


def test_cross_validated_noise_is_at_chance_although_images_repeat():
    """Copies of an image in the fit would give its arbitrary label away."""
    rng = np.random.default_rng(0)
    images, labels = np.tile(np.arange(100), 3), np.tile(rng.integers(2, size=100), 3)
    x = rng.normal(size=(100, 50))[images] + 0.01 * rng.normal(size=(300, 50))
    apart = cross_validate(x, labels, stratified_folds(labels, images, 5, seed=0)).accuracy
    mixed = cross_validate(x, labels, stratified_folds(labels, np.arange(300), 5, seed=0)).accuracy
    assert abs(apart - 0.5) < 0.15 and mixed > 0.8


def test_folds_are_even_in_every_class_and_do_not_depend_on_the_order_of_images():
    rng = np.random.default_rng(0)
    images = np.array([f"image-{i}" for i in range(103)])
    labels = rng.choice(["a", "b", "c"], size=103, p=[0.6, 0.3, 0.1])
    folds = stratified_folds(labels, images, 4, seed=1)
    counts = pd.crosstab(folds, labels)
    assert (counts.max() - counts.min() <= 1).all() and np.ptp(np.bincount(folds)) <= 1
    order = rng.permutation(103)
    np.testing.assert_array_equal(stratified_folds(labels[order], images[order], 4, seed=1), folds[order])
    assert not np.array_equal(stratified_folds(labels, images, 4, seed=2), folds)


def test_folds_that_cannot_be_are_named():
    x, labels = activations(20, 5, 2)
    with pytest.raises(InputError, match="21 folds of 20 images"):
        stratified_folds(labels, np.arange(20), 21, seed=0)
    with pytest.raises(InputError, match="1 folds of 20 images"):
        stratified_folds(labels, np.arange(20), 1, seed=0)
    with pytest.raises(InputError, match="'y': 20 labels and 19 folds for 20 stimuli"):
        cross_validate(x, labels, np.arange(19), "y")
    with pytest.raises(InputError, match="'y': all stimuli are in one fold"):
        cross_validate(x, labels, np.zeros(20), "y")
